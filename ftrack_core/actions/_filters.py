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
    from ftrack_core.actions._selection import Selection
    from ftrack_core.session import Session

__all__ = ["Filters"]

_REMEMBERED = 10_000
_USER_SECONDS = 60.0
_CONTEXT = "TypedContext"


@attrs.define(eq=False, repr=False)
class Filters:
    """The filters that an action declares, and what was learnt for them.

    Who has which role, and who is in which group, is asked for once a minute and user; what kind of context a selected
    one is, once and for all, for as many as are not known yet in one call. Without such filters nothing is asked.

    Thread safety: every method may be called by many threads.
    """

    entity_types: frozenset[str]
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
        if not wrong:
            return True
        if any(item.entity_type != _CONTEXT for item in wrong):
            return False
        kinds = self._kinds_of(context.session, context.selection)
        return all(kinds.get(item.id) in self.entity_types for item in wrong)

    def _kinds_of(self, session: Session, selection: Selection) -> Mapping[str, str]:
        ids = [item.id for item in selection if item.entity_type == _CONTEXT]
        with self._lock:
            found = {one: self._kinds[one] for one in ids if one in self._kinds}
        unknown = [one for one in ids if one not in found]
        if unknown:
            wanted = ", ".join(map(quote, unknown))
            rows = session.query(f"select id from {_CONTEXT} where id in ({wanted})")  # noqa: S608 - quoted
            found.update({row["id"]: row.entity_type for row in rows})
            with self._lock:
                self._kinds.update(found)
                while len(self._kinds) > _REMEMBERED:
                    self._kinds.popitem(last=False)
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
