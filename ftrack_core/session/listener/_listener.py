"""The listener: from subscription to the last answer."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import platform
from typing import TYPE_CHECKING, Any, Final

from ftrack_core.errors import EventHubConnectionError, InvalidStateError
from ftrack_core.interfaces import IEventInbox, IRemoteEventHub
from ftrack_core.session.listener._coverage import Coverage
from ftrack_core.session.listener._crew import Crew
from ftrack_core.session.listener._declaring import Declaring, Dispatch
from ftrack_core.session.listener._examination import examined, strangers
from ftrack_core.session.listener._gap import GapKeeper
from ftrack_core.session.listener._handlers import Handler
from ftrack_core.session.listener._health import Health
from ftrack_core.session.listener._intake import Intake
from ftrack_core.session.listener._lookout import Lookout
from ftrack_core.session.listener._memory_inbox import MemoryInbox
from ftrack_core.session.listener._settings import settings_of
from ftrack_core.session.listener._signals import told_by_signals
from ftrack_core.session.listener._tally import Tally
from ftrack_core.session.listener._worker import Worker
from ftrack_core.session.listener._worker_session import WorkerSession

if TYPE_CHECKING:
    from typing_extensions import Self

    from ftrack_core.session._session import Session

__all__ = ["Listener"]

_SLICE_SECONDS: Final = 0.2
_log = logging.getLogger(__name__)


class Listener(Declaring):
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

    Raises:
        InvalidTypeError: There is no such option, or its value is of a wrong type.
    """

    def __init__(
        self, session: Session, inbox: Any = None, *, dispatch: Dispatch | None = None, name: str = "", **numbers: Any
    ) -> None:
        self._token = _client_token(session, name)
        super().__init__(settings_of(numbers), dispatch, self._token)
        self._session = session
        self._inbox: IEventInbox = _inbox_of(session, inbox)
        self._tally = Tally()
        self._crew = Crew(self._settings, self._worker, self._next_due, self._tally)
        gaps = GapKeeper(self._inbox, self._handlers, self._tally, self._crew.arrived)
        grace = 0.0 if isinstance(self._inbox, MemoryInbox) else self._settings.grace_seconds
        self._coverage = Coverage(self._inbox, grace, gaps.keep)
        kept_by = (self._inbox, self._coverage, self._tally)
        self._intake = Intake(session.event_hub, self._handlers, *kept_by, self._crew.arrived, self._left)
        self._lookout = Lookout(session, self._settings, self._intake, self._crew, self._coverage, self._tally)
        self._begun = False

    def __repr__(self) -> str:
        state = self._lookout.reason or ("running" if self._begun else "not started")
        return f"<Listener of {len(self._handlers.names)} handlers: {state}>"

    @property
    def client_token(self) -> str:
        """What the server echoes in events about changes that handlers made."""
        return self._token

    @property
    def inbox(self) -> IEventInbox:
        """Where events are kept; what was set aside is seen and replayed there."""
        return self._inbox

    def _added(self, handler: Handler) -> None:
        if self._begun and self._lookout.reason is None:
            self._intake.subscribe(handler)

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
        self._lookout.begin()

    def stop(self, reason: str = "stopped") -> None:
        """Have it end, and return at once: `wait` returns once it has. Handlers and signal handlers may call it."""
        self._lookout.tell(reason)

    def wait(self, timeout_seconds: float | None = None) -> str | None:
        """Wait until it has ended, and tell why.

        Args:
            timeout_seconds: How long; None for as long as it takes.

        Returns:
            `stopped` or what `stop` was told, the name of a signal, `disconnected`, `closed` or `inbox gone`; None
            where the time is over before that.

        Raises:
            InvalidStateError: It was never started.
        """
        self._session._parts.server.check_process()
        if not self._begun:
            raise InvalidStateError("This listener was not started, so its end cannot be waited for; call start().")
        return self._lookout.reason if self._lookout.wait(timeout_seconds) else None

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
            running=self._begun and self._lookout.reason is None,
        )

    # What the parts ask for.

    def _worker(self, name: str) -> Worker:
        place = f"{platform.node()}:{os.getpid()}:{name}"
        session = WorkerSession(self._session, self._token)
        return Worker(name, place, self._handlers, self._inbox, self._settings, self._tally, session)

    def _left(self) -> None:
        self.stop("disconnected")

    def _next_due(self) -> float | None:
        return self._inbox.next_due(self._handlers.names)

    def _tell_of_strangers(self) -> None:
        """Tell of what is stored for handlers that are not here."""
        try:
            found = strangers(self._inbox.counts(), self._handlers)
        except Exception as error:  # noqa: BLE001 - the first claim tells what is wrong
            self._tally.trouble("stored events cannot be counted", error)
            return
        if found:
            message = "the inbox has events for handlers that this listener has not, and leaves them there: %s"
            _log.warning(message, ", ".join(sorted(found)))


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
