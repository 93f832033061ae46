"""Our event hub talks to the official clients, Python and JavaScript, through `ftrack serve`."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from ftrack_core import Session
from ftrack_core.values import Event

PATIENCE_SECONDS = 30.0
TEXT = "élan {x}: 1+1 \U0001f3ac"

pytestmark = pytest.mark.interop


@attrs.define(eq=False)
class Ours:
    """A connected session of ours whose events are handled by a thread of its own."""

    session: Any
    hub: Any
    heard: dict[str, list[Any]] = attrs.field(factory=dict)

    def subscribe(self, topic: str, more: str = "", answer: Any = None, subscriber: Any = None) -> str:
        """Listen, and answer each event with the same; back once the server knows."""
        events = self.heard.setdefault(topic, [])

        def heard(event: Any) -> Any:
            events.append(event)
            return answer

        identifier: str = self.hub.subscribe(f"topic={topic}{more}", heard, subscriber=subscriber)
        self.hub.publish_acknowledged(Event("studio.known"))
        return identifier

    def hear(self, topic: str, count: int) -> list[Any]:
        """The events of a topic, once there are so many."""
        until(lambda: len(self.heard[topic]) >= count)
        return self.heard[topic]


def until(done: Callable[[], object]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.01)


@pytest.fixture
def served(demo_server: Any) -> Iterator[Any]:
    """The demo show; whoever listened to it in earlier tests has gone."""
    yield demo_server
    assert "Traceback" not in demo_server.log()


@pytest.fixture
def ours(served: Any) -> Iterator[Ours]:
    """A session of ours that listens, as chloe."""
    with _listening(served) as one:
        yield one


@contextlib.contextmanager
def _listening(server: Any) -> Iterator[Ours]:
    who = server.users[2]
    with Session(server.url, who["api_key"], who["username"], plugin_paths=[], schema_cache_path=False) as session:
        session.event_hub.connect()
        handling = threading.Thread(target=session.event_hub.run)
        handling.start()
        try:
            yield Ours(session, session.event_hub)
        finally:
            session.event_hub.close()
            handling.join()


@pytest.fixture(params=["python", "javascript"])
def desk(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Starts an official client of one kind or the other."""
    started: Callable[..., Any] = request.getfixturevalue(f"{request.param}_peer")
    return started


@pytest.fixture
def peer(desk: Callable[..., Any], served: Any) -> Any:
    """An official client that is connected, as ann."""
    found = desk(served.url, served.users[0])
    found.connect()
    return found


def test_what_we_publish_arrives_whole_once_and_in_order(ours: Ours, peer: Any) -> None:
    """Pages and hosts that a studio has must hear a farm that runs on ours."""
    peer.subscribe(topic="studio.frame")
    for number in range(50):
        ours.hub.publish(Event("studio.frame", data={"n": number, "text": TEXT, "deep": [{"a": None}, 1.5, True]}))
    heard = peer.hear(topic="studio.frame", count=50)
    assert [event["data"]["n"] for event in heard] == list(range(50))
    assert heard[0]["data"] == {"n": 0, "text": TEXT, "deep": [{"a": None}, 1.5, True]}
    assert heard[0]["source"]["id"] == ours.hub.id
    assert heard[0]["source"]["user"]["username"] == ours.session.api_user
    assert heard[0]["sent"]


def test_what_they_publish_arrives_whole_once_and_in_order(ours: Ours, peer: Any) -> None:
    """Services that move to ours first must hear all the tools that have not."""
    ours.subscribe("studio.frame")
    ids = [peer.publish(topic="studio.frame", data={"n": number, "text": TEXT}) for number in range(50)]
    heard = ours.hear("studio.frame", 50)
    assert [event["data"] for event in heard] == [{"n": number, "text": TEXT} for number in range(50)]
    assert heard[0]["source"]["user"]["username"] == "ann"
    assert heard[0]["source"]["user"]["id"]
    if ids[0] is not None:
        assert [event["id"] for event in heard] == ids


def test_our_expressions_pick_from_what_they_publish(ours: Ours, peer: Any) -> None:
    """A service that is woken for everything in the studio does nothing else."""
    ours.subscribe("studio.pick*", ' and source.user.username=ann and not (data.kind=asset or data.kind="old shot")')
    ours.subscribe("studio.last")
    for kind in ("asset", "shot", "old shot", "scene"):
        ours.hub.publish_acknowledged(Event("studio.picked", data={"kind": kind}))
        peer.publish(topic="studio.picked", data={"kind": kind})
    peer.publish(topic="studio.last")
    ours.hear("studio.last", 1)
    assert [event["data"]["kind"] for event in ours.heard["studio.pick*"]] == ["shot", "scene"]


def test_their_expressions_pick_from_what_we_publish(ours: Ours, peer: Any) -> None:
    """A star at the end of a topic is all that both official clients know."""
    peer.subscribe(topic="studio.pick*")
    peer.subscribe(topic="studio.last")
    for topic in ("studio.picked", "studio.dropped", "studio.pick", "studio.last"):
        ours.hub.publish(Event(topic))
    peer.hear(topic="studio.last", count=1)
    assert [event["topic"] for event in peer.hear(topic="studio.pick*", count=2)] == ["studio.picked", "studio.pick"]


def test_expressions_of_the_python_client_pick_from_what_we_publish(
    ours: Ours, served: Any, python_peer: Callable[..., Any]
) -> None:
    """Listeners of studios on the official client say more than a topic; the JavaScript client refuses to."""
    peer = python_peer(served.url, served.users[0])
    peer.connect()
    more = f" and source.user.username={ours.session.api_user} and (data.kind=shot or data.kind='old shot')"
    peer.subscribe(topic="studio.picked", more=more)
    peer.subscribe(topic="studio.last")
    for kind in ("asset", "shot", "old shot", "scene"):
        ours.hub.publish(Event("studio.picked", data={"kind": kind}))
        peer.publish(topic="studio.picked", data={"kind": kind})
    ours.hub.publish(Event("studio.last"))
    peer.hear(topic="studio.last", count=1)
    heard = peer.hear(topic="studio.picked", count=2)
    assert [event["data"]["kind"] for event in heard] == ["shot", "old shot"]


def test_targets_mean_the_same_on_both_sides(ours: Ours, peer: Any) -> None:
    """A message for the page opens in the page, one for the host in the host, whoever sends it."""
    ours.subscribe("studio.show", subscriber={"id": "window-ours", "applicationId": "ours"})
    peer.subscribe(topic="studio.show", subscriber={"id": "window-theirs", "applicationId": "theirs"})
    ours.subscribe("studio.last")
    peer.subscribe(topic="studio.last")
    for target in ("applicationId=theirs", 'id="window-ours" and not applicationId=theirs'):
        ours.hub.publish(Event("studio.show", target=target))
        peer.publish(topic="studio.show", target=target)
    ours.hub.publish_acknowledged(Event("studio.last"))
    peer.publish(topic="studio.last")
    theirs = peer.hear(topic="studio.last", count=2) and peer.hear(topic="studio.show", count=2)
    assert {event["target"] for event in theirs} == {"applicationId=theirs"}
    assert len(theirs) == 2
    mine = ours.hear("studio.last", 2) and ours.hear("studio.show", 2)
    assert [event["target"] for event in mine] == ['id="window-ours" and not applicationId=theirs'] * 2


def test_they_answer_us(ours: Ours, peer: Any) -> None:
    """Services that run on the official clients are asked by ours."""
    peer.subscribe(topic="studio.where", answer={"path": f"/shows/{TEXT}"})
    reply = ours.hub.request(Event("studio.where", data={"shot": "sh010"}), timeout_seconds=PATIENCE_SECONDS)
    assert reply.data == {"path": f"/shows/{TEXT}"}
    assert (reply.topic, reply.source["user"]["username"]) == ("ftrack.meta.reply", "ann")
    assert reply.in_reply_to_event == peer.hear(topic="studio.where", count=1)[0]["id"]


def test_we_answer_them_at_once_and_later(ours: Ours, peer: Any) -> None:
    """A page that asks our service gets its answer, also from a job that takes a while and answers by itself."""
    ours.subscribe("studio.where", answer={"path": TEXT}, subscriber={"applicationId": "service"})
    assert peer.ask(topic="studio.where", data={"shot": "sh010"}, target="applicationId=service") == {"path": TEXT}

    def answer_later(event: Any) -> None:
        later = threading.Timer(0.1, ours.hub.publish_reply, (event, {"done": event["data"]["frames"]}))
        later.start()

    ours.hub.subscribe("topic=studio.render", answer_later)
    ours.hub.publish_acknowledged(Event("studio.known"))
    assert peer.ask(topic="studio.render", data={"frames": 100}) == {"done": 100}


def test_every_answer_comes_and_each_once(ours: Ours, peer: Any, served: Any) -> None:
    """A menu is filled by all services at once: none may be missing, and none be there twice."""
    peer.subscribe(topic="studio.menu", answer={"items": ["theirs"]})
    who = served.users[1]
    with Session(served.url, who["api_key"], who["username"], plugin_paths=[], schema_cache_path=False) as asking:
        hub, replies = asking.event_hub, list[Any]()
        hub.connect()
        ours.subscribe("studio.menu", answer={"items": ["ours"]})
        ours.hub.subscribe("topic=studio.menu", lambda _: 1 / 0, priority=1)  # a broken entry takes no other away
        hub.publish(Event("studio.menu"), on_reply=replies.append)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(replies) < 2 and time.monotonic() < deadline:
            hub.wait(0.02)
        hub.publish(Event("studio.last"), on_reply=replies.append)
        hub.wait(0.3)
    assert sorted(reply["data"]["items"][0] for reply in replies) == ["ours", "theirs"]


def test_who_has_unsubscribed_hears_no_more(ours: Ours, peer: Any) -> None:
    """A tool that was closed must not answer for the next one."""
    gone = ours.subscribe("studio.frame")
    ours.subscribe("studio.last")
    peer.publish(topic="studio.frame")
    ours.hear("studio.frame", 1)
    ours.hub.unsubscribe(gone)
    ours.hub.publish_acknowledged(Event("studio.known"))
    peer.publish(topic="studio.frame")
    peer.publish(topic="studio.last")
    ours.hear("studio.last", 1)
    assert len(ours.heard["studio.frame"]) == 1


def test_each_is_told_what_the_other_commits(ours: Ours, peer: Any) -> None:
    """What one side changes the other shows, and knows whose change it was."""
    ours.subscribe("ftrack.update")
    peer.subscribe(topic="ftrack.update")
    task = ours.session.query("select description from Task").first()
    task["description"] = "by us"
    ours.session.commit()
    ours.hear("ftrack.update", 1)
    peer.update(kind="Task", key=task["id"], data={"description": "by them"})
    mine, theirs = ours.hear("ftrack.update", 2), peer.hear(topic="ftrack.update", count=2)
    assert [event["id"] for event in mine] == [event["id"] for event in theirs]
    assert [event["data"]["clientToken"] == ours.session.client_token for event in mine] == [True, False]
    changes = [event["data"]["entities"][0]["changes"]["description"] for event in theirs]
    assert [change["new"] for change in changes] == ["by us", "by them"]


@pytest.mark.slow
def test_talk_goes_on_after_the_server_was_restarted(
    serve: Callable[..., Any], desk: Callable[..., Any], tmp_path: Path
) -> None:
    """A server is updated at night; nobody comes to start the tools again."""
    kept = ("--database", str(tmp_path / "show.sqlite"))
    with serve("--seed", "demo", *kept) as first, _listening(first) as ours:
        them = desk(first.url, first.users[0])
        them.connect()
        ours.subscribe("studio.frame")
        them.subscribe(topic="studio.frame")
        first.stop()
        until(lambda: not ours.hub.connected)
        with serve(*kept, "--port", first.url.rpartition(":")[2]):
            assert ours.hub.wait_until_connected(PATIENCE_SECONDS)
            deadline = time.monotonic() + 2 * PATIENCE_SECONDS
            number = 0
            while not any("n" in event["data"] for event in them.glance(topic="studio.frame", count=1, seconds=0.5)):
                assert time.monotonic() < deadline, "the official client did not come back"
                number += 1
                ours.hub.publish(Event("studio.frame", data={"n": number}))
            them.publish(topic="studio.frame", data={"back": True})
            until(lambda: any(event["data"].get("back") for event in ours.heard["studio.frame"]))
