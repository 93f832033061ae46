"""Entity records as bytes and back: shared ground for every cache that keeps bytes.

How to read it: `_interface` says what a codec promises; `_values` says which values a record may hold, and checks
them; `_layout` makes plain fields of a record, and `_columns` faster ones of most; `_msgpack` and `_json` are the two
codecs; `_names` finds one by its name.

    codec = record_codec("msgpack")
    data = codec.encode(record)
    record = codec.decode(data)       # MISSING for whatever is not an entry of this version

An entry carries its version and a checksum. What is foreign, of another version, cut off, damaged, too large or too
deep is `MISSING`: to a cache it is a miss. Nothing is ever unpickled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_core._lazy import names_on_demand

if TYPE_CHECKING:
    from ftrack_backends.codecs._interface import IRecordCodec
    from ftrack_backends.codecs._json import JsonRecordCodec
    from ftrack_backends.codecs._limits import MAX_BYTES, MAX_DEPTH
    from ftrack_backends.codecs._msgpack import MsgpackRecordCodec
    from ftrack_backends.codecs._names import RECORD_CODECS, record_codec

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "RECORD_CODECS",
    "IRecordCodec",
    "JsonRecordCodec",
    "MsgpackRecordCodec",
    "record_codec",
]

__getattr__ = names_on_demand(
    __name__,
    {
        "MAX_BYTES": "_limits",
        "MAX_DEPTH": "_limits",
        "RECORD_CODECS": "_names",
        "IRecordCodec": "_interface",
        "JsonRecordCodec": "_json",
        "MsgpackRecordCodec": "_msgpack",
        "record_codec": "_names",
    },
)
