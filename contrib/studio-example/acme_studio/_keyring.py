"""Finds a person's API key: given, in the operating system's keyring, or in a file."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

import keyring
from keyring.errors import KeyringError

from acme_studio.authenticator import KeyringOptions
from ftrack_backends.authenticators import ApiKeyOptions, api_key
from ftrack_core.errors import InvalidCredentialsError, MissingCredentialsError
from ftrack_core.interfaces import IBackendContext

__all__ = ["authenticator"]


def authenticator(options: KeyringOptions, context: IBackendContext) -> Any:
    """An authenticator with the key that is found first.

    A key that was given counts, so that a job on the farm can bring its own; then the keyring's; then the file's.

    Raises:
        MissingCredentialsError: There is none; every place is told, with what was found there.
        InvalidCredentialsError: The file is open to others.
    """
    looked: list[str] = []
    found = options.api_key or _kept(options, context.server_url, looked) or _in_file(options.key_file, looked)
    if not found:
        service = _service(options, context.server_url)
        places = "".join(f"\n- {each}" for each in ["FTRACK_API_KEY (not set)", *looked])
        message = (
            f"the acme_keyring authenticator found no API key for {options.user!r}; looked for:{places}\n"
            f"Keep it once: keyring set {service!r} {options.user!r}; or, without a keyring, write it into the file "
            "and make that yours alone (chmod 600)."
        )
        raise MissingCredentialsError(message, missing=["api_key"])
    return api_key.create(ApiKeyOptions(user=options.user, api_key=found), context)


def _service(options: KeyringOptions, server_url: str) -> str:
    """What a key is kept under: two servers have two keys."""
    return f"{options.service} {server_url}"


def _kept(options: KeyringOptions, server_url: str, looked: list[str]) -> str:
    """The key that the keyring has. Headless machines have none, which is no reason to stop."""
    service = _service(options, server_url)
    try:
        found = keyring.get_password(service, options.user)
    except KeyringError as error:
        looked.append(f"the keyring ({type(error).__name__}: {str(error).partition('.')[0]})")
        return ""
    if not found:
        looked.append(f"the keyring, under {service!r} for {options.user!r} (nothing is there)")
    return found or ""


def _in_file(name: str, looked: list[str]) -> str:
    path = Path(name).expanduser()
    try:
        content = path.read_text(encoding="utf-8").strip()
        open_to_others = sys.platform != "win32" and stat.S_IMODE(path.stat().st_mode) & 0o077
    except (OSError, UnicodeDecodeError) as error:
        looked.append(f"file {path} ({getattr(error, 'strerror', None) or 'it is no text'})")
        return ""
    if open_to_others:
        message = f"the key file {os.fspath(path)} is open to others; make it yours alone: chmod 600 {path}"
        raise InvalidCredentialsError(message)
    if not content:
        looked.append(f"file {path} (it is empty)")
    return content
