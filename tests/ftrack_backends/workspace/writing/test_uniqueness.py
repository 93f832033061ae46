"""What there may be only one of."""

from __future__ import annotations

from typing import Any


def test_siblings_have_names_of_their_own(client: Any, ops: Any) -> None:
    """Paths are made of names."""
    project = client.project()
    shot = client.shot(project, "sh010")
    client.shot(project, "sh020")

    assert client.refused(ops.create("Sequence", name="sh010", parent_id=project["id"]))[0] == "IntegrityError"
    assert client.refused(ops.update("Shot", shot["id"], name="sh020"))[0] == "IntegrityError"
    client.shot(shot, "sh010")


def test_projects_have_names_of_their_own(client: Any, ops: Any) -> None:
    """A project is found by its name."""
    client.project("film")

    assert client.refused(ops.create("Project", name="film"))[0] == "IntegrityError"


def test_names_may_be_swapped_in_one_batch(client: Any, ops: Any) -> None:
    """Only what a batch leaves behind counts."""
    project = client.project()
    one, two = client.shot(project, "one"), client.shot(project, "two")

    client.call(ops.update("Shot", one["id"], name="two"), ops.update("Shot", two["id"], name="one"))
    client.call(ops.delete("Shot", one["id"]), ops.create("Shot", name="two", parent_id=project["id"]))

    assert sorted(row["name"] for row in client.query("select name from Shot")) == ["one", "two"]


def test_moving_under_a_namesake_is_refused(client: Any, ops: Any) -> None:
    """Uniqueness is looked at on moving too."""
    project = client.project()
    one, two = (client.create("Sequence", name=name, parent_id=project["id"]) for name in ("one", "two"))
    shot = client.shot(one)
    client.shot(two)

    assert client.refused(ops.update("Shot", shot["id"], parent_id=two["id"]))[0] == "IntegrityError"


def test_assets_may_share_a_name(client: Any) -> None:
    """The same name under one context is allowed for assets."""
    project = client.project()

    first, second = (client.create("Asset", name="a", context_id=project["id"]) for _ in range(2))

    assert first["id"] != second["id"]


def test_users_have_names_and_addresses_of_their_own(client: Any, ops: Any) -> None:
    """Signing in goes by them."""
    client.create("User", username="nia", email="nia@acme.invalid")

    assert client.refused(ops.create("User", username="nia"))[0] == "IntegrityError"
    assert client.refused(ops.create("User", username="mo", email="nia@acme.invalid"))[0] == "IntegrityError"


def test_a_user_has_one_timer(client: Any, ops: Any) -> None:
    """Clients recognise a second one by the name of the error."""
    project = client.project()
    timer = client.create("Timer", context_id=project["id"])

    assert client.refused(ops.create("Timer", context_id=project["id"]))[0] == "DuplicateEntryError"
    client.call(ops.delete("Timer", timer["id"]), ops.create("Timer", context_id=project["id"]))
    assert len(client.query("Timer")) == 1
