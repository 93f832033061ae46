"""The keys of a long walk: noted in several replies, and kept in little memory."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core import Session
from ftrack_core.errors import MalformedReplyError
from ftrack_core.session.queries import _key_listing
from ftrack_core.session.queries._noted_keys import NotedKeys
from ftrack_core.values import Response

ROWS = 60
AT_ONCE = 12
UUIDS = [str(uuid.UUID(int=number * 2**64 + 7)) for number in range(25)]
OTHERS = {
    "short": [f"t{number}" for number in range(25)],
    "upper case": [key.upper() for key in UUIDS],
    "without hyphens": [key.replace("-", "") for key in UUIDS],
    "hyphens elsewhere": [f"{key[:3]}-{key[3:].replace('-', '', 1)}" for key in UUIDS],
    "digits divided otherwise": [UUIDS[0][:-2], UUIDS[1] + "ab"],
    "one among many": [*UUIDS[:7], "admin", *UUIDS[8:]],
    "empty": [""],
    "none": [],
}


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A workspace with one show of 60 shots."""
    people = [{"username": "ann", "first_name": "Ann", "email": "ann@show.invalid"}]
    sequences = [{"name": "sq010", "shots": ROWS}]
    show = {"name": "show", "full_name": "The show", "project_schema": "VFX", "tasks": [], "sequences": sequences}
    with Workspace.open(seed={"User": people, "show": [show]}) as opened:
        yield opened


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty rows are too many keys for one reply."""
    monkeypatch.setattr(_key_listing, "KEYS_AT_ONCE", AT_ONCE)


def _names(session: Session, text: str = "Shot", way: str = "stream") -> list[str]:
    result = session.query(text, page_size=5)
    return [shot["name"] for shot in (result.stream() if way == "stream" else result)]


def _is_listing(expression: str) -> bool:
    return expression.startswith("select id from Shot")


@pytest.mark.parametrize("way", ["iteration", "stream"])
def test_a_walk_whose_keys_come_in_several_replies_misses_nothing(session: Session, wire: Any, way: str) -> None:
    """The length of a walk does not decide what it finds."""
    everything = [shot["name"] for shot in session.query("Shot").all()]
    wire.forget()
    assert _names(session, way=way) == everything
    listings = [each for each in wire.expressions() if _is_listing(each) and " in " not in each]
    assert [each.partition(" offset ")[2] for each in listings] == [
        f"{offset} limit {limit}" for offset, limit in ((start, AT_ONCE + 1) for start in range(4, ROWS - 1, AT_ONCE))
    ]


@pytest.mark.parametrize("first_gone", [0, 4, 5, 14, 15, 16, 17, 40, ROWS - 3])
@pytest.mark.parametrize("moment", [1, 2, 3, 4])
def test_rows_that_vanish_between_the_replies_hide_no_other(
    session: Session, make_session: Callable[..., Session], wire: Any, first_gone: int, moment: int
) -> None:
    """Rows that somebody deletes shift the places of those behind it, also while keys are still being listed."""
    everything = [shot["name"] for shot in session.query("Shot").all()]
    gone = everything[first_gone : first_gone + 3]
    other = make_session()
    wire.forget()

    def step_in(_batch: Any) -> None:
        if wire.calls == moment + 1:
            wire.before = lambda _batch: None
            for name in gone:
                other.delete(other.query(f'Shot where name is "{name}"').one())
            other.commit()

    wire.before = step_in
    seen = _names(session)
    assert len(seen) == len(set(seen))
    assert set(everything) - set(seen) <= set(gone)


def test_what_was_changed_before_a_walk_that_had_begun_hides_no_row(session: Session) -> None:
    """Reading the first row, changing it, and then walking over the same result is one program's work."""
    text = "Shot where description is_not done"
    result = session.query(text, page_size=5)
    everything = [shot["name"] for shot in session.query(text).all()]
    for shot in result[:3]:
        shot["description"] = "done"
    session.commit()
    assert [shot["name"] for shot in result] == everything


def test_a_row_that_moves_back_after_the_first_page_comes_once(session: Session) -> None:
    """Whoever gave a row a new name has handled it."""
    result = session.query("select name from Shot order by name", page_size=5)
    everything = [shot["name"] for shot in session.query("select name from Shot order by name").all()]
    first = result[0]
    first["name"] = f"{everything[6]}_again"
    session.commit()
    ids = [shot["id"] for shot in result]
    assert len(ids) == len(set(ids)) == ROWS


def test_a_query_with_an_order_of_its_own_lists_its_keys_in_one_reply(session: Session, wire: Any) -> None:
    """Others may change what it is ordered by, so that a place means nothing a moment later."""
    wire.forget()
    names = _names(session, "select name from Shot order by name")
    assert names == sorted(names)
    assert len([each for each in wire.expressions() if _is_listing(each) and " in " not in each]) == 1


def test_a_row_without_a_key_is_refused(session: Session, wire: Any) -> None:
    """A wrong reply is told, as anywhere else."""

    def without_keys(batch: list[Any], answer: Response) -> Response:
        results = json.loads(answer.body)
        if len(batch) == 2:
            results[1]["data"] = [{"__entity_type__": "Shot"}]
        return Response(200, {}, json.dumps(results).encode())

    wire.after = without_keys
    with pytest.raises(MalformedReplyError, match="a Shot without id for a query of keys"):
        _names(session)


@pytest.mark.parametrize("keys", [UUIDS, *OTHERS.values()], ids=["UUIDs", *OTHERS])
@pytest.mark.parametrize("page_size", [1, 4, 25, 26])
def test_keys_come_out_as_they_went_in(keys: list[str], page_size: int) -> None:
    """Whatever a server has for keys is asked for in its own spelling."""
    noted = NotedKeys(page_size)
    noted.add(keys[:9])
    noted.add(iter(keys[9:]))
    assert list(noted) == keys
    pages = []
    while noted:
        pages.append(list(noted.first()))
        noted.drop_first()
    assert [key for page in pages for key in page] == keys
    assert all(len(page) == page_size for page in pages[:-1])


def test_a_noted_uuid_takes_little_more_than_its_sixteen_bytes() -> None:
    """A walk over a hundred thousand rows keeps two megabytes of keys, not ten."""
    noted = NotedKeys(500)
    noted.add(str(uuid.uuid4()) for _ in range(5_000))
    assert sum(map(sys.getsizeof, noted._pages)) < 17 * 5_000
