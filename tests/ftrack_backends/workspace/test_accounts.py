"""Who may use a workspace, and how."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace._accounts import GlobalKey, add_global_key, mark_read_only
from ftrack_backends.workspace.actions._invitations import INVITATIONS
from ftrack_backends.workspace.actions._jobs import JOBS
from ftrack_backends.workspace.actions._keys import KEYS
from ftrack_backends.workspace.actions._roles import ROLES
from ftrack_backends.workspace.actions._writes import WRITES
from ftrack_core.values import Request

QUERY = {"action": "query", "expression": "State"}


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """The demo show: it has several users."""
    with Workspace.open(seed="demo") as opened:
        yield opened


@pytest.fixture
def roles(workspace: Workspace, client: Any) -> dict[str, str]:
    """Ids of the roles by name; `User` only lets read."""
    found = {one["name"]: one["id"] for one in client.query("select name from SecurityRole")}
    with workspace._store.writing() as connection:
        mark_read_only(connection, [found["User"]])
    return found


@pytest.fixture
def with_key(workspace: Workspace, client_of: Any) -> Any:
    """Makes a client of a user with a new global key that has some roles."""

    def make(username: str, *role_ids: str) -> Any:
        with workspace._store.writing() as connection:
            add_global_key(connection, GlobalKey("farm-key", "render farm", role_ids))
        return client_of(workspace, username, "farm-key")

    return make


def test_a_personal_key_belongs_to_its_user(workspace: Workspace, client_of: Any) -> None:
    """Nobody acts in another's name with his own key."""
    bens = workspace.credentials("ben").api_key

    assert client_of(workspace, "ann", bens).refused(QUERY)[0] == "InvalidCredentialsError"


def test_a_global_key_goes_with_any_active_user(workspace: Workspace, client: Any, with_key: Any) -> None:
    """A farm has one key and acts for whoever sent the job."""
    farm = with_key("ann")
    scope = farm.create("Scope", name="a")
    assert scope

    farm.username = "ben"
    note = farm.create("Note", content="done", parent_type="Task", parent_id=client.query("Task limit 1")[0]["id"])
    ben = client.one("User where username is ben")["id"]
    assert note["user_id"] == ben

    client.update("User", ben, is_active=False)
    assert farm.refused(QUERY)[0] == "InvalidCredentialsError"
    farm.username = "nobody"
    assert farm.refused(QUERY)[0] == "InvalidCredentialsError"


def test_a_global_key_is_nobodys_in_the_list_of_users(workspace: Workspace, with_key: Any) -> None:
    """The list tells pairs of user and key."""
    before = workspace.users
    with_key("ann")

    assert workspace.users == before


def test_a_key_whose_roles_only_let_read_cannot_write(with_key: Any, roles: dict[str, str], ops: Any) -> None:
    """A dashboard's key that leaks must not delete the show."""
    reader = with_key("ann", roles["User"])

    assert reader.query("Task limit 1")
    exception, content = reader.refused(ops.create("Scope", name="a"), QUERY)
    assert exception == "PermissionError"
    assert "'create' writes" in content
    assert reader.query("Scope") == []


@pytest.mark.parametrize("action", sorted({**WRITES, **KEYS, **INVITATIONS, **JOBS, **ROLES}))
def test_no_writing_action_is_forgotten(with_key: Any, roles: dict[str, str], action: str) -> None:
    """One that was would be the way around."""
    assert with_key("ann", roles["User"]).refused({"action": action})[0] == "PermissionError"


def test_a_key_that_may_only_read_gets_no_url_to_write_with(client: Any, with_key: Any, roles: dict[str, str]) -> None:
    """A signed URL needs no key."""
    component = client.create("FileComponent", name="plate")["id"]
    reader = with_key("ann", roles["User"])
    operation = {"action": "generate_signed_url", "component_id": component}

    assert reader.refused({**operation, "operation": "put"})[0] == "PermissionError"
    assert reader.call({**operation, "operation": "get"})[0]["signed_url"]


def test_one_role_that_lets_write_is_enough(with_key: Any, roles: dict[str, str]) -> None:
    """Roles add to each other."""
    assert with_key("ann", roles["User"], roles["API"]).create("Scope", name="a")


def test_a_strict_client_gets_the_status_of_a_refusal(with_key: Any, roles: dict[str, str]) -> None:
    """Proxies and logs look at the status."""
    reader = with_key("ann", roles["User"])
    reader.strict = True

    assert reader.post(b'[{"action": "create"}]').status == 403


def test_users_have_the_rights_of_their_roles(
    workspace: Workspace, client: Any, client_of: Any, roles: dict[str, str]
) -> None:
    """A supervisor from outside may look, until somebody gives him more."""
    ben = client.one("User where username is ben")["id"]
    own = client_of(workspace, "ben", workspace.credentials("ben").api_key)
    assert own.create("Scope", name="a"), "one without a role may do everything"

    client.call({"action": "add_user_security_role", "user_id": ben, "role_id": roles["User"]})
    assert own.refused({"action": "create"})[0] == "PermissionError"
    assert own.query("Scope")

    client.call({"action": "add_user_security_role", "user_id": ben, "role_id": roles["Project manager"]})
    assert own.create("Scope", name="b")


def test_the_server_information_tells_what_the_key_is(with_key: Any, roles: dict[str, str]) -> None:
    """A user interface shows it, and a script finds the id of its key there."""
    reader = with_key("ann", roles["User"])

    (information,) = reader.call({"action": "query_server_information", "values": ["user_information"]})

    told = information["user_information"]
    assert (told["username"], told["is_global_access_key"], told["restricted_user"]) == ("ann", True, True)
    assert told["access_key_id"]


def test_a_role_of_a_key_is_granted_and_revoked_by_clients(client: Any, with_key: Any, roles: dict[str, str]) -> None:
    """An administrator limits a key without a restart."""
    farm = with_key("ann")
    (information,) = farm.call({"action": "query_server_information", "values": ["user_information"]})
    key_id = information["user_information"]["access_key_id"]
    operation = {"role_id": roles["User"], "api_key_id": key_id}

    client.call({"action": "grant_api_key_security_role", **operation})
    assert farm.refused({"action": "create"})[0] == "PermissionError"
    client.call({"action": "revoke_api_key_security_role", **operation})
    assert farm.create("Scope", name="a")


def test_credentials_in_the_address_are_the_same(workspace: Workspace, roles: dict[str, str], with_key: Any) -> None:
    """Old clients send them there; that is no way around a key's rights."""
    with_key("ann", roles["User"])
    url = "/api?api_user=ann&api_key=farm-key"

    assert workspace.exchange(Request("POST", url, {}, b'[{"action": "create"}]')).body.count(b"PermissionError") == 1
    assert workspace.exchange(Request("POST", url, {}, b'[{"action": "query_schemas"}]')).status == 200


def test_keys_survive_in_a_file(tmp_path: Any, client_of: Any) -> None:
    """A server that restarts lets the same clients in."""
    path = tmp_path / "show.sqlite"
    with Workspace.open(path) as workspace:
        first = workspace.users[0]
        with workspace._store.writing() as connection:
            add_global_key(connection, GlobalKey("farm-key"))
    with Workspace.open(path) as workspace:
        assert workspace.users == (first,)
        assert client_of(workspace, first.username, "farm-key").query("State")


def test_no_key_shows_in_a_representation() -> None:
    """Tracebacks are pasted into tickets."""
    assert "farm-key" not in repr(GlobalKey("farm-key", "farm"))
