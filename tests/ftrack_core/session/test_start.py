"""What happens when a session starts, and what is told when it cannot."""

from __future__ import annotations

import gc
import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.testing import LoopbackServer, RecordingTransport
from ftrack_core.values import Request, Response


def refuse(*, version: object = None, body: bytes | None = None, status: int = 200) -> RecordingTransport:
    """A server that tells this version, or answers with this body."""
    told = json.dumps([{} if version is None else {"version": version}]).encode()
    return RecordingTransport([Response(status, {}, told if body is None else body), Response(200, {}, b"[[]]")])


def start(transport: Any, **settings: Any) -> Session:
    """A session over a transport."""
    config = {"transport": transport, "schema_cache_path": False, **settings}
    return Session("http://show.invalid", "key", "ann", config=config)


def test_a_start_is_two_calls_of_one_operation(make_session: Callable[..., Session], wire: Any) -> None:
    """A render farm starts a thousand sessions a minute: what a start costs is known."""
    make_session()
    actions = [[operation["action"] for operation in batch] for batch in wire.batches]
    assert actions == [["query_server_information"], ["query_schemas"]]


def test_a_start_with_known_schemas_is_one_call(
    make_session: Callable[..., Session], wire: Any, tmp_path: Path
) -> None:
    """Schemas are big: they come over the network once."""
    make_session(settings={"schema_cache_path": str(tmp_path)})
    wire.forget()
    second = make_session(settings={"schema_cache_path": str(tmp_path)})
    assert [batch[0]["action"] for batch in wire.batches] == ["query_server_information"]
    assert second.query("Task").first() is not None


def test_a_corrupt_schema_cache_is_a_miss_and_is_replaced(
    make_session: Callable[..., Session], wire: Any, tmp_path: Path
) -> None:
    """A machine that lost power while writing must not need a person to delete files."""
    make_session(settings={"schema_cache_path": str(tmp_path)})
    [kept] = [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size]
    kept.write_bytes(kept.read_bytes()[:1000])
    wire.forget()
    assert make_session(settings={"schema_cache_path": str(tmp_path)}).query("Task").first() is not None
    assert wire.batches[1][0]["action"] == "query_schemas"
    wire.forget()
    make_session(settings={"schema_cache_path": str(tmp_path)})
    assert wire.calls == 1


def test_every_request_says_who_and_which_session(make_session: Callable[..., Session], wire: Any) -> None:
    """The server and the event listeners tell sessions apart by their token."""
    first, second = (
        make_session(strict_api=True, headers={"x-studio": "acme", "ftrack-strict-api": "no"}),
        make_session(),
    )
    assert wire.headers[0]["ftrack-user"] == "ann"
    assert wire.headers[0]["ftrack-api-key"] == first.api_key
    assert (wire.headers[0]["ftrack-strict-api"], wire.headers[2]["ftrack-strict-api"]) == ("true", "false")
    assert wire.headers[0]["x-studio"] == "acme"
    assert wire.headers[0]["ftrack-clienttoken"] == first.client_token != second.client_token


@pytest.mark.parametrize("version", ["3.3.11", "dev", "3.4", "4.13.1.abc", "3.4.0"])
def test_a_server_of_a_version_that_will_do_is_accepted(version: str) -> None:
    """Development servers and odd version texts are let through."""
    start(refuse(version=version)).close()


@pytest.mark.parametrize("version", [None, "", "3.3.10", "2.9.99"])
def test_a_server_that_is_too_old_or_tells_no_version_is_refused(version: str | None) -> None:
    """Half a feature set would fail later, in the middle of work."""
    with pytest.raises(errors.ServerCompatibilityError, match="version"):
        start(refuse(version=version))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html><body>Please log in</body></html>", "not JSON: '<html>.*Is the URL"),
        (b'[{"version": "4.1', "not JSON"),
        (b"", "an empty body"),
        (b"{}", "JSON dict"),
        (b"[]", "list of 0"),
        (b"[7]", "not a JSON object"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "nested|not JSON"),
    ],
)
def test_what_is_no_ftrack_server_is_told(body: bytes, message: str) -> None:
    """A URL of a login page or a proxy is the commonest mistake of all."""
    with pytest.raises(errors.MalformedReplyError, match=message):
        start(refuse(body=body))


@pytest.mark.parametrize("schemas", [b"[7]", b"[[7]]", b'[[{"properties": {}}]]', b"[null]"])
def test_schemas_that_are_none_are_told(schemas: bytes) -> None:
    """A proxy that garbles one reply must not give a session that fails anywhere later."""
    with pytest.raises(errors.MalformedReplyError, match="schemas"):
        start(RecordingTransport([Response(200, {}, b'[{"version": "dev"}]'), Response(200, {}, schemas)]))


def test_a_wrong_key_is_told(workspace: Any, wire: Any) -> None:
    """The user learns that it is the credentials, and a script can catch it as the kind of error it is."""
    config = {"transport": wire, "schema_cache_path": False}
    with pytest.raises(errors.InvalidCredentialsError) as caught:
        Session("http://show.invalid", "wrong-key", "ann", config=config)
    assert isinstance(caught.value, errors.ServerError)
    assert "wrong-key" not in str(caught.value)


def test_missing_credentials_are_told_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody wants to run a tool three times to learn of three variables."""
    with pytest.raises(errors.MissingCredentialsError) as caught:
        Session()
    assert {"server_url", "api_key"} <= set(caught.value.missing)
    assert "FTRACK_SERVER" in str(caught.value)
    assert "FTRACK_APIKEY" in str(caught.value)
    assert isinstance(caught.value, TypeError)


def test_an_unknown_backend_is_told_with_the_nearest_one() -> None:
    """A typing error in a config file is found by reading the message."""
    with pytest.raises(errors.BackendNotFoundError, match=r"memori.*did you mean 'memory'"):
        start(refuse(version="dev"), cache="memori")


def test_a_config_file_that_is_not_toml_is_told(tmp_path: Path) -> None:
    """The message names the file and the place in it."""
    path = tmp_path / "studio.toml"
    path.write_text("[profiles.farm\nserver_url =")
    with pytest.raises(errors.ConfigurationError, match=r"studio\.toml"):
        Session("http://show.invalid", "key", "ann", config=path)


def test_a_freshness_that_is_no_age_is_told_before_anything_is_sent(wire: Any) -> None:
    """All faults at once, and no call for a session that cannot be."""
    with pytest.raises(errors.ConfigurationError) as caught:
        start(wire, freshness={"Status": "soon", "Type": True, "Task": "1d"})
    assert len(caught.value.faults) == 2
    assert wire.calls == 0


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    """A server on the loopback that misbehaves."""
    with LoopbackServer() as running:
        yield running


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/status/502", errors.ServerError),
        ("/garbage", errors.TransportError),
        ("/close", errors.ConnectionLostError),
        ("/half-body", errors.ConnectionLostError),
        ("/empty", errors.MalformedReplyError),
        ("/echo", errors.MalformedReplyError),
    ],
)
def test_a_failing_start_over_a_real_network_leaves_nothing_open(
    server: LoopbackServer, path: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that tries again every minute must not run out of sockets."""

    def request(body: bytes, headers: Any, timeout_seconds: float | None = None) -> Request:
        return Request("POST", path, headers, body, timeout_seconds)

    monkeypatch.setattr("ftrack_core.session.line._server.api_request", request)  # every call goes to that path
    with pytest.raises(error):
        Session(server.url, "key", "ann", schema_cache_path=False, config={"retry_seconds": 0})
    gc.collect()  # a socket that was left open warns, and warnings are errors


def test_a_server_that_cannot_be_reached_is_told(server: LoopbackServer) -> None:
    """Surely nothing was sent, and the message says where to."""
    with pytest.raises(errors.NotSentError) as caught:
        Session(server.refusing_url(), "key", "ann", schema_cache_path=False, config={"retry_seconds": 0})
    assert caught.value.phase is errors.Phase.BEFORE_SENDING
    assert "127.0.0.1" in str(caught.value)
    gc.collect()


def test_a_server_that_was_never_reached_is_not_waited_for() -> None:
    """Whoever mistyped a URL hears of it at once, not after ten seconds of trying again."""
    away = RecordingTransport([errors.NotSentError("Connection refused."), *[Response(200, {}, b"[]")] * 2])
    with pytest.raises(errors.NotSentError):
        start(away, retry_seconds=60)
    assert len(away.requests) == 1


MODULE = """
from ftrack_core.testing import RecordingTransport
from ftrack_core.values import Response

made = []

def transport(**options):
    made.append(RecordingTransport([Response(200, {}, b'[{"version": "1.0.0"}]')]))
    return made[-1]
"""


def test_what_a_failing_start_made_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Backends that a session made go with it."""
    (tmp_path / "acme_made_here.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(errors.ServerCompatibilityError):
        start("acme_made_here:transport")
    [made] = importlib.import_module("acme_made_here").made
    assert made.closed


def test_what_was_handed_in_stays_open(wire: Any) -> None:
    """A transport that several sessions share outlives each of them."""
    given = refuse(version="1.0.0")
    with pytest.raises(errors.ServerCompatibilityError):
        start(given)
    assert not given.closed
