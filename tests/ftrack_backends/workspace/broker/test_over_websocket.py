"""Events over a real WebSocket: who gets what, once, in order, and what else the server says."""

from __future__ import annotations

import json
import logging
from typing import Any

import attrs
import pytest
import requests

from ftrack_backends.workspace.broker import SocketTiming
from ftrack_core.protocol import DISCONNECT, Packet, PacketType


def test_a_client_gets_what_it_asked_for_and_its_own_too(served: Any) -> None:
    """The heart of it: one publishes, both subscribers hear it, the sender among them."""
    ann, ben = served.client("ann"), served.client("ben")
    assert ann.subscribe("topic=my.topic") == ben.subscribe("topic=my.topic") == {"success": True}
    assert ann.publish("my.topic", {"x": 1}) == {"success": True}
    (heard,), (own,) = ben.received(), ann.received()
    assert heard == own
    assert heard["data"] == {"x": 1}
    assert set(heard) == {"topic", "id", "data", "source", "target", "inReplyToEvent", "sent"}


def test_the_source_always_says_the_users_id(served: Any) -> None:
    """Action handlers read `event["source"]["user"]["id"]` without asking whether it is there."""
    ann = served.client("ann")
    ids = {name: served.workspace._accounts.user_id(name) for name in ("ann", "ben")}
    ann.subscribe("topic=who")
    for user in (None, {}, {"username": "ann"}, {"username": "ben"}, {"username": "nobody"}, {"id": "7"}, "text", [1]):
        assert ann.publish("who", source={"id": "h", "user": user, "host": "x"}) == {"success": True}
    users = [event["source"]["user"] for event in ann.received(8)]
    assert [user["id"] for user in users] == [ids["ann"]] * 3 + [ids["ben"], ids["ann"], "7"] + [ids["ann"]] * 2
    assert [user.get("username") for user in users[:5]] == ["ann", "ann", "ann", "ben", "nobody"]


def test_once_however_many_subscriptions_match(served: Any) -> None:
    """A second copy would be a second reply, and an action that runs twice."""
    ann = served.client()
    for number in range(5):
        ann.subscribe("topic=a.*", f"s{number}")
    ann.publish("a.b")
    assert [event["topic"] for event in ann.heard_all()] == ["a.b"]


def test_the_whole_expression_language_counts(served: Any) -> None:
    """The JavaScript client re-checks less than the Python one; the server is what keeps noise away."""
    ann = served.client()
    ann.subscribe("(topic=a or topic=b) and not data.kind=x and data.n>=2 and source.user.username=ann")
    for topic, data in (
        ("a", {"n": 1}),
        ("a", {"n": 2}),
        ("b", {"n": 3, "kind": "x"}),
        ("b", {"n": 9}),
        ("c", {"n": 9}),
    ):
        ann.publish(topic, data, source={"user": {"username": "ann"}})
    assert [(event["topic"], event["data"]["n"]) for event in ann.heard_all()] == [("a", 2), ("b", 9)]


def test_a_target_is_matched_with_what_subscribers_say_of_themselves(served: Any) -> None:
    """JavaScript clients ignore targets: what is meant for one must not reach the others at all."""
    ann, ben = served.client("ann"), served.client("ben")
    ann.subscribe("topic=ui", "a", applicationId="web", user={"id": "1"})
    ben.subscribe("topic=ui", "b", applicationId="web", user={"id": "2"})
    ann.publish("ui", target="applicationId=web and user.id=2")
    ann.publish("ui", target="id=a")
    assert [event["target"] for event in ben.heard_all()] == ["applicationId=web and user.id=2"]
    assert [event["target"] for event in ann.heard_all()] == ["id=a"]


def test_a_reply_reaches_the_one_who_asked(served: Any) -> None:
    """Action discovery: everybody is asked, and only the asker hears the answers."""
    ann, ben, eve = served.client(), served.client(), served.client()
    for client in (ann, eve):
        client.subscribe("topic=ftrack.meta.reply", client.id)
    ben.subscribe("topic=ftrack.action.discover")
    ann.publish("ftrack.action.discover", {"selection": []})
    (asked,) = ben.received()
    reply = {"target": f"id={asked['source']['id']}", "inReplyToEvent": asked["id"]}
    ben.publish("ftrack.meta.reply", [{"label": "Publish"}], **reply)
    (answer,) = ann.received()
    assert answer["data"] == [{"label": "Publish"}]
    assert answer["inReplyToEvent"] == asked["id"]
    assert eve.heard_all() == []


def test_ended_subscriptions_and_ended_connections_hear_no_more(served: Any) -> None:
    """A client that reconnects subscribes with the same ids on its new socket; the old ones must be gone."""
    ann = served.client("ann")
    ann.subscribe("topic=a", "one")
    assert ann.subscribe("topic=b", "one")["success"] is False
    assert ann.publish("ftrack.meta.unsubscribe", {"subscriber": {"id": "one"}}) == {"success": True}
    assert ann.publish("ftrack.meta.unsubscribe", {"subscriber": {"id": "one"}})["success"] is False
    ann.publish("a")
    assert ann.heard_all() == []
    ann.subscribe("topic=a", "one")
    ann.socket.close()
    again = served.client("ann")
    assert again.subscribe("topic=a", "one") == {"success": True}
    again.publish("a")
    assert len(again.heard_all()) == 1


def test_subscribing_reaches_nobody(served: Any) -> None:
    """The server's own business is not an event for others."""
    ann, ben = served.client(), served.client()
    ann.subscribe("topic=ftrack.meta.*")
    ben.subscribe("topic=x")
    ben.publish("ftrack.meta.unsubscribe", {"subscriber": {"id": f"{ben.id}-topic=x"}})
    assert ann.heard_all() == []


def test_events_come_in_the_order_in_which_they_were_published(served: Any) -> None:
    """A status that goes there and back must not arrive back and there."""
    ann, ben = served.client(), served.client()
    ben.subscribe("topic=n")
    for number in range(500):
        ann.send("n", {"n": number})
    assert [event["data"]["n"] for event in ben.received(500)] == list(range(500))


def test_the_javascript_client_is_let_in_by_the_url_and_gets_no_acknowledgement(served: Any) -> None:
    """A browser's WebSocket has no headers; its events carry no number."""
    user = served.workspace.users[0]
    query = f"api_user={user.username}&api_key={user.api_key}"
    told = requests.get(f"{served.url}/socket.io/1/?{query}&t=17", timeout=10).text
    socket = served.socket(f"{told.split(':')[0]}?{query}")
    assert socket.recv(timeout=10) == "1::"
    data = {"subscriber": {"id": "a"}, "subscription": "topic=a"}
    for event in ({"topic": "ftrack.meta.subscribe", "data": data}, {"topic": "a", "data": None}):
        socket.send("5:::" + json.dumps({"name": "ftrack.event", "args": [event]}))
    assert json.loads(socket.recv(timeout=10)[4:])["args"][0]["topic"] == "a"


def test_the_handshake_tells_what_clients_look_at(served: Any) -> None:
    """Four parts, "websocket" in the last, and heartbeats within the JavaScript client's 15 s."""
    reply = served.handshake()
    sid, heartbeat, close, transports = reply.text.split(":")
    assert (reply.status_code, transports) == (200, "websocket")
    assert len(sid) >= 32
    assert served.workspace.sockets.timing.beat_seconds < 15 <= int(heartbeat) <= int(close)


@pytest.mark.parametrize("headers", [{"ftrack-api-key": "wrong"}, {"ftrack-user": "nobody"}, {"ftrack-api-key": ""}])
def test_nobody_shakes_hands_without_a_key(served: Any, headers: dict[str, str]) -> None:
    """The Python client splits the body of any 200 blindly, so the status must say it."""
    reply = served.handshake(**headers)
    assert reply.status_code == 401
    assert reply.json()["exception"] == "InvalidCredentialsError"


def test_a_handshake_opens_one_socket(served: Any) -> None:
    """Who overhears the address cannot join, and nobody comes in without shaking hands."""
    from websockets.exceptions import InvalidStatus

    sid = served.handshake().text.split(":")[0]
    served.socket(sid)
    for other in (sid, "", "guessed", "a/b", "%2e%2e/api"):
        with pytest.raises(InvalidStatus) as refused:
            served.socket(other)
        assert refused.value.response.status_code == 404
        assert json.loads(refused.value.response.body)["exception"] == "NotFoundError"


def test_a_handshake_waits_not_for_ever(served: Any) -> None:
    """A client that never came leaves nothing behind."""
    from websockets.exceptions import InvalidStatus

    sockets = served.workspace.sockets
    sockets.timing = SocketTiming(close_seconds=0)
    sid = served.handshake().text.split(":")[0]
    with pytest.raises(InvalidStatus):
        served.socket(sid)
    assert sockets._expected == {}


def test_heartbeats_come_and_answers_keep_the_connection(served: Any) -> None:
    """Without them the JavaScript client closes, and the server could not tell a dead client from a quiet one."""
    served.workspace.sockets.timing = SocketTiming(beat_seconds=0.02, close_seconds=1)
    client = served.client()
    while len(client.others) < 20:
        client.hear()
    assert {packet.type for packet in client.others[1:]} == {PacketType.HEARTBEAT}


def test_a_client_that_went_silent_is_cut_off(served: Any) -> None:
    """A laptop that was closed must not keep its subscriptions for ever."""
    from websockets.exceptions import ConnectionClosed

    served.workspace.sockets.timing = attrs.evolve(SocketTiming(), beat_seconds=0.01, close_seconds=1)
    client = served.client()
    with pytest.raises(ConnectionClosed):
        _listen_only(client)
    assert served.workspace.broker.members == 0


def _listen_only(client: Any) -> None:
    while True:
        client.socket.recv(timeout=10)


def test_a_closing_workspace_closes_its_sockets(served: Any) -> None:
    """A client that is told in packets reconnects; the Python client reads nothing else, and waits forever."""
    client = served.client()
    served.workspace.close()
    assert client.ended() == [DISCONNECT]


def test_a_front_that_ends_says_so_in_packets_first(served: Any) -> None:
    """The Python client takes the orderly end of a WebSocket for an empty packet, and never listens again."""
    from ftrack_backends.workspace.front import serve

    with serve(served.workspace) as front:
        client = attrs.evolve(served, url=front.url).client()
        front.close()
        assert client.ended() == [DISCONNECT]
        assert client.socket.close_code == 1012


def test_disconnecting_by_packet_is_an_orderly_end(served: Any) -> None:
    """The protocol has a word for it."""
    client = served.client()
    client.socket.send("0::")
    assert client.ended() == []
    assert served.workspace.broker.members == 0


def test_a_commit_is_told_with_the_clients_token(served: Any) -> None:
    """A tool knows its own changes by the token, and everybody sees what changed under the names of old."""
    ann = served.client("ann")
    ann.subscribe("topic=ftrack.update")
    user = served.workspace.users[0]
    headers = {"ftrack-user": user.username, "ftrack-api-key": user.api_key, "ftrack-clienttoken": "tool-7"}
    entity = {"__entity_type__": "Scope", "id": "5b4f2a8e-6f0c-4a8e-9d67-0f4d0c6f3c11", "name": "feature"}
    create = {"action": "create", "entity_type": "Scope", "entity_key": [entity["id"]], "entity_data": entity}
    requests.post(f"{served.url}/api", json=[create], headers=headers, timeout=10)
    (event,) = ann.received()
    assert event["data"]["clientToken"] == event["source"]["clientToken"] == "tool-7"
    assert event["data"]["entities"][0]["changes"]["name"] == {"old": None, "new": "feature"}


def test_no_key_gets_into_a_log(served: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The JavaScript client puts its key into the URL of its socket, and a studio's log goes to many eyes."""
    caplog.set_level(logging.DEBUG)
    user = served.workspace.users[0]
    query = f"api_user={user.username}&api_key={user.api_key}"
    told = requests.get(f"{served.url}/socket.io/1/?{query}", timeout=10).text
    socket = served.socket(f"{told.split(':')[0]}?{query}")
    socket.send("x")
    assert socket.recv(timeout=10)
    lines = [f"{record.name} {record.getMessage()}" for record in caplog.records]
    assert lines
    ours = [line for line in lines if not line.startswith(("websockets", "urllib3"))]
    assert not [line for line in ours if user.api_key in line]


def test_a_page_says_what_lives_at_the_address_of_sockets(served: Any) -> None:
    """Somebody opens the address in a browser."""
    reply = requests.get(f"{served.url}/socket.io/1/websocket/abc", timeout=10)
    assert (reply.status_code, reply.json()["exception"]) == (404, "NotFoundError")


def test_a_packet_of_another_kind_is_passed_over(served: Any) -> None:
    """Messages, plain JSON, acknowledgements and no-ops are of the protocol, and mean nothing to ftrack."""
    client = served.client()
    for frame in ("1::", "2::", "3:::hello", '4:::{"a":1}', "6:::1", "6:::1+[1]", "7:::x+y", "8::", "1::/chat"):
        client.socket.send(frame)
    assert client.subscribe("topic=a") == {"success": True}
    assert [packet for packet in client.others if packet != Packet(PacketType.CONNECT)] == []
