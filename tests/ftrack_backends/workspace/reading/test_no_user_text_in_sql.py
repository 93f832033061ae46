"""What a user writes is bound to statements and never becomes part of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ftrack_backends.workspace._faults import QueryFault
from ftrack_backends.workspace.store import Connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftrack_backends.workspace.reading import Reader

MARK = "Zq9mark"
NUMBER = "918273645"
VALUES = (MARK, f'"{MARK}"', f"'{MARK} \" or 1=1 --'", f'"%{MARK}\\_é%"', f'"{MARK}\0"', f'"\' {MARK}"')
TEXT_OPERATORS = ("is", "=", "is_not", "!=", ">", "after", "<", "<=", ">=", "like", "not_like")
PATHS = (
    "name",
    "status_id",
    "status",
    "parent.name",
    "parent[Shot].name",
    "children.name",
    "scopes.name",
    "lists.name",
    "ancestors.name",
    "metadata.value",
    "assignments.resource.username",
    "custom_attributes.value",
)
NUMBERS = (
    f"Task where bid is {NUMBER}",
    f"Task where bid in ({NUMBER}, 5)",
    f"Task where custom_attributes any (value > {NUMBER})",
    f"Task where start_date > {NUMBER[:4]}-01-01",
    f"Task order by name limit {NUMBER} offset {NUMBER}",
    f"Task where id in (select id from Task limit {NUMBER} offset {NUMBER})",
    f"select count(id) from Task group by status_id limit {NUMBER} offset {NUMBER}",
)


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect every statement as it is handed to SQLite, before any value is bound."""
    seen: list[str] = []

    def noted(name: str) -> Callable[..., Any]:
        original = getattr(Connection, name)

        def noting(self: Connection, statement: str, *rest: Any) -> Any:
            seen.append(statement)
            return original(self, statement, *rest)

        return noting

    for name in ("execute", "executemany"):
        monkeypatch.setattr(Connection, name, noted(name))
    return seen


def asked(reader: Reader, expression: str) -> bool:
    """Ask, and say whether there was an answer."""
    try:
        reader.query(expression, strict=True)
    except QueryFault:
        return False
    return True


@pytest.mark.parametrize("path", PATHS)
def test_no_value_is_part_of_a_statement(path: str, reader: Reader, texts: list[str]) -> None:
    """Without it, a shot's name could read or destroy a workspace."""
    answered = 0
    for value in VALUES:
        conditions = [f"{path} {operator} {value}" for operator in TEXT_OPERATORS]
        conditions += [f"{path} {word} ({value}, x, {value})" for word in ("in", "not_in")]
        conditions += [f"not {path} is {value}", f"id in (select id from Task where {path} is {value})"]
        conditions += [" or ".join([f"{path} is {value}"] * 20), " or ".join([f"(name is {value} and id is x)"] * 20)]
        answered += sum(asked(reader, f"Task where {one}") for one in conditions)
    assert answered >= len(VALUES) * 15
    assert len(texts) >= answered
    assert not [one for one in texts if MARK in one]


@pytest.mark.parametrize("expression", NUMBERS)
def test_no_number_is_part_of_a_statement(expression: str, reader: Reader, texts: list[str]) -> None:
    """Without it, each page and each number would be another statement to prepare, and to get wrong."""
    assert asked(reader, expression)
    assert not [one for one in texts if NUMBER[:4] in one]


NAMES = (
    "{} where id is x",
    "select {} from Task",
    "select parent.{} from Task",
    "select parent[{}].name from Task",
    "select count({}) from Task",
    "Task where {} is x",
    "Task where children any ({} is x)",
    "Task where parent[{}].name is x",
    "Task where id in (select {} from Task)",
    "Task order by {}",
    "select count(id) from Task group by {}",
    "select count(id) from Task group by name order by {}",
)


@pytest.mark.parametrize("place", NAMES)
@pytest.mark.parametrize("name", [MARK, f'"{MARK}"', f"{MARK}.{MARK}", f"{MARK}'--", f'{MARK}") --'])
def test_no_name_is_part_of_a_statement(place: str, name: str, reader: Reader, texts: list[str]) -> None:
    """Without it, a name that is no attribute would be looked up by SQLite, in tables that are nobody's business."""
    assert not asked(reader, place.format(name))
    assert not [one for one in texts if MARK in one]
