"""What an action answers to the events that come for it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_core.actions._answers import Message, answer_of
from ftrack_core.actions._context import ActionContext
from ftrack_core.actions._failures import log_failure, told
from ftrack_core.actions._filters import Filters
from ftrack_core.actions._form import Form
from ftrack_core.actions._jobs import JobProgress
from ftrack_core.actions._selection import TypeNames
from ftrack_core.actions._values import read_values
from ftrack_core.actions._workers import Workers
from ftrack_core.errors import ActionDefinitionError, ActionError
from ftrack_core.events import DispatchedEvent
from ftrack_core.schema import Schemas
from ftrack_core.values import Event

if TYPE_CHECKING:
    from ftrack_core.actions._action import Action
    from ftrack_core.session import Session

__all__ = ["Answering"]

_log = logging.getLogger(__name__)


@attrs.define(eq=False)
class Answering:
    """An action at work in a session.

    What an author's code raises never gets out: the user is told, and the log has it.

    Thread safety: every method may be called by many threads.

    Attributes:
        action: What answers.
        session: Where it works, unless another one is lent.
        workers: Who does what is done in the background.
    """

    action: Action
    session: Session
    workers: Workers
    _filters: Filters
    _names: TypeNames

    @classmethod
    def of(cls, action: Action, session: Session, workers: Workers) -> Answering:
        """Make one; the types that an action's filters name are looked up."""
        return cls(action, session, workers, _filters(action, session), TypeNames.of(session.schemas))

    # Events.

    def discover(self, event: Any) -> dict[str, Any] | None:
        """The menu's entries for an event of topic `ftrack.action.discover`; None where it is not offered."""
        try:
            context = self._context(event, self.session)
            items = self.action.discover(context) if self._filters.let_through(context) else False
            return self._entries(items)
        except ActionError as error:
            _log.info("the action %s is not offered: %s", self.action.identifier, error.message)
        except Exception as error:  # noqa: BLE001 - anybody's code
            text = f"the action {self.action.identifier} is not offered: its discover raised"
            log_failure(_log, text, error, self.session)
        return None

    def launch(self, event: Any, session: Session | None = None) -> dict[str, Any]:
        """The answer to an event of topic `ftrack.action.launch`: what was done, or why it was not.

        Args:
            event: The event.
            session: The session to work with, as a listener lends one; None for the one it is registered with.
        """
        try:
            if self.action.in_background:  # it outlives what a listener lends
                return self._in_background(self._context(event, self.session))
            context = self._context(event, session or self.session)
            with self._acting(context):
                return self._form(context) or self._done(context)
        except Exception as error:  # noqa: BLE001 - anybody's code
            return self._failure(error)

    # Answers.

    def _context(self, event: Any, session: Session) -> ActionContext:
        mapping = DispatchedEvent(event) if isinstance(event, Event) else event
        data = mapping["data"] if isinstance(mapping["data"], Mapping) else {}
        within = data.get("context")  # the web client's own place in a discover, as the documentation tells
        selection = data.get("selection") or (within.get("selection") if isinstance(within, Mapping) else None)
        return ActionContext(session, mapping, self._names.selection(selection))

    def _entries(self, items: Any) -> dict[str, Any] | None:
        if isinstance(items, bool) or items is None:
            return {"items": [self.action.item()]} if items else None
        if isinstance(items, Mapping):
            items = items.get("items", [items])
        if isinstance(items, str) or not isinstance(items, Iterable):
            raise ActionDefinitionError(
                f"discover of {self.action!r} gives True, False or entries, not {items!r:.100}."
            )
        entries = [self.action.item(**entry) for entry in items]
        return {"items": entries} if entries else None

    def _form(self, context: ActionContext) -> dict[str, Any] | None:
        """The form to show, as it comes next or as it came back with something wrong; None to go on."""
        raw = context.data.get("values")
        own = None if self.action.form is None else self.action.form.outline
        values, problems = read_values(raw if isinstance(raw, Mapping) else {}, own)
        if problems:
            first = self._described(context)
            if first is None:
                raise ActionError(" ".join(problems))
            return first.filled(values, problems).wire()
        context.values, context.submitted = values, bool(raw)
        described = self._described(context)
        return None if described is None else described.wire()

    def _described(self, context: ActionContext) -> Form | None:
        described = self.action.interface(context)
        return None if described is None or described == [] else Form.of(described)

    def _done(self, context: ActionContext) -> dict[str, Any]:
        with context.session.unit_of_work() as work:
            answer = answer_of(self.action.launch(context), self.action.label)
            if not answer.get("success", True):
                work.rollback()
        return answer

    @contextlib.contextmanager
    def _acting(self, context: ActionContext) -> Iterator[None]:
        """Have a context's session be the user's, where the action runs in the user's name."""
        if not self.action.run_as_user:
            yield
            return
        with context.session_as_user() as session:
            own, context.session = context.session, session
            try:
                yield
            finally:
                context.session = own

    def _in_background(self, context: ActionContext) -> dict[str, Any]:
        """Begin, and tell so; the form, if there is one, is shown at once."""
        with self._acting(context):
            form = self._form(context)
        if form is not None:
            return form
        job = JobProgress(self.session, context.user, self.action.label).start()
        context._job = job
        if not self.workers.start(lambda: self._work(context, job)):
            job.failed("too many launches wait")
            raise ActionError(f"{self.action.label} is busy: {self.workers.waiting} launches wait. Try again later.")
        return Message(f"{self.action.label} was started; its progress is in the list of jobs.").wire()

    def _work(self, context: ActionContext, job: JobProgress) -> None:
        try:
            with self._acting(context):
                answer = self._done(context)
        except BaseException as error:  # noqa: BLE001 - anybody's code; that it calls sys.exit() too
            answer = self._failure(error)
        text, success = str(answer.get("message") or self.action.label), bool(answer.get("success", True))
        (job.done if success else job.failed)(text)
        context.tell(text, success)

    def _failure(self, error: BaseException) -> dict[str, Any]:
        text = told(error, self.session)
        if isinstance(error, ActionError) and not isinstance(error, ActionDefinitionError):
            _log.info("the action %s told its user: %s", self.action.identifier, text)
            return Message(text, success=False).wire()
        log_failure(_log, f"the action {self.action.identifier} failed", error, self.session)
        return Message(f"{self.action.label} failed: {text}", success=False).wire()


def _filters(action: Action, session: Session) -> Filters:
    """The filters of an action, with all types that the named ones stand for."""
    unknown = [name for name in action.entity_types if name not in session.types]
    if unknown:
        session.types[unknown[0]]  # raises, and says which one may be meant
    schemas = Schemas(session.schemas)
    types = frozenset(one for name in action.entity_types for one in schemas.subtypes(name))
    bases = frozenset(base for one in types for base in schemas.supertypes(one)) - types
    least, most = action.span()
    return Filters(
        types, bases, frozenset(action.roles), frozenset(action.groups), frozenset(action.users), least, most
    )
