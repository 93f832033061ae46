"""Small pictures of large ones, by Pillow, which the `server` extra brings.

Light to import: Pillow comes with the first picture.
"""

from __future__ import annotations

import io
import struct
import threading
import warnings
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

import attrs

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["LARGEST_PIXELS", "NoPicture", "Picture", "TooManyPixels", "fitted", "placeholder"]

LARGEST_PIXELS = 100_000_000
"""A picture with more is refused unread: a file of a few bytes can say that it has billions."""
_FORMATS = ("BMP", "GIF", "ICO", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_AT_ONCE = threading.Semaphore(2)  # a picture takes up to some hundred megabytes while it is made smaller
_GREY, _LIGHT = 0x3A, 0x8C


class NoPicture(Exception):
    """The file is no picture that can be read; the text says why."""


class TooManyPixels(NoPicture):
    """The picture is too large to be looked at."""


@attrs.frozen
class Picture:
    """A picture that browsers show.

    Attributes:
        media_type: `image/jpeg`, or `image/png` for one that one can see through.
        data: The file.
        width: Pixels.
        height: Pixels.
    """

    media_type: str
    data: bytes = attrs.field(repr=False)
    width: int
    height: int


def fitted(file: BinaryIO, size: int) -> Picture:
    """Make a picture small enough for a square; one that is small enough already keeps its size.

    Args:
        file: The picture.
        size: Pixels of the square's side.

    Raises:
        TooManyPixels: It is too large to be read.
        NoPicture: It is none, or Pillow is not installed.
    """
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise NoPicture('Pillow is not installed; install it with: pip install "ftrack-core[server]"') from error
    with _AT_ONCE, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of many pixels; these are counted here
        try:
            Image.init()
            known = [one for one in _FORMATS if one in Image.OPEN]  # not every Pillow is built with all of them
            with Image.open(file, formats=known) as image:
                return _small(image, size)
        except (Image.DecompressionBombError, MemoryError) as error:
            raise TooManyPixels("it has too many pixels") from error
        except UnidentifiedImageError as error:
            raise NoPicture("it is no picture that can be read here") from error
        except NoPicture:
            raise
        except Exception as error:  # what decoders raise for nonsense, nobody lists
            raise NoPicture(f"it is damaged ({type(error).__name__})") from error


def _small(image: Image.Image, size: int) -> Picture:
    from PIL import ImageOps

    pixels = image.width * image.height
    if pixels > LARGEST_PIXELS:
        raise TooManyPixels(f"it has {pixels} pixels, and {LARGEST_PIXELS} are looked at at most")
    image.draft("RGB", (size * 2, size * 2))
    upright = ImageOps.exif_transpose(image)
    see_through = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
    shown = upright.convert("RGBA" if see_through else "RGB")
    shown.thumbnail((size, size))
    out = io.BytesIO()
    shown.save(out, **({"format": "PNG"} if see_through else {"format": "JPEG", "quality": 88}))
    return Picture("image/png" if see_through else "image/jpeg", out.getvalue(), shown.width, shown.height)


@lru_cache(maxsize=16)
def placeholder(size: int) -> Picture:
    """The picture of what has none: a grey square with a lighter one in it, of that many pixels a side."""
    border = size // 3
    plain = b"\0" + bytes([_GREY]) * size
    middle = b"\0" + bytes([_GREY]) * border + bytes([_LIGHT]) * (size - 2 * border) + bytes([_GREY]) * border
    rows = plain * border + middle * (size - 2 * border) + plain * border
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    return Picture("image/png", b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks)), size, size)


def _chunk(part: tuple[bytes, bytes]) -> bytes:
    kind, data = part
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
