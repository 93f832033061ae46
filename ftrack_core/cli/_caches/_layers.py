"""The layers of the configured caches, and the entries in them that somebody means."""

from __future__ import annotations

import argparse
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import attrs

from ftrack_core.assembly import Backends
from ftrack_core.errors import InvalidValueError, NotFoundError
from ftrack_core.interfaces import IBatchCache, ICache
from ftrack_core.values import MISSING, EntityRecord

__all__ = ["SCHEMA", "Entry", "Layer", "Wanted", "layers_of"]

SCHEMA = "schema"
"""What the schema cache is called among the layers."""
_BATCH = 500


@attrs.frozen(eq=False)
class Entry:
    """One entry of a cache.

    Attributes:
        key: Its key.
        record: What it holds.
        is_own: Whether it is of the server, user and key that the settings name.
    """

    key: str | bytes
    record: EntityRecord
    is_own: bool


@attrs.frozen(eq=False)
class Layer:
    """One cache of those that are configured.

    Attributes:
        number: Its place, from 0 for the fastest.
        cache: The cache.
        backends: What it belongs to, which makes keys.
    """

    number: int
    cache: ICache
    backends: Backends

    @property
    def name(self) -> str:
        """Its class."""
        return type(self.cache).__name__

    def is_called(self, text: str) -> bool:
        """Whether somebody means it, by its number or its class."""
        return text.lower() in {str(self.number), self.name.lower(), self.name.lower().removesuffix("cache")}

    def entries(self) -> Iterator[Entry]:
        """All entries that can be read."""
        keys = self.cache.keys()
        for start in range(0, len(keys), _BATCH):
            for key, record in self._read(keys[start : start + _BATCH]):
                yield Entry(key, record, key == self._own_key(record))

    def _read(self, keys: Sequence[str | bytes]) -> list[tuple[str | bytes, EntityRecord]]:
        cache = self.cache
        if IBatchCache.providedBy(cache):
            return list(cache.get_many(keys).items())
        found = [(key, cache.get(key)) for key in keys]
        return [(key, record) for key, record in found if record is not MISSING]

    def _own_key(self, record: EntityRecord) -> str | bytes:
        """The key that a session with these settings has for a record."""
        identity = record.identity
        return self.backends.key_maker.key(self.backends.scope, identity.entity_type, *identity.key)

    def remove(self, keys: Collection[str | bytes]) -> int:
        """Take entries away; gives how many there were."""
        cache = self.cache
        if IBatchCache.providedBy(cache):
            return cache.remove_many(keys)
        return sum(cache.remove(key) for key in keys)


@attrs.frozen
class Wanted:
    """Which entries somebody means.

    Attributes:
        types: Only records of these types; empty for all.
        pattern: Only keys in which this is found; None for all.
        all_scopes: Whether entries of other servers, users and keys are meant too.
    """

    types: frozenset[str]
    pattern: re.Pattern[str] | None
    all_scopes: bool

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Wanted:
        """What was typed.

        Raises:
            InvalidValueError: The pattern is not a regular expression.
        """
        try:
            pattern = re.compile(arguments.pattern) if arguments.pattern else None
        except re.error as error:
            raise InvalidValueError(f"--pattern {arguments.pattern!r} is not a regular expression: {error}") from error
        return cls(frozenset(arguments.type), pattern, arguments.all_scopes)

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self.all_scopes and not self.types and self.pattern is None

    def takes(self, entry: Entry) -> bool:
        """Whether an entry is meant."""
        if not (entry.is_own or self.all_scopes):
            return False
        if self.types and entry.record.identity.entity_type not in self.types:
            return False
        text = entry.key if isinstance(entry.key, str) else entry.key.decode("utf-8", "replace")
        return self.pattern is None or self.pattern.search(text) is not None


def layers_of(backends: Backends, named: str | None) -> tuple[list[Layer], Any]:
    """The layers that are meant, and the schema cache or None.

    Raises:
        NotFoundError: There is no layer of that name.
    """
    cache: Any = backends.cache
    caches = () if cache is None else tuple(getattr(cache, "layers", ())) or (cache,)
    layers = [Layer(number, each, backends) for number, each in enumerate(caches)]
    if named is None:
        return layers, backends.schema_cache
    if named.lower() == SCHEMA:
        return [], backends.schema_cache
    chosen = [layer for layer in layers if layer.is_called(named)]
    if not chosen:
        known = ", ".join([*(f"{layer.number} ({layer.name})" for layer in layers), SCHEMA])
        raise NotFoundError(f"no layer of the configured caches is called {named!r}; there are: {known}")
    return chosen, None
