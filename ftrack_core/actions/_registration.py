"""An action on an event hub: events come in, answers go out."""

from __future__ import annotations

import contextlib
import logging
import threading
import weakref
from types import TracebackType
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_core.actions._answering import Answering
from ftrack_core.actions._workers import Workers
from ftrack_core.errors import NotFoundError, NotUniqueError
from ftrack_core.query import quote

if TYPE_CHECKING:
    from typing_extensions import Self

    from ftrack_core.actions._action import Action
    from ftrack_core.session import Session

__all__ = ["Registration"]

_log = logging.getLogger(__name__)
_DISCOVER = "ftrack.action.discover"
_LAUNCH = "ftrack.action.launch"
_LOCK = threading.Lock()
_TAKEN: weakref.WeakKeyDictionary[Any, dict[tuple[str, str], Action]] = weakref.WeakKeyDictionary()
"""Which identifiers a session offers, and to which user; a session that is gone takes its own along."""


@attrs.define(eq=False, repr=False)
class Registration:
    """An action that is registered with a session.

    Thread safety: every method may be called by many threads.
    """

    action: Action
    session: Session
    user: str
    _answering: Answering
    _subscribers: list[str] = attrs.field(factory=list, init=False)
    _over: bool = attrs.field(default=False, init=False)

    @classmethod
    def made(
        cls, action: Action, session: Session, user: str | None, listener: Any, threads: int, waiting: int
    ) -> Registration:
        """Register an action; `Action.register` says how."""
        workers = Workers(f"ftrack-action-{action.identifier}", max(1, threads), max(0, waiting))
        made = cls(action, session, user or "", Answering.of(action, session, workers))
        made._take_place()
        try:
            made._subscribe(listener)
        except BaseException:
            made.unregister()
            raise
        return made

    # The end.

    def unregister(self, finish_seconds: float | None = 0.0) -> bool:
        """Offer the action no more. What runs in the background goes on, as long as the process does.

        Args:
            finish_seconds: How long to wait for that; None until it is done.

        Returns:
            Whether nothing runs any more.
        """
        self._over = True
        while self._subscribers:
            with contextlib.suppress(NotFoundError):  # the hub was closed before
                self.session.event_hub.unsubscribe(self._subscribers.pop())
        with _LOCK:
            taken = _TAKEN.get(self.session, {})
            if taken.get(self._place) is self.action:
                del taken[self._place]
        return self._answering.workers.finish(finish_seconds)

    def wait_until_idle(self, timeout_seconds: float | None = None) -> bool:
        """Wait until no launch runs in the background, and tell whether that is so."""
        return self._answering.workers.idle(timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.unregister()

    def __repr__(self) -> str:
        return f"<Registration of {self.action!r}{f' for {self.user}' if self.user else ''}>"

    # Registering.

    @property
    def _place(self) -> tuple[str, str]:
        return self.action.identifier, self.user

    def _take_place(self) -> None:
        with _LOCK:
            taken = _TAKEN.setdefault(self.session, {})
            other = taken.get(self._place)
            if other is not None:
                raise NotUniqueError(
                    f"The action {self.action!r} was to be registered, and {other!r} of {type(other).__module__} has "
                    f"the identifier {self.action.identifier!r} in this session: both would answer every launch. "
                    "Unregister that one first, or give one of them another identifier."
                )
            taken[self._place] = self.action

    def _subscribe(self, listener: Any) -> None:
        hub, priority, answering = self.session.event_hub, self.action.priority, self._answering
        whose = f" and source.user.username={quote(self.user)}" if self.user else ""
        launches = f"topic={_LAUNCH} and data.actionIdentifier={quote(self.action.identifier)}{whose}"
        self._subscribers.append(hub.subscribe(f"topic={_DISCOVER}{whose}", answering.discover, priority=priority))
        if listener is None:
            self._subscribers.append(hub.subscribe(launches, answering.launch, priority=priority))
        else:
            listener.on(launches, name=self.action.identifier)(self._answer_listener)

    def _answer_listener(self, event: Any, session: Session) -> None:
        """Handle a launch that came through an inbox: nobody else publishes what a listener's handler gives."""
        if self._over:
            _log.warning("a launch of %r came through an inbox, and it is not registered any more", self.action)
            return
        answer = self._answering.launch(event, session)
        session.event_hub.publish_reply(event, answer)
