"""The `acme_keyring` authenticator: the API key lies where the operating system keeps secrets.

Light, as what an entry point names should be: the library is imported when an authenticator is made.
"""

from __future__ import annotations

from typing import Any

import attrs
from zope.interface import implementer

from ftrack_core.interfaces import IAuthenticator, IBackendContext, IBackendFactory

__all__ = ["KeyringFactory", "KeyringOptions", "keyring"]


@attrs.frozen(kw_only=True)
class KeyringOptions:
    """Options of the `acme_keyring` authenticator."""

    user: str = attrs.field(
        default="", metadata={"help": "Name of the user, as ftrack shows it.", "environment": "FTRACK_API_USER"}
    )
    api_key: str = attrs.field(
        default="",
        repr=False,
        metadata={
            "help": "The key itself; nothing is looked up then.",
            "secret": True,
            "environment": "FTRACK_API_KEY",
        },
    )
    service: str = attrs.field(
        default="ftrack", metadata={"help": "What the key is kept under; the server's address is added to it."}
    )
    key_file: str = attrs.field(
        default="~/.ftrack-key",
        metadata={
            "help": "File with the key, for machines without a keyring; its owner alone may read it.",
            "environment": "ACME_FTRACK_KEY_FILE",
        },
    )


@implementer(IBackendFactory)
@attrs.frozen
class KeyringFactory:
    """Makes the authenticator; the attributes are those of `IBackendFactory`."""

    group: str = "ftrack.authenticator"
    name: str = "acme_keyring"
    summary: str = "An API key from the operating system's keyring, or from a file where there is none."
    options: type[Any] = KeyringOptions
    provides: tuple[Any, ...] = (IAuthenticator,)
    requirement_hint: str = "pip install keyring"

    def create(self, options: KeyringOptions, context: IBackendContext) -> Any:
        """Make an authenticator, as `IBackendFactory.create` says."""
        from acme_studio._keyring import authenticator

        return authenticator(options, context)


keyring = KeyringFactory()
