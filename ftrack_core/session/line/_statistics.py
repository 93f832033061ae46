"""A session seen from outside: what it counted, and who is told as it happens."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import attrs

from ftrack_core.errors import WrongBackendError
from ftrack_core.interfaces import IObserver
from ftrack_core.values import ByValue

__all__ = ["SessionStatistics", "Watch"]

_log = logging.getLogger(__name__)


@attrs.frozen(eq=False, repr=False)
class SessionStatistics(ByValue):
    """What a session did since it began.

    Attributes:
        calls: Requests to the server, repeated ones included.
        retries: Requests that were sent again.
        bytes_sent: Bytes of request bodies.
        bytes_received: Bytes of response bodies, decompressed.
        rows: Rows that queries gave.
        loads: Times that reading an attribute asked the server.
        loaded_entities: Entities that got values by these; more than `loads` where cohorts were loaded.
        cache_hits: Entities that a cache below the session's memory had.
        cache_misses: Entities that such a cache was asked for and had not.
    """

    calls: int = 0
    retries: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    rows: int = 0
    loads: int = 0
    loaded_entities: int = 0
    cache_hits: int = 0
    cache_misses: int = 0


class Watch:
    """Counts what happens, and tells observers. Thread-safe; with no observer it costs an addition under a lock."""

    def __init__(self) -> None:
        self._statistics = SessionStatistics()
        self._observers: tuple[Any, ...] = ()
        self._lock = threading.Lock()

    @property
    def statistics(self) -> SessionStatistics:
        """The counts of this moment."""
        return self._statistics

    @contextlib.contextmanager
    def observed(self, observer: Any) -> Iterator[None]:
        """Tell an observer within a `with` block.

        Raises:
            WrongBackendError: It is no `IObserver`.
        """
        missing = [name for name in IObserver.names() if not callable(getattr(observer, name, None))]
        if missing:
            raise WrongBackendError(f"{observer!r} cannot observe a session: it has no {', '.join(sorted(missing))}.")
        with self._lock:
            self._observers = (*self._observers, observer)
        try:
            yield
        finally:
            with self._lock:
                kept = list(self._observers)
                del kept[next(place for place, each in enumerate(kept) if each is observer)]
                self._observers = tuple(kept)

    def requested(self, actions: Sequence[str], body_bytes: int) -> None:
        """A batch goes out."""
        self._count(calls=1, bytes_sent=body_bytes)
        self._tell(lambda observer: observer.on_request(actions, body_bytes))

    def responded(self, actions: Sequence[str], body_bytes: int, seconds: float) -> None:
        """A response came."""
        self._count(bytes_received=body_bytes)
        self._tell(lambda observer: observer.on_response(actions, body_bytes, seconds))

    def retried(self, failure: str) -> None:
        """A batch goes out again."""
        self._count(retries=1)
        self._tell(lambda observer: observer.on_retry(failure))

    def fetched(self, rows: int) -> None:
        """A query gave rows."""
        self._count(rows=rows)

    def loading(self, entity_type: str, names: Collection[str], entities: int) -> None:
        """Values are loaded because one was read."""
        self._count(loads=1, loaded_entities=entities)
        self._tell(lambda observer: observer.on_load(entity_type, names, entities))

    def looked_up(self, hits: int, misses: int) -> None:
        """A cache was asked."""
        self._count(cache_hits=hits, cache_misses=misses)

    def _count(self, **more: int) -> None:
        with self._lock:
            now = self._statistics
            self._statistics = attrs.evolve(now, **{name: getattr(now, name) + by for name, by in more.items()})

    def _tell(self, tell: Callable[[Any], None]) -> None:
        for observer in self._observers:
            self._tell_one(observer, tell)

    def _tell_one(self, observer: Any, tell: Callable[[Any], None]) -> None:
        try:
            tell(observer)
        except Exception:  # noqa: BLE001 - whatever an observer raises must not disturb the session
            _log.exception("The observer %s failed.", type(observer).__name__)
