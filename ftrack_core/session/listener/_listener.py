"""The listener: from subscription to the last answer."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import platform
import queue
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

import attrs

from ftrack_core.errors import EventHubConnectionError, InvalidStateError
from ftrack_core.events import Expression
from ftrack_core.interfaces import IEventInbox, IRemoteEventHub
from ftrack_core.session.listener._coverage import Coverage
from ftrack_core.session.listener._crew import Crew
from ftrack_core.session.listener._examination import examined
from ftrack_core.session.listener._gap import event_of_gap
from ftrack_core.session.listener._handlers import Handler, Handlers, name_of
from ftrack_core.session.listener._health import Health
from ftrack_core.session.listener._intake import Intake
from ftrack_core.session.listener._memory_inbox import MemoryInbox
from ftrack_core.session.listener._settings import ListenerSettings
from ftrack_core.session.listener._signals import told_by_signals
from ftrack_core.session.listener._tally import Tally
from ftrack_core.session.listener._worker import Worker
from ftrack_core.session.listener._worker_session import WorkerSession

if TYPE_CHECKING:
    from typing_extensions import Self

    from ftrack_core.session._session import Session

__all__ = ["Listener"]

_F = TypeVar("_F", bound=Callable[..., Any])
_SLICE_SECONDS: Final = 0.2
_GAPS: Final = "it cannot be noted that the connection stands"
_log = logging.getLogger(__name__)


class Listener:
    """Keeps events in an inbox before anything is done about them, and has handlers called until each has succeeded.

    Each call of a handler runs in a unit of work of its own, in a session of its own that remembers nothing of earlier
    calls. Leaving the handler commits; an exception rolls back, and the event comes again. See
    `docs/explanation/listeners.md` for what is promised.

    Thread safety: every method may be called by any thread; `stop` by signal handlers too.
    Lifetime: it is started once, and ends with its session at the latest.

    Args:
        session: Whose events, and in whose name.
        inbox: Where events are kept: a path, a backend's name or table, or an inbox; None for what the setting
            `event_inbox` says, and where it says nothing for memory only.
        dispatch: Runs a function in the host's main thread, as `maya.utils.executeInMainThreadWithResult` does, or
            soon, as `QTimer.singleShot` does; handlers run there then. None for the workers' own threads.
        name: What the listeners that share an inbox have in common, so that each knows the changes that the others'
            handlers made; default one name for a user.
        **numbers: As `ListenerSettings` takes them.
    """

    def __init__(
        self,
        session: Session,
        inbox: Any = None,
        *,
        dispatch: Callable[[Callable[[], None]], object] | None = None,
        name: str = "",
        **numbers: Any,
    ) -> None:
        self._session = session
        self._settings = ListenerSettings(**numbers)
        self._dispatch = dispatch
        self._token = _client_token(session, name)
        self._inbox: IEventInbox = _inbox_of(session, inbox)
        self._tally = Tally()
        self._handlers = Handlers(self._token)
        hub = session.event_hub
        grace = 0.0 if isinstance(self._inbox, MemoryInbox) else self._settings.grace_seconds
        self._coverage = Coverage(self._inbox, grace, self._keep_gap)
        self._crew = Crew(self._settings, self._worker, self._next_due, self._tally)
        kept_by = (self._inbox, self._coverage, self._tally)
        self._intake = Intake(hub, self._handlers, *kept_by, self._crew.arrived, lambda: self.stop("disconnected"))
        self._told: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reason: str | None = None
        self._ended = threading.Event()
        self._begun = False
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        state = self._reason or ("running" if self._begun else "not started")
        return f"<Listener of {len(self._handlers.names)} handlers: {state}>"

    @property
    def client_token(self) -> str:
        """What the server echoes in events about changes that handlers made."""
        return self._token

    @property
    def inbox(self) -> IEventInbox:
        """Where events are kept; what was set aside is seen and replayed there."""
        return self._inbox

    # Handlers.

    def on(
        self,
        expression: str,
        name: str = "",
        *,
        order: Callable[[Any], object] | None = None,
        attempts: int | None = None,
        timeout_seconds: float | None = None,
        own_events: bool = True,
        dispatch: Callable[[Callable[[], None]], object] | None = None,
        subscriber: Mapping[str, Any] | None = None,
    ) -> Callable[[_F], _F]:
        """Have a function called with every event that an expression matches, and the session to work with.

        Args:
            expression: In the subscription language, as `topic=ftrack.update`.
            name: What stored events refer to it by, so it stays the same between releases; default the function's own.
            order: Says of an event, as text, what others must not overtake it; called on the receiving thread, so
                it must be quick. None, or an order of None, for nothing.
            attempts: Instead of the listener's.
            timeout_seconds: Instead of the listener's.
            own_events: Whether it is called also for changes that handlers of this listener made.
            dispatch: Instead of the listener's.
            subscriber: Metadata that targets are matched with, as `{"applicationId": "acme.sync"}`.

        Raises:
            ParseError: The expression is not of the language.
            NotUniqueError: There is a handler of that name.
            InvalidValueError: The function has no name, or a number makes no sense.
        """
        parsed = Expression.parse(expression)
        given = {
            "order": order,
            "own_events": own_events,
            "subscriber": {"id": uuid.uuid4().hex, **(subscriber or {})},
        }
        return self._adding(parsed, name, attempts, timeout_seconds, dispatch, given)

    @overload
    def on_gap(self, call: _F) -> _F: ...

    @overload
    def on_gap(
        self,
        *,
        name: str = "",
        attempts: int | None = None,
        timeout_seconds: float | None = None,
        dispatch: Callable[[Callable[[], None]], object] | None = None,
    ) -> Callable[[_F], _F]: ...

    def on_gap(
        self,
        call: _F | None = None,
        *,
        name: str = "",
        attempts: int | None = None,
        timeout_seconds: float | None = None,
        dispatch: Callable[[Callable[[], None]], object] | None = None,
    ) -> Any:
        """Have a function called with every `Gap`, and the session to work with; used with or without arguments.

        Args:
            call: The function.
            name: As for `on`.
            attempts: Instead of the listener's.
            timeout_seconds: Instead of the listener's.
            dispatch: Instead of the listener's.
        """
        adding = self._adding(None, name, attempts, timeout_seconds, dispatch, {})
        return adding if call is None else adding(call)

    def _adding(
        self,
        expression: Expression | None,
        name: str,
        attempts: int | None,
        timeout_seconds: float | None,
        dispatch: Callable[[Callable[[], None]], object] | None,
        given: Mapping[str, Any],
    ) -> Callable[[_F], _F]:
        kept = self._settings
        if attempts is not None:
            kept = attrs.evolve(kept, attempts=attempts)
        if timeout_seconds is not None:
            kept = attrs.evolve(kept, timeout_seconds=timeout_seconds)

        def add(call: _F) -> _F:
            own = name or name_of(call)
            handler = Handler(
                own,
                call,
                expression,
                kept.attempts,
                kept.timeout_seconds,
                dispatch=dispatch or self._dispatch,
                **given,
            )
            with self._lock:
                self._handlers.add(handler)
                if self._begun and self._reason is None:
                    self._intake.subscribe(handler)
            return call

        return add

    # The life of it.

    def start(self) -> None:
        """Begin to receive and handle events, in threads of its own; return at once. The hub connects if it has not.

        Raises:
            InvalidStateError: It was started before.
            ConnectionClosedError: The session is closed, or was made in another process.
        """
        self._session._check_open()
        with self._lock:
            if self._begun:
                raise InvalidStateError("This listener was started already; a listener is started once.")
            self._begun = True
            self._intake.begin()
        self._tell_of_strangers()
        _join_events(self._session.event_hub)
        self._crew.begin()
        threading.Thread(target=self._look_after, name="ftrack-listener", daemon=True).start()

    def stop(self, reason: str = "stopped") -> None:
        """Have it end, and return at once: `wait` returns once it has. Handlers and signal handlers may call it."""
        self._told.put(reason)

    def wait(self, timeout_seconds: float | None = None) -> str | None:
        """Wait until it has ended, and tell why.

        Args:
            timeout_seconds: How long; None for as long as it takes.

        Returns:
            `stopped` or what `stop` was told, the name of a signal, `disconnected` or `closed`; None where the time is
            over before that.

        Raises:
            InvalidStateError: It was never started.
        """
        self._session._parts.server.check_process()
        if not self._begun:
            raise InvalidStateError("This listener was not started, so its end cannot be waited for; call start().")
        deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        while not self._ended.wait(0.2 if deadline is None else max(0.0, min(0.2, deadline - time.monotonic()))):
            if deadline is not None and time.monotonic() >= deadline:
                return None
        return self._reason

    def run(self, *, handle_signals: bool = True) -> str:
        """Start it if it was not, and wait until it has ended.

        Meanwhile the hub's own subscribers are called in this thread, as with `event_hub.wait()`.

        Args:
            handle_signals: Whether SIGTERM and Ctrl+C end it in order, in the main thread; a second one does what it
                would have done. Afterwards they mean what they did before.

        Returns:
            Why it ended, as `wait` does.
        """
        with told_by_signals(self.stop) if handle_signals else contextlib.nullcontext():
            if not self._begun:
                self.start()
            while self.wait(0.0) is None:
                if self._session.event_hub.wait(_SLICE_SECONDS) == "closed":
                    self.stop("closed")
                    break
            reason = self.wait()
        _log.info("The listener ended: %s.", reason)
        return str(reason)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it, and return once it has: after `close_seconds` at the latest, and a moment."""
        if self._begun:
            self.stop()
            self.wait()

    def health(self) -> Health:
        """How it is at this moment; asks the inbox, and nothing else."""
        self._session._parts.server.check_process()
        return examined(
            self._session.event_hub,
            self._inbox,
            self._handlers,
            self._coverage,
            self._tally,
            self._crew,
            running=self._begun and self._reason is None,
        )

    # What goes on in the background.

    def _look_after(self) -> None:
        """Look after everything until told to end: the one thread that must not fail."""
        while (reason := self._next_reason()) is None:
            self._look_once()
        self._end(reason)

    def _look_once(self) -> None:
        try:
            self._crew.look_after()
            self._note_coverage(time.time())
        except Exception:  # noqa: BLE001 - a thread that ends here would be missed by nobody
            _log.exception("the listener failed to look after its workers, and goes on")

    def _note_coverage(self, now: float) -> None:
        if not getattr(self._session.event_hub, "connected", True):
            return
        try:
            self._coverage.advance(now)
        except Exception as error:  # noqa: BLE001 - the inbox is anybody's code
            self._tally.trouble(_GAPS, error)
        else:
            self._tally.well(_GAPS)

    def _next_reason(self) -> str | None:
        try:
            return self._told.get(timeout=self._settings.tick_seconds)
        except queue.Empty:
            return "closed" if self._session.closed else None

    def _end(self, reason: str) -> None:
        self._reason = reason
        try:
            self._note_coverage(time.time())
            self._intake.end(self._settings.close_seconds)
            self._crew.end(self._settings.close_seconds)
        except Exception:  # noqa: BLE001 - whatever it is, whoever waits for the end has to go on
            _log.exception("the listener did not end in order")
        finally:
            self._ended.set()

    # What the parts ask for.

    def _worker(self, name: str) -> Worker:
        place = f"{platform.node()}:{os.getpid()}:{name}"
        session = WorkerSession(self._session, self._token)
        return Worker(name, place, self._handlers, self._inbox, self._settings, self._tally, session)

    def _next_due(self) -> float | None:
        return self._inbox.next_due(self._handlers.names)

    def _keep_gap(self, key: str, started_at: float, ended_at: float) -> None:
        names = {handler.name: "" for handler in self._handlers.for_gaps()}
        new = self._inbox.store(event_of_gap(key, started_at, ended_at), names) if names else 0
        self._tally.last_gap_at = ended_at
        unheard = "" if names else "; no handler wants to know, so what happened meanwhile is not caught up with"
        _log.warning("no events came for %.1f s%s", ended_at - started_at, unheard)
        if new:
            self._tally.count("stored", new)
            self._crew.arrived(new)

    def _tell_of_strangers(self) -> None:
        """Tell of what is stored for handlers that are not here."""
        try:
            strangers = sorted(set(_waiting_by_handler(self._inbox)) - set(self._handlers.names))
        except Exception as error:  # noqa: BLE001 - the first claim tells what is wrong
            self._tally.trouble("stored events cannot be counted", error)
            return
        if strangers:
            message = "the inbox has events for handlers that this listener has not, and leaves them there: %s"
            _log.warning(message, ", ".join(strangers))


def _waiting_by_handler(inbox: IEventInbox) -> dict[str, int]:
    return {name: states["waiting"] for name, states in inbox.counts().items() if states.get("waiting")}


def _client_token(session: Session, name: str) -> str:
    """One token for all who share an inbox: any of them may come to handle what another one's handler changed."""
    known = "\n".join((session.server_url, session.api_user, name)).encode()
    return f"ftrack-core--listener-{hashlib.sha256(known).hexdigest()[:32]}"


def _inbox_of(session: Session, told: Any) -> IEventInbox:
    """The inbox that was asked for; the session's backends close it."""
    made: IEventInbox | None = session._parts.backends.inbox(told)
    if made is None:
        _log.info("The listener keeps events in memory: what is not handled when the process ends is lost.")
        made = MemoryInbox()
    return made


def _join_events(hub: Any) -> None:
    """Have a hub connect in the background, if it can be and nobody did."""
    if IRemoteEventHub.providedBy(hub) and not hub.connected:
        with contextlib.suppress(EventHubConnectionError):  # it is about to be
            hub.connect_in_background()
