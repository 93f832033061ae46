"""Records as msgpack: `["ftrack", version, fields, checksum]`.

Fields are in the form of `_columns`, or where that has no room for a record in the form of `_layout`. A whole number
beyond 64 bits is an extension of type 1, signed, the most significant byte first. The bytes of the checksum stand in
the order in which it makes the checksum of the whole entry a constant.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

import attrs
import msgpack
from zope.interface import implementer

from ftrack_backends.codecs._columns import LEAST_DEPTH, columns_of, record_of_columns
from ftrack_backends.codecs._interface import IRecordCodec
from ftrack_backends.codecs._layout import fields_of, record_of
from ftrack_backends.codecs._limits import CodecLimits
from ftrack_backends.codecs._values import explained, refuse_size
from ftrack_core.values import MISSING, EntityRecord, Missing

__all__ = ["MsgpackRecordCodec"]

_VERSION: Final = 2
_HEAD: Final = b"\x94\xa6ftrack" + bytes([_VERSION])  # a list of four
_CHECKSUM: Final = b"\xce"  # a number of four bytes
_WHOLE: Final = zlib.crc32(bytes(4))
"""The checksum of everything that ends with its own one."""
_COLUMNS: Final = 5
_LARGE: Final = 1
_SURROGATES: Final = "surrogatepass"


@implementer(IRecordCodec)
@attrs.frozen(kw_only=True)
class MsgpackRecordCodec(CodecLimits):
    """The codec to choose: small and fast; safe for threads, since it keeps only what names and types tell."""

    def encode(self, record: EntityRecord) -> bytes:
        """A record as bytes.

        Raises:
            CacheError: The record cannot be kept: a value is none of the wire's, or it is too large or too deep.
        """
        try:
            data = _HEAD + _packed(self._fields(record)) + _CHECKSUM
        except (ValueError, TypeError, OverflowError) as error:
            raise explained(record, self.max_depth) from error
        if len(data) + 4 > self.max_bytes:
            refuse_size(record, len(data) + 4, self.max_bytes)
        return data + zlib.crc32(data).to_bytes(4, "little")

    def decode(self, data: bytes) -> EntityRecord | Missing:
        """The record in an entry, or `MISSING` for what is no entry of this version."""
        if (
            data.__class__ is not bytes
            or zlib.crc32(data) != _WHOLE
            or not data.startswith(_HEAD)
            or len(data) > self.max_bytes
        ):
            return MISSING
        try:
            _, _, fields, _ = msgpack.unpackb(data, ext_hook=_extension, unicode_errors=_SURROGATES)
            if len(fields) != _COLUMNS:
                return record_of(fields, self.max_depth)
            return record_of_columns(fields, self.max_depth) if self.max_depth >= LEAST_DEPTH else MISSING
        except (ValueError, TypeError, LookupError, RecursionError, msgpack.UnpackException):
            return MISSING

    def _fields(self, record: EntityRecord) -> list[Any]:
        fields = columns_of(record, self.max_depth) if self.max_depth >= LEAST_DEPTH else None
        return fields_of(record, self.max_depth) if fields is None else fields


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
