"""Records as JSON: `["ftrack",version,"checksum",[type,key,fetched_at,values]]`.

A reference is `{"~": [type, key...]}`. A mapping of the record that has a single name of tildes only gets one more
tilde, and loses it again when it is read. NaN and the infinities are written as Python's `json` writes them.
"""

from __future__ import annotations

import json
import zlib
from typing import Any, Final

import attrs
from zope.interface import implementer

from ftrack_backends.codecs._interface import IRecordCodec
from ftrack_backends.codecs._values import MAX_BYTES, MAX_DEPTH, checked, read_record, refuse_size
from ftrack_core.errors import CacheError
from ftrack_core.values import MISSING, EntityIdentity, EntityRecord, Missing

__all__ = ["JsonRecordCodec"]

_VERSION: Final = 1
_HEAD: Final = b'["ftrack",%d,"' % _VERSION
_DIGITS: Final = 8
_START: Final = len(_HEAD) + _DIGITS + 2
_MARK: Final = "~"
_SURROGATES: Final = "surrogatepass"
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


@implementer(IRecordCodec)
@attrs.frozen(kw_only=True)
class JsonRecordCodec:
    """The codec whose entries people and other programs can read; safe for threads since it keeps nothing.

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
        fields = [identity.entity_type, identity.key, record.fetched_at, _plain(checked(record, self.max_depth))]
        try:
            body = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", _SURROGATES)
        except ValueError as error:
            raise CacheError(f"the record of {identity} cannot be kept: {error}") from error
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
            fields = json.loads(body.decode("utf-8", _SURROGATES), object_hook=_mapping)
        except (ValueError, TypeError, RecursionError):
            return MISSING
        return read_record(fields, self.max_depth) or MISSING


def _plain(value: Any) -> Any:
    """A value with its references written as JSON has them; what was checked is not deep."""
    if value.__class__ is dict:
        if len(value) == 1:
            name, each = next(iter(value.items()))
            return {_marked(name): _plain(each)}
        return {name: each if each.__class__ in _PLAIN else _plain(each) for name, each in value.items()}
    if value.__class__ is list:
        return [each if each.__class__ in _PLAIN else _plain(each) for each in value]
    return {_MARK: [value.entity_type, *value.key]} if value.__class__ is EntityIdentity else value


def _marked(name: str) -> str:
    return name + _MARK if name and not name.strip(_MARK) else name


def _mapping(found: dict[str, Any]) -> Any:
    """A mapping that was read: a reference, or what `_plain` made of a mapping."""
    if len(found) != 1:
        return found
    name, value = next(iter(found.items()))
    if name == _MARK:
        return EntityIdentity(value[0], tuple(value[1:]))
    return {name[:-1] if name and not name.strip(_MARK) else name: value}
