"""Security roles of users, and `permissions`."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def roles(client: Any) -> dict[str, str]:
    """Ids of the roles by name."""
    return {one["name"]: one["id"] for one in client.query("select name from SecurityRole")}


@pytest.fixture
def project(client: Any) -> str:
    """Id of the show."""
    return str(client.query("select id from Project limit 1")[0]["id"])


@pytest.fixture
def act(client: Any, ben: Any, roles: dict[str, str]) -> Any:
    """Does something with Ben's role as a project manager."""

    def call(action: str, **fields: Any) -> Any:
        operation = {"action": action, "user_id": ben["id"], "role_id": roles["Project manager"], **fields}
        reply = client.call(operation)
        assert isinstance(reply, list), reply
        assert reply[0]["action"] == action
        return reply[0]["data"]

    return call


def held(client: Any) -> list[tuple[str, bool, int]]:
    """Ben's roles: name, whether in all open projects, in how many projects by name."""
    rows = client.query(
        "select security_role.name, is_all_open_projects, user_security_role_projects from UserSecurityRole "
        "where user.username is ben"
    )
    return [
        (one["security_role"]["name"], one["is_all_open_projects"], len(one["user_security_role_projects"]))
        for one in rows
    ]


def test_a_role_holds_in_all_open_projects_unless_one_is_named(client: Any, act: Any, project: str) -> None:
    """The documented call names a user and a role, and means everywhere."""
    act("add_user_security_role")
    assert held(client) == [("Project manager", True, 0)]

    act("remove_user_security_role")
    assert held(client) == []

    reply = act("add_user_security_role", project_id=project)
    assert held(client) == [("Project manager", False, 1)]
    assert reply["__entity_type__"] == "UserSecurityRole"
    assert [one["project_id"] for one in reply["user_security_role_projects"]] == [project]


def test_adding_a_role_twice_is_one_role(client: Any, act: Any, project: str) -> None:
    """A set-up script may run again."""
    act("add_user_security_role", project_id=project)
    act("add_user_security_role", project_id=project)
    act("add_user_security_role")

    assert held(client) == [("Project manager", True, 1)]


def test_the_older_name_of_removing_works(client: Any, act: Any) -> None:
    """The example of the official client's documentation says revoke."""
    act("add_user_security_role")

    assert act("revoke_user_security_role") is True
    assert held(client) == []


def test_a_role_is_changed_and_holds_in_the_same_projects(
    client: Any, act: Any, roles: dict[str, str], project: str
) -> None:
    """A promotion does not lose anybody's projects."""
    act("add_user_security_role", project_id=project)

    act("update_user_security_role", new_role_id=roles["Administrator"])

    assert held(client) == [("Administrator", False, 1)]


def test_a_role_cannot_become_one_that_the_user_has(client: Any, act: Any, ben: Any, roles: dict[str, str]) -> None:
    """Two of the same role would be told apart by nobody."""
    act("add_user_security_role")
    act("add_user_security_role", role_id=roles["User"])
    operation = {"action": "update_user_security_role", "user_id": ben["id"], "role_id": roles["User"]}

    assert client.refused({**operation, "new_role_id": roles["Project manager"]})[0] == "IntegrityError"


def test_a_project_is_granted_and_revoked(client: Any, act: Any, project: str) -> None:
    """A freelancer comes for one show and goes."""
    act("grant_user_security_role_project", project_id=project)
    act("grant_user_security_role_project", project_id=project)
    assert held(client) == [("Project manager", False, 1)]

    act("revoke_user_security_role_project", project_id=project)
    assert held(client) == [("Project manager", False, 0)]


@pytest.mark.parametrize(
    ("action", "fields", "hint"),
    [
        ("add_user_security_role", {"user_id": None}, "'user_id'"),
        ("add_user_security_role", {"user_id": "gone"}, "There is no User 'gone'"),
        ("add_user_security_role", {"role_id": "gone"}, "There is no SecurityRole 'gone'"),
        ("add_user_security_role", {"project_id": "gone"}, "There is no Project 'gone'"),
        ("add_user_security_role", {"all_open_projects": "yes"}, "true or false"),
        ("remove_user_security_role", {}, "does not have role"),
        ("update_user_security_role", {"new_role_id": "gone"}, "does not have role"),
        ("grant_user_security_role_project", {}, "'project_id'"),
        ("revoke_user_security_role_project", {"project_id": "p"}, "does not have role"),
        ("permissions", {"entity_type": "Tsk"}, "Task"),
        ("grant_api_key_security_role", {"api_key_id": "gone"}, "no global API key 'gone'"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    client: Any, ben: Any, roles: dict[str, str], action: str, fields: dict[str, Any], hint: str
) -> None:
    """The message says who or what was not found."""
    operation = {"action": action, "user_id": ben["id"], "role_id": roles["User"], **fields}

    assert hint in client.refused(operation)[1]
    assert held(client) == []


def test_revoking_what_was_not_granted_is_refused(client: Any, act: Any, ben: Any, roles: dict[str, str]) -> None:
    """A script that mixes projects up finds out."""
    act("add_user_security_role")
    operation = {"action": "revoke_user_security_role_project", "user_id": ben["id"], "project_id": "p"}

    assert "not granted in project 'p'" in client.refused({**operation, "role_id": roles["Project manager"]})[1]


def test_a_client_may_ask_what_it_may_do(client: Any) -> None:
    """A user interface hides the buttons that would be refused."""
    (reply,) = client.call({"action": "permissions", "entity_type": "Task", "entity_data": {}})

    assert reply["action"] == "permissions"
    assert reply["data"] == {"entity_type": "Task", "read": True, "create": True, "update": True, "delete": True}
