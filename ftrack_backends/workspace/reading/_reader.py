"""The reader: what a workspace answers to queries."""

# ruff: noqa: S608 - statements are made of the model's names; whatever a user wrote is bound
from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ftrack_backends.workspace._faults import QueryFault
from ftrack_backends.workspace.reading._groups import is_grouped, strict_only
from ftrack_backends.workspace.reading._merging import simplified
from ftrack_backends.workspace.reading._names import Names, Row
from ftrack_backends.workspace.reading._projections import Projections
from ftrack_backends.workspace.reading._statements import Statements
from ftrack_core.errors import ParseError
from ftrack_core.query import Path, Step, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from ftrack_backends.workspace.model import Model, ModelType
    from ftrack_backends.workspace.reading._sql import Sql
    from ftrack_backends.workspace.store import Connection, Store
    from ftrack_core.query import Query

__all__ = ["QueryResult", "Reader"]

MAX_QUESTIONS = 2_000
"""Sub-selects that a statement may have, once what can be put together is put together."""
_Compiled = TypeVar("_Compiled")


@attrs.frozen
class QueryResult:
    """One page of what a query found.

    Attributes:
        rows: Entities in their wire form; plain objects for a query with aggregates. An entity that occurs several
            times may be one and the same object: leave them as they are.
        next_offset: Offset of the next page; None when there is nothing more.
    """

    rows: list[dict[str, Any]]
    next_offset: int | None


class Reader:
    """Answers queries of one store; any thread may use it at any time.

    What a query gives is of one moment, however many statements it takes: one for the rows and one for each relation
    in the projection, whatever their number.
    """

    def __init__(self, store: Store, model: Model) -> None:
        self._store = store
        self._names = Names(model)
        self._statements = Statements(self._names)
        self._projections = Projections(self._names)

    def query(self, expression: str, connection: Connection | None = None, *, strict: bool = False) -> QueryResult:
        """Answer a query.

        Args:
            expression: Text of the query.
            connection: Connection of an open transaction to read in; a new snapshot for None.
            strict: Whether the client asked for the strict API; only then there are aggregates.

        Raises:
            QueryFault: The text is no query, or names what is not there.
        """
        query = _parsed(expression)
        model_type = self._names.type(query.entity_type)
        if is_grouped(query):
            return self._groups(query, connection, strict=strict)
        shape = self._shape(query, model_type)
        statement = _simplest(query, lambda asked: self._statements.rows(asked, shape.columns, look_ahead=1))
        _demand_modest(statement)
        with self._on(connection) as lent, _limits_told():
            rows = lent.execute(statement.text, statement.values).fetchall()
            more = query.limit is not None and len(rows) > query.limit
            rows = rows[: query.limit]
            found = shape.entities(lent, rows)
        return QueryResult(found, (query.offset or 0) + len(rows) if more else None)

    def _groups(self, query: Query, connection: Connection | None, *, strict: bool) -> QueryResult:
        if not strict:
            raise strict_only()
        statement, groups = _simplest(query, lambda asked: self._statements.groups(asked, look_ahead=1))
        _demand_modest(statement)
        with self._on(connection) as lent, _limits_told():
            rows = lent.execute(statement.text, statement.values).fetchall()
        more = query.limit is not None and len(rows) > query.limit
        found = groups.rows(rows[: query.limit])
        return QueryResult(found, (query.offset or 0) + len(found) if more else None)

    def entities(
        self,
        type_name: str,
        keys: Iterable[str | Sequence[str]],
        projections: Iterable[str] = (),
        connection: Connection | None = None,
    ) -> list[dict[str, Any]]:
        """Give entities by their keys, in the order of the keys; those that are not there are left out.

        Args:
            type_name: Declared type; each entity has its own.
            keys: Primary keys: a text, or a sequence where several attributes make one.
            projections: Paths of what to give beside primary key and system attributes, as `parent.name`.
            connection: Connection of an open transaction to read in; a new snapshot for None.

        Raises:
            QueryFault: The type or a path is unknown.
        """
        model_type = self._names.type(type_name)
        shape = self._projections.shape(model_type, [_path(one) for one in projections])
        wanted = [(one,) if isinstance(one, str) else tuple(one) for one in keys]
        row = Row(model_type)
        own = ", ".join(row.column(one) for one in model_type.primary_key)
        places = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(model_type.primary_key)))
        given = f"SELECT {places} FROM json_each(?)"
        statement = f"SELECT {shape.columns}, {own} FROM {row.source} WHERE ({own}) IN ({given})"
        with self._on(connection) as lent:
            rows = lent.execute(statement, (json.dumps(wanted),)).fetchall()
            made = shape.entities(lent, rows)
        width = len(model_type.primary_key)
        found = {tuple(row[-width:]): entity for row, entity in zip(rows, made, strict=True)}
        return [found[one] for one in wanted if one in found]

    def _shape(self, query: Query, model_type: ModelType) -> Any:
        if not query.projections:
            return self._projections.default(model_type)
        return self._projections.shape(model_type, [one for one in query.projections if isinstance(one, Path)])

    def _on(self, connection: Connection | None) -> AbstractContextManager[Connection]:
        return nullcontext(connection) if connection is not None else self._store.reading()


def _parsed(expression: str) -> Query:
    try:
        return parse(expression)
    except ParseError as error:
        raise QueryFault("ParseError", f"Failed to parse: {error}") from error


def _simplest(query: Query, compile_it: Callable[[Query], _Compiled]) -> _Compiled:
    """Compile a query with long alternatives made short; as it was written where it does not fit together then."""
    shorter = simplified(query)
    if shorter is not query:
        with suppress(QueryFault):
            return compile_it(shorter)
    return compile_it(query)


def _demand_modest(statement: Sql) -> None:
    """Refuse what would keep SQLite busy for long before it reads a row: its planning grows with the square."""
    questions = statement.text.count("(SELECT ")
    if questions > MAX_QUESTIONS:
        told = f"it asks {questions} questions about related entities, {MAX_QUESTIONS} are possible"
        raise QueryFault("ParseError", f"the query is too large: {told}; list values in one in (...)")


def _path(text: str) -> Path:
    return Path(tuple(Step(one) for one in text.split(".")))


@contextmanager
def _limits_told() -> Iterator[None]:
    """Tell a client whose query SQLite cannot take what is wrong with it, and not of a failure of the workspace."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if not any(
            one in str(error) for one in ("too large", "too many", "overflow", "too big", "too deep", "too complex")
        ):
            raise
        raise QueryFault("ParseError", f"the query is too large: {error}") from error
    except UnicodeEncodeError as error:
        raise QueryFault("ValidationError", f"a value holds half of a character pair: {error.reason}") from error
