"""A line that is cut anywhere in a commit: everything arrives exactly once, or it is said that nobody can tell.

All of it goes over real HTTP: a session, a proxy that cuts the line, and a workspace behind its front.
"""

from __future__ import annotations

import datetime
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from ftrack_backends.workspace import front
from ftrack_backends.workspace._workspace import Workspace
from ftrack_core import Session, errors
from ftrack_core.testing import Cut, CuttingProxy
from ftrack_core.unit_of_work import UpdateEntityOperation
from ftrack_core.values import NOT_SET, Response

pytest.importorskip("uvicorn", reason="the front needs the `server` extra")

SEED = {
    "User": [{"username": "ann", "first_name": "Ann", "email": "ann@show.invalid"}],
    "show": [
        {
            "name": "show",
            "full_name": "The show",
            "project_schema": "VFX",
            "sequences": [{"name": "sq010", "shots": 1}],
            "tasks": [{"name": "layout", "type": "Layout", "statuses": ["Approved"], "people": ["ann"]}],
        }
    ],
}
WRITES = ("create", "update", "delete")
numbers = itertools.count()


@pytest.fixture(scope="module")
def office() -> Iterator[Any]:
    """A workspace behind HTTP; every test makes what it needs under names of its own."""
    with Workspace.open(seed=SEED) as workspace, front.serve(workspace) as server:
        yield SimpleNamespace(workspace=workspace, url=server.url)


@attrs.define(eq=False)
class Line:
    """The line between a session and its server, and what happens while the session waits.

    Attributes:
        meanwhile: What happens at each wait, in order; afterwards waiting just takes its time.
        waits: How many there were.
    """

    office: Any
    proxy: CuttingProxy
    meanwhile: list[Callable[[], object]] = attrs.field(factory=list)
    waits: int = 0
    passed: float = 0.0
    opened: list[Session] = attrs.field(factory=list)

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.waits += 1
        self.passed += seconds
        if self.meanwhile:
            self.meanwhile.pop(0)()

    def session(self, url: str = "", **settings: Any) -> Session:
        """A session through the proxy, or straight to the server."""
        user = self.office.workspace.users[0]
        config = {"schema_cache_path": False, "transport": {"use_environment": False}, **settings}
        self.opened.append(Session(url or self.proxy.url, user.api_key, user.username, config=config))
        return self.opened[-1]

    def sent(self) -> int:
        """How many batches of writes came to the proxy."""
        return sum(any(each["action"] in WRITES for each in batch) for batch in self.proxy.batches)


@pytest.fixture
def line(office: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """The line; nothing sleeps."""
    with CuttingProxy(office.url) as proxy:
        made = Line(office, proxy)
        clock = SimpleNamespace(time=time.time, monotonic=lambda: 1e5 + made.passed, sleep=made.sleep)
        monkeypatch.setattr("ftrack_core.session._parts.time", clock)
        yield made
        for session in made.opened:
            session.rollback()
            session.close()


@pytest.fixture
def session(line: Line) -> Session:
    """A session through the proxy."""
    return line.session()


@pytest.fixture
def other(line: Line) -> Session:
    """Somebody else's session, straight to the server: it changes things, and sees what is really there."""
    return line.session(line.office.url)


def unique(word: str) -> str:
    """A name that no other test uses."""
    return f"{word}{next(numbers)}"


@pytest.fixture
def tasks(session: Session, other: Session) -> list[Any]:
    """Three tasks of the test's own, with name, description and status loaded."""
    shot = other.query("Shot").first()
    name = unique("task")
    for number in range(3):
        other.create("Task", {"name": f"{name}-{number}", "parent": shot, "description": "before"})
    other.commit()
    asked = f"select name, description, status, status_id from Task where name like '{name}-%' order by name"
    return session.query(asked).all()


# Every point, every kind of batch.

POINTS = {
    "nothing of the request": Cut(request_bytes=0),
    "half a request line": Cut(request_bytes=7),
    "half a request head": Cut(request_bytes=90),
    "half a request": Cut(request_bytes=-20),
    "all but the request's last byte": Cut(request_bytes=-1),
    "no reply": Cut(reply_bytes=0),
    "half a status line": Cut(reply_bytes=5),
    "half a reply's head": Cut(reply_bytes=60),
    "half a reply": Cut(reply_bytes=-20),
    "all but the reply's last byte": Cut(reply_bytes=-1),
    "a gateway's word after it was done": Cut(reply=b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 7\r\n\r\n<html/>"),
    "a gateway's word before it was done": Cut(
        request_bytes=0, reply=b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"
    ),
}


def a_tree(session: Session, _tasks: list[Any]) -> Callable[[Session], None]:
    """Seven entities that lead to each other."""
    name = unique("sq")
    sequence = session.create("Sequence", {"name": name, "parent": session.query("Project").one()})
    shots = [session.create("Shot", {"name": f"sh{number}", "parent": sequence}) for number in range(3)]
    made = [session.create("Task", {"name": "anim", "parent": shot}) for shot in shots]

    def check(other: Session) -> None:
        assert len(other.query(f"Shot where parent.name is {name}").all()) == 3
        assert len(other.query(f"Task where parent.parent.name is {name}").all()) == 3
        assert all(task["status_id"] and task["context_type"] == "task" for task in made)
        assert [each["name"] for each in made[0]["link"]][1:] == [name, "sh0", "anim"]
        assert set(sequence["children"]) == set(shots)

    return check


def updates(session: Session, tasks: list[Any]) -> Callable[[Session], None]:
    """Two attributes of three tasks, all loaded."""
    done = session.query("Status where name is 'Completed'").one()
    for task in tasks:
        task["description"], task["status"] = f"after {task['name']}", done

    def check(other: Session) -> None:
        for task in tasks:
            there = other.query(f"select description, status_id from Task where id is {task['id']}").one()
            assert (there["description"], there["status_id"]) == (f"after {task['name']}", done["id"])
            assert (task["description"], task["status"], task["status_id"]) == (
                there["description"],
                done,
                done["id"],
            )

    return check


def deletes(session: Session, tasks: list[Any]) -> Callable[[Session], None]:
    """Three tasks."""
    for task in tasks:
        session.delete(task)
    keys = [task["id"] for task in tasks]

    def check(other: Session) -> None:
        assert other.query(f"Task where id in ({', '.join(keys)})").all() == []
        assert [session.get("Task", key) for key in keys] == [None] * 3

    return check


def a_mix(session: Session, tasks: list[Any]) -> Callable[[Session], None]:
    """An update, a create, metadata and a delete."""
    tasks[0]["description"] = "mixed"
    name = unique("new")
    made = session.create("Task", {"name": name, "parent": tasks[0]["parent"]})
    made["description"] = "made"
    tasks[1]["metadata"] = {"a": "b"}
    session.delete(tasks[2])

    def check(other: Session) -> None:
        assert other.query(f"select description from Task where name is {name}").one()["description"] == "made"
        assert (
            other.query(f"select description from Task where id is {tasks[0]['id']}").one()["description"] == "mixed"
        )
        assert other.query(f"Task where id is {tasks[2]['id']}").one_or_none() is None
        assert len(other.query(f"Metadata where parent_id is {tasks[1]['id']}").all()) == 1
        assert dict(tasks[1]["metadata"]) == {"a": "b"}
        assert made["status_id"]

    return check


def metadata(session: Session, tasks: list[Any]) -> Callable[[Session], None]:
    """Keys and values on tasks; their key is made of the task's and a word that everybody may use."""
    for task in tasks:
        task["metadata"]["frames"] = f"of {task['name']}"

    def check(other: Session) -> None:
        for task in tasks:
            there = other.query(f"select value from Metadata where parent_id is {task['id']}").one()
            assert (there["value"], dict(task["metadata"])) == (f"of {task['name']}", {"frames": there["value"]})

    return check


def a_version(session: Session, tasks: list[Any]) -> Callable[[Session], None]:
    """An asset and two versions, which the server numbers."""
    kind = session.query("AssetType").first()
    asset = session.create("Asset", {"name": unique("asset"), "parent": tasks[0]["parent"], "type": kind})
    versions = [session.create("AssetVersion", {"asset": asset, "task": tasks[0]}) for _ in range(2)]

    def check(other: Session) -> None:
        with session.auto_populating(auto_populate=False):
            assert [version["version"] for version in versions] == [1, 2]
            assert all(version["date"].tzinfo for version in versions)
            assert all(version["status_id"] and version["user_id"] for version in versions)
        there = other.query(f"select version from AssetVersion where asset.name is {asset['name']} order by version")
        assert [version["version"] for version in there] == [1, 2]

    return check


@pytest.mark.parametrize("record", [a_tree, updates, deletes, a_mix, metadata, a_version])
@pytest.mark.parametrize("where", POINTS)
def test_a_batch_arrives_exactly_once_wherever_the_line_is_cut(
    line: Line, session: Session, other: Session, tasks: list[Any], where: str, record: Any
) -> None:
    """The studio's network drops for a second during a publish: nothing is missing, and nothing is there twice."""
    check = record(session, tasks)
    line.proxy.cuts.append(attrs.evolve(POINTS[where], action=session.plan().writes[0].action))
    before = line.sent()
    session.commit()
    arrived = POINTS[where].request_bytes is None
    assert line.sent() - before == (1 if arrived else 2)
    assert (session.created, session.modified, session.deleted) == ([], [], [])
    assert len(session.recorded_operations) == 0
    check(other)
    session.commit()
    assert line.sent() - before == (1 if arrived else 2), "nothing of it is sent again"


def test_a_batch_is_sent_once_the_server_is_back(line: Line, session: Session, other: Session) -> None:
    """Surely nothing was sent while nobody listened; once somebody does, it is."""
    check = a_tree(session, [])
    line.proxy.disconnect()
    line.meanwhile = [lambda: None, line.proxy.connect]
    session.commit()
    assert line.waits == 2
    check(other)


def test_a_server_that_stays_away_is_told_and_nothing_is_lost(line: Line, session: Session, other: Session) -> None:
    """After the budget the program hears of it, keeps its work, and commits later."""
    check = a_tree(session, [])
    recorded = session.recorded_operations.snapshot()
    line.proxy.disconnect()
    with pytest.raises(errors.NotSentError):
        session.commit()
    assert line.passed == pytest.approx(10)
    assert session.recorded_operations.snapshot() == recorded
    line.proxy.connect()
    session.commit()
    assert line.sent() == 1
    check(other)


# What arrives late.


def test_a_request_that_arrives_while_it_is_looked_for_is_not_sent_again(
    line: Line, session: Session, other: Session
) -> None:
    """A request may sit in a router after its connection is gone."""
    check = a_tree(session, [])
    late = threading.Event()
    line.proxy.cuts.append(Cut("create", late=late))

    def arrive() -> None:
        late.set()
        assert line.proxy.arrived.wait(30)

    line.meanwhile = [lambda: None, arrive]
    session.commit()
    assert line.sent() == 1
    check(other)


def test_a_request_that_arrives_after_it_was_sent_again_does_nothing(
    line: Line, session: Session, other: Session
) -> None:
    """The second one was carried out; the server refuses the first for its ids."""
    check = a_tree(session, [])
    late = threading.Event()
    line.proxy.cuts.append(Cut("create", late=late))
    session.commit()
    assert line.sent() == 2
    late.set()
    assert line.proxy.arrived.wait(30)
    check(other)


@pytest.mark.parametrize("record", [a_tree, deletes, a_mix])
def test_a_refusal_because_the_first_one_arrived_meanwhile_is_no_refusal(
    line: Line, session: Session, other: Session, tasks: list[Any], record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last look and the second sending, the first one gets there."""
    check = record(session, tasks)
    late = threading.Event()
    action = session.plan().writes[0].action
    line.proxy.cuts.append(Cut(action, late=late))
    settler = session._parts.committer._settler.get()
    looks = settler.outcome

    def outcome(batch: Any, *, patient: bool = True) -> Any:
        found = looks(batch, patient=patient)
        late.set()
        assert line.proxy.arrived.wait(30)
        return found

    monkeypatch.setattr(settler, "outcome", outcome)
    session.commit()
    assert line.sent() == 2
    check(other)


def test_a_batch_that_the_server_refuses_is_refused_though_the_refusal_was_lost(
    line: Line, session: Session, other: Session, tasks: list[Any]
) -> None:
    """The name is taken: that is said once the line stands again, and everything is kept to be mended."""
    twin = session.create("Task", {"name": tasks[0]["name"], "parent": tasks[0]["parent"]})
    line.proxy.cuts.append(Cut("create", reply_bytes=0))
    with pytest.raises(errors.IntegrityRefusedError):
        session.commit()
    twin["name"] = unique("mended")
    session.commit()
    assert other.query(f"Task where name is {twin['name']}").one()["id"] == twin["id"]


def test_a_line_that_breaks_again_and_again_is_given_up_for_now(line: Line, session: Session, other: Session) -> None:
    """It does not go on for ever, and the next commit takes it up."""
    check = a_tree(session, [])
    line.proxy.cuts += [Cut("create", request_bytes=9) for _ in range(4)]
    with pytest.raises(errors.CommitUncertain):
        session.commit()
    assert line.sent() == 4
    session.settle()
    assert line.sent() == 5
    check(other)


# Changes by others.


def change(other: Session, task: Any, value: str) -> None:
    """Somebody else changes a task's description."""
    there: Any = other.get("Task", task["id"])
    there["description"] = value
    other.commit()


def description(other: Session, task: Any) -> str:
    """What is really there."""
    found = other.query(f"select description from Task where id is {task['id']}").one()
    return str(found["description"])


@pytest.mark.parametrize(
    "cut", [Cut("update", request_bytes=30), Cut("update", reply_bytes=0)], ids=["before", "after"]
)
def test_a_change_by_somebody_else_is_not_overwritten(
    line: Line, session: Session, other: Session, tasks: list[Any], cut: Cut
) -> None:
    """Whether ours arrived before it or not at all, the other artist's note stays, and we hear of it."""
    task = tasks[0]
    task["description"] = "ours"
    line.proxy.cuts.append(attrs.evolve(cut, meanwhile=lambda: change(other, task, "theirs")))
    with pytest.raises(errors.CommitUncertain, match="description is neither"):
        session.commit()
    assert (len(session.recorded_operations), task["description"]) == (1, "ours")
    assert description(other, task) == "theirs"
    session.create("Task", {"name": unique("later"), "parent": task["parent"]})
    with pytest.raises(errors.CommitUncertain):
        session.commit()
    with pytest.raises(errors.CommitUncertain):
        session.settle()
    assert line.sent() == 1, "nothing is sent before it is settled"
    session.rollback()
    assert task["description"] == "theirs"
    session.commit()
    assert line.sent() == 1


def test_a_change_by_somebody_else_keeps_a_mixed_batch_from_being_sent_again(
    line: Line, session: Session, other: Session, tasks: list[Any]
) -> None:
    """The created entity is not there, so the batch did not arrive; to send it again would still overwrite."""
    tasks[0]["description"] = "ours"
    made = session.create("Task", {"name": unique("new"), "parent": tasks[0]["parent"]})
    cut = Cut("create", request_bytes=30, meanwhile=lambda: change(other, tasks[0], "theirs"))
    line.proxy.cuts.append(cut)
    with pytest.raises(errors.CommitUncertain):
        session.commit()
    assert description(other, tasks[0]) == "theirs"
    session.settle(overwrite=True)
    assert description(other, tasks[0]) == "ours"
    assert made["status_id"]
    assert len(session.recorded_operations) == 0


def test_a_key_that_somebody_else_took_does_not_pass_for_ours(
    line: Line, session: Session, other: Session, tasks: list[Any]
) -> None:
    """Two artists publish at once and mark the task with the same word: the version of the second one is not lost."""
    task = tasks[0]
    kind = session.query("AssetType").first()
    asset = session.create("Asset", {"name": unique("asset"), "parent": task["parent"], "type": kind})
    task["metadata"]["marked"] = "ours"

    def mark() -> None:
        there: Any = other.get("Task", task["id"])
        there["metadata"]["marked"] = "theirs"
        other.commit()

    line.proxy.cuts.append(Cut("create", request_bytes=9, meanwhile=mark))
    with pytest.raises(errors.CommitUncertain):
        session.commit()
    assert asset in session.created
    assert other.query(f"select value from Metadata where parent_id is {task['id']}").one()["value"] == "theirs"


def test_a_change_to_what_was_created_is_seen_and_stays(line: Line, session: Session, other: Session) -> None:
    """Ours arrived, somebody was quick: the values that are read back are of now."""
    shot = session.query("Shot").first()
    made: Any = session.create("Task", {"name": unique("new"), "parent": shot, "description": "ours"})
    line.proxy.cuts.append(Cut("create", reply_bytes=0, meanwhile=lambda: change(other, made, "theirs")))
    session.commit()
    assert (made["description"], description(other, made)) == ("theirs", "theirs")


def test_an_update_whose_old_value_nobody_knew_is_settled_by_its_new_value_only(
    line: Line, session: Session, other: Session, tasks: list[Any]
) -> None:
    """Pushed by hand for entities never loaded: when the new value is not there, nobody can tell."""
    key = {"id": tasks[0]["id"]}
    session.reset()
    push = session.recorded_operations.push
    push(UpdateEntityOperation("Task", key, "description", NOT_SET, "pushed"))
    line.proxy.cuts.append(Cut("update", reply_bytes=0))
    session.commit()
    assert (line.sent(), description(other, key)) == (1, "pushed")
    session.reset()
    push(UpdateEntityOperation("Task", key, "description", NOT_SET, "again"))
    line.proxy.cuts.append(Cut("update", request_bytes=30))
    with pytest.raises(errors.CommitUncertain):
        session.commit()
    session.settle(overwrite=True)
    assert description(other, key) == "again"


def test_dates_collections_and_keys_are_compared_by_meaning(
    line: Line, session: Session, other: Session, tasks: list[Any]
) -> None:
    """Servers keep whole seconds and sets without an order; neither makes a commit uncertain."""
    task = tasks[0]
    moment = datetime.datetime(2024, 5, 6, 7, 8, 9, 678000, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    assert task["end_date"] is None
    task["end_date"] = moment
    task["status_id"] = session.query("Status where name is 'Completed'").one()["id"]
    for cut in (Cut("update", request_bytes=30), Cut("update", reply_bytes=0)):
        line.proxy.cuts.append(cut)
    session.commit()
    there = other.query(f"select end_date from Task where id is {task['id']}").one()
    assert there["end_date"] == moment.replace(microsecond=0)
    assert line.sent() == 2


# The operations while it is not clear.


def uncertain(line: Line, session: Session, task: Any) -> None:
    """Get into doubt: the server is away after the line was cut."""
    task["description"] = "ours"
    line.proxy.cuts.append(Cut("update", reply_bytes=0))
    line.proxy.cuts.append(Cut("query", meanwhile=line.proxy.disconnect, reply_bytes=0))
    with pytest.raises(errors.CommitUncertain) as caught:
        session.commit()
    assert isinstance(caught.value.__cause__, errors.NotSentError)
    line.proxy.connect()


def test_what_was_recorded_since_is_sent_after_it_is_settled(
    line: Line, session: Session, other: Session, tasks: list[Any]
) -> None:
    """The artist goes on working; the next commit finishes the first and sends the rest."""
    uncertain(line, session, tasks[0])
    tasks[1]["description"] = "later"
    session.commit()
    assert [description(other, task) for task in tasks[:2]] == ["ours", "later"]
    assert line.sent() == 2
    assert len(session.recorded_operations) == 0


def test_asking_again_later_does_not_wait_again(
    line: Line, session: Session, other: Session, tasks: list[Any]
) -> None:
    """A tool that saves every minute does not stand still each time because one commit is in doubt."""
    tasks[0]["description"] = "ours"
    line.proxy.cuts.append(Cut("update", request_bytes=30, meanwhile=lambda: change(other, tasks[0], "theirs")))
    with pytest.raises(errors.CommitUncertain):
        session.commit()
    assert line.passed == pytest.approx(10)
    with pytest.raises(errors.CommitUncertain):
        session.commit()
    assert line.passed == pytest.approx(10)


def test_operations_that_were_taken_away_are_not_sent_again(line: Line, session: Session, tasks: list[Any]) -> None:
    """Emptying the list by hand gives the batch up, as rolling back does."""
    uncertain(line, session, tasks[0])
    session.recorded_operations.clear()
    sent = line.sent()
    session.commit()
    session.settle()
    assert line.sent() == sent


def test_closing_with_an_uncertain_commit_says_so(
    line: Line, session: Session, tasks: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever reads the log next morning learns what to look at."""
    uncertain(line, session, tasks[0])
    line.opened.remove(session)
    with caplog.at_level(logging.WARNING):
        session.close()
    assert "unsettled" in caplog.text


def test_others_go_on_reading_while_a_commit_is_settled(line: Line, session: Session, tasks: list[Any]) -> None:
    """A panel that lists tasks does not freeze for ten seconds because a publish lost its line."""
    read: list[int] = []

    def reader() -> None:
        thread = threading.Thread(target=lambda: read.append(len(session.query("Task").all())))
        thread.start()
        thread.join(30)

    line.meanwhile = [reader]
    tasks[0]["description"] = "ours"
    line.proxy.cuts.append(Cut("update", request_bytes=30))
    session.commit()
    assert read
    assert read[0] > 0


@pytest.mark.parametrize("reply", [b"[]", b"<html>", b'[{"action": "create", "data": {"__entity_type__": "Tusk"}}]'])
def test_after_a_reply_that_makes_no_sense_the_next_commit_looks_first(
    line: Line, session: Session, other: Session, reply: bytes
) -> None:
    """The error is told, and committing again does not make a second one of everything."""
    shot = session.query("Shot").first()
    made: Any = session.create("Task", {"name": unique("new"), "parent": shot})
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(reply)
    line.proxy.cuts.append(Cut("create", reply=head + reply))
    with pytest.raises(errors.Error):
        session.commit()
    assert session.created == [made]
    session.commit()
    assert (line.sent(), session.created) == (1, [])
    assert other.query(f"Task where name is {made['name']}").one()["id"] == made["id"]
    assert made["status_id"]


def test_a_commit_that_was_interrupted_is_settled_by_the_next_one(
    make_session: Callable[..., Session], wire: Any
) -> None:
    """Ctrl-C at the wrong moment is a lost reply like any other."""
    session = make_session()
    made = session.create("Task", {"name": "interrupted", "parent": session.query("Shot").first()})

    def interrupt(batch: Any, answer: Any) -> Any:
        if batch[0]["action"] == "create":
            raise KeyboardInterrupt
        return answer

    wire.after = interrupt
    with pytest.raises(KeyboardInterrupt):
        session.commit()
    wire.forget()
    session.commit()
    assert {operation["action"] for batch in wire.batches for operation in batch} == {"query"}
    assert (session.created, made["context_type"]) == ([], "task")


def test_what_cannot_be_read_back_is_read_when_it_is_wanted(make_session: Callable[..., Session], wire: Any) -> None:
    """A server that refuses the look at everything does not undo what is known: the commit was carried out."""
    session = make_session()
    made = session.create("Task", {"name": "settled", "parent": session.query("Shot").first()})
    refused = Response(200, {}, b'{"exception": "ParseError", "content": "no", "error_code": null}')

    def lose(batch: Any, answer: Any) -> Any:
        if batch[0]["action"] == "create":
            raise errors.ReadTimeoutError("nothing came")
        return answer

    def refuse(batch: Any) -> Any:
        return refused if "name" in batch[0].get("expression", "") else None

    wire.after, wire.before = lose, refuse
    session.commit()
    wire.before = lambda _: None
    assert (session.created, made["name"]) == ([], "settled")


# Requests that are no commits.


@pytest.mark.parametrize("where", POINTS)
def test_a_query_is_repeated(line: Line, session: Session, where: str) -> None:
    """Reading does no harm however often: a loop over a thousand shots does not end for one lost reply."""
    line.proxy.cuts.append(attrs.evolve(POINTS[where], action="query"))
    assert session.query("Project").one()["name"] == "show"
    assert line.proxy.count("query") == 2


def test_a_session_starts_though_the_first_replies_are_lost(line: Line) -> None:
    """Server information and schemas are reads as well."""
    line.proxy.cuts += [
        Cut("query_server_information", reply_bytes=0),
        Cut("query_server_information", request_bytes=3),
        Cut("query_schemas", reply_bytes=-1),
    ]
    session = line.session()
    assert session.query("Project").one()["name"] == "show"
    assert [line.proxy.count(each) for each in ("query_server_information", "query_schemas")] == [3, 2]


@pytest.mark.parametrize("where", POINTS)
@pytest.mark.parametrize("action", ["encode_media", "reset_remote", "get_widget_url", "send_user_invite"])
def test_other_actions_are_never_repeated(line: Line, session: Session, where: str, action: str) -> None:
    """A second invitation, a second encoding, another new key: what acts is asked for once."""
    line.office.workspace.requests.clear()
    line.proxy.cuts.append(attrs.evolve(POINTS[where], action=action))
    with pytest.raises(errors.Error):
        session.call([{"action": action}])
    assert line.proxy.count(action) == 1
    assert line.office.workspace.requests.count(action) <= 1


def test_a_batch_sent_by_hand_is_never_repeated(line: Line, session: Session, tasks: list[Any]) -> None:
    """`call` sends what it is given, and says what happened; only a commit knows what its batch means."""
    delete = {"action": "delete", "entity_type": "Task", "entity_key": [tasks[0]["id"]]}
    line.proxy.cuts.append(Cut("delete", reply_bytes=0))
    with pytest.raises(errors.ConnectionLostError):
        session.call([delete])
    assert line.proxy.count("delete") == 1


def test_without_a_budget_nothing_is_repeated(line: Line) -> None:
    """A tool with its own way of trying again turns this one off."""
    session = line.session(retry_seconds=0)
    line.proxy.cuts.append(Cut("query", reply_bytes=0))
    with pytest.raises(errors.ConnectionLostError):
        session.query("Project").one()
    assert line.waits == 0
