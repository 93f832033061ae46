"""One delivery in the hands of a worker."""

from __future__ import annotations

import time
from datetime import datetime, timezone

import attrs

from ftrack_core.interfaces import IEventInbox
from ftrack_core.session.listener._handlers import Handler
from ftrack_core.session.listener._health import WorkerHealth
from ftrack_core.values import Delivery

__all__ = ["ClaimLostError", "Run"]

_RENEWALS = 3
"""How often a claim is renewed before it would run out."""


class ClaimLostError(Exception):
    """A claim ran out while its handler ran, so that somebody else has the delivery."""


@attrs.define(eq=False, repr=False)
class Run:
    """A handler that runs, or is about to, with the claim under which it does.

    Thread safety: the worker runs it; another thread calls `keep`.

    Attributes:
        delivery: What is claimed.
        handler: Its handler.
        worker: Name of the worker.
        inbox: Where it is claimed.
        lease_seconds: For how long a claim holds unless it is renewed.
        returned: Whether the handler has returned, so that only its commit is left.
        hung: Whether it has run for too long, so that its claim is not renewed any more.
        stopping: Whether the listener ends, so that it should not begin any more.
        waiting: Whether it waits for the server to be reachable again, so that it does not hang.
    """

    delivery: Delivery
    handler: Handler
    worker: str
    inbox: IEventInbox
    lease_seconds: float
    returned: bool = False
    hung: bool = False
    stopping: bool = False
    waiting: bool = False
    _lost: bool = False
    _began: float = attrs.field(factory=time.monotonic, init=False)
    _began_at: float = attrs.field(factory=time.time, init=False)
    _renewed: float = attrs.field(factory=time.monotonic, init=False)
    _renewed_at: float = attrs.field(factory=time.time, init=False)

    @property
    def seconds(self) -> float:
        """For how long it has been going on."""
        return time.monotonic() - self._began

    def begin_anew(self) -> None:
        """Have its handler called once more, as if nothing had been before."""
        self._began, self._began_at, self.returned = time.monotonic(), time.time(), False

    def keep(self) -> bool:
        """Renew the claim when it is time; gives False at the moment at which it counts as hung."""
        if self.hung or self._lost:
            return True
        if self.seconds > self.handler.timeout_seconds and not self.waiting:
            self.hung = True
            return False
        if self._unrenewed_seconds() > self.lease_seconds / _RENEWALS:
            self._renew()
        return True

    def _renew(self) -> None:
        self._lost = not self.inbox.renew(self.delivery, self.lease_seconds)
        self._renewed, self._renewed_at = time.monotonic(), time.time()

    def _unrenewed_seconds(self) -> float:
        """For how long the claim was not renewed: by the clock of the machine too, which goes on while it sleeps."""
        return max(time.monotonic() - self._renewed, time.time() - self._renewed_at)

    def check_held(self) -> None:
        """Refuse to go on where the claim may have run out.

        Raises:
            ClaimLostError: It has.
            EventInboxError: The inbox cannot tell.
        """
        if not self._lost and (self.hung or self._unrenewed_seconds() > self.lease_seconds / 2):
            self._renew()
        if self._lost:
            raise ClaimLostError

    def given_up(self) -> bool:
        """Whether it should not begin any more."""
        return self.hung or self.stopping

    def health(self) -> WorkerHealth:
        """What the worker does, for people."""
        event, since = self.delivery.event, datetime.fromtimestamp(self._began_at, timezone.utc)
        return WorkerHealth(
            self.worker,
            self.handler.name,
            event.id,
            event.topic,
            self.delivery.attempt,
            since,
            round(self.seconds, 3),
            self.hung,
        )
