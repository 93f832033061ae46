"""Caches: entity records by key.

How to read it: `_memory` keeps records in memory, `_layered` puts caches on top of each other (`_layer` is one of
them), `_serialised` keeps records as bytes in whatever keeps bytes, `_sqlite` in a SQLite file (`_sqlite_statements`
is what is in it, `_sqlite_doubts` what is not to be served from it). `ProxyCache` is the base for a cache of one's
own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends._factories import BackendFactory
from ftrack_core._lazy import names_on_demand
from ftrack_core.interfaces import (
    IBackendContext,
    IBatchCache,
    ICache,
    IDiagnosed,
    IExpiringCache,
    IMeasured,
    IPersistentCache,
    ISharedCache,
)

if TYPE_CHECKING:
    from ftrack_backends.caches._disk import DiskCache
    from ftrack_backends.caches._layered import LayeredCache
    from ftrack_backends.caches._memory import MemoryCache
    from ftrack_backends.caches._proxy import ProxyCache
    from ftrack_backends.caches._serialised import SerialisedCache
    from ftrack_backends.caches._sqlite import SqliteCache
    from ftrack_backends.caches._statistics import CacheStatistics, LayerStatistics, StoreStatistics

__all__ = [
    "CacheStatistics",
    "DiskCache",
    "DiskOptions",
    "LayerStatistics",
    "LayeredCache",
    "LayeredOptions",
    "MemoryCache",
    "MemoryOptions",
    "ProxyCache",
    "SerialisedCache",
    "SerialisedOptions",
    "SqliteCache",
    "SqliteOptions",
    "StoreStatistics",
    "disk",
    "layered",
    "memory",
    "serialised",
    "sqlite",
]

__getattr__ = names_on_demand(
    __name__,
    {
        "CacheStatistics": "_statistics",
        "DiskCache": "_disk",
        "LayerStatistics": "_statistics",
        "LayeredCache": "_layered",
        "MemoryCache": "_memory",
        "ProxyCache": "_proxy",
        "SerialisedCache": "_serialised",
        "SqliteCache": "_sqlite",
        "StoreStatistics": "_statistics",
    },
)


@attrs.frozen(kw_only=True)
class MemoryOptions:
    """Options of the `memory` cache."""

    max_records: int = attrs.field(
        default=10_000,
        validator=attrs.validators.ge(1),
        metadata={"help": "How many records to keep; beyond it those go that were used least recently."},
    )


@attrs.frozen(kw_only=True)
class LayeredOptions:
    """Options of the `layered` cache."""

    layers: Sequence[Any] = attrs.field(
        default=(), converter=tuple, metadata={"help": "The caches to put on top of each other, from fast to slow."}
    )


@attrs.frozen(kw_only=True)
class DiskOptions:
    """Options of the `disk` cache."""

    path: str = attrs.field(
        metadata={"help": "The folder, on a disk of this host; made when it is first used."},
    )
    megabytes: int = attrs.field(
        default=512,
        validator=attrs.validators.ge(1),
        metadata={"help": "About how much it may hold, over all shards; beyond it the eviction policy chooses."},
    )
    eviction_policy: str = attrs.field(
        default="least-recently-stored",
        validator=attrs.validators.in_(
            ("least-recently-stored", "least-recently-used", "least-frequently-used", "none")
        ),
        metadata={
            "help": "Which entries go when it is full: `least-recently-stored`; `least-recently-used` or "
            "`least-frequently-used`, with which each read writes too; or `none`, with which it grows for ever."
        },
    )
    seconds_to_live: float | None = attrs.field(
        default=None,
        validator=attrs.validators.optional(attrs.validators.gt(0)),
        metadata={"help": "How long entries are kept at most; without it, for as long as there is room."},
    )
    shards: int = attrs.field(
        default=1,
        validator=attrs.validators.and_(attrs.validators.ge(1), attrs.validators.le(64)),
        metadata={"help": "How many databases share the records, so that as many processes may write at once."},
    )
    busy_seconds: float = attrs.field(
        default=5.0,
        validator=attrs.validators.ge(0),
        metadata={"help": "How long to wait for another process that writes."},
    )
    codec: Any = attrs.field(
        default="msgpack",
        metadata={"help": "How records become bytes: `msgpack`, `json`, or an `IRecordCodec` of your own."},
    )


@attrs.frozen(kw_only=True)
class SerialisedOptions:
    """Options of the `serialised` cache."""

    codec: Any = attrs.field(
        default="msgpack",
        metadata={"help": "How records become bytes: `msgpack`, `json`, or an `IRecordCodec` of your own."},
    )
    store: Any = attrs.field(
        default=None,
        metadata={
            "help": "What keeps the bytes: a mutable mapping, or an object with the methods of `ICache`; "
            "none for this process's memory."
        },
    )
    max_records: int = attrs.field(
        default=10_000,
        validator=attrs.validators.ge(1),
        metadata={"help": "How many records to keep where no store is given; those used least recently go first."},
    )


@attrs.frozen(kw_only=True)
class SqliteOptions:
    """Options of the `sqlite` cache."""

    path: str | None = attrs.field(
        default=None,
        metadata={
            "help": "The file, on a disk of this host, a file for each user; made with its folder where there is "
            "none. Without one, `records.sqlite` in the user's cache folder."
        },
    )
    codec: Any = attrs.field(
        default="msgpack",
        metadata={"help": "How records become bytes: `msgpack`, `json`, or an `IRecordCodec` of your own."},
    )
    megabytes: float = attrs.field(
        default=256.0,
        validator=attrs.validators.ge(1),
        metadata={"help": "Size that the file may have; beyond it those records go that were written longest ago."},
    )
    seconds_to_live: float | None = attrs.field(
        default=None,
        validator=attrs.validators.optional(attrs.validators.gt(0)),
        metadata={"help": "How long records are kept; any time, without it. What may be served is `freshness`'s."},
    )
    busy_seconds: float = attrs.field(
        default=2.0,
        validator=attrs.validators.ge(0),
        metadata={"help": "How long to wait for other processes that write, before the file is passed over."},
    )


def _make_memory(options: MemoryOptions, context: IBackendContext) -> Any:
    from ftrack_backends.caches._memory import MemoryCache

    return MemoryCache(max_records=options.max_records, clock=context.clock)


def _make_layered(options: LayeredOptions, _context: IBackendContext) -> Any:
    from ftrack_backends.caches._layered import LayeredCache

    return LayeredCache(layers=options.layers)


def _make_serialised(options: SerialisedOptions, context: IBackendContext) -> Any:
    from ftrack_backends.caches._memory import MemoryCache
    from ftrack_backends.caches._serialised import SerialisedCache

    store = options.store
    if store is None:
        store = MemoryCache(max_records=options.max_records, clock=context.clock)
    return SerialisedCache(store, options.codec)


def _make_disk(options: DiskOptions, context: IBackendContext) -> Any:
    from ftrack_backends.caches._disk import DiskCache

    return DiskCache(**attrs.asdict(options, recurse=False), clock=context.clock)


def _make_sqlite(options: SqliteOptions, context: IBackendContext) -> Any:
    from ftrack_backends.caches._sqlite import SqliteCache
    from ftrack_backends.caches._sqlite_place import place_of

    return SqliteCache(
        path=place_of(options.path),
        clock=context.clock,
        codec=options.codec,
        max_bytes=int(options.megabytes * 1024 * 1024),
        seconds_to_live=options.seconds_to_live,
        busy_seconds=options.busy_seconds,
    )


memory = BackendFactory(
    group="ftrack.cache",
    name="memory",
    summary="The records used last, in this process's memory.",
    options=MemoryOptions,
    provides=(ICache, IBatchCache, IExpiringCache, IMeasured),
    make=_make_memory,
)
layered = BackendFactory(
    group="ftrack.cache",
    name="layered",
    summary="Caches on top of each other, from fast to slow.",
    options=LayeredOptions,
    provides=(ICache, IBatchCache, IMeasured),
    make=_make_layered,
)
serialised = BackendFactory(
    group="ftrack.cache",
    name="serialised",
    summary="Records as msgpack or JSON, in memory or in any store of bytes; its powers are the store's.",
    options=SerialisedOptions,
    provides=(ICache, IBatchCache, IExpiringCache, IMeasured),
    make=_make_serialised,
)
sqlite = BackendFactory(
    group="ftrack.cache",
    name="sqlite",
    summary="One SQLite file, which the processes of one host share and which outlives them.",
    options=SqliteOptions,
    provides=(ICache, IBatchCache, IExpiringCache, ISharedCache, IPersistentCache, IMeasured, IDiagnosed),
    make=_make_sqlite,
)
disk = BackendFactory(
    group="ftrack.cache",
    name="disk",
    summary="A folder that the processes of one host share, with a choice of what goes first, by diskcache.",
    options=DiskOptions,
    provides=(ICache, IBatchCache, IExpiringCache, ISharedCache, IPersistentCache, IMeasured, IDiagnosed),
    make=_make_disk,
    requirement_hint="pip install diskcache",
)
