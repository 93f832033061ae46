"""Addresses of embedded workspaces: what comes after `embedded:`."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote

import attrs

from ftrack_core.errors import ConfigurationError

__all__ = ["Address"]

_SCHEME = "embedded:"
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_FORMS = "embedded: (private), embedded:NAME (shared in this process) and embedded:///absolute/path.sqlite (a file)"


@attrs.frozen
class Address:
    """Which workspace an address means.

    Attributes:
        url: The address as it was given.
        name: Name that workspaces of this process are shared by; empty for a private one and for a file.
        path: The file; None for a workspace in memory.
        seed: Seed that the address says (`embedded:?seed=demo`); None when it says none.
    """

    url: str
    name: str = ""
    path: Path | None = None
    seed: str | None = None

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read an address.

        Raises:
            ConfigurationError: It is none of the three forms.
        """
        rest, _, query = url.removeprefix(_SCHEME).partition("?")
        parameters = dict(parse_qsl(query, keep_blank_values=True))
        seed = parameters.pop("seed", None)
        if parameters:
            raise _refused(url, f"{', '.join(parameters)} is no parameter of such an address; there is only seed")
        if not url.startswith(_SCHEME):
            raise _refused(url, "it does not begin with embedded:")
        if rest.startswith("/"):
            return cls(url, path=_path(url, unquote(rest)), seed=seed)
        if rest and not _NAME.fullmatch(rest):
            raise _refused(url, f"{rest!r} is neither a name (letters, digits, - _ .) nor an absolute path")
        return cls(url, name=rest, seed=seed)

    @property
    def key(self) -> str:
        """Text that is equal for addresses of one and the same workspace; empty for a private one."""
        return os.path.realpath(self.path) if self.path else self.name and f"name {self.name}"


def _path(url: str, text: str) -> Path:
    """`///path` and `/path` are absolute; `//host/path` would be another machine's."""
    if text.startswith("//") and not text.startswith("///"):
        raise _refused(url, "a path takes three slashes")
    found = "/" + text.lstrip("/")
    if sys.platform == "win32":
        found = found.removeprefix("/")
    if found.endswith("/") or not Path(found).name:
        raise _refused(url, "it names no file")
    return Path(found)


def _refused(url: str, found: str) -> ConfigurationError:
    fault = f"server_url {url!r} is no workspace: {found}; there are {_FORMS}"
    return ConfigurationError(fault, {"server_url": url}, (fault,))
