"""Sessions made from one reading of the configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic

from ftrack_core.session import Session

__all__ = ["SessionFactory"]

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    SessionT = TypeVar("SessionT", bound=Session, default=Session)
else:
    from typing import TypeVar

    SessionT = TypeVar("SessionT")


class SessionFactory(Generic[SessionT]):
    """Makes sessions that share their settings: read once, overridden call by call.

    Args:
        profile: Name of a profile in the config file.
        config: A config file's path, or settings as a mapping.
        session_class: The class of the sessions, for a studio's own subclass.
        **arguments: Arguments that every session gets, as `Session` takes them.
    """

    def __init__(
        self,
        profile: str | None = None,
        config: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        session_class: type[SessionT] = Session,  # type: ignore[assignment]  # what it is where nothing is given
        **arguments: Any,
    ) -> None:
        self._profile = profile
        self._config = config
        self._session_class = session_class
        self._arguments = arguments

    def session(self, **arguments: Any) -> SessionT:
        """A new session; the caller closes it.

        Args:
            **arguments: Arguments as `Session` takes them; they win over the factory's.

        Raises:
            Error: As `Session` raises it.
        """
        given = {**self._arguments, **arguments}
        return self._session_class(**{"profile": self._profile, "config": self._config, **given})
