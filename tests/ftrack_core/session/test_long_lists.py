"""Queries for long lists of keys: split where that cannot change the answer, sent whole where it could."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core import Session, attr, select

ROWS = 600


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A workspace with one show of 600 shots."""
    people = [{"username": "ann", "first_name": "Ann", "email": "ann@show.invalid"}]
    sequences = [{"name": "sq010", "shots": ROWS}]
    show = {"name": "show", "full_name": "The show", "project_schema": "VFX", "tasks": [], "sequences": sequences}
    with Workspace.open(seed={"User": people, "show": [show]}) as opened:
        yield opened


@pytest.fixture
def ids(session: Session, wire: Any) -> list[str]:
    """Keys of all shots, with as many others between them that nothing has."""
    shots = [shot["id"] for shot in session.query("select id from Shot").all()]
    session.reset()
    wire.forget()
    return [each for key in shots for each in (key, str(uuid.uuid4()))]


def listed(keys: list[str]) -> str:
    """A list as queries have it."""
    return ", ".join(f'"{key}"' for key in keys)


def test_a_long_list_is_asked_for_in_pieces(session: Session, wire: Any, ids: list[str]) -> None:
    """Page by page, a list of twenty thousand ids would travel, and be read by the server, forty times."""
    result = session.query(f"select name from Shot where id in ({listed(ids)})")
    assert len({shot["id"] for shot in result}) == len(result) == ROWS
    assert wire.calls == 3  # 1,200 keys, 500 at once
    assert max(map(len, wire.expressions())) < 500 * 45
    assert all(" limit " in expression for expression in wire.expressions())


def test_a_built_list_is_split_too(session: Session, wire: Any, ids: list[str]) -> None:
    """Text and builder are one thing."""
    assert len(session.query(select("Context", "name").where(attr("id").in_(ids))).all()) == ROWS
    assert wire.calls == 3


KEPT_WHOLE: dict[str, Callable[[list[str]], str]] = {
    "ordered": lambda ids: f"select id from Shot where id in ({listed(ids)}) order by name",
    "limited": lambda ids: f"select id from Shot where id in ({listed(ids)}) limit 5000",
    "offset": lambda ids: f"select id from Shot where id in ({listed(ids)}) offset 0",
    "negated": lambda ids: f"select id from Shot where id not_in ({listed(ids)})",
    "under not": lambda ids: f"select id from Shot where not id in ({listed(ids)})",
    "one of several": lambda ids: f"select id from Shot where id in ({listed(ids)}) or name is 'x'",
    "with another": lambda ids: f"select id from Shot where id in ({listed(ids)}) and name like '%'",
    "not the key": lambda ids: f"select id from Shot where parent_id in ({listed(ids)})",
    "of a relation": lambda ids: f"select id from Shot where parent.id in ({listed(ids)})",
    "twice": lambda ids: f"select id from Shot where id in ({listed([*ids, ids[0]])})",
    "twice in capitals": lambda ids: f"select id from Shot where id in ({listed([*ids, ids[0].upper()])})",
    "short": lambda ids: f"select id from Shot where id in ({listed(ids[:500])})",
}


@pytest.mark.parametrize("text", KEPT_WHOLE.values(), ids=KEPT_WHOLE)
def test_a_list_that_is_not_all_that_is_asked_is_sent_whole(
    session: Session, wire: Any, ids: list[str], text: Callable[[list[str]], str]
) -> None:
    """Pieces of these could give rows in another order, in another number, or twice."""
    expression = text(ids)
    session.query(expression, page_size=5000).all()
    assert wire.calls == 1
    assert expression.removesuffix(" limit 5000").removesuffix(" offset 0") in wire.expressions()[0]


def test_small_pages_are_what_was_asked_for(session: Session, wire: Any, ids: list[str]) -> None:
    """Whoever wants twenty rows at once gets no more."""
    result = session.query(f"select id from Shot where id in ({listed(ids)})", page_size=20)
    assert result[19] != result[0]
    assert wire.calls == 1


def test_counting_adds_up(session: Session, ids: list[str]) -> None:
    """A count is that of the whole list, however it would be fetched."""
    result = session.query(f"Shot where id in ({listed(ids)})")
    assert result.count() == len(result) == ROWS


def test_several_long_lists_come_in_one_call(session: Session, wire: Any, ids: list[str]) -> None:
    """Their first pieces do, as the first pages of any queries."""
    first, second = session.query_many([f"Shot where id in ({listed(ids)})", f"Context where id in ({listed(ids)})"])
    assert wire.calls == 1
    assert len(first) == len(second) == ROWS


@pytest.mark.parametrize("way", ["iteration", "stream"])
def test_a_walk_over_a_list_misses_nothing(
    make_session: Callable[..., Session], session: Session, ids: list[str], way: str
) -> None:
    """What the loop changes or others delete meanwhile moves no row."""
    result = session.query(f"Shot where id in ({listed(ids)})")
    other, seen = make_session(), []
    for number, shot in enumerate(iter(result) if way == "iteration" else result.stream()):
        seen.append(shot["id"])
        shot["name"] = f"renamed {number}"
        if number == 300:
            session.commit()
            for gone in other.get_many("Shot", [ids[0], ids[-2]]):
                assert gone is not None
                other.delete(gone)
            other.commit()
    assert len(seen) == len(set(seen)) == ROWS - 1
    session.rollback()


def test_twenty_thousand_ids_are_an_everyday_query(session: Session, wire: Any, ids: list[str]) -> None:
    """SQLite's limit on variables, and ours on nothing: whole, and by keys."""
    many = [*ids, *(str(uuid.uuid4()) for _ in range(20_000 - len(ids)))]
    assert len(session.query(f"select id from Shot where id in ({listed(many)}) order by name").all()) == ROWS
    wire.forget()
    assert sum(entity is not None for entity in session.get_many("Shot", many)) == ROWS
    assert wire.calls == 39  # some are known by now
    assert all(len(json.dumps(batch)) < 500 * 50 for batch in wire.batches)


def test_lists_of_ours_are_split_everywhere(session: Session, wire: Any, ids: list[str]) -> None:
    """Whatever method is handed a thousand entities, no query of it names more than five hundred."""
    shots = [shot for shot in session.get_many("Shot", ids) if shot is not None]
    session.populate(shots, "description")
    session.refresh(shots)
    assert [shot["status"]["name"] for shot in shots] == [shot["status"]["name"] for shot in shots]
    assert len(shots) == ROWS
    assert max(expression.count('", "') + 1 for expression in wire.expressions()) == 500
