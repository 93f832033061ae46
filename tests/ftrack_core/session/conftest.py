"""A small show in an embedded workspace, and sessions whose every call is seen and may be interfered with."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from zope.interface import implementer

from ftrack_backends.workspace._workspace import Workspace
from ftrack_core import Session
from ftrack_core.interfaces import ITransport
from ftrack_core.values import Request, Response

WRITES = {"create", "update", "delete"}
SEED = {
    "User": [
        {"username": "ann", "first_name": "Ann", "email": "ann@show.invalid"},
        {"username": "ben", "first_name": "Ben", "email": "ben@show.invalid"},
    ],
    "show": [
        {
            "name": "show",
            "full_name": "The show",
            "project_schema": "VFX",
            "sequences": [{"name": "sq010", "shots": 3}],
            "tasks": [
                {"name": "layout", "type": "Layout", "statuses": ["Approved"], "people": ["ann"], "bid_days": 1},
                {"name": "animation", "type": "Animation", "statuses": ["In progress"], "people": ["ben"]},
            ],
        }
    ],
}


@implementer(ITransport)
@attrs.define(eq=False)
class Wire:
    """Answers from a workspace, remembers every batch, and lets a test step in.

    Attributes:
        batches: What was sent, in order.
        before: Called with each batch before it is carried out; what it returns is the answer, None goes on.
        after: Called with each batch and its answer; what it returns is the answer.
    """

    workspace: Workspace
    batches: list[list[dict[str, Any]]] = attrs.field(factory=list)
    headers: list[dict[str, str]] = attrs.field(factory=list)
    before: Callable[[list[dict[str, Any]]], Response | None] = attrs.field(default=lambda _batch: None)
    after: Callable[[list[dict[str, Any]], Response], Response] = attrs.field(default=lambda _batch, answer: answer)
    closed: bool = False

    def exchange(self, request: Request) -> Response:
        """The workspace's answer, unless the test has another."""
        batch = json.loads(request.body)
        self.batches.append(batch)
        self.headers.append(dict(request.headers))
        answer = self.before(batch)
        return answer if answer is not None else self.after(batch, self.workspace.exchange(request))

    def close(self) -> None:
        """Remember it."""
        self.closed = True

    @property
    def calls(self) -> int:
        """How many batches were sent."""
        return len(self.batches)

    def expressions(self) -> list[str]:
        """The queries that were sent, in order."""
        return [operation["expression"] for batch in self.batches for operation in batch if "expression" in operation]

    def forget(self) -> None:
        """Begin to count anew."""
        self.batches.clear()


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of the machine's own settings reaches a test."""
    for name in [name for name in os.environ if name.startswith("FTRACK_")]:
        monkeypatch.delenv(name)
    empty = tmp_path_factory.mktemp("config") / "empty.toml"
    empty.touch()
    monkeypatch.setenv("FTRACK_CONFIG", str(empty))


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A workspace with one show: a sequence, three shots, two tasks each."""
    with Workspace.open(seed=SEED) as opened:
        yield opened


@pytest.fixture
def wire(workspace: Workspace) -> Wire:
    """The transport of the test's sessions."""
    return Wire(workspace)


@pytest.fixture
def make_session(workspace: Workspace, wire: Wire) -> Iterator[Callable[..., Session]]:
    """Makes sessions over the wire; arguments as `Session` takes them, and `settings` for its config."""
    made: list[Session] = []

    def make(user: int = 0, settings: dict[str, Any] | None = None, session: Any = Session, **given: Any) -> Session:
        who = workspace.users[user]
        at_once = {"retry_seconds": 0, "settle_seconds": 0}  # no waiting where a test does not ask for it
        config = {"transport": wire, "schema_cache_path": False, **at_once, **(settings or {})}
        made.append(session("http://show.invalid", who.api_key, who.username, config=config, **given))
        return made[-1]

    yield make
    for session in made:
        session.recorded_operations.clear()
        session.close()


@pytest.fixture
def session(make_session: Callable[..., Session], wire: Wire) -> Session:
    """A session whose start is not counted."""
    made = make_session()
    wire.forget()
    return made


@pytest.fixture
def during(wire: Any) -> Callable[[Callable[[], object], Callable[[], object]], None]:
    """Does one thing in a thread, and another while the server is at the first one's batch of writes."""

    def run(commit: Callable[[], object], meanwhile: Callable[[], object]) -> None:
        begun, go_on = threading.Event(), threading.Event()
        failures: list[BaseException] = []

        def hold(batch: Any) -> None:
            if batch[0]["action"] in WRITES and not begun.is_set():
                begun.set()
                assert go_on.wait(30)

        def work() -> None:
            try:
                commit()
            except BaseException as error:  # noqa: BLE001 - told below
                failures.append(error)

        wire.before = hold
        thread = threading.Thread(target=work)
        thread.start()
        assert begun.wait(30)
        try:
            meanwhile()
        finally:
            go_on.set()
            thread.join(30)
            wire.before = lambda _: None
        assert not failures, failures

    return run
