"""Queries as programs write them, from `corpus.toml`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from ftrack_core import errors
from ftrack_core.query import entity_type_of, has_select, parse, render

tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
CORPUS: dict[str, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("corpus.toml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("entry", CORPUS["query"], ids=lambda entry: entry["text"][:60])
def test_it_reads_what_programs_write(entry: dict[str, Any]) -> None:
    """A query that works against the official client would stop working here."""
    tree = parse(entry["text"])
    rendered = render(tree)
    assert rendered == entry.get("rendered", entry["text"])
    assert parse(rendered) == tree


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
