"""Computes once, and keeps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from ftrack_core.errors import ConfigurationError, WrongBackendError
from ftrack_core.interfaces import ICache, IClock, IKeyMaker
from ftrack_core.memoisation._calls import Calls, default_key_maker, name_of
from ftrack_core.memoisation._flights import Flights
from ftrack_core.memoisation._results import CachedResults, OwnResults, Result, copied
from ftrack_core.values import MISSING

__all__ = ["Memoiser", "MemoiserStatistics"]


@attrs.frozen(kw_only=True)
class MemoiserStatistics:
    """What a memoiser did since it was made.

    Attributes:
        hits: Calls whose result was kept.
        computed: Calls that were carried out.
        waited: Calls that got the result, or the error, of one that another thread was carrying out.
    """

    hits: int = 0
    computed: int = 0
    waited: int = 0


class Memoiser:
    """Carries out a call once for equal arguments, and keeps its result.

    How arguments were passed does not count: by place, by name or by default. None is a result like any other. An
    exception is not kept. While one thread carries out a call, others that want the same wait and get its result, or
    its exception. A function that calls itself does not wait for itself.

    Without a cache, results of any kind are kept in this process, those used last. With one, results are kept in it
    as records of their own type, so they may be shared with other processes and outlive this one; then only what a
    record can hold is kept: text, numbers, true, false, None, `EntityIdentity`, and lists and dicts of these. Others
    are computed anew each time, which is logged once.

    Thread safety: all calls.
    Lifetime: nothing to close; a cache stays its owner's.

    Args:
        cache: Where results are kept; None for this process's memory.
        key_maker: Makes keys of calls; None for the one named `object`.
        return_copies: Whether each caller gets a copy of its own. Entities are never copied: there is one of each.
        seconds: How long a result holds; None for as long as it is kept.
        most: How many results to keep where there is no cache.
        clock: Tells the time; None for the machine's.
        scope: Text that is put before each key, for a cache that several users share, and for programs that call one
            function with entities of several servers: an entity counts by its type and id alone.

    Raises:
        WrongBackendError: The cache is no `ICache`, or the key maker no `IKeyMaker`.
        ConfigurationError: A number makes no sense.
    """

    def __init__(
        self,
        cache: Any = None,
        key_maker: Any = None,
        *,
        return_copies: bool = True,
        seconds: float | None = None,
        most: int = 1000,
        clock: IClock | None = None,
        scope: str = "",
    ) -> None:
        _check(cache, ICache)
        _check(key_maker, IKeyMaker)
        if most < 1 or (seconds is not None and seconds <= 0):
            raise ConfigurationError(f"most is {most} and seconds is {seconds}; both have to be more than 0")
        self.return_copies = return_copies
        self._results: Any = OwnResults(most) if cache is None else CachedResults(cache)
        self._calls = Calls(key_maker or default_key_maker(), cache is not None, scope)
        self._flights = Flights()
        self._seconds = seconds
        self._now = time.time if clock is None else clock.now
        self._counts = {"hits": 0, "computed": 0, "waited": 0}
        self._counting = threading.Lock()

    def call(
        self,
        function: Callable[..., Any],
        args: Sequence[Any] = (),
        kw: Mapping[str, Any] | None = None,
        *,
        key: Callable[..., Any] | None = None,
    ) -> Any:
        """The result of a call, kept or computed.

        Args:
            function: What to call.
            args: Its positional arguments.
            kw: Its keyword arguments.
            key: Given the arguments, gives what tells this call from others, in place of all of them.

        Returns:
            The result.

        Raises:
            UnkeyableItemError: No key can be made of an argument.
            BaseException: What the function raised.
        """
        keywords = dict(kw or {})
        made = self._calls.key(function, args, keywords, key)
        kept = self._kept(made)
        if kept is not MISSING:
            self._count("hits")
            return self._given(kept)
        return self._computed(made, function, args, keywords)

    def forget(
        self,
        function: Callable[..., Any],
        args: Sequence[Any] = (),
        kw: Mapping[str, Any] | None = None,
        *,
        key: Callable[..., Any] | None = None,
    ) -> bool:
        """Forget the result of a call; one that is being computed now is not kept.

        Returns:
            Whether there was one.

        Raises:
            CacheError: The cache failed.
        """
        made = self._calls.key(function, args, dict(kw or {}), key)
        self._flights.cancel(lambda flying: flying == made)
        return bool(self._results.remove(made))

    def statistics(self) -> MemoiserStatistics:
        """What it did since it was made."""
        with self._counting:
            return MemoiserStatistics(**self._counts)

    def _kept(self, key: str | bytes) -> Any:
        found = self._results.get(key)
        if found is MISSING or (self._seconds is not None and self._now() - found.computed_at >= self._seconds):
            return MISSING
        return found.value

    def _computed(
        self, key: str | bytes, function: Callable[..., Any], args: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        def compute() -> tuple[Any, float | None]:
            kept = self._kept(key)  # another thread may have ended between our look and this
            if kept is not MISSING:
                self._count("hits")
                return kept, None
            self._count("computed")
            began = self._now()
            return function(*args, **keywords), began

        def keep(computed: tuple[Any, float | None]) -> None:
            value, began = computed
            if began is not None:
                self._results.set(key, Result(self._given(value), began), name_of(function), self._seconds)

        (value, began), waited = self._flights.once(key, compute, keep)
        if waited:
            self._count("waited")
        return value if began is not None and not waited else self._given(value)

    def _given(self, value: Any) -> Any:
        return copied(value) if self.return_copies else value

    def _count(self, what: str) -> None:
        with self._counting:
            self._counts[what] += 1


def _check(given: Any, interface: Any) -> None:
    if given is not None and not interface.providedBy(given):
        raise WrongBackendError(
            f"a memoiser was given {type(given).__name__}, which is no {interface.__name__}; hand in an instance"
        )
