"""Where a redirect leads, and what goes there."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

import attrs

from ftrack_core.values import Request

__all__ = ["origin", "redirected"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_ANYBODY = frozenset({"accept", "range", "user-agent"})
_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address: who it belongs to."""
    parts = urlsplit(url)
    return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme.lower())


def redirected(request: Request, url: str, status: int, headers: Mapping[str, str]) -> Request | None:
    """The request that a response asks for, if it is a redirect that may be followed.

    Only GET is followed: anything else would lose its body, or be done in a place that nobody chose. Another origin
    gets no header that could be a credential: a signed address of a file store refuses such a request anyway.

    Args:
        request: What was asked.
        url: Where, absolutely.
        status: Status of the response.
        headers: Headers of the response, by lower-case name.

    Returns:
        The next request, or None when the response is the answer.
    """
    location = headers.get("location")
    if request.method != "GET" or status not in _REDIRECTS or not location:
        return None
    try:
        target = urljoin(url, location)
        place = origin(target)
    except ValueError:  # it leads nowhere
        return None
    if place[0] not in _PORTS:
        return None
    if place == origin(url):
        return attrs.evolve(request, url=target)
    kept = {name: value for name, value in request.headers.items() if name.lower() in _FOR_ANYBODY}
    return attrs.evolve(request, url=target, headers=kept)
