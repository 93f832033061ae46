"""What is at `/component/thumbnail` and at `/img/thumbnail2.png`."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace._faults import FileFault
from ftrack_backends.workspace.files._pictures import NoPicture, Picture, TooManyPixels, placeholder
from ftrack_core.values import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Thumbnails", "picture_response", "wanted_size"]

_DEFAULT_SIZE = 300
_LARGEST_SIZE = 4096
_KEPT_BYTES = 32 * 1024 * 1024


@attrs.define(eq=False)
class Thumbnails:
    """Remembers the thumbnails that were made last. Thread safety: every method may be called by many threads."""

    _made: OrderedDict[tuple[str, int], Picture] = attrs.field(factory=OrderedDict, init=False)
    _bytes: int = attrs.field(default=0, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def of(self, etag: str, size: int, make: Callable[[], Picture]) -> Picture:
        """Give a thumbnail; the default one for what is no picture.

        Args:
            etag: What tells the content from others.
            size: Pixels of a side.
            make: Makes it, where it is not remembered.

        Raises:
            FileFault: The picture is too large to be looked at.
        """
        with self._lock:
            known = self._made.get((etag, size))
            if known is not None:
                self._made.move_to_end((etag, size))
                return known
        try:
            picture = make()
        except TooManyPixels as error:
            raise FileFault(f"There is no thumbnail of this picture: {error}.", "picture_too_large", 422) from error
        except NoPicture:
            return placeholder(size)
        self._keep((etag, size), picture)
        return picture

    def _keep(self, key: tuple[str, int], picture: Picture) -> None:
        with self._lock:
            earlier = self._made.pop(key, None)
            self._made[key] = picture
            self._bytes += len(picture.data) - (len(earlier.data) if earlier else 0)
            while self._bytes > _KEPT_BYTES:
                self._bytes -= len(self._made.popitem(last=False)[1].data)


def wanted_size(parameters: Mapping[str, str]) -> int:
    """Read the parameter `size`: pixels of the square that a thumbnail has to fit into.

    Raises:
        FileFault: It is no such number.
    """
    text = parameters.get("size", "") or str(_DEFAULT_SIZE)
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= _LARGEST_SIZE):
        raise FileFault(f"The size {text!r:.80} is no number of pixels from 1 to {_LARGEST_SIZE}.", "malformed_size")
    return int(text)


def picture_response(picture: Picture, *, etag: str = "") -> Response:
    """Make the response that shows a picture."""
    headers = {
        "content-type": picture.media_type,
        "content-length": str(len(picture.data)),
        "cache-control": "private, no-cache" if etag else "public, max-age=86400",
        "x-content-type-options": "nosniff",
    }
    return Response(200, headers | ({"etag": f'"{etag}"'} if etag else {}), picture.data)
