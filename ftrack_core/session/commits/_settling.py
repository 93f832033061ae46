"""A batch whose reply was lost is looked for on the server."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from ftrack_core.entity import ENTITY_TYPE, SplitPage, TypePlan
from ftrack_core.errors import Error, InvalidValueError, MalformedReplyError, ServerError
from ftrack_core.query import with_page
from ftrack_core.schema import AttributeKind
from ftrack_core.session.commits._batches import SentBatch
from ftrack_core.session.entities._types import EntityTypes
from ftrack_core.session.line._coding import wire_form
from ftrack_core.session.line._retrying import Waiting
from ftrack_core.session.line._server import Server
from ftrack_core.session.loading._live import LiveEntities
from ftrack_core.session.loading._loading import batches, keyed_query
from ftrack_core.unit_of_work import (
    Evidence,
    Findings,
    Outcome,
    comparable,
    conflicts_of,
    doubts_of,
    evidence_of,
    outcome_of,
)
from ftrack_core.values import NOT_SET, EntityIdentity

__all__ = ["Settler"]

_log = logging.getLogger(__name__)


@attrs.frozen
class _Question:
    """One query of a look.

    Attributes:
        asked: The type that is asked for.
        names: Attributes whose values are wanted besides the key.
        entities: Which entities, by their key without regard to case, as servers compare it.
        expression: The query's text.
    """

    asked: TypePlan
    names: tuple[str, ...]
    entities: Mapping[tuple[str, ...], EntityIdentity]
    expression: str

    def entity(self, row: Mapping[str, Any]) -> EntityIdentity:
        """Which of the entities a row is.

        Raises:
            MalformedReplyError: None of them.
        """
        found = self.entities.get(_folded(self.asked.key_of(row)))
        if found is None:
            raise MalformedReplyError(f"The server sent a {self.asked.name} that was not asked for: {row!r:.80}.")
        return found


class Settler:
    """Finds out what became of a batch, and reads what its lost reply would have told.

    Thread safety: used under the lock of a commit, by one thread at a time.

    Args:
        server: Where to look.
        types: The session's entity types.
        live: The live entities.
        waiting: Time.
        settle_seconds: How long to look for a batch that does not show.
    """

    def __init__(
        self, server: Server, types: EntityTypes, live: LiveEntities, waiting: Waiting, settle_seconds: float
    ) -> None:
        self._server = server
        self._types = types
        self._live = live
        self._waiting = waiting
        self._settle_seconds = settle_seconds

    # Looking.

    def outcome(self, batch: SentBatch, *, patient: bool = True) -> Outcome:
        """What became of a batch: looks until it shows, or until so long after its line broke, but once at least.

        Args:
            batch: What was sent.
            patient: Whether to look more than once: a request may arrive after its connection was lost.

        Raises:
            Error: The server cannot be asked.
        """
        evidence = self._evidence(batch)
        patience = self._waiting.patience(self._settle_seconds if patient else 0, batch.lost_at)
        while True:
            found = self._look(evidence)
            outcome, batch.doubts = outcome_of(evidence, found), doubts_of(evidence, found)
            if outcome is Outcome.APPLIED or not patience.wait():
                return outcome

    def look(self, batch: SentBatch) -> tuple[Outcome, list[str]]:
        """Look once before a batch is sent: whether it was carried out already, else what it would run over.

        Raises:
            Error: The server cannot be asked.
        """
        evidence = self._evidence(batch)
        found = self._look(evidence)
        return outcome_of(evidence, found), conflicts_of(evidence, found)

    def _evidence(self, batch: SentBatch) -> Evidence:
        sent = self._server.operations(batch.prepared)
        values = {
            (write.entity, name): comparable(operation["entity_data"][name], self._types.plan)
            for write, operation in zip(batch.plan.writes, sent, strict=True)
            for name in write.values
        }
        before = {
            place: self._comparable_local(value) for place, value in batch.plan.before.items() if place in values
        }
        return evidence_of(batch.plan, values, before)

    def _comparable_local(self, value: Any) -> Any:
        """The comparable form of a recorded value; `NOT_SET` for what has none."""
        try:
            wire = wire_form({ENTITY_TYPE: "", "value": value}, self._types.plan)
            return comparable(wire["value"], self._types.plan)
        except InvalidValueError:
            return NOT_SET

    def _look(self, evidence: Evidence) -> Findings:
        """What is there of a batch: one call, so that all answers are of one moment."""
        keys = self._questions(dict.fromkeys((*evidence.created, *evidence.deleted), ()))
        try:
            return self._found([*keys, *self._questions(self._updated_names(evidence))])
        except ServerError:
            if not keys:
                raise
        return self._found(keys)  # a value that may not be read back must not hide what the keys tell

    def _updated_names(self, evidence: Evidence) -> dict[EntityIdentity, list[str]]:
        names: dict[EntityIdentity, list[str]] = {}
        for update in (*evidence.updates, *evidence.claims):
            if update.name in self._types.plan(update.entity.entity_type).attributes:
                names.setdefault(update.entity, []).append(update.name)
        return names

    def _found(self, questions: Sequence[_Question]) -> Findings:
        present: set[EntityIdentity] = set()
        values: dict[tuple[EntityIdentity, str], Any] = {}
        for question, rows in self._answers(questions):
            for row in rows:
                entity = question.entity(row)
                present.add(entity)
                told = (name for name in question.names if name in row)
                values.update({(entity, name): comparable(row[name], self._types.plan) for name in told})
        return Findings(frozenset(present), values)

    def _questions(self, wanted: Mapping[EntityIdentity, Iterable[str]]) -> list[_Question]:
        """Queries for attributes of entities, those of one type and with the same attributes together."""
        groups: dict[tuple[str, tuple[str, ...]], list[EntityIdentity]] = {}
        for entity, names in wanted.items():
            groups.setdefault((entity.entity_type, tuple(dict.fromkeys(names))), []).append(entity)
        return [
            self._question(self._types.plan(name), names, batch)
            for (name, names), group in groups.items()
            for batch in batches(group)
        ]

    def _question(self, plan: TypePlan, names: tuple[str, ...], entities: Sequence[EntityIdentity]) -> _Question:
        paths = [path for name in names for path in self._paths(plan, name)]
        selected = dict.fromkeys([*plan.primary_key, *paths])
        by_key = {_folded(entity.key): entity for entity in entities}
        return _Question(plan, names, by_key, with_page(keyed_query(plan, selected, entities), 0, len(entities)))

    def _paths(self, plan: TypePlan, name: str) -> list[str]:
        """What to select to learn an attribute's value: of a relation, which entities it leads to."""
        attribute = plan.attributes.get(name)
        if attribute is None or attribute.kind is AttributeKind.SCALAR or attribute.target not in self._types:
            return [name]
        return [f"{name}.{part}" for part in self._types.plan(attribute.target).primary_key]

    def _answers(self, questions: Sequence[_Question]) -> list[tuple[_Question, list[dict[str, Any]]]]:
        if not questions:
            return []
        results = self._server.call([{"action": "query", "expression": each.expression} for each in questions])
        return [(question, _rows(result)) for question, result in zip(questions, results, strict=True)]

    # Reading what the reply would have told.

    def told(self, batch: SentBatch) -> SplitPage:
        """What the reply to a batch would have told, read anew. Never raises for want of an answer.

        What cannot be had is loaded when it is first read, as anything else.
        """
        page = self._read(self._everything_told(batch)) or self._read(self._written(batch))
        return page or SplitPage([], {})

    def _read(self, wanted: Mapping[EntityIdentity, Iterable[str]]) -> SplitPage | None:
        try:
            return self._read_page(wanted)
        except Error as error:
            _log.info("What a settled commit changed could not be read back: %s", error)
            return None

    def _read_page(self, wanted: Mapping[EntityIdentity, Iterable[str]]) -> SplitPage:
        return self._live.split(
            {**row, ENTITY_TYPE: question.asked.name}  # as it is named here, even by a base type
            for question, answer in self._answers(self._questions(wanted))
            for row in answer
        )

    def _everything_told(self, batch: SentBatch) -> dict[EntityIdentity, list[str]]:
        """What was written, and what the server may have filled in."""
        wanted = self._written(batch)
        for write in batch.plan.writes:
            if write.entity in wanted:
                plan = self._types.plan(write.entity.entity_type)
                wanted[write.entity] += plan.schema.default_projections
                if write.action == "create":
                    wanted[write.entity] += _plain_scalars(plan)
        return wanted

    def _written(self, batch: SentBatch) -> dict[EntityIdentity, list[str]]:
        wanted: dict[EntityIdentity, list[str]] = {}
        for write in batch.plan.writes:
            if write.action == "delete":
                wanted.pop(write.entity, None)
            else:
                known = self._types.plan(write.entity.entity_type).attributes
                wanted.setdefault(write.entity, []).extend(name for name in write.values if name in known)
        return wanted


def _folded(key: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.casefold() for part in key)


def _plain_scalars(plan: TypePlan) -> list[str]:
    attributes = plan.attributes.values()
    return [each.name for each in attributes if each.kind is AttributeKind.SCALAR and each.plain]


def _rows(result: Any) -> list[dict[str, Any]]:
    rows = result.get("data") if isinstance(result, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise MalformedReplyError("The server's result for a query has no rows.")
    return rows
