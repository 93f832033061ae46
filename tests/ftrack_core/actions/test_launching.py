"""What happens when somebody chooses an action."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_backends.workspace.fixture import WorkspaceFixture
from ftrack_core import Action, Session
from ftrack_core.actions import ActionContext, Message, Widget
from ftrack_core.errors import ActionError
from ftrack_core.testing.actions import WebClient


class Rename(Action):
    """Its launch is what a test says."""

    label = "Rename"
    identifier = "studio.rename"

    def __init__(self, does: Callable[[ActionContext], Any] = lambda _: None) -> None:
        self.does = does

    def launch(self, context: ActionContext) -> Any:
        """Do it."""
        return self.does(context)


def description(workspace: WorkspaceFixture, shot: Any) -> Any:
    """What the server has now."""
    with workspace.session("ben") as other:
        return other.query(f"Shot where id is {shot['id']}").one()["description"]


def test_the_whole_selection_comes_in_one_call_and_in_order(
    session: Session, client: WebClient, calls: Callable[[], int]
) -> None:
    """Forty selected shots were forty calls in every integration that was read."""
    shots, tasks = session.query("Shot order by name").all(), session.query("Task").all()
    selected = [tasks[0], shots[1], session.query("Project").one(), shots[0]]
    said = client.selection(selected)
    session.reset()
    seen: list[Any] = []
    with Rename(lambda context: seen.extend(context.entities)).register(session):
        calls()
        assert client.launch("studio.rename", *said)["success"]
        assert calls() == 1
    assert [entity["id"] for entity in seen] == [one["entityId"] for one in said]
    assert [entity.entity_type for entity in seen] == ["Task", "Shot", "Project", "Shot"]


def test_the_entities_are_as_the_server_has_them_now(
    workspace: WorkspaceFixture, session: Session, client: WebClient, calls: Callable[[], int]
) -> None:
    """A service runs for months: an entity that it loaded in May must not be renamed by what it was in May."""
    shot = session.query("select name, description from Shot")[0]
    with workspace.session("ben") as other:
        other.query(f"Shot where id is {shot['id']}").one()["description"] = "changed by ben"
        other.commit()
    said = client.selection([shot, session.query("Project").one()])
    with Rename(lambda context: context.entities[0]["description"]).register(session):
        calls()
        assert client.launch("studio.rename", *said)["message"] == "changed by ben"
        assert calls() == 1


def test_what_is_changed_is_committed_in_the_end_and_nothing_else_is(
    workspace: WorkspaceFixture, session: Session, client: WebClient
) -> None:
    """An author who forgets the commit has a green message and an unchanged show; and a service's own work stays."""
    shot = session.query("Shot")[0]
    elsewhere = session.query("Task")[0]
    elsewhere["description"] = "not yet"

    def rename(context: ActionContext) -> None:
        context.entity["description"] = "renamed"

    with Rename(rename).register(session):
        assert client.launch("studio.rename", shot) == {"success": True, "message": "Rename: done."}
    assert description(workspace, shot) == "renamed"
    assert session.modified == [elsewhere]


@pytest.mark.parametrize("ends", ["raises", "says so"])
def test_what_a_failed_launch_recorded_is_forgotten(
    workspace: WorkspaceFixture, session: Session, client: WebClient, ends: str
) -> None:
    """Half a rename must not go out with the next artist's commit."""
    shot = session.query("Shot")[0]

    def rename(context: ActionContext) -> bool:
        context.entity["description"] = "half"
        if ends == "raises":
            raise ZeroDivisionError
        return False

    with Rename(rename).register(session):
        assert client.launch("studio.rename", shot)["success"] is False
    assert session.modified == []
    session.commit()
    assert description(workspace, shot) != "half"


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        (None, {"success": True, "message": "Rename: done."}),
        (True, {"success": True, "message": "Rename: done."}),
        (False, {"success": False, "message": "Rename did not succeed."}),
        ("Élan", {"success": True, "message": "Élan"}),
        (Message("no", success=False), {"success": False, "message": "no"}),
        ({"success": True, "message": "yes"}, {"success": True, "message": "yes"}),
        ({"message": "yes"}, {"success": True, "message": "yes"}),
        ({"success": False}, {"success": False, "message": "Rename did not succeed."}),
        (
            Widget("https://studio.invalid/w", title="W", width=400),
            {
                "success": True,
                "message": "",
                "type": "widget",
                "url": "https://studio.invalid/w",
                "title": "W",
                "width": 400,
            },
        ),
    ],
)
def test_each_way_to_answer_is_what_the_client_takes(
    session: Session, client: WebClient, result: Any, answer: dict[str, Any]
) -> None:
    """The web client shows nothing for what it does not know."""
    with Rename(lambda _: result).register(session):
        assert client.launch("studio.rename") == answer


@pytest.mark.parametrize("result", [42, {"succes": True}, object(), {"message": object()}, {"type": "widget"}, [1]])
def test_an_answer_that_no_client_understands_is_told_and_logged(
    session: Session, client: WebClient, caplog: pytest.LogCaptureFixture, result: Any
) -> None:
    """Else the artist sees nothing at all, and neither does the author."""
    with caplog.at_level(logging.ERROR), Rename(lambda _: result).register(session):
        answer = client.launch("studio.rename")
    assert answer["success"] is False
    assert "'Rename' answered with" in answer["message"]
    assert "studio.rename" in caplog.text


def test_what_an_author_raises_for_the_user_is_shown_without_a_traceback(
    session: Session, client: WebClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Select a shot: that is no fault of the program, and must not wake up who watches its log."""

    def refuse(context: ActionContext) -> None:
        raise ActionError("Publish the layout first.")

    with caplog.at_level(logging.INFO), Rename(refuse).register(session):
        assert client.launch("studio.rename") == {"success": False, "message": "Publish the layout first."}
    assert [record.levelname for record in caplog.records if record.name.startswith("ftrack_core.actions")] == ["INFO"]


def test_any_other_exception_is_shown_and_logged_whole_and_the_next_launch_works(
    session: Session, client: WebClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The artist has something to tell, the author has the line, and the service goes on."""
    broken = [True]

    def sometimes(context: ActionContext) -> None:
        if broken:
            raise KeyError("sh010")

    with caplog.at_level(logging.ERROR), Rename(sometimes).register(session):
        assert client.launch("studio.rename") == {"success": False, "message": "Rename failed: KeyError: 'sh010'"}
        broken.clear()
        assert client.launch("studio.rename")["success"]
    assert "Traceback" in caplog.text


def test_the_api_key_is_in_no_message_and_no_log(
    session: Session, client: WebClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Libraries put addresses into their errors, and addresses of files carry the key."""

    def leak(context: ActionContext) -> None:
        raise OSError(f"https://server.invalid/component/get?apiKey={session.api_key}")

    with Rename(leak).register(session):
        answer = client.launch("studio.rename")
    assert session.api_key not in str(answer)
    assert "apiKey=***" in answer["message"]
    assert "apiKey=***" in caplog.text
    assert session.api_key not in caplog.text


def test_what_is_not_there_is_told_by_name(session: Session, client: WebClient) -> None:
    """The list was open over lunch, and a colleague deleted two of the shots."""
    shot = session.query("Shot")[0]
    gone = [{"entityType": "task", "entityId": f"gone-{number}"} for number in range(7)]
    with Rename(lambda context: len(context.entities)).register(session):
        answer = client.launch("studio.rename", shot, *gone)
    assert answer["success"] is False
    assert answer["message"].startswith("7 of 8 selected cannot be found: task gone-0, ")
    assert "gone-4 and 2 more" in answer["message"]
    assert "'service'" in answer["message"]


@pytest.mark.parametrize(
    ("selection", "told"),
    [
        ("all", "was to be a list"),
        ([{"entityType": "task"}], "entityType and entityId"),
        ([{"entityType": "taask", "entityId": "1"}], "did you mean 'task'"),
    ],
)
def test_a_selection_that_cannot_be_read_is_told(
    session: Session, client: WebClient, selection: Any, told: str
) -> None:
    """Scripts launch actions too, and make mistakes."""
    with Rename().register(session):
        answer = client.launch({"actionIdentifier": "studio.rename", "selection": selection})
    assert answer["success"] is False
    assert told in answer["message"]


def test_an_action_for_one_thing_says_so(session: Session, client: WebClient) -> None:
    """`entity` is for actions that are for one; a script may launch them with three."""
    shots = session.query("Shot").all()
    with Rename(lambda context: context.entity["name"]).register(session):
        assert client.launch("studio.rename", *shots)["message"] == "Select one thing for this; 3 are selected."


def test_who_launched_it_is_known(session: Session, client: WebClient, calls: Callable[[], int]) -> None:
    """Half of all actions do something for whoever asked."""

    def who(context: ActionContext) -> str:
        assert context.user_id == context.user["id"]
        return f"{context.username} is {context.user['first_name']}"

    with Rename(who).register(session):
        calls()
        assert client.launch("studio.rename")["message"] == "ann is Ann"
        assert calls() == 1


def test_a_commit_that_the_server_refuses_in_the_end_is_a_failure(
    workspace: WorkspaceFixture, session: Session, client: WebClient
) -> None:
    """A message of success over changes that were refused is the worst answer of all."""

    def rename(context: ActionContext) -> str:
        context.entity["description"] = "refused"
        return "Renamed."

    with Rename(rename).register(session):
        workspace.fail("commit", error="PermissionError")
        answer = client.launch("studio.rename", session.query("Shot")[0])
    assert answer["success"] is False
    assert answer["message"].startswith("Rename failed: ")
    assert session.modified == []
