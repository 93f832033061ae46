"""Actions that act in the name of whoever launched them."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_backends.workspace.fixture import WorkspaceFixture
from ftrack_core import Action, Session
from ftrack_core.actions import ActionContext, show_form, tell_user
from ftrack_core.errors import InvalidCredentialsError, InvalidTypeError
from ftrack_core.testing.actions import WebClient
from ftrack_core.values import Event


class Note(Action):
    """Writes a note on what is selected."""

    label = "Note"
    identifier = "studio.note"
    run_as_user = True

    def launch(self, context: ActionContext) -> str:
        """Write it."""
        context.entity["description"] = "by whom?"
        return context.session.api_user


def authors(workspace: WorkspaceFixture) -> list[str]:
    """Who made the changes that the workspace told of."""
    return [event.source["user"]["username"] for event in workspace.events("ftrack.update")]


def test_what_such_an_action_changes_was_changed_by_the_user(
    workspace: WorkspaceFixture, session: Session, client: WebClient
) -> None:
    """A history that says "service" of everything is no history."""
    with Note().register(session):
        assert client.launch("studio.note", session.query("Shot")[0]) == {"success": True, "message": "ann"}
    assert authors(workspace) == ["ann"]


def test_without_it_the_service_is_the_author(
    workspace: WorkspaceFixture, session: Session, client: WebClient
) -> None:
    """The other half of the choice."""
    action = Note()
    action.run_as_user = False
    with action.register(session):
        assert client.launch("studio.note", session.query("Shot")[0])["message"] == "service"
    assert authors(workspace) == ["service"]


def test_a_part_of_an_action_may_be_in_the_users_name(
    workspace: WorkspaceFixture, session: Session, client: WebClient
) -> None:
    """The note is the artist's, the sync afterwards the service's."""

    class Both(Note):
        run_as_user = False

        def launch(self, context: ActionContext) -> Any:
            with context.session_as_user() as users:
                users.query(f"Shot where id is {context.selection[0].id}").one()["description"] = "the artist's"
                users.commit()
            assert users.closed
            context.entity["description"] = "the service's"

    with Both().register(session):
        assert client.launch("studio.note", session.query("Shot")[0])["success"]
    assert authors(workspace) == ["ann", "service"]


def test_a_personal_key_cannot_and_says_what_can(workspace: WorkspaceFixture) -> None:
    """It is the first thing that fails in a new studio, and "invalid credentials" alone sends one the wrong way."""
    with workspace.session("service", api_key="of-the-service-alone") as session, Note().register(session):
        answer = WebClient(session, "ann").launch("studio.note", session.query("Shot")[0])
    assert answer["success"] is False
    assert "in the name of 'ann'" in answer["message"]
    assert "global API key" in answer["message"]
    assert "personal" in answer["message"]


def test_a_session_in_a_users_name_is_one_of_its_own(workspace: WorkspaceFixture, session: Session) -> None:
    """What it records, caches and closes is nobody else's."""
    shot = session.query("Shot")[0]
    ready: list[Any] = []
    session.event_hub.subscribe("topic=ftrack.api.session.ready", ready.append)
    with session.as_user("ben") as guest:
        [mine] = guest.query(f"Shot where id is {shot['id']}")
        assert mine is not shot
        mine["description"] = "x"
        assert session.modified == []
        assert guest.api_user == "ben"
        guest.rollback()
        heard: list[Any] = []
        guest.event_hub.subscribe("topic=studio.x", heard.append)
        guest.event_hub.publish(Event("studio.x"), synchronous=True)
        assert len(heard) == 1
    assert guest.closed
    assert session.query("Shot")[0] is shot
    session.event_hub.publish(Event("studio.x"), synchronous=True)
    assert len(heard) == 1
    assert ready == []


def test_it_holds_over_http_as_well(workspace: WorkspaceFixture) -> None:
    """Services speak HTTP to their server, with the authenticator that settings choose."""
    with (
        Session(workspace.url, "goes-with-any-name", "service", plugin_paths=[], schema_cache_path=False) as session,
        session.as_user("ben") as guest,
    ):
        guest.query("Shot")[0]["description"] = "by ben"
        guest.commit()
        assert [event.source["user"]["username"] for event in workspace.events("ftrack.update", count=1)] == ["ben"]
    assert session.closed


def test_the_settings_of_the_session_hold_in_a_users_name(workspace: WorkspaceFixture) -> None:
    """A service that turned lazy loads off did so for all of its work."""
    given = {"api_key": "goes-with-any-name", "auto_populate": False, "timeout": 7}
    with workspace.session("service", **given) as session, session.as_user("ben") as guest:
        assert guest.auto_populate is False
        assert guest.request_timeout == 7
        assert guest.api_key == "goes-with-any-name"


def test_entity_types_are_configured_as_in_the_session(session: Session) -> None:
    """A studio's own entity classes hold in the user's name too."""
    seen: list[Any] = []
    session.event_hub.subscribe(
        "topic=ftrack.api.session.construct-entity-type", lambda event: seen.append(event["data"]["schema"]["id"])
    )
    with session.as_user("ben") as guest:
        guest.query("Shot").first()
    assert "Shot" in seen


@pytest.mark.parametrize("name", ["nobody", "ann\n"])
def test_a_user_that_there_is_not_is_refused(session: Session, name: str) -> None:
    """An event may name anybody."""
    with pytest.raises((InvalidCredentialsError, InvalidTypeError)):
        session.as_user(name)


def test_a_user_is_told_something_and_nobody_else_is(session: Session) -> None:
    """A message of one artist's render is no business of the others."""
    session.event_hub.connect()
    ann, ben = WebClient(session, "ann"), WebClient(session, "ben")
    for client in (ann, ben):
        client.watch()
    tell_user(session, ann.user_id, "Done.")
    tell_user(session, session.query("User where username is ben").one(), "Failed.", success=False)
    ann.until(lambda: ann.shown and ben.shown)
    assert ann.shown == [{"type": "message", "success": True, "message": "Done."}]
    assert ben.shown == [{"type": "message", "success": False, "message": "Failed."}]


def test_a_form_may_be_shown_unasked_and_comes_to_its_action(session: Session, client: WebClient) -> None:
    """A listener that saw a wrong status asks the artist what to do."""

    class Answering(Note):
        run_as_user = False

        def launch(self, context: ActionContext) -> Any:
            return f"{context.values['why']} of {context.data['shot']}"

    session.event_hub.connect()
    client.watch()
    with Answering().register(session):
        show_form(session, client.user_id, [{"type": "text", "name": "why"}], "studio.note", shot="sh010")
        client.until(lambda: client.shown)
        [form] = client.shown
        assert form["type"] == "form"
        client._launched = dict(form)
        assert client.submit(form, why="lunch")["message"] == "lunch of sh010"


def test_telling_without_a_connection_is_fine(session: Session, client: WebClient) -> None:
    """A message that nobody sees must not end the work that it tells of."""
    tell_user(session, client.user_id, "Done.")
    with pytest.raises(InvalidTypeError, match="entity or id"):
        tell_user(session, 7, "Done.")  # type: ignore[arg-type]
