"""What a worker does with one delivery after the other."""

from __future__ import annotations

import contextlib
import functools
import logging
from typing import TYPE_CHECKING, Any, Final

import attrs

from ftrack_core.errors import CommitUncertain, ConnectionClosedError, Error
from ftrack_core.events import DispatchedEvent
from ftrack_core.interfaces import IEventInbox
from ftrack_core.session.listener._delivering import ClaimLostError, Run
from ftrack_core.session.listener._dispatching import Call, CallAbandonedError
from ftrack_core.session.listener._gap import gap_of_event
from ftrack_core.session.listener._handlers import Handlers
from ftrack_core.session.listener._outage import Outage
from ftrack_core.session.listener._settings import ListenerSettings
from ftrack_core.session.listener._tally import Tally
from ftrack_core.session.listener._worker_session import WorkerSession
from ftrack_core.values import Delivery

if TYPE_CHECKING:
    from ftrack_core.session._session import Session

__all__ = ["Worker"]

_CLAIMING: Final = "stored events cannot be read"
_ANSWERING: Final = "what became of events cannot be stored, so that they will be handled again"
_LONGEST_ERROR: Final = 2_000
_log = logging.getLogger(__name__)


@attrs.define(eq=False, repr=False)
class Worker:
    """Claims a delivery, runs its handler in a unit of work of its own, and answers.

    Thread safety: it belongs to one thread; others look at `run`.

    Attributes:
        name: For people who look at a stuck process.
        place: Where it is, for those who look at claims: host, process and name.
        run: What it does at this moment; None for nothing.
    """

    name: str
    place: str
    _handlers: Handlers
    _inbox: IEventInbox
    _settings: ListenerSettings
    _tally: Tally
    _session: WorkerSession
    run: Run | None = attrs.field(default=None, init=False)
    _outage: Outage = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._outage = Outage(self._session, self._settings, self._tally)

    def work(self) -> bool:
        """Handle one delivery; gives False if there was none. Never raises an error."""
        delivery = self._claimed()
        if delivery is None:
            return False
        handler = self._handlers.find(delivery.handler)
        run = Run(delivery, handler, self.name, self._inbox, self._settings.lease_seconds)
        self.run = run
        try:
            if delivery.attempt > handler.attempts:
                self._set_aside(run, delivery.error or "its worker died or hung, every time")
            else:
                self._attempt(run)
        finally:
            self.run = None
        return True

    def _claimed(self) -> Delivery | None:
        names = self._handlers.names
        try:
            found = self._inbox.claim(names, self.place, self._settings.lease_seconds) if names else None
        except Exception as error:  # noqa: BLE001 - an inbox is anybody's code, and the worker has to go on
            self._tally.trouble(_CLAIMING, error)
            return None
        self._tally.well(_CLAIMING)
        return found

    # One attempt.

    def _attempt(self, run: Run) -> None:
        try:
            self._handle_between_outages(run)
        except ClaimLostError:
            message = "%s of the event %s took so long that its claim ran out; what it recorded is not committed"
            _log.error(message, run.handler.name, run.delivery.event.id)
            self._tally.count("failed")
        except CallAbandonedError as error:
            self._give_back(run, str(error), delay_seconds=0.0)
        except ConnectionClosedError as error:
            if self._session.is_over:
                self._give_back(run, str(error), delay_seconds=0.0)
            else:
                self._failed(run, error)
        except BaseException as error:  # noqa: BLE001 - a handler is anybody's code; that it calls sys.exit() too
            self._failed(run, error)
        else:
            self._acknowledge(run)
        finally:
            self._session.forget()

    def _handle_between_outages(self, run: Run) -> None:
        """Handle it, and once more after each outage: but not for ever, for it may be the event that brings them."""
        for _ in range(run.handler.attempts):
            try:
                return self._handle(run)
            except Error as error:  # noqa: PERF203 - each time is an outage
                self._session.forget()
                if not self._outage.passed(run, error):
                    raise
        return self._handle(run)

    def _handle(self, run: Run) -> None:
        """Run the handler, and commit what it recorded.

        Raises:
            BaseException: Whatever the handler or the commit raises; nothing is recorded any more then.
        """
        session = self._session.get()
        try:
            with session.unit_of_work():
                self._call(run, session)
                run.returned = True
                run.check_held()
        except CommitUncertain:
            if not run.returned:
                raise
            _log.warning("The commit after %s is uncertain; it is asked for once more.", run.handler.name)
            session.settle()

    def _call(self, run: Run, session: Session) -> None:
        event = run.delivery.event
        told: Any = gap_of_event(event) if run.handler.expression is None else DispatchedEvent(event)
        work = functools.partial(run.handler.call, told, session)
        if run.handler.dispatch is None:
            work()
            return
        call = Call(work)
        run.handler.dispatch(call)
        call.outcome(run.given_up)

    # The answer.

    def _acknowledge(self, run: Run) -> None:
        with self._answering():
            if not self._inbox.acknowledge(run.delivery):
                message = "%s handled the event %s, but too late: its claim had run out, so it may be handled again"
                _log.warning(message, run.handler.name, run.delivery.event.id)
        self._tally.count("handled")

    def _failed(self, run: Run, error: BaseException) -> None:
        delivery, most = run.delivery, run.handler.attempts
        self._tally.count("failed")
        message = "the handler %s failed with the event %s (%s), attempt %d of %d"
        about = (run.handler.name, delivery.event.id, delivery.event.topic, delivery.attempt, most)
        _log.error(message, *about, exc_info=error)
        text = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
        if delivery.attempt >= most:
            self._set_aside(run, text)
        else:
            self._give_back(run, text, self._settings.delay_seconds(delivery.attempt))

    def _set_aside(self, run: Run, text: str) -> None:
        message = "the event %s (%s) is set aside for %s: %s"
        _log.error(message, run.delivery.event.id, run.delivery.event.topic, run.handler.name, text)
        with self._answering():
            self._inbox.set_aside(run.delivery, text)
        self._tally.count("set_aside")

    def _give_back(self, run: Run, text: str, delay_seconds: float) -> None:
        with self._answering():
            self._inbox.give_back(run.delivery, text, delay_seconds)

    @contextlib.contextmanager
    def _answering(self) -> Any:
        """Have the inbox told; where that fails, the claim runs out, and the delivery comes again."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - an inbox is anybody's code, and the worker has to go on
            self._tally.trouble(_ANSWERING, error)
        else:
            self._tally.well(_ANSWERING)
