"""A line that is cut anywhere in a query, over real HTTP: a read is simply made again, and nobody notices."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from ftrack_backends.workspace import front
from ftrack_backends.workspace._workspace import Workspace
from ftrack_core import Session, errors
from ftrack_core.testing import Cut, CuttingProxy

pytest.importorskip("uvicorn", reason="the front needs the `server` extra")

SEED = {"User": [{"username": name, "first_name": name, "email": f"{name}@show.invalid"} for name in ("ann", "ben")]}
TEXT = "select username from User order by username"


@pytest.fixture(scope="module")
def office() -> Iterator[Any]:
    """A workspace behind HTTP."""
    with Workspace.open(seed=SEED) as workspace, front.serve(workspace) as server:
        yield SimpleNamespace(user=workspace.users[0], url=server.url)


@pytest.fixture
def proxy(office: Any) -> Iterator[CuttingProxy]:
    """The line."""
    with CuttingProxy(office.url) as made:
        yield made


@pytest.fixture
def session(office: Any, proxy: CuttingProxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session through the proxy, whose waits are short."""
    clock = SimpleNamespace(time=time.time, monotonic=time.monotonic, sleep=lambda _seconds: None)
    monkeypatch.setattr("ftrack_core.session._parts.time", clock)
    config = {"schema_cache_path": False, "transport": {"use_environment": False}}
    with Session(proxy.url, office.user.api_key, office.user.username, config=config) as made:
        yield made


def names(session: Session) -> list[str]:
    """All user names, asked for anew."""
    return [user["username"] for user in session.query(TEXT)]


def test_a_reply_that_ends_at_any_byte_is_asked_for_again(session: Session, proxy: CuttingProxy) -> None:
    """Half a reply is never taken for a whole one: in the status, in a header, in the body."""
    expected, retries, place = names(session), -1, 0
    while retries != session.statistics().retries:  # until the cut comes behind the reply's last byte
        retries = session.statistics().retries
        proxy.cuts.append(Cut("query", reply_bytes=place))
        assert names(session) == expected
        place += 1
    assert place > 300


@pytest.mark.parametrize("place", [0, 1, 20, 100, 200, -200, -20, -1])
def test_a_request_that_arrives_in_part_is_sent_again(session: Session, proxy: CuttingProxy, place: int) -> None:
    """The server never sees it, or half of it."""
    expected = names(session)
    proxy.cuts.append(Cut("query", request_bytes=place))
    assert names(session) == expected


@pytest.mark.parametrize("status", [b"502 Bad Gateway", b"503 Service Unavailable", b"504 Gateway Timeout"])
def test_what_a_gateway_says_is_not_the_answer(session: Session, proxy: CuttingProxy, status: bytes) -> None:
    """A proxy between that restarts costs a moment."""
    page = b"<html>soon</html>"
    reply = b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (status, len(page), page)
    expected = names(session)
    proxy.cuts += [Cut("query", reply=reply), Cut("query", reply=reply)]
    assert names(session) == expected


def test_every_kind_of_read_is_made_again(session: Session, proxy: CuttingProxy) -> None:
    """Loads, counts, several queries at once and keys are reads as much as a query is."""
    users = session.query(TEXT).all()
    proxy.cuts += [Cut("query", reply_bytes=40) for _ in range(5)]
    assert [user["first_name"] for user in users] == ["ann", "ben"]
    assert session.query(TEXT).count() == 2
    assert [len(found) for found in session.query_many([TEXT, "User limit 1"])] == [2, 1]
    session.refresh(users)
    keys = [user["id"] for user in users]
    session.reset()
    assert None not in session.get_many("User", keys)
    assert not proxy.cuts


def test_a_line_that_stays_down_is_told(session: Session, proxy: CuttingProxy) -> None:
    """After its time an attempt ends in an error of the transport, and the session goes on when the line is back."""
    expected = names(session)
    proxy.disconnect()
    with pytest.raises(errors.TransportError):
        names(session)
    proxy.connect()
    assert names(session) == expected


def test_other_actions_of_the_server_are_never_repeated(session: Session, proxy: CuttingProxy) -> None:
    """An invitation that may have been sent is not sent twice."""
    user = session.query(TEXT).first()
    assert user is not None
    proxy.cuts.append(Cut("send_user_invite", reply_bytes=0))
    with pytest.raises(errors.TransportError):
        session.send_user_invite(user)
    assert proxy.count("send_user_invite") == 1
