"""Calls of Redis that never stall: bypassed in an outage, and what should have changed is made good afterwards."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import attrs
import redis

from ftrack_core.errors import CacheError, ConnectionClosedError
from ftrack_redis._connecting import Unanswered, described
from ftrack_redis._debts import Debts
from ftrack_redis._outage import Breaker

__all__ = ["GuardedRedis"]

_LOG = logging.getLogger("ftrack_redis")
_P = ParamSpec("_P")
_T = TypeVar("_T")
_SLOW: Final = 4
"""So many time-outs an answered call may take: part of it is this process's own time, on a busy machine most."""


@attrs.define(eq=False)
class GuardedRedis:
    """A client that is asked only while Redis answers in time.

    A change that did not come about may leave something in Redis that should be gone. Such names are *owed*: they are
    removed there before Redis is asked anything else, by the first call that gets through. Owing more than 100,000,
    everything under the prefix is.

    Thread safety: all calls; no lock is held while Redis is asked.

    Attributes:
        client: Asks Redis.
        breaker: Says whether it is to be asked.
        timeout_seconds: A call that takes four times as long, though answered, begins an outage too.
        forget_all: Removes everything; called with the client when too much is owed.
    """

    client: redis.Redis
    breaker: Breaker
    timeout_seconds: float
    forget_all: Callable[[redis.Redis], object]
    _debts: Debts = attrs.field(factory=Debts, init=False)
    _refusals: int = attrs.field(default=0, init=False)
    _unanswered: int = attrs.field(default=0, init=False)
    _bypassed: int = attrs.field(default=0, init=False)
    _closed: bool = attrs.field(default=False, init=False)

    def ask(self, call: Callable[Concatenate[redis.Redis, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """What Redis says.

        Args:
            call: Asks, over the client that it is given; in one round trip or a few.
            *args: What else it is given.
            **kwargs: As above.

        Raises:
            CacheError: There is an outage, one begins, or Redis refuses.
            ConnectionClosedError: The cache is closed.
        """
        if self._closed:
            raise ConnectionClosedError("the redis cache is closed; make a new one")
        ticket = self.breaker.lets_through()
        if ticket is None:
            self._bypassed += 1
            raise CacheError("Redis did not answer in time and is bypassed for a while")
        began = time.monotonic()
        try:
            self._debts.settle(lambda names: self.client.unlink(*names), lambda: self.forget_all(self.client))
            began = time.monotonic()
            found = call(self.client, *args, **kwargs)
        except Unanswered as error:
            self._unanswered += 1
            self.breaker.failed(ticket, described(error))
            raise CacheError(f"Redis does not answer: {described(error)}") from error
        except redis.exceptions.RedisError as error:
            self.breaker.answered(ticket)
            self._tell(error)
            raise CacheError(f"Redis refuses: {described(error)}") from error
        self._note_pace(ticket, time.monotonic() - began)
        return found

    def change(
        self,
        names: Iterable[bytes],
        call: Callable[Concatenate[redis.Redis, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """As `ask`, for what changes the values of some names: if it does not come about, these are owed."""
        try:
            return self.ask(call, *args, **kwargs)
        except CacheError:
            self._debts.add(names)
            raise

    def owe_all(self) -> None:
        """Take note that everything under the prefix should be gone."""
        self._debts.add_everything()

    def counts(self) -> dict[str, Any]:
        """What came of the calls, and what is to be made good; without asking Redis."""
        return {
            "unanswered": self._unanswered,
            "bypassed": self._bypassed,
            "refused": self._refusals,
            "owed": len(self._debts),
            "is_bypassed": self.breaker.is_out,
        }

    def close(self) -> None:
        """Close every connection; never raises."""
        self._closed = True
        try:
            self.client.close()
            self.client.connection_pool.disconnect()
        except Exception:  # noqa: BLE001 - there is nobody whom it would help
            _LOG.debug("closing the connections to Redis failed", exc_info=True)

    def _note_pace(self, ticket: int, seconds: float) -> None:
        if seconds > self.timeout_seconds * _SLOW:
            self._unanswered += 1
            self.breaker.failed(ticket, f"a call took {seconds:.2f} s; timeout_seconds is {self.timeout_seconds:g}")
        else:
            self.breaker.answered(ticket)

    def _tell(self, error: redis.exceptions.RedisError) -> None:
        level = logging.DEBUG if self._refusals else logging.WARNING
        self._refusals += 1
        _LOG.log(level, "Redis refuses a command of the cache; this is said once: %s", described(error))
