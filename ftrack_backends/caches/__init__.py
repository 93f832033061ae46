"""Caches: entity records by key.

How to read it: `_memory` keeps records in memory, `_layered` puts caches on top of each other (`_layer` is one of
them), `_serialised` keeps records as bytes in whatever keeps bytes. `ProxyCache` is the base for a cache of one's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends._factories import BackendFactory
from ftrack_core._lazy import names_on_demand
from ftrack_core.interfaces import IBackendContext, IBatchCache, ICache, IExpiringCache, IMeasured

if TYPE_CHECKING:
    from ftrack_backends.caches._layered import LayeredCache
    from ftrack_backends.caches._memory import MemoryCache
    from ftrack_backends.caches._proxy import ProxyCache
    from ftrack_backends.caches._serialised import SerialisedCache
    from ftrack_backends.caches._statistics import CacheStatistics, LayerStatistics

__all__ = [
    "CacheStatistics",
    "LayerStatistics",
    "LayeredCache",
    "LayeredOptions",
    "MemoryCache",
    "MemoryOptions",
    "ProxyCache",
    "SerialisedCache",
    "SerialisedOptions",
    "layered",
    "memory",
    "serialised",
]

__getattr__ = names_on_demand(
    __name__,
    {
        "CacheStatistics": "_statistics",
        "LayerStatistics": "_statistics",
        "LayeredCache": "_layered",
        "MemoryCache": "_memory",
        "ProxyCache": "_proxy",
        "SerialisedCache": "_serialised",
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
