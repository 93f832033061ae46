"""Bytes by key, in Redis."""

from __future__ import annotations

import itertools
import math
import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
import redis
from zope.interface import implementer

from ftrack_core.errors import CacheError
from ftrack_core.interfaces import IBatchCache, IClock, IExpiringCache, IMeasured, IPersistentCache, ISharedCache
from ftrack_core.values import MISSING
from ftrack_redis._guarded import GuardedRedis
from ftrack_redis._statistics import RedisStatistics

__all__ = ["RedisStore", "forget_under"]

_AT_ONCE: Final = 500
_HEAD: Final = struct.Struct(">cd")
"""What an entry begins with: its version, and when it expires by the clock of the cache, 0 for never."""

_VERSION: Final = b"\x01"


def forget_under(client: redis.Redis, prefix: bytes) -> None:
    """Remove every key that begins with a prefix."""
    for names in _batches(client.scan_iter(match=_escaped(prefix) + b"*", count=1000)):
        client.unlink(*names)


@implementer(IBatchCache, IExpiringCache, ISharedCache, IPersistentCache, IMeasured)
@attrs.define(eq=False)
class RedisStore:
    """Keeps bytes under the keys of a prefix.

    It has the methods of `ICache` with bytes for records, as `SerialisedCache` wants its store.

    While Redis does not answer, everything is missing and nothing is kept: `get`, `set`, `remove` and their batches
    say so without a word, and what should have been replaced or removed is gone before anything is served again.
    `keys`, `values` and `clear` are of people who want to know, and raise.

    Thread safety: all calls. Atomicity: each entry is one value of Redis, whole or absent.

    Attributes:
        guarded: Asks Redis.
        prefix: What the names of all keys begin with.
        keep_seconds: When Redis forgets an entry that nobody wrote again.
        clock: Tells when an entry expires.
    """

    guarded: GuardedRedis
    prefix: bytes
    keep_seconds: float
    clock: IClock
    _asked: int = attrs.field(default=0, init=False)
    _hits: int = attrs.field(default=0, init=False)
    _written: int = attrs.field(default=0, init=False)
    _lost: int = attrs.field(default=0, init=False)

    def get(self, key: str | bytes) -> Any:
        """What is under a key, or `MISSING`."""
        return self.get_many((key,)).get(key, MISSING)

    def get_many(self, keys: Iterable[str | bytes]) -> Mapping[str | bytes, Any]:
        """What is under keys; 500 are one round trip."""
        found: dict[str | bytes, bytes] = {}
        now = self.clock.now()
        wanted = dict.fromkeys(keys)
        for batch in _batches(wanted):
            for key, entry in zip(batch, self._entries([self._name(key) for key in batch]), strict=True):
                content = _content(entry, now)
                if content is not None:
                    found[key] = content
        self._asked += len(wanted)
        self._hits += len(found)
        return found

    def set(self, key: str | bytes, data: Any) -> None:
        """Keep bytes under a key."""
        self._set({key: data}, self.keep_seconds, 0.0)

    def set_many(self, entries: Mapping[str | bytes, Any]) -> None:
        """Keep bytes under keys; 500 are one round trip."""
        self._set(entries, self.keep_seconds, 0.0)

    def set_expiring(self, key: str | bytes, data: Any, seconds: float) -> None:
        """Keep bytes for a time: as the clock of the cache tells it, and at the latest as Redis does."""
        if seconds > 0:
            self._set({key: data}, min(seconds, self.keep_seconds), self.clock.now() + seconds)
        else:
            self.remove(key)

    def remove(self, key: str | bytes) -> bool:
        """Forget what is under a key, and tell whether there was anything."""
        return self.remove_many((key,)) > 0

    def remove_many(self, keys: Iterable[str | bytes]) -> int:
        """Forget what is under keys, and tell how many there were."""
        there = 0
        now = self.clock.now()
        for batch in _batches(dict.fromkeys(keys)):
            names = [self._name(key) for key in batch]
            there += sum(_content(head, now) is not None for head in self._removed(names))
        return there

    def keys(self) -> list[str | bytes]:
        """All keys under the prefix."""
        return [key for key, _ in self._walked(_heads)]

    def values(self) -> list[Any]:
        """What is under them."""
        return [content for _, content in self._walked(_wholes)]

    def clear(self, pattern: str | None = None) -> None:
        """Forget everything under the prefix, or the keys that a pattern is found in."""
        if pattern is None:
            try:
                self.guarded.ask(forget_under, self.prefix)
            except CacheError:
                self.guarded.owe_all()
                raise
            return
        found_in = _search(pattern)
        for names in _batches(name for name in self._names() if found_in(_text(self._key(name)))):
            self.guarded.change(names, _unlinked, names)

    def statistics(self) -> RedisStatistics:
        """What it did since it was made, without asking Redis."""
        return RedisStatistics(
            hits=self._hits,
            misses=self._asked - self._hits,
            written=self._written,
            lost=self._lost,
            **self.guarded.counts(),
        )

    def close(self) -> None:
        """Close every connection."""
        self.guarded.close()

    # One round trip each.

    def _entries(self, names: Sequence[bytes]) -> Sequence[bytes | None]:
        try:
            found: Sequence[bytes | None] = self.guarded.ask(_wholes, names)
        except CacheError:
            return [None] * len(names)
        return found

    def _set(self, entries: Mapping[str | bytes, bytes], seconds: float, expires_at: float) -> None:
        head = _HEAD.pack(_VERSION, expires_at)
        milliseconds = max(1, math.ceil(seconds * 1000))
        for batch in _batches(entries.items()):
            named = {self._name(key): head + data for key, data in batch}
            try:
                self.guarded.change(named, _written, named, milliseconds)
                self._written += len(named)
            except CacheError:
                self._lost += len(named)

    def _removed(self, names: Sequence[bytes]) -> Sequence[bytes | None]:
        """The heads of entries that are no more."""
        try:
            return self.guarded.change(names, _heads_removed, names)
        except CacheError:
            self._lost += len(names)
            return [None] * len(names)

    def _names(self) -> list[bytes]:
        return list(dict.fromkeys(self.guarded.ask(_under, self.prefix)))

    def _walked(
        self, read: Callable[[redis.Redis, Sequence[bytes]], Sequence[bytes | None]]
    ) -> Iterator[tuple[str | bytes, bytes]]:
        now = self.clock.now()
        for names in _batches(self._names()):
            entries = self.guarded.ask(read, names)
            for name, entry in zip(names, entries, strict=True):
                content = _content(entry, now)
                if content is not None:
                    yield self._key(name), content

    # Names: the prefix, what kind of key it is, the key.

    def _name(self, key: str | bytes) -> bytes:
        if isinstance(key, bytes):
            return self.prefix + b"b" + key
        return self.prefix + b"s" + key.encode("utf-8", "surrogatepass")

    def _key(self, name: bytes) -> str | bytes:
        kind, key = name[len(self.prefix) : len(self.prefix) + 1], name[len(self.prefix) + 1 :]
        return key if kind == b"b" else key.decode("utf-8", "surrogatepass")


def _under(client: redis.Redis, prefix: bytes) -> list[bytes]:
    return list(client.scan_iter(match=_escaped(prefix) + b"*", count=1000))


def _unlinked(client: redis.Redis, names: Sequence[bytes]) -> None:
    client.unlink(*names)


def _wholes(client: redis.Redis, names: Sequence[bytes]) -> Sequence[bytes | None]:
    found: Any = client.mget(names)
    return found  # type: ignore[no-any-return]


def _heads(client: redis.Redis, names: Sequence[bytes]) -> list[bytes | None]:
    pipeline = client.pipeline(transaction=False)
    for name in names:
        pipeline.getrange(name, 0, _HEAD.size - 1)
    return [_head(each) for each in pipeline.execute(raise_on_error=False)]


def _heads_removed(client: redis.Redis, names: Sequence[bytes]) -> list[bytes | None]:
    """The heads of entries, read and removed in one transaction for each batch."""
    pipeline = client.pipeline(transaction=True)
    for name in names:
        pipeline.getrange(name, 0, _HEAD.size - 1)
    pipeline.unlink(*names)
    return [_head(each) for each in pipeline.execute(raise_on_error=False)[:-1]]


def _head(found: object) -> bytes | None:
    """What stands at the beginning of an entry: nothing for one that is not there, or is no text."""
    return found if isinstance(found, bytes) and found else None


def _written(client: redis.Redis, named: Mapping[bytes, bytes], milliseconds: int) -> None:
    if len(named) == 1:
        name, entry = next(iter(named.items()))
        client.set(name, entry, px=milliseconds)
    else:
        pipeline = client.pipeline(transaction=False)
        for name, entry in named.items():
            pipeline.set(name, entry, px=milliseconds)
        pipeline.execute()


def _content(entry: bytes | None, now: float) -> bytes | None:
    """What an entry holds; None for one that is not there or whose time is over. Of a foreign one, all."""
    if entry is None:
        return None
    if entry[:1] != _VERSION or len(entry) < _HEAD.size:
        return entry
    expires_at = _HEAD.unpack_from(entry)[1]
    return None if 0.0 < expires_at <= now else entry[_HEAD.size :]


def _search(pattern: str) -> Callable[[str], object]:
    try:
        return re.compile(pattern).search
    except re.error as error:
        message = f"the pattern {pattern!r} is not a regular expression: {error}"
        raise ValueError(message) from error


def _text(key: str | bytes) -> str:
    return key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else key


def _escaped(prefix: bytes) -> bytes:
    """A prefix with nothing in it that Redis takes for a pattern."""
    return re.sub(rb"([*?\[\]\\^])", rb"\\\1", prefix)


def _batches(items: Iterable[Any]) -> list[list[Any]]:
    walk = iter(items)
    return list(iter(lambda: list(itertools.islice(walk, _AT_ONCE)), []))
