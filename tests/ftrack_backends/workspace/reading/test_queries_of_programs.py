"""Queries as programs write them, run: every one of the language's corpus that names what a workspace has."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

import pytest

from ftrack_backends.workspace.model import ftrack_model
from ftrack_core.query import Aggregate, Path, Query, parse

if TYPE_CHECKING:
    from ftrack_backends.workspace.reading import Reader

tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
MODEL = ftrack_model()
SOURCE = File(__file__).parents[3] / "ftrack_core" / "query" / "corpus.toml"
REAL = [
    each["text"] for each in tomllib.loads(SOURCE.read_text(encoding="utf-8"))["query"] if not each.get("invented")
]


@pytest.mark.parametrize("text", REAL, ids=lambda text: text[:60])
def test_it_answers_what_programs_ask(text: str, reader: Reader) -> None:
    """A pipeline that works against ftrack would fail against the workspace, or read something else there."""
    query, result = parse(text), reader.query(text, strict=True)
    assert query.limit is None or len(result.rows) <= query.limit
    if query.group_by or any(isinstance(one, Aggregate) for one in query.projections):
        assert all(set(row) == _keys(query) for row in result.rows)
        return
    identities = [tuple(row[key] for key in MODEL[row["__entity_type__"]].primary_key) for row in result.rows]
    assert len(set(identities)) == len(identities)
    for row in result.rows:
        row_type = MODEL[row["__entity_type__"]]
        assert query.entity_type in row_type.lineage
        assert _selected(query) & set(row_type.attributes) <= set(row)


def test_the_corpus_finds_something(reader: Reader) -> None:
    """A show in which nothing is found would prove nothing."""
    finding = [text for text in REAL if reader.query(text, strict=True).rows]
    assert len(finding) >= 40
    assert len(REAL) >= 100


def _keys(query: Query) -> set[str]:
    aggregates = (one for one in query.projections if isinstance(one, Aggregate))
    return {".".join(one.names) for one in query.group_by} | {
        f"{one.function}_{'.'.join(one.path.names)}" for one in aggregates
    }


def _selected(query: Query) -> set[Any]:
    return {one.names[0] for one in query.projections if isinstance(one, Path) and one.steps[0].cast is None}
