"""Cookies of a handshake: a load balancer that sets one wants the WebSocket to bring it, to find the same server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["as_header", "given_along"]

_NEXT_COOKIE: Final = re.compile(r",\s*(?=[^;,=\s]+=)")
"""Between two cookies in one header; the comma of a date is followed by no `name=`."""


def given_along(header: str, path: str) -> dict[str, str]:
    """The cookies that a reply sets, for further requests to the same host.

    Args:
        header: Its `Set-Cookie`; several, joined by commas, are fine.
        path: Path of the next request.
    """
    found = {}
    for text in _NEXT_COOKIE.split(header):
        pair, *rest = text.split(";")
        name, equals, value = pair.strip().partition("=")
        said = {key.strip().lower(): what.strip() for key, _, what in (one.partition("=") for one in rest)}
        if name and equals and said.get("max-age") != "0" and path.startswith(said.get("path") or "/"):
            found[name] = value
    return found


def as_header(cookies: Mapping[str, str]) -> str:
    """Cookies as the value of a `Cookie` header; empty for none."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
