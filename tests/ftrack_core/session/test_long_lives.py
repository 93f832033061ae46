"""Sessions that live long: a listener sees more entities than a session holds, and neither mixes up nor loses any.

Memory itself is measured by `make bench BENCH=bounded`; here nothing is measured but what is right.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ftrack_backends.workspace._workspace import Workspace
from ftrack_core import Session

TASKS = 300
HELD_STRONGLY = 8
AT_ONCE = 10


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A show with many more tasks than the test's sessions hold."""
    names = [{"name": f"task{number:03}", "type": "Animation"} for number in range(TASKS // 3)]
    show = {
        "name": "show",
        "project_schema": "VFX",
        "sequences": [{"name": "sq010", "shots": 3}],
        "tasks": names,
    }
    with Workspace.open(seed={"User": [{"username": "ann"}], "show": [show]}) as opened:
        yield opened


@pytest.fixture
def session(make_session: Callable[..., Session]) -> Session:
    """A session that holds few entities strongly."""
    return make_session(settings={"memory_cache_size": HELD_STRONGLY})


def _ids(session: Session) -> list[str]:
    ids = [task["id"] for task in session.query("select id from Task order by id").all()]
    assert len(ids) == TASKS
    return ids


def _listen(session: Session, ids: list[str], handle: Callable[[Any], None]) -> None:
    """Handle every task as a listener does that is told ids: ask, handle, drop."""
    for start in range(0, len(ids), AT_ONCE):
        wanted = ", ".join(f'"{each}"' for each in ids[start : start + AT_ONCE])
        expression = f"select name, description, status.name, parent.name from Task where id in ({wanted})"
        for task in session.query(expression).all():
            handle(task)


def test_what_is_held_stays_one_object_while_thousands_pass(session: Session) -> None:
    """A callback that keeps an entity and is handed it again must be handed the same, not a double with old values."""
    ids = _ids(session)
    held = {key: session.get("Task", key) for key in ids[::25]}
    met: list[str] = []

    def handle(task: Any) -> None:
        assert task["status"]["name"]
        if task["id"] in held:
            assert task is held[task["id"]]
            met.append(task["id"])  # type: ignore[index]
        if task["name"].endswith("0"):
            task["description"] = f"seen {len(met)}"
            session.commit()

    for _ in range(2):
        _listen(session, ids, handle)
    assert met == [*held] * 2
    for key, task in held.items():
        assert session.get("Task", key) is task
        if task is not None and task["name"].endswith("0"):
            assert task["description"].startswith("seen ")


def test_pending_changes_survive_whatever_passes_by(session: Session, make_session: Callable[..., Session]) -> None:
    """Nobody holds the changed entities; only the session knows them, and the commit comes an hour later."""
    ids = _ids(session)
    changed, gone = ids[3::50], ids[5::100]
    for key in changed:
        session.query(f'Task where id is "{key}"').one()["description"] = f"pending {key}"
    for key in gone:
        session.delete(session.query(f'Task where id is "{key}"').one())
    parent = session.query("Shot").first()
    for number in range(5):
        session.create("Task", {"name": f"new{number}", "parent": parent})
    del parent
    gc.collect()
    seen: list[str] = []
    _listen(session, ids, lambda task: seen.append(task["description"]))
    assert [each for each in seen if each] == [f"pending {key}" for key in changed]
    assert [task["id"] for task in session.modified] == changed
    assert [task["id"] for task in session.deleted] == gone
    assert [task["name"] for task in session.created] == [f"new{number}" for number in range(5)]
    session.commit()
    with make_session() as other:
        assert [other.get("Task", key)["description"] for key in changed] == [f"pending {key}" for key in changed]  # type: ignore[index]
        assert other.get_many("Task", gone) == [None] * len(gone)
        assert len(other.query('Task where name like "new%"')) == 5


def test_what_was_committed_and_dropped_is_forgotten(session: Session) -> None:
    """Otherwise a listener that changes something each time grows until the night is over."""
    ids = _ids(session)
    lives: list[weakref.ref[Any]] = []

    def handle(task: Any) -> None:
        task["description"] = "done"
        lives.append(weakref.ref(task))
        session.commit()

    _listen(session, ids, handle)
    gc.collect()
    alive = [task for task in (life() for life in lives) if task is not None]
    assert len(lives) == TASKS
    assert len(alive) <= 2 * (HELD_STRONGLY + AT_ONCE)  # two generations, and a page is taken in whole
    assert not session.modified
