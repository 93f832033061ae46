"""The workspace as transport and authenticator of a session."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.workspace import factories
from ftrack_backends.workspace._address import Address
from ftrack_backends.workspace._registry import OpenWorkspaces
from ftrack_core.errors import (
    ConfigurationError,
    ConnectionClosedError,
    InvalidCredentialsError,
    NotSentError,
    Phase,
)
from ftrack_core.testing import FakeBackendContext
from ftrack_core.values import Request

QUERY = Request("POST", "/api", body=b'[{"action": "query", "expression": "select username from User"}]')


def made(context: FakeBackendContext, user: str = "", **transport: Any) -> tuple[Any, Any]:
    """A transport and an authenticator, made as an assembly makes them."""
    first = factories.transport.create(factories.transport.options(**transport), context)
    second = factories.authenticator.create(factories.authenticator.options(user=user), context)
    return first, second


def asked(transport: Any, authenticator: Any, request: Request = QUERY) -> Any:
    """The decoded reply to a request with credentials."""
    return json.loads(transport.exchange(next(authenticator.flow(request))).body)


def test_both_use_the_same_private_workspace() -> None:
    """The user that the authenticator names is one that the transport's workspace lets in."""
    context = FakeBackendContext(server_url="embedded:")
    transport, authenticator = made(context)

    assert asked(transport, authenticator)[0]["data"][0]["username"] == authenticator.user == "user"
    context.close()
    with pytest.raises(ConnectionClosedError):
        asked(transport, authenticator)


def test_private_workspaces_are_not_shared() -> None:
    """`embedded:` twice is two shows."""
    one, _ = made(FakeBackendContext(server_url="embedded:"))
    other, _ = made(FakeBackendContext(server_url="embedded:"))

    assert one.workspace_id != other.workspace_id


def test_a_named_workspace_lives_as_long_as_somebody_uses_it() -> None:
    """Two sessions of one test see each other's work; the next test starts afresh."""
    contexts = [FakeBackendContext(server_url="embedded:shared-by-two") for _ in range(3)]
    first, second = made(contexts[0])[0], made(contexts[1])[0]
    assert first.workspace_id == second.workspace_id

    contexts[0].close()
    contexts[0].close()
    contexts[1].close()

    assert made(contexts[2])[0].workspace_id != first.workspace_id
    contexts[2].close()


def test_a_file_is_shared_by_the_sessions_of_a_process(tmp_path: Path) -> None:
    """Whatever way its path is written, a file is one workspace, and it is free again in the end."""
    (tmp_path / "sub").mkdir()
    plain = FakeBackendContext(server_url=f"embedded://{tmp_path.as_posix()}/show.sqlite")
    winding = FakeBackendContext(server_url=f"embedded://{tmp_path.as_posix()}/sub/../show.sqlite")

    one, other = made(plain)[0], made(winding)[0]

    assert one.workspace_id == other.workspace_id
    plain.close()
    winding.close()
    again = FakeBackendContext(server_url=f"embedded://{tmp_path.as_posix()}/show.sqlite")
    assert made(again)[0].workspace_id == one.workspace_id
    again.close()


@pytest.mark.parametrize(("url", "options"), [("embedded:", {"seed": "demo"}), ("embedded:?seed=demo", {})])
def test_a_seed_is_an_option_or_part_of_the_address(url: str, options: dict[str, Any]) -> None:
    """The demo show is one word away."""
    context = FakeBackendContext(server_url=url)
    transport, authenticator = made(context, user="ben", **options)

    assert len(asked(transport, authenticator)[0]["data"]) == 6
    assert authenticator.user == "ben"
    context.close()


def test_another_seed_for_an_open_workspace_is_refused() -> None:
    """Whoever asks for the demo show must not silently get an empty one."""
    context = FakeBackendContext(server_url="embedded:two-seeds")
    made(context)

    with pytest.raises(ConfigurationError, match="open already"):
        made(FakeBackendContext(server_url="embedded:two-seeds"), seed="demo")
    context.close()


def test_a_user_that_is_not_there_is_named_with_those_who_are() -> None:
    """A typing error in a test's user is found at once."""
    context = FakeBackendContext(server_url="embedded:?seed=demo")

    with pytest.raises(InvalidCredentialsError, match=r"'zoe'.*ann, ben"):
        made(context, user="zoe")
    context.close()


def test_a_workspace_without_people_says_so() -> None:
    """There is nobody to act as."""
    context = FakeBackendContext(server_url="embedded:")

    with pytest.raises(InvalidCredentialsError, match="its seed names none"):
        made(context, seed={"Scope": [{"name": "a"}]})
    context.close()


@pytest.mark.parametrize(
    "url",
    [
        "embedded:a b",
        "embedded:../show",
        "embedded://host/show.sqlite",
        "embedded:///",
        "embedded:///a/",
        "embedded:?x=1",
        "http://x",
    ],
)
def test_an_address_that_means_nothing_is_refused(url: str) -> None:
    """The error lists the three forms."""
    with pytest.raises(ConfigurationError, match="embedded:NAME"):
        Address.parse(url)


def test_requests_for_other_servers_are_never_sent() -> None:
    """A wrong URL must not reach into a workspace, and the error must not repeat what its query holds."""
    context = FakeBackendContext(server_url="embedded:")
    transport, _ = made(context)

    with pytest.raises(NotSentError) as caught:
        transport.exchange(Request("GET", "https://acme.invalid/api?apiKey=secret"))

    assert caught.value.phase is Phase.BEFORE_SENDING
    assert "secret" not in str(caught.value)
    assert transport.exchange(Request("GET", "embedded:/api")).status == 405
    context.close()


def test_a_closed_transport_says_so() -> None:
    """The workspace may live on for others."""
    context = FakeBackendContext(server_url="embedded:")
    transport, authenticator = made(context)
    transport.close()
    transport.close()

    with pytest.raises(ConnectionClosedError):
        asked(transport, authenticator)
    context.close()


def test_the_key_shows_nowhere_but_on_the_wire() -> None:
    """Representations end up in logs."""
    context = FakeBackendContext(server_url="embedded:")
    transport, authenticator = made(context)

    parameters = authenticator.url_parameters()
    assert parameters == {"username": "user", "apiKey": authenticator.api_key}
    assert authenticator.api_key not in repr(authenticator) + repr(transport)
    context.close()


def test_many_threads_open_and_close_one_name() -> None:
    """A leaked or doubly closed workspace would show as an error here, or as an entry that stays."""
    registry, address = OpenWorkspaces(), Address.parse("embedded:busy")
    start = threading.Barrier(8)

    def use(_: int) -> None:
        start.wait()
        for _turn in range(10):
            lease = registry.lease(address)
            assert lease.workspace.users
            lease.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))

    assert registry.count(address) == 0


def test_a_workspace_that_cannot_open_leaves_no_trace(tmp_path: Path) -> None:
    """After the fault is mended, the same address works."""
    registry, address = OpenWorkspaces(), Address.parse(f"embedded://{tmp_path.as_posix()}/absent/show.sqlite")
    with pytest.raises(ConfigurationError):
        registry.lease(address)
    assert registry.count(address) == 0

    (tmp_path / "absent").mkdir()
    registry.lease(address).close()


def test_the_factories_import_nothing_heavy() -> None:
    """Listing backends must not load a database."""
    program = (
        "import sys, ftrack_backends.workspace.factories; print({'sqlite3', 'tomllib', 'tomli'} & set(sys.modules))"
    )

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "set()"
