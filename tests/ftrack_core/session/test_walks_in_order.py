"""Walks in an order that the loop itself disturbs: ties, empty values, nested columns, rows that vanish."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core import Session
from ftrack_core.entity import Entity

ROWS = 60
ORDERS = {
    "by ties": "order by priority.name",
    "by empty values": "order by description",
    "by empty and other values": "order by end_date desc, description",
    "by a nested column": "order by parent.name desc, name",
    "by the key": "order by id",
    "by nothing": "",
}
WAYS: dict[str, Callable[[Session, str], Iterable[Entity]]] = {
    "iteration": lambda session, text: session.query(text, page_size=7),
    "stream": lambda session, text: session.query(text, page_size=7).stream(),
}


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A workspace with one show of 60 shots."""
    people = [{"username": "ann", "first_name": "Ann", "email": "ann@show.invalid"}]
    sequences = [{"name": "sq010", "shots": ROWS}]
    show = {"name": "show", "full_name": "The show", "project_schema": "VFX", "tasks": [], "sequences": sequences}
    with Workspace.open(seed={"User": people, "show": [show]}) as opened:
        yield opened


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_a_walk_keeps_its_order_while_the_loop_disturbs_it(
    session: Session, order: str, way: Callable[[Session, str], Iterable[Entity]]
) -> None:
    """The loop writes the very values that the rows are ordered by."""
    text = f"select name, description, parent.name from Shot {order}"
    expected = [shot["id"] for shot in session.query(text).all()]
    seen = []
    for number, shot in enumerate(way(session, text)):
        seen.append(shot["id"])
        shot["description"] = f"{ROWS - number:03}"
        if number % 9 == 0:
            session.commit()
    session.commit()
    assert seen == expected
    assert len(set(seen)) == ROWS


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("every", [1, 5, 20])
def test_a_loop_may_delete_what_it_walks(
    session: Session, way: Callable[[Session, str], Iterable[Entity]], every: int
) -> None:
    """Clearing up is the loop that skips half of the rows, where pages are counted."""
    count = 0
    for number, shot in enumerate(way(session, "Shot order by name"), start=1):
        session.delete(shot)
        count += 1
        if number % every == 0:
            session.commit()
    session.commit()
    assert count == ROWS
    assert session.query("Shot").first() is None


@pytest.mark.parametrize("paging", ["limit 40", "offset 13", "offset 13 limit 30", "limit 30 offset 13", "limit 7"])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_part_of_the_rows_is_that_part_to_the_end(
    session: Session, way: Callable[[Session, str], Iterable[Entity]], paging: str
) -> None:
    """An offset counts what matched at the beginning, not what the loop has left of it."""
    text = f"select name from Shot where description is_not done order by name {paging}"
    expected = [shot["id"] for shot in session.query(text).all()]
    seen = []
    for shot in way(session, text):
        seen.append(shot["id"])
        shot["description"] = "done"
        session.commit()
    assert seen == expected


def test_two_walks_of_one_query_each_see_every_row(session: Session) -> None:
    """One loop within another, both of which change and commit."""
    outer = session.query("select name, description from Shot order by description, name", page_size=7)
    seen: list[tuple[str, int]] = []
    for number, shot in enumerate(outer):
        shot["description"] = f"{ROWS - number}"
        session.commit()
        if number % 20 == 0:
            inner = session.query("select name, description from Shot order by description, name", page_size=11)
            seen.append((shot["id"], len({each["id"] for each in inner})))
    assert [rows for _, rows in seen] == [ROWS] * 3
    assert len({shot["id"] for shot in outer}) == ROWS
