"""Workspaces in memory and in files."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace._embedded_transport import EmbeddedTransport
from ftrack_backends.workspace.model import EntityType, Text, ftrack_model
from ftrack_core.errors import ConfigurationError, ConnectionClosedError, InvalidCredentialsError
from ftrack_core.values import Request


def client(client_of: Any, workspace: Workspace) -> Any:
    """A client signed in as the first user."""
    first = workspace.users[0]
    return client_of(workspace, first.username, first.api_key)


def test_workspaces_in_memory_are_strangers(client_of: Any) -> None:
    """Two tests in one process never meet, not even by their keys."""
    with Workspace.open() as one, Workspace.open() as other:
        client(client_of, one).create("Scope", name="a")

        assert client(client_of, other).query("Scope") == []
        assert one.id != other.id
        assert one.users[0].api_key != other.users[0].api_key
        assert client_of(other, *_credentials(one)).refused()[0] == "InvalidCredentialsError"


def test_a_file_keeps_rows_id_and_keys(client_of: Any, tmp_path: Path) -> None:
    """A studio's training show is there the next morning, under the same keys."""
    path = tmp_path / "show.sqlite"
    with Workspace.open(path) as workspace:
        client(client_of, workspace).create("Scope", name="kept")
        first, users = workspace.id, workspace.users

    with Workspace.open(os.fspath(path)) as workspace:
        assert (workspace.id, workspace.users) == (first, users)
        assert [one["name"] for one in client(client_of, workspace).query("select name from Scope")] == ["kept"]


def test_a_file_has_keys_of_its_own(tmp_path: Path) -> None:
    """A copy of the demo show is not open to whoever read our sources."""
    with Workspace.open(tmp_path / "a.sqlite", seed="demo") as one, Workspace.open(seed="demo") as other:
        keys = [user.api_key for user in (*one.users, *other.users)]

    assert len(set(keys)) == len(keys)
    assert min(map(len, keys)) >= 32


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such modes")
def test_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    """It holds keys."""
    path = tmp_path / "show.sqlite"
    with Workspace.open(path):
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}

    assert set(modes.values()) == {0o600}


def test_nothing_but_the_file_is_left_behind(tmp_path: Path) -> None:
    """A workspace is one file that can be copied."""
    with Workspace.open(tmp_path / "show.sqlite"):
        pass

    assert [one.name for one in tmp_path.iterdir()] == ["show.sqlite"]


def test_a_seed_is_left_aside_by_a_file_with_rows(client_of: Any, tmp_path: Path) -> None:
    """`ftrack serve --seed demo --database FILE` works the second day too, with what was done on the first."""
    with Workspace.open(tmp_path / "a.sqlite"):
        pass
    with Workspace.open(tmp_path / "a.sqlite", seed="demo") as workspace:
        assert [user.username for user in workspace.users] == ["user"]


def test_a_file_that_is_no_workspace_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Naming the wrong file must not cost anybody a database."""
    foreign, text = tmp_path / "other.sqlite", tmp_path / "notes.txt"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE mine (a)")
    connection.close()
    text.write_text("not a database, and long enough to look at" * 100)
    before = foreign.read_bytes(), text.read_bytes()

    for path in (foreign, text, tmp_path, tmp_path / "absent" / "show.sqlite"):
        with pytest.raises(ConfigurationError, match="cannot be"):
            Workspace.open(path)

    assert (foreign.read_bytes(), text.read_bytes()) == before
    assert not list(tmp_path.glob("*.owner"))


def test_a_file_has_one_owner_at_a_time(tmp_path: Path) -> None:
    """Whoever comes second learns who has it, and how to share it."""
    path = tmp_path / "show.sqlite"
    program = "import sys; from ftrack_backends.workspace import Workspace; Workspace.open(sys.argv[1])"
    with Workspace.open(path):
        with pytest.raises(ConfigurationError, match="this very process"):
            Workspace.open(path)
        second = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=False)

    assert second.returncode == 1
    assert f"process {os.getpid()}" in second.stderr
    assert f"ftrack serve --database {path}" in second.stderr
    third = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=False)
    assert (third.returncode, third.stderr) == (0, "")


def test_a_killed_owner_leaves_the_file_free(client_of: Any, tmp_path: Path) -> None:
    """A crash never locks anybody out, and loses nothing that was committed."""
    path = tmp_path / "show.sqlite"
    program = """
import os, sys, json
from ftrack_backends.workspace import Workspace
from ftrack_core.values import Request
workspace = Workspace.open(sys.argv[1])
user = workspace.users[0]
batch = [{"action": "create", "entity_type": "Scope", "entity_data": {"name": "kept"}}]
headers = {"ftrack-user": user.username, "ftrack-api-key": user.api_key}
workspace.exchange(Request("POST", "/api", headers, json.dumps(batch).encode()))
os._exit(9)
"""
    killed = subprocess.run([sys.executable, "-c", program, path], capture_output=True, check=False)
    assert (killed.returncode, killed.stderr) == (9, b"")

    with Workspace.open(path) as workspace:
        assert len(client(client_of, workspace).query("Scope where name is kept")) == 1


def test_a_user_that_a_client_created_can_sign_in(client_of: Any) -> None:
    """A test makes the people it needs, and then acts as them."""
    with Workspace.open() as workspace:
        first = client(client_of, workspace)
        first.create("User", username="nia")
        first.create("User", username="gone", is_active=False)

        given = workspace.credentials("nia")

        assert client_of(workspace, "nia", given.api_key).query("User")
        assert workspace.credentials("nia") == given == workspace.users[-1]
        for name in ("gone", "nobody", ""):
            with pytest.raises(InvalidCredentialsError, match="user, nia"):
                workspace.credentials(name)


def test_a_closed_workspace_says_so(tmp_path: Path) -> None:
    """Using it afterwards is a mistake in the program, and closing twice is none."""
    workspace = Workspace.open(tmp_path / "show.sqlite")
    workspace.close()
    workspace.close()

    with pytest.raises(ConnectionClosedError):
        workspace.exchange(Request("POST", "/api"))
    with Workspace.open(tmp_path / "show.sqlite"):
        pass


def test_a_studios_own_model_can_be_worked_with(client_of: Any) -> None:
    """Types that a studio adds are created, queried and told in the schemas like ftrack's own."""
    prop = EntityType("Invoice", "What somebody is owed.", (Text("id", required=True), Text("name", required=True)))

    with Workspace.open(model=ftrack_model().extended(types=[prop])) as workspace:
        own = client(client_of, workspace)
        own.create("Invoice", name="chairs")

        assert own.one("select name from Invoice")["name"] == "chairs"
        (schemas,) = own.call({"action": "query_schemas"})
        assert "Invoice" in {schema["id"] for schema in schemas}


def test_what_the_workspace_tells_of_itself_is_what_clients_need(client_of: Any) -> None:
    """Clients check the version, keep the schemas by their hash, and read dates by the zone flag."""
    with Workspace.open() as workspace:
        own = client(client_of, workspace)
        information, schemas = own.call({"action": "query_server_information"}, {"action": "query_schemas"})
        (some,) = own.call({"action": "query_server_information", "values": ["version", "schema_hash", "nonsense"]})

    assert information["is_timezone_support_enabled"] is True
    assert tuple(map(int, information["version"].split("."))) >= (3, 3, 11)
    assert some == {"version": information["version"], "schema_hash": information["schema_hash"]}
    assert len(information["schema_hash"]) == 32
    assert json.dumps(schemas)
    assert own.workspace.requests.count("query_server_information") == 2


def _credentials(workspace: Workspace) -> tuple[str, str]:
    return workspace.users[0].username, workspace.users[0].api_key


def test_representations_are_short(client_of: Any, tmp_path: Path) -> None:
    """A failing test prints them, and a debugger at every step: neither shall show a whole data model."""
    with Workspace.open(tmp_path / "show.sqlite", seed="demo") as workspace:
        answer = client(client_of, workspace).call([{"action": "query", "expression": "select id from Task"}])
        assert answer
        assert repr(workspace) == f"<Workspace {tmp_path / 'show.sqlite'}: 1 requests served>"
        assert repr(workspace.requests) == "<RequestLog: 1 requests>"
        assert repr(workspace.outbox) == "<Outbox: 0 messages>"
        for held in (EmbeddedTransport(workspace), workspace._application, workspace._services, workspace._store):
            assert len(repr(held)) < 300, type(held)
    assert repr(workspace).endswith("closed>")
    with Workspace.open() as workspace:
        assert repr(workspace) == "<Workspace in memory: 0 requests served>"
