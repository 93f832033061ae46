"""Actions across clients: ours launched by the official ones, theirs launched by ours, through `ftrack serve`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from ftrack_core import Action, Session
from ftrack_core.actions import ActionContext, Date, Enumerator, Form, Number, Text, tell_user
from ftrack_core.testing.actions import WebClient
from ftrack_core.values import Event

PATIENCE_SECONDS = 30.0

pytestmark = pytest.mark.interop


class Rename(Action):
    """Asks for a name and gives it to what is selected, by a job in its user's list."""

    label = "Rename élan"
    identifier = "studio.rename"
    variant = "all"
    entity_types = ("Shot",)
    form = Form(
        [Text("name", "Name", required=True), Number("frames"), Date("due"), Enumerator("kind", options=["a", "b"])],
        title="Rename",
    )

    def launch(self, context: ActionContext) -> str:
        """Do it."""
        with context.job("Renaming") as job:
            for shot in context.entities:
                shot["description"] = f"{context.values['name']} by {context.user['username']}"
                job.progress(1)
        values = context.values
        return f"{len(context.entities)} {values['frames'] + 1} {values['due']:%d.%m.%Y} {values['kind']}"


@attrs.define(eq=False)
class Service:
    """A session of ours whose hub is handled by a thread, as in a studio's service."""

    session: Session
    url: str
    users: list[dict[str, str]]


@pytest.fixture
def service(serve: Callable[..., Any]) -> Iterator[Service]:
    """`ftrack serve` with the demo show, and our service in it."""
    with serve("--seed", "demo") as server:
        who = server.users[2]
        with Session(server.url, who["api_key"], who["username"], plugin_paths=[], schema_cache_path=False) as session:
            session.event_hub.connect()
            running = threading.Thread(target=session.event_hub.run, daemon=True)
            running.start()
            yield Service(session, server.url, server.users)
            session.event_hub.stop()
            running.join(PATIENCE_SECONDS)
            assert "Traceback" not in server.log()


@pytest.fixture(params=["python", "javascript"])
def peer(request: pytest.FixtureRequest, service: Service) -> Any:
    """An official client that is connected, in the name of the first user."""
    started = request.getfixturevalue(f"{request.param}_peer")(service.url, service.users[0])
    started.connect()
    return started


def test_an_action_of_ours_is_discovered_and_launched_with_its_form_by_the_official_clients(
    service: Service, peer: Any
) -> None:
    """The web client is one of these: what it cannot read, no artist can use."""
    shots = service.session.query("select name from Shot limit 2").all()
    selection = [{"entityType": "task", "entityId": shot["id"]} for shot in shots]
    with Rename().register(service.session):
        service.session.event_hub.publish_acknowledged(Event("studio.known"))
        offered = peer.ask(topic="ftrack.action.discover", data={"selection": selection})
        [item] = offered["items"]
        assert (item["label"], item["variant"], item["actionIdentifier"]) == ("Rename élan", "all", "studio.rename")
        chosen = {"selection": selection, **item}
        form = peer.ask(topic="ftrack.action.launch", data=chosen)
        assert (form["type"], form["title"]) == ("form", "Rename")
        values = {one["name"]: one.get("value") for one in form["items"]}
        again = peer.ask(topic="ftrack.action.launch", data={**chosen, "values": values})
        assert again["items"][0]["value"] == "- **Name is needed.**"
        values |= {"name": "élan", "frames": "41", "due": "2026-02-01", "kind": "b"}
        answer = peer.ask(topic="ftrack.action.launch", data={**chosen, "values": values})
    assert answer == {"success": True, "message": "2 42 01.02.2026 b"}
    [job] = peer.query(expression="select status, data, user.username from Job", paths=["status", "user.username"])
    assert job == ["done", service.users[0]["username"]]
    ids = ", ".join(f'"{shot["id"]}"' for shot in shots)
    seen = peer.query(expression=f"select description from Shot where id in ({ids})", paths=["description"])
    assert seen == [[f"élan by {service.users[0]['username']}"]] * 2


def test_what_fails_is_told_to_the_official_clients(service: Service, peer: Any) -> None:
    """A launch without an answer is a spinner that turns until it is given up."""
    gone = [{"entityType": "task", "entityId": "gone"}]
    with Rename().register(service.session):
        service.session.event_hub.publish_acknowledged(Event("studio.known"))
        values = {"name": "x", "frames": 1, "due": "2026-02-01", "kind": "a"}
        data = {"actionIdentifier": "studio.rename", "selection": gone, "values": values}
        answer = peer.ask(topic="ftrack.action.launch", data=data)
    assert answer["success"] is False
    assert answer["message"].startswith("1 of 1 selected cannot be found: task gone.")


def test_a_user_of_the_official_clients_is_told_something(service: Service, peer: Any) -> None:
    """The end of a long render, where the artist sits: in the browser."""
    me = service.session.query(f"User where username is {service.users[0]['username']}").one()
    subscriber = {"applicationId": "ftrack.client.web", "user": {"id": me["id"]}}
    peer.subscribe(topic="ftrack.action.trigger-user-interface", subscriber=subscriber)
    tell_user(service.session, me, "Rendered élan.")
    [event] = peer.hear(topic="ftrack.action.trigger-user-interface", count=1)
    assert event["data"] == {"type": "message", "success": True, "message": "Rendered élan."}


def test_an_action_of_the_official_clients_is_discovered_and_launched_by_ours(
    serve: Callable[..., Any], python_peer: Callable[..., Any], javascript_peer: Callable[..., Any]
) -> None:
    """Studios have hundreds of actions on the official clients; tests of them may use our web client."""
    with serve("--seed", "demo") as server:
        ann, ben, chloe = server.users[:3]
        items: dict[str, Any] = {}
        for start, who in ((python_peer, ann), (javascript_peer, ben)):
            offering = start(server.url, who)
            offering.connect()
            name = who["username"]
            items[name] = {"label": name, "actionIdentifier": f"studio.{name}"}
            offering.subscribe(topic="ftrack.action.discover", answer={"items": [items[name]]})
            form = {"items": [{"type": "text", "name": "comment", "value": "first"}]}
            offering.subscribe(topic="ftrack.action.launch", answer=form)
            items[f"{name}'s"] = offering
        with Session(server.url, chloe["api_key"], chloe["username"], schema_cache_path=False) as session:
            session.event_hub.connect()
            client = WebClient(session, remote=True)
            shot = session.query("Shot")[0]
            found = {item["label"]: item for item in client.discover(shot)}
            assert set(found) == {ann["username"], ben["username"]}
            form = client.launch(found[ann["username"]])
            assert form["items"][0]["name"] == "comment"
            client.submit(form, comment="élan")
            told = items[f"{ann['username']}'s"].hear(topic="ftrack.action.launch", count=2)
    assert told[-1]["data"]["values"] == {"comment": "élan"}
    assert told[-1]["data"]["selection"] == [{"entityType": "task", "entityId": shot["id"]}]
    assert told[-1]["source"]["applicationId"] == "ftrack.client.web"
