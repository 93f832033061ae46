"""Records as msgpack: `["ftrack", version, checksum, fields]`.

A whole number beyond 64 bits is an extension of type 1, signed, the most significant byte first.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

import attrs
import msgpack
from zope.interface import implementer

from ftrack_backends.codecs._interface import IRecordCodec
from ftrack_backends.codecs._layout import fields_of, record_of
from ftrack_backends.codecs._limits import CodecLimits
from ftrack_backends.codecs._values import explained, refuse_size
from ftrack_core.values import MISSING, EntityRecord, Missing

__all__ = ["MsgpackRecordCodec"]

_VERSION: Final = 1
_HEAD: Final = b"\x94\xa6ftrack" + bytes([_VERSION]) + b"\xce"  # a list of four; the checksum's four bytes follow
_START: Final = len(_HEAD) + 4
_LARGE: Final = 1
_SURROGATES: Final = "surrogatepass"


@implementer(IRecordCodec)
@attrs.frozen(kw_only=True)
class MsgpackRecordCodec(CodecLimits):
    """The codec to choose: small and fast; safe for threads since it keeps nothing."""

    def encode(self, record: EntityRecord) -> bytes:
        """A record as bytes.

        Raises:
            CacheError: The record cannot be kept: a value is none of the wire's, or it is too large or too deep.
        """
        try:
            body = _packed(fields_of(record, self.max_depth))
        except (ValueError, OverflowError) as error:
            raise explained(record, self.max_depth) from error
        refuse_size(record, len(body) + _START, self.max_bytes)
        return _HEAD + zlib.crc32(body).to_bytes(4, "big") + body

    def decode(self, data: bytes) -> EntityRecord | Missing:
        """The record in an entry, or `MISSING` for what is no entry of this version."""
        if data[: len(_HEAD)] != _HEAD or len(data) > self.max_bytes:
            return MISSING
        body = memoryview(data)[_START:]
        if zlib.crc32(body) != int.from_bytes(data[len(_HEAD) : _START], "big"):
            return MISSING
        try:
            fields = msgpack.unpackb(body, ext_hook=_extension, unicode_errors=_SURROGATES)
            return record_of(fields, self.max_depth)
        except (ValueError, TypeError, LookupError, RecursionError, msgpack.UnpackException):
            return MISSING


def _packed(fields: list[Any]) -> bytes:
    try:
        packed: bytes = msgpack.packb(fields, default=_large)
    except UnicodeEncodeError:
        packed = msgpack.packb(fields, default=_large, unicode_errors=_SURROGATES)
    return packed


def _large(value: Any) -> msgpack.ExtType:
    """A whole number that msgpack has no room for: everything else was checked."""
    return msgpack.ExtType(_LARGE, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def _extension(code: int, data: bytes) -> int:
    if code != _LARGE:
        message = f"there is no extension {code}"
        raise ValueError(message)
    return int.from_bytes(data, "big", signed=True)
