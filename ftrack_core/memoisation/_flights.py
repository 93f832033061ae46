"""One thread computes, the others that want the same wait for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import attrs

__all__ = ["Flights"]

_T = TypeVar("_T")
_Key: TypeAlias = "str | bytes"


@attrs.define(eq=False)
class _Flight:
    owner: int
    done: threading.Event = attrs.field(factory=threading.Event)
    result: Any = None
    error: BaseException | None = None
    keeping: bool = False
    cancelled: bool = False


@attrs.define(eq=False)
class Flights:
    """What is being computed now.

    Nobody waits for himself: a function that asks for its own result computes again, and runs into Python's own limit
    if it never ends. Nor do threads wait for each other in a ring: the one that would close it computes for itself.
    What another process computed when this one was forked is forgotten.
    """

    _flying: dict[_Key, _Flight] = attrs.field(factory=dict, init=False)
    _waiting: dict[int, _Flight] = attrs.field(factory=dict, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _process: int = attrs.field(factory=os.getpid, init=False)

    def once(self, key: _Key, compute: Callable[[], _T], keep: Callable[[_T], None]) -> tuple[_T, bool]:
        """The result of a computation that runs once at a time.

        Args:
            key: What is computed.
            compute: Computes it.
            keep: Called with the result, before those who wait get it.

        Returns:
            The result, and whether it is another thread's.

        Raises:
            Exception: What `compute` raised; each thread that waited gets the same one. Where it was broken off, as by
                `KeyboardInterrupt`, one of those who waited computes instead.
        """
        while True:
            flight, mine = self._boarded(key, threading.get_ident())
            if flight is None:
                return compute(), False
            if mine:
                return self._fly(key, flight, compute, keep), False
            if self._landed(flight):
                return flight.result, True

    def _boarded(self, key: _Key, me: int) -> tuple[_Flight | None, bool]:
        """The flight of a key and whether this thread is to fly it; None where waiting would close a ring."""
        with self._current():
            flight = self._flying.get(key)
            if flight is None:
                flight = self._flying[key] = _Flight(me)
                return flight, True
            if self._is_ring(flight, me):
                return None, False
            self._waiting[me] = flight
            return flight, False

    def cancel(self, keys: Callable[[_Key], bool]) -> None:
        """Let what is being computed now for some keys not be kept, and let nobody else wait for it.

        What is just being kept is so when this returns: whoever wants it gone removes it then.
        """
        me = threading.get_ident()
        with self._current():
            cancelled = [self._flying.pop(key) for key in list(self._flying) if keys(key)]
            for flight in cancelled:
                flight.cancelled = True
        for flight in cancelled:
            if flight.keeping and flight.owner != me:
                flight.done.wait()

    def _fly(self, key: _Key, flight: _Flight, compute: Callable[[], _T], keep: Callable[[_T], None]) -> _T:
        try:
            flight.result = result = compute()
            with self._current():
                flight.keeping = not flight.cancelled
            if flight.keeping:
                keep(result)
        except BaseException as error:
            flight.error = error
            raise
        finally:
            self._land(key, flight)
        return result

    def _land(self, key: _Key, flight: _Flight) -> None:
        with self._current():
            if self._flying.get(key) is flight:
                del self._flying[key]
        flight.done.set()

    def _landed(self, flight: _Flight) -> bool:
        """Wait for another thread's result, and tell whether there is one; raises what was raised there."""
        try:
            flight.done.wait()
        finally:
            with self._current():
                self._waiting.pop(threading.get_ident(), None)
        if isinstance(flight.error, Exception):
            raise flight.error
        return flight.error is None

    def _is_ring(self, flight: _Flight, me: int) -> bool:
        """Whether that flight's thread waits, over others or not, for this one."""
        seen: _Flight | None = flight
        while seen is not None:
            if seen.owner == me:
                return True
            seen = self._waiting.get(seen.owner)
        return False

    def _current(self) -> threading.Lock:
        """The lock, in a forked child a new one over nothing: the threads of the parent are not here."""
        if self._process != os.getpid():
            self._lock, self._flying, self._waiting, self._process = threading.Lock(), {}, {}, os.getpid()
        return self._lock
