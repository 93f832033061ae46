"""Records as msgpack: `["ftrack", version, checksum, [type, key, fetched_at, values]]`.

A reference is an extension of type 1, its parts joined by NUL; of type 2, as a packed list, where a part has a NUL in
it. A whole number beyond 64 bits is an extension of type 3, signed, the most significant byte first.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

import attrs
import msgpack
from zope.interface import implementer

from ftrack_backends.codecs._interface import IRecordCodec
from ftrack_backends.codecs._values import MAX_BYTES, MAX_DEPTH, checked, read_record, refuse_size
from ftrack_core.errors import CacheError
from ftrack_core.values import MISSING, EntityIdentity, EntityRecord, Missing

__all__ = ["MsgpackRecordCodec"]

_VERSION: Final = 1
_HEAD: Final = b"\x94\xa6ftrack" + bytes([_VERSION]) + b"\xce"  # a list of four; the checksum's four bytes follow
_START: Final = len(_HEAD) + 4
_REFERENCE, _ODD_REFERENCE, _LARGE = 1, 2, 3
_SURROGATES: Final = "surrogatepass"


@implementer(IRecordCodec)
@attrs.frozen(kw_only=True)
class MsgpackRecordCodec:
    """The codec to choose: small and fast; safe for threads since it keeps nothing.

    Attributes:
        max_bytes: Longer entries are neither written nor read.
        max_depth: How deep lists and mappings may stand in each other.
    """

    max_bytes: int = attrs.field(default=MAX_BYTES, validator=attrs.validators.ge(64))
    max_depth: int = attrs.field(
        default=MAX_DEPTH, validator=attrs.validators.and_(attrs.validators.ge(1), attrs.validators.le(200))
    )

    def encode(self, record: EntityRecord) -> bytes:
        """A record as bytes.

        Raises:
            CacheError: The record cannot be kept: a value is none of the wire's, or it is too large or too deep.
        """
        identity = record.identity
        values = checked(record, self.max_depth)
        try:
            body = _packed([identity.entity_type, list(identity.key), record.fetched_at, values])
        except (ValueError, OverflowError) as error:
            raise CacheError(f"the record of {identity} cannot be kept: {error}") from error
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
        except (ValueError, TypeError, RecursionError, msgpack.UnpackException):
            return MISSING
        return read_record(fields, self.max_depth) or MISSING


def _packed(value: Any) -> bytes:
    try:
        return _pack(value)
    except UnicodeEncodeError:
        return _pack(value, unicode_errors=_SURROGATES)


def _pack(value: Any, **options: Any) -> bytes:
    return msgpack.packb(value, default=_special, strict_types=True, **options)


def _special(value: Any) -> msgpack.ExtType:
    """What msgpack has no type for; the values were checked, so it is a reference or a large number."""
    if value.__class__ is not EntityIdentity:
        return msgpack.ExtType(_LARGE, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))
    entity_type, key = value
    text = "\x00".join((entity_type, *key))
    if text.count("\x00") == len(key):
        return msgpack.ExtType(_REFERENCE, text.encode("utf-8", _SURROGATES))
    return msgpack.ExtType(_ODD_REFERENCE, _packed([entity_type, *key]))


def _extension(code: int, data: bytes) -> Any:
    if code == _LARGE:
        return int.from_bytes(data, "big", signed=True)
    if code == _REFERENCE:
        parts = data.decode("utf-8", _SURROGATES).split("\x00")
    elif code == _ODD_REFERENCE:
        parts = msgpack.unpackb(data, unicode_errors=_SURROGATES)
    else:
        message = f"there is no extension {code}"
        raise ValueError(message)
    return EntityIdentity(parts[0], tuple(parts[1:]))
