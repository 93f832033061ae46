"""What users can do: measure time, be invited, get a new key."""

from __future__ import annotations

import contextlib
import datetime
import logging
from collections.abc import Mapping
from typing import Any

from ftrack_core.entity import Entity
from ftrack_core.errors import DuplicateRefusedError, NoResultFoundError
from ftrack_core.protocol import parse_date
from ftrack_core.query import quote
from ftrack_core.session.behaviours._behaviour import Behaviour

__all__ = ["User"]

_log = logging.getLogger(__name__)
_TIMER = "select id, start, user_id, context_id, comment, name from Timer where user_id is "
_KEPT = ("user_id", "context_id", "comment", "start", "name")


class User(Behaviour):
    """Somebody who works with the server."""

    __slots__ = ()

    def start_timer(
        self, context: Entity | None = None, comment: str = "", name: str | None = None, force: bool = False
    ) -> Entity:
        """Start to measure time, and commit everything pending.

        Args:
            context: What the time is spent on.
            comment: A comment on it.
            name: A name for it.
            force: Whether a timer that runs is stopped first, and its time logged.

        Returns:
            The timer.

        Raises:
            NotUniqueError: A timer is running already; the new one is withdrawn, everything else stays recorded.
        """
        if force:
            with contextlib.suppress(NoResultFoundError):
                self.stop_timer()
        values = {"user": self, "context": context, "name": name, "comment": comment}
        timer: Entity = self.session.create("Timer", values)
        try:
            self.session.commit()
        except DuplicateRefusedError as error:
            self.session.delete(timer)  # created and deleted: the next commit sends neither
            raise self._running(error) from error
        return timer

    def _running(self, error: DuplicateRefusedError) -> DuplicateRefusedError:
        return DuplicateRefusedError(
            f"{self} most likely has a timer running: stop it with stop_timer(), or start with force=True. "
            f"{error.message}",
            error.details,
            exception=error.exception,
            error_code=error.error_code,
            status=error.status,
        )

    def stop_timer(self) -> Entity:
        """Stop the timer that runs, log its time, and commit everything pending.

        Returns:
            The timelog, whose duration is in whole seconds.

        Raises:
            NoResultFoundError: No timer is running.
        """
        timer = self.session.query(f"{_TIMER}{quote(self['id'])}").one_or_none()
        if timer is None:
            raise NoResultFoundError(f"{self} has no timer running; start one with start_timer().")
        now = _server_time(self.session.server_information, datetime.datetime.now(datetime.timezone.utc))
        passed = now - parse_date(timer["start"].isoformat())
        values: dict[str, Any] = {attribute: timer[attribute] for attribute in _KEPT}
        timelog: Entity = self.session.create("Timelog", {**values, "duration": max(0, int(passed.total_seconds()))})
        self.session.delete(timer)
        self.session.commit()
        return timelog

    def send_invite(self) -> None:
        """Have the server send the user an invitation by mail."""
        self.session.send_user_invite(self)

    def reset_api_key(self) -> str:
        """Have the server make a new API key for the user, after which the old one is worth nothing.

        Returns:
            The new key.
        """
        return str(self.session.reset_remote("api_key", entity=self)["api_key"])


def _server_time(information: Mapping[str, Any], now: datetime.datetime) -> datetime.datetime:
    """The moment that the server's clock shows as UTC.

    Servers without support for time zones keep the local time and say nothing of a zone, which is read as UTC.
    """
    supported = information.get("is_timezone_support_enabled")
    if supported is None:
        _log.warning("The server does not tell whether it keeps its time in UTC; it is taken to do so.")
    if supported is None or supported:
        return now
    return now.astimezone().replace(tzinfo=datetime.timezone.utc)
