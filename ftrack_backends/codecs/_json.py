"""Records as JSON: `["ftrack",version,"checksum",fields]`.

NaN and the infinities are written as Python's `json` writes them.
"""

from __future__ import annotations

import json
import zlib
from typing import Final

import attrs
from zope.interface import implementer

from ftrack_backends.codecs._interface import IRecordCodec
from ftrack_backends.codecs._layout import fields_of, record_of
from ftrack_backends.codecs._limits import CodecLimits
from ftrack_backends.codecs._values import refuse_size
from ftrack_core.errors import CacheError
from ftrack_core.values import MISSING, EntityRecord, Missing

__all__ = ["JsonRecordCodec"]

_VERSION: Final = 1
_HEAD: Final = b'["ftrack",%d,"' % _VERSION
_START: Final = len(_HEAD) + len('01234567",')
_SURROGATES: Final = "surrogatepass"
_dumps: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


@implementer(IRecordCodec)
@attrs.frozen(kw_only=True)
class JsonRecordCodec(CodecLimits):
    """The codec whose entries people and other programs can read; safe for threads since it keeps nothing."""

    def encode(self, record: EntityRecord) -> bytes:
        """A record as bytes.

        Raises:
            CacheError: The record cannot be kept: a value is none of the wire's, or it is too large or too deep.
        """
        try:
            body = _dumps(fields_of(record, self.max_depth)).encode("utf-8", _SURROGATES)
        except ValueError as error:
            raise CacheError(f"the record of {record.identity} cannot be kept: {error}") from error
        refuse_size(record, len(body) + _START + 1, self.max_bytes)
        return b'%b%08x",%b]' % (_HEAD, zlib.crc32(body), body)

    def decode(self, data: bytes) -> EntityRecord | Missing:
        """The record in an entry, or `MISSING` for what is no entry of this version."""
        if data[: len(_HEAD)] != _HEAD or len(data) > self.max_bytes:
            return MISSING
        body = bytes(data[_START:-1])
        if data != b'%b%08x",%b]' % (_HEAD, zlib.crc32(body), body):
            return MISSING
        try:
            return record_of(json.loads(body.decode("utf-8", _SURROGATES)), self.max_depth)
        except (ValueError, TypeError, LookupError, RecursionError):
            return MISSING
