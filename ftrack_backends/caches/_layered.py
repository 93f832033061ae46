"""Caches on top of each other."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs
from zope.interface import implementer

from ftrack_backends.caches._layer import Layer
from ftrack_backends.caches._patterns import found_in
from ftrack_backends.caches._statistics import LayerStatistics
from ftrack_core.errors import ConnectionClosedError, WrongBackendError
from ftrack_core.interfaces import IBatchCache, ICache, IMeasured
from ftrack_core.values import MISSING, EntityRecord, Missing

__all__ = ["LayeredCache"]

_STRIPES = 16


@implementer(IBatchCache, IMeasured)
@attrs.define(eq=False)
class LayeredCache:
    """Asks its layers from fast to slow, and keeps what a slow one knew in the faster ones.

    Changes go to every layer. A layer that raises is logged once and skipped where it fails; what it may wrongly hold
    since is not served (see `Layer`). It offers no expiry, whatever its layers can do: a record that is copied into a
    faster layer would not know when to go. Nor does it promise what another process sees: a fast layer hides it.

    Thread safety: all calls. Reads that the first layer answers take no lock. Changes and copies into faster layers
    hold the lock of their key's group over the layers' own work, so that a copy never overtakes a newer record.
    Lifetime: closing it leaves the layers open: whoever made them closes them.

    Attributes:
        layers: The caches, from fast to slow.
    """

    layers: Sequence[ICache] = attrs.field(converter=tuple)
    _layers: tuple[Layer, ...] = attrs.field(init=False, repr=False)
    _locks: tuple[threading.Lock, ...] = attrs.field(init=False, repr=False)
    _closed: bool = attrs.field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        for layer in self.layers:
            if not ICache.providedBy(layer):
                raise WrongBackendError(
                    f"the layers of a cache are caches, not {layer!r}; in settings, several caches are a list: "
                    'cache = ["memory", { backend = "sqlite" }]'
                )
        self._layers = tuple(Layer(cache) for cache in self.layers)
        self._locks = tuple(threading.Lock() for _ in range(_STRIPES))

    def get(self, key: str | bytes) -> EntityRecord | Missing:
        """The record under a key, from the fastest layer that has it, or `MISSING`."""
        self._refuse_closed()
        found = self._layers[0].get(key) if self._layers else MISSING
        if found is not MISSING or len(self._layers) < 2:
            return found
        with self._changing((key,)):
            return self._lift((key,)).get(key, MISSING)

    def get_many(self, keys: Iterable[str | bytes]) -> Mapping[str | bytes, EntityRecord]:
        """The records that are there; each layer is asked once, for what the faster ones do not have."""
        self._refuse_closed()
        wanted = list(dict.fromkeys(keys))
        if not self._layers:
            return {}
        found = dict(self._layers[0].get_many(wanted))
        missing = [key for key in wanted if key not in found]
        if missing and len(self._layers) > 1:
            with self._changing(missing):
                found.update(self._lift(missing))
        return {key: found[key] for key in wanted if key in found}

    def set(self, key: str | bytes, record: EntityRecord) -> None:
        """Keep a record in every layer."""
        self.set_many({key: record})

    def set_many(self, records: Mapping[str | bytes, EntityRecord]) -> None:
        """Keep many records in every layer."""
        self._refuse_closed()
        with self._changing(records):
            for layer in self._layers:
                layer.set_many(records)

    def remove(self, key: str | bytes) -> bool:
        """Forget a record in every layer, and tell whether any had it."""
        self._refuse_closed()
        with self._changing((key,)):
            return any([layer.remove(key) for layer in self._layers])  # noqa: C419 - every layer is asked

    def remove_many(self, keys: Iterable[str | bytes]) -> int:
        """Forget many records in every layer, and tell how many there were."""
        self._refuse_closed()
        wanted = list(dict.fromkeys(keys))
        with self._changing(wanted):
            there = {key for layer in self._layers for key in layer.peek(wanted)}
            for layer in self._layers:
                layer.remove_many(wanted)
        return len(there)

    def keys(self) -> list[str | bytes]:
        """The keys of all layers, each once."""
        self._refuse_closed()
        return list(dict.fromkeys(itertools.chain.from_iterable(layer.keys() for layer in self._layers)))

    def values(self) -> list[EntityRecord]:
        """The records of all layers, each key's once, from the fastest layer that has it; nothing is copied."""
        records: dict[str | bytes, EntityRecord] = {}
        self._refuse_closed()
        for layer in self._layers:
            keys = layer.keys()
            records.update(layer.get_many(key for key in keys if key not in records))
        return list(records.values())

    def clear(self, pattern: str | None = None) -> None:
        """Forget everything, or the entries whose key the pattern is found in, in every layer."""
        found_in(pattern)  # raises before the first layer is touched
        self._refuse_closed()
        with self._holding(range(_STRIPES)):
            for layer in self._layers:
                layer.clear(pattern)

    def statistics(self) -> tuple[LayerStatistics, ...]:
        """What each layer did since this was made, from fast to slow."""
        return tuple(layer.statistics() for layer in self._layers)

    def close(self) -> None:
        """Be closed; the layers stay open for whoever made them."""
        self._closed = True

    def _lift(self, keys: Sequence[str | bytes]) -> Mapping[str | bytes, EntityRecord]:
        found: dict[str | bytes, EntityRecord] = {}
        for depth, layer in enumerate(self._layers):
            ask = layer.get_many if depth else layer.peek  # the first layer was asked already, without the lock
            records = ask([key for key in keys if key not in found])
            for faster in self._layers[:depth] if records else ():
                faster.set_many(records)
            found.update(records)
        return found

    def _changing(self, keys: Iterable[str | bytes]) -> contextlib.AbstractContextManager[None]:
        return self._holding(sorted({hash(key) % _STRIPES for key in keys}))

    @contextlib.contextmanager
    def _holding(self, stripes: Iterable[int]) -> Iterator[None]:
        with contextlib.ExitStack() as held:
            for stripe in stripes:
                held.enter_context(self._locks[stripe])
            yield

    def _refuse_closed(self) -> None:
        if self._closed:
            message = "the layered cache is closed; make a new one"
            raise ConnectionClosedError(message)
