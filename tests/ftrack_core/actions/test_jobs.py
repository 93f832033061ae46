"""Long work: jobs that users see, and launches in the background."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_backends.workspace.fixture import WorkspaceFixture
from ftrack_core import Action, Session
from ftrack_core.actions import ActionContext, Form, JobProgress, Text
from ftrack_core.actions._workers import Workers
from ftrack_core.errors import ActionError
from ftrack_core.testing import FakeClock
from ftrack_core.testing.actions import WebClient

PATIENCE_SECONDS = 30.0


class Render(Action):
    """Its launch is what a test says."""

    label = "Render"
    identifier = "studio.render"

    def __init__(self, does: Callable[[ActionContext], Any], in_background: bool = False) -> None:
        self.does = does
        self.in_background = in_background

    def launch(self, context: ActionContext) -> Any:
        """Do it."""
        return self.does(context)


def jobs(workspace: WorkspaceFixture) -> list[tuple[str, str, str]]:
    """What the list of jobs says to whoever looks at it now."""
    with workspace.session("ben") as other:
        rows = other.query("select status, data, user.username from Job order by created_at")
        return [(row["status"], json.loads(row["data"])["description"], row["user"]["username"]) for row in rows]


def description(workspace: WorkspaceFixture, shot: Any) -> Any:
    """What the server has now."""
    with workspace.session("ben") as other:
        return other.query(f"Shot where id is {shot['id']}").one()["description"]


def test_a_job_is_seen_while_it_runs_and_when_it_is_done(
    workspace: WorkspaceFixture, session: Session, client: WebClient
) -> None:
    """An artist who sees nothing for a minute launches it again."""
    seen: list[Any] = []

    def render(context: ActionContext) -> None:
        with context.job("Rendering 12 shots", every_seconds=0) as job:
            seen.extend(jobs(workspace))
            job.progress(3, 12, "sh030")
            seen.extend(jobs(workspace))
            job.progress(4)
            seen.extend(jobs(workspace))

    with Render(render).register(session):
        client.launch("studio.render")
    assert [*seen, *jobs(workspace)] == [
        ("running", "Rendering 12 shots", "ann"),
        ("running", "Rendering 12 shots: 3 of 12, sh030", "ann"),
        ("running", "Rendering 12 shots: 4", "ann"),
        ("done", "Rendering 12 shots", "ann"),
    ]


def test_a_job_fails_with_its_block(workspace: WorkspaceFixture, session: Session, client: WebClient) -> None:
    """A job that runs for ever in the list is what everybody knows of home-made ones."""

    def render(context: ActionContext) -> None:
        with context.job("Rendering"):
            raise ActionError("The disk is full.")

    with Render(render).register(session):
        assert client.launch("studio.render")["message"] == "The disk is full."
    assert jobs(workspace) == [("failed", "Rendering: The disk is full.", "ann")]


def test_a_job_commits_itself_and_nothing_else(
    workspace: WorkspaceFixture, session: Session, client: WebClient
) -> None:
    """Progress must not send half a change that the action has yet to finish."""
    shot = session.query("Shot")[0]

    def render(context: ActionContext) -> bool:
        context.entity["description"] = "half"
        with context.job("Rendering", every_seconds=0) as job:
            job.progress(1)
        return False

    with Render(render).register(session):
        client.launch("studio.render", shot)
    assert jobs(workspace) == [("done", "Rendering", "ann")]
    assert description(workspace, shot) != "half"


def test_progress_in_a_tight_loop_costs_a_call_a_second(
    session: Session, client: WebClient, calls: Callable[[], int]
) -> None:
    """A loop over 10,000 files must not be 10,000 commits."""
    clock = FakeClock()
    user = session.query("User")[0]
    with JobProgress(session, user, "Copying", clock=clock.monotonic) as job:
        calls()
        for number in range(1000):
            job.progress(number, 1000)
            clock.advance(0.01)
        assert calls() == 9


def test_a_server_that_is_away_for_a_moment_does_not_end_the_work(
    workspace: WorkspaceFixture, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    """Two hours of rendering must not be lost to a line of progress."""
    user = session.query("User")[0]
    with caplog.at_level(logging.ERROR), JobProgress(session, user, "Rendering", every_seconds=0) as job:
        workspace.fail("commit", error="ServerError")
        job.progress(1)
    assert "could not be told" in caplog.text
    assert [status for status, *_ in jobs(workspace)] == ["done"]


def test_a_background_launch_answers_at_once_and_tells_the_end(
    workspace: WorkspaceFixture, session: Session, client: WebClient
) -> None:
    """The web client gives up after some seconds; the work takes minutes."""
    go_on = threading.Event()

    def render(context: ActionContext) -> str:
        with context.job("Rendering 2 shots", every_seconds=0) as job:
            job.progress(1, 2)
            assert go_on.wait(PATIENCE_SECONDS)
        context.entity["description"] = "rendered"
        return "Rendered 2 shots."

    shot = session.query("Shot")[0]
    session.event_hub.connect()
    client.watch()
    with Render(render, in_background=True).register(session) as registration:
        answer = client.launch("studio.render", shot)
        assert answer["success"] is True
        assert "Render was started" in answer["message"]
        client.until(lambda: jobs(workspace) == [("running", "Rendering 2 shots: 1 of 2", "ann")])
        go_on.set()
        assert registration.wait_until_idle(PATIENCE_SECONDS)
        client.until(lambda: client.shown)
    assert client.shown == [{"type": "message", "success": True, "message": "Rendered 2 shots."}]
    assert [status for status, *_ in jobs(workspace)] == ["done"]
    assert description(workspace, shot) == "rendered"


def test_a_background_launch_that_exits_fails_and_the_next_one_goes_on(
    workspace: WorkspaceFixture, session: Session, client: WebClient
) -> None:
    """A script that calls sys.exit() would leave its job running for ever, and its thread missing."""
    licences = iter([False, True])

    def render(_context: ActionContext) -> str:
        return "Rendered." if next(licences) else sys.exit("no licence")

    shot = session.query("Shot")[0]
    session.event_hub.connect()
    with Render(render, in_background=True).register(session, threads=1) as registration:
        for _ in range(2):
            assert client.launch("studio.render", shot)["success"] is True
            assert registration.wait_until_idle(PATIENCE_SECONDS)
    assert [status for status, *_ in jobs(workspace)] == ["failed", "done"]


def test_a_background_launch_that_fails_says_so_in_its_job_and_to_its_user(
    workspace: WorkspaceFixture, session: Session, client: WebClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody waits for its answer any more, so there are only these two places."""
    session.event_hub.connect()
    client.watch()

    def render(context: ActionContext) -> None:
        raise ZeroDivisionError("by me")

    with Render(render, in_background=True).register(session) as registration:
        assert client.launch("studio.render")["success"]
        assert registration.wait_until_idle(PATIENCE_SECONDS)
        client.until(lambda: client.shown)
    told = "Render failed: ZeroDivisionError: by me"
    assert client.shown == [{"type": "message", "success": False, "message": told}]
    assert jobs(workspace) == [("failed", f"Render: {told}", "ann")]
    assert "Traceback" in caplog.text


def test_the_form_of_a_background_launch_is_shown_at_once(session: Session, client: WebClient) -> None:
    """What is in the background is the work, not the question."""

    class Asking(Render):
        form = Form([Text("name")])

    seen: list[Any] = []
    with Asking(lambda context: seen.append(context.values["name"]), in_background=True).register(session) as work:
        form = client.launch("studio.render")
        assert form["type"] == "form"
        assert client.submit(form, name="x")["success"]
        assert work.wait_until_idle(PATIENCE_SECONDS)
    assert seen == ["x"]


def test_too_many_background_launches_are_refused_and_told(
    workspace: WorkspaceFixture, session: Session, client: WebClient
) -> None:
    """Who presses a button a hundred times must not have a hundred renders, or a service without memory."""
    go_on = threading.Event()
    action = Render(lambda _: go_on.wait(PATIENCE_SECONDS), in_background=True)
    registration = action.register(session, threads=1, waiting=1)
    answers = [client.launch("studio.render") for _ in range(4)]
    go_on.set()
    assert registration.unregister(PATIENCE_SECONDS)
    assert [answer["success"] for answer in answers] == [True, True, False, False]
    assert answers[-1]["message"] == "Render is busy: 1 launches wait. Try again later."
    assert sorted(status for status, *_ in jobs(workspace)) == ["done", "done", "failed", "failed"]


def test_launches_that_come_through_a_listener_are_answered(workspace: WorkspaceFixture, session: Session) -> None:
    """A service that restarts at noon must not forget what was launched a second before."""
    pytest.importorskip("ftrack_core.session.listener", reason="listeners are not there yet")
    session.event_hub.connect()
    listener: Any = session.listener()  # type: ignore[attr-defined,unused-ignore]  # where there are listeners
    seen: list[Any] = []

    def render(context: ActionContext) -> str:
        seen.append(context.session)
        context.entity["description"] = "through an inbox"
        return context.username

    shot = session.query("Shot")[0]
    with Render(render).register(session, listener=listener):
        running = threading.Thread(target=listener.run, daemon=True)
        running.start()
        browser = workspace.session("ann")
        browser.event_hub.connect()
        client = WebClient(browser, remote=True)
        [item] = client.discover(shot)
        assert client.launch(item) == {"success": True, "message": "ann"}
        listener.stop()
        running.join(PATIENCE_SECONDS)
    assert seen != [session]
    assert description(workspace, shot) == "through an inbox"


def test_workers_do_everything_once_and_never_more_at_a_time_than_they_may() -> None:
    """Eight launches at once on a license for two would fail six of them."""
    workers, lock, running, most, done = Workers("test", 3, 1000), threading.Lock(), [0], [0], []

    def work(number: int) -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        with lock:
            running[0] -= 1
            done.append(number)
        if number % 10 == 0:
            raise ZeroDivisionError

    assert all(workers.start(lambda number=number: work(number)) for number in range(300))  # type: ignore[misc]
    assert workers.finish(PATIENCE_SECONDS)
    assert sorted(done) == list(range(300))
    assert most[0] <= 3
    assert workers.start(lambda: None) is False
