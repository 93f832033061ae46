"""Caches: entity records by key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from ftrack_backends._factories import BackendFactory
from ftrack_core.interfaces import IBackendContext, IBatchCache, ICache, IExpiringCache

__all__ = ["LayeredOptions", "MemoryOptions", "layered", "memory"]


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


def _make_memory(options: MemoryOptions, context: IBackendContext) -> Any:
    from ftrack_backends.caches._memory import MemoryCache

    return MemoryCache(max_records=options.max_records, clock=context.clock)


def _make_layered(options: LayeredOptions, _context: IBackendContext) -> Any:
    from ftrack_backends.caches._layered import LayeredCache

    return LayeredCache(layers=options.layers)


memory = BackendFactory(
    group="ftrack.cache",
    name="memory",
    summary="The records used last, in this process's memory.",
    options=MemoryOptions,
    provides=(ICache, IBatchCache, IExpiringCache),
    make=_make_memory,
)
layered = BackendFactory(
    group="ftrack.cache",
    name="layered",
    summary="Caches on top of each other, from fast to slow.",
    options=LayeredOptions,
    provides=(ICache, IBatchCache),
    make=_make_layered,
)
