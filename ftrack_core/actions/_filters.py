"""Whether an action is for somebody and something: what `discover` decides before the author is asked."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from ftrack_core.query import quote

if TYPE_CHECKING:
    from ftrack_core.actions._context import ActionContext
    from ftrack_core.actions._selection import Selected
    from ftrack_core.session import Session

__all__ = ["Filters"]

_REMEMBERED = 10_000
_USER_SECONDS = 60.0


@attrs.define(eq=False, repr=False)
class Filters:
    """The filters that an action declares, and what was learnt for them.

    Who has which role, and who is in which group, is asked for once a minute and user; what kind of context a selected
    one is, once and for all, for as many as are not known yet in one call. Without such filters nothing is asked.

    Thread safety: every method may be called by many threads.
    """

    entity_types: frozenset[str]
    base_types: frozenset[str]
    roles: frozenset[str]
    groups: frozenset[str]
    users: frozenset[str]
    least: int
    most: int | None
    _clock: Callable[[], float] = time.monotonic
    _kinds: OrderedDict[str, str] = attrs.field(factory=OrderedDict, init=False)
    _ties: dict[str, tuple[float, frozenset[str], frozenset[str]]] = attrs.field(factory=dict, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def let_through(self, context: ActionContext) -> bool:
        """Whether the action is for this selection and user; what costs nothing is looked at first."""
        count = len(context.selection)
        if count < self.least or (self.most is not None and count > self.most):
            return False
        if self.users and context.username not in self.users:
            return False
        return self._fits(context) and self._may(context)

    def _fits(self, context: ActionContext) -> bool:
        if not self.entity_types:
            return True
        wrong = [item for item in context.selection if item.entity_type not in self.entity_types]
        if not all(item.entity_type in self.base_types for item in wrong):
            return False
        kinds = self._kinds_of(context.session, wrong)
        return all(kinds.get(item.id) in self.entity_types for item in wrong)

    def _kinds_of(self, session: Session, items: Iterable[Selected]) -> Mapping[str, str]:
        items = list(items)
        with self._lock:
            found = {item.id: self._kinds[item.id] for item in items if item.id in self._kinds}
        unknown = [item for item in items if item.id not in found]
        if unknown:
            learnt = _kinds(session, unknown)
            with self._lock:
                self._kinds.update(learnt)
                while len(self._kinds) > _REMEMBERED:
                    self._kinds.popitem(last=False)
            found.update(learnt)
        return found

    def _may(self, context: ActionContext) -> bool:
        if not self.roles and not self.groups:
            return True
        roles, groups = self._ties_of(context)
        return (not self.roles or bool(self.roles & roles)) and (not self.groups or bool(self.groups & groups))

    def _ties_of(self, context: ActionContext) -> tuple[frozenset[str], frozenset[str]]:
        who, now = context.user_id or context.username, self._clock()
        known = self._ties.get(who)
        if known is None or now - known[0] > _USER_SECONDS:
            roles, groups = _asked(context)
            if len(self._ties) > _REMEMBERED:
                self._ties.clear()
            known = self._ties[who] = (now, roles, groups)
        return known[1], known[2]


def _kinds(session: Session, items: Iterable[Selected]) -> dict[str, str]:
    """The very types of things of which only a base type is known, in one call; without what is not there."""
    wanted: dict[str, list[str]] = {}
    for item in items:
        wanted.setdefault(item.entity_type, []).append(quote(item.id))
    queries = [f"select id from {base} where id in ({', '.join(ids)})" for base, ids in wanted.items()]  # noqa: S608
    return {row["id"]: row.entity_type for result in session.query_many(queries) for row in result}


def _asked(context: ActionContext) -> tuple[frozenset[str], frozenset[str]]:
    """Names of the user's security roles and groups, in one call."""
    name, value = ("id", context.user_id) if context.user_id else ("username", context.username)
    roles, groups = context.session.query_many(
        [
            f"select security_role.name from UserSecurityRole where user.{name} is {quote(value)}",  # noqa: S608 - quoted
            f"select group.name from Membership where user.{name} is {quote(value)}",  # noqa: S608 - quoted
        ]
    )
    return _names(each["security_role"]["name"] for each in roles), _names(each["group"]["name"] for each in groups)


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)
