"""Queries as programs write them, from `corpus.toml`.

The notation of trees there:

    (Task (select id (count bid)) (where (and (is name "x") (any notes))) (group a.b) (order (down x) y) (page 5 10))

Parentheses hold a node: a query begins with its type, a condition with what it asks. Quoted values stand in quotes,
bare ones do not. Casts stay in brackets: `parent[Shot].name`. A missing offset or limit is `-`.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path as File
from typing import Any

import pytest

from ftrack_core import errors
from ftrack_core.query import (
    Aggregate,
    And,
    Comparison,
    Condition,
    Membership,
    Not,
    Or,
    Path,
    Projection,
    Quantified,
    Query,
    Value,
    entity_type_of,
    has_select,
    parse,
    render,
)

tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
CORPUS: dict[str, list[dict[str, Any]]] = tomllib.loads(
    File(__file__).with_name("corpus.toml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("entry", CORPUS["query"], ids=lambda entry: entry["text"][:60])
def test_it_reads_what_programs_write(entry: dict[str, Any]) -> None:
    """A query that works against the official client would stop working here."""
    tree = parse(entry["text"])
    rendered = render(tree)
    assert rendered == entry.get("rendered", entry["text"])
    assert parse(rendered) == tree


@pytest.mark.parametrize("entry", CORPUS["query"], ids=lambda entry: entry["text"][:60])
def test_it_understands_what_they_mean(entry: dict[str, Any]) -> None:
    """A query that is read, and read wrongly, would find the wrong entities without a word."""
    assert outline(parse(entry["text"])) == entry["tree"]


@pytest.mark.parametrize("entry", CORPUS["query"], ids=lambda entry: entry["text"][:60])
def test_it_knows_the_type_without_parsing(entry: dict[str, Any]) -> None:
    """The session would choose the default projections of another type."""
    tree = parse(entry["text"])
    assert entity_type_of(entry["text"]) == tree.entity_type
    assert has_select(entry["text"]) == (entry["text"].split()[0].lower() == "select")


@pytest.mark.parametrize("entry", CORPUS["refused"], ids=lambda entry: entry["text"][:60] or "empty")
def test_it_says_where_and_why_it_refuses(entry: dict[str, Any]) -> None:
    """A user would have to guess which word of a long query is wrong."""
    with pytest.raises(errors.ParseError) as caught:
        parse(entry["text"])
    error = caught.value
    assert error.position is not None
    assert error.text == entry["text"]
    assert error.text[error.position :].startswith(entry["at"])
    assert entry["at"] or error.position == len(error.text)
    assert entry["says"] in str(error)
    assert caret_column(str(error)) == column(error.text, error.position)


def caret_column(message: str) -> int:
    """Return the column that the message points at; its lines are indented by four."""
    [line] = [line for line in message.splitlines() if line.strip() == "^"]
    return line.index("^") - 4


def column(text: str, position: int) -> int:
    """Return the column of *position* on its line, as long as the line is not cut."""
    return position - (text.rfind("\n", 0, position) + 1)


def outline(query: Query) -> str:
    """Write the tree of a query down."""
    parts = [query.entity_type]
    if query.projections:
        parts.append(_node("select", *map(_projection, query.projections)))
    if query.condition is not None:
        parts.append(_node("where", _condition(query.condition)))
    if query.group_by:
        parts.append(_node("group", *map(_path, query.group_by)))
    if query.order_by:
        orderings = (_node("down", _path(one.path)) if one.descending else _path(one.path) for one in query.order_by)
        parts.append(_node("order", *orderings))
    if query.offset is not None or query.limit is not None:
        parts.append(_node("page", *("-" if one is None else str(one) for one in (query.offset, query.limit))))
    return _node(*parts)


def _condition(condition: Condition) -> str:
    if isinstance(condition, (And, Or)):
        return _node(type(condition).__name__.lower(), *map(_condition, condition.conditions))
    if isinstance(condition, Not):
        return _node("not", _condition(condition.condition))
    if isinstance(condition, Comparison):
        return _node(condition.operator.value, _path(condition.path), _value(condition.value))
    if isinstance(condition, Membership):
        word = "not_in" if condition.negated else "in"
        choices = condition.choices
        listed = (outline(choices),) if isinstance(choices, Query) else tuple(map(_value, choices))
        return _node(word, _path(condition.path), *listed)
    return _quantified(condition)


def _quantified(condition: Quantified) -> str:
    inner = () if condition.condition is None else (_condition(condition.condition),)
    return _node(condition.quantifier.value, _path(condition.path), *inner)


def _projection(projection: Projection) -> str:
    if isinstance(projection, Aggregate):
        return _node(projection.function, _path(projection.path))
    return _path(projection)


def _path(path: Path) -> str:
    return ".".join(one.name if one.cast is None else f"{one.name}[{one.cast}]" for one in path.steps)


def _value(value: Value) -> str:
    return json.dumps(value.text, ensure_ascii=False) if value.quoted else value.text


def _node(*parts: str) -> str:
    return f"({' '.join(parts)})"
