"""Seeds that studios write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace.seeds import Seed
from ftrack_core.errors import ConfigurationError

SHOW = "[[show]]\nname = 'a'\nproject_schema = 'VFX'\n"
FILE = """
[[User]]
username = "nia"
api_key = "chosen"

[[User]]
username = "mo"

[[project_schema]]
name = "Games"
task_statuses = ["Not started", "Approved"]
version_statuses = ["Approved"]
task_types = ["Modeling"]

[project_schema.objects.Task]
statuses = ["Approved"]
types = ["Modeling"]

[[Project]]
id = "00000000-0000-4000-8000-000000000001"
name = "game"
project_schema = "Games"
start_date = 2026-03-01T10:00:00+02:00
end_date = 2026-04-01

[[Task]]
name = "chair"
parent = "game"
type = "Modeling"

[[Metadata]]
parent_id = "00000000-0000-4000-8000-000000000001"
key = "engine"
value = "ours"
"""


def opened(client_of: Any, seed: Any) -> Any:
    """A client of a new workspace with a seed, signed in as its first user."""
    workspace = Workspace.open(seed=seed)
    first = workspace.users[0]
    return client_of(workspace, first.username, first.api_key)


def test_a_file_says_rows_by_type_with_references_by_name(client_of: Any, tmp_path: Path) -> None:
    """A studio's test show is a page that anybody can read."""
    path = tmp_path / "studio.toml"
    path.write_text(FILE, encoding="utf-8")

    client = opened(client_of, path)

    assert [user.username for user in client.workspace.users] == ["nia", "mo"]
    assert client.workspace.users[0].api_key == "chosen"
    project = client.one("select start_date, end_date, project_schema.name, metadata.value from Project")
    assert project["id"] == "00000000-0000-4000-8000-000000000001"
    assert project["project_schema"]["name"] == "Games"
    assert project["start_date"]["value"] == "2026-03-01T08:00:00"
    assert project["end_date"]["value"] == "2026-04-01T00:00:00"
    assert [one["value"] for one in project["metadata"]] == ["ours"]
    task = client.one("select status.name, type.name, project.name from Task")
    assert (task["status"]["name"], task["type"]["name"], task["project"]["name"]) == ("Approved", "Modeling", "game")
    assert opened(client_of, str(path)).one("Task")["id"] == task["id"]


def test_a_mapping_is_a_seed_too(client_of: Any) -> None:
    """A test says what its show has where it needs it."""
    client = opened(client_of, {"User": [{"username": "nia"}], "Scope": [{"name": "a"}, {"name": "b"}]})

    assert [one["name"] for one in client.query("select name from Scope")] == ["a", "b"]
    assert len(client.query("Location")) == 5


def test_a_name_may_stand_for_a_row_that_comes_later(client_of: Any) -> None:
    """The order of a file is its writer's."""
    client = opened(
        client_of,
        {
            "User": [{"username": "nia"}],
            "Membership": [{"user": "nia", "group": "Rigging"}],
            "Group": [{"name": "Rigging"}],
        },
    )

    assert client.one("select group.name from Membership")["group"]["name"] == "Rigging"


def test_a_seed_may_have_nobody_in_it() -> None:
    """It is strange and harmless."""
    with Workspace.open(seed={"Scope": [{"name": "a"}]}) as workspace:
        assert workspace.users == ()


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("[[User]\n", ["bad.toml", "line 1"]),
        ("[Project]\nname = 'a'", ["bad.toml:1: Project must be a list"]),
        ("User = [1]", ["bad.toml:1: User[0]"]),
        ("[[Usr]]\nusername = 'a'", ["bad.toml:1: Usr[0]", "User"]),
        ("[[User]]\nusername = 'a'\n[[User]]\nusernme = 'b'", ["bad.toml:4: User[1]", "username"]),
        ("[[User]]\nusername = ['a']", ["bad.toml:2: User[0]", "username"]),
        ("[[Scope]]\nname = 'a'\n[[Scope]]\nname = 'a'", ["bad.toml:3: Scope[1]", "already"]),
        ("[[Project]]\nname = 'a'\nproject_schema = 'VXF'", ["bad.toml:3: Project[0]", "'VXF'", "'VFX'"]),
        ("[[Project]]\nproject_schema = 'VFX'\ncolor = 3.0\nstatus = {}", ["bad.toml:4: Project[0]", "status"]),
        ("[[Task]]\nname = 'a'", ["bad.toml", "parent"]),
        ("[[show]]\nname = 'a'", ["bad.toml:1: show[0]", "project_schema"]),
        ("[[show]]\nname = 'a'\nproject_schema = 'VFX'\n[[show.sequences]]\nname = 's'", ["sequences[0]", "shots"]),
        ("[[show]]\nname = 'a'\nproject_schema = 'VFX'\nsequences = 3", ["bad.toml:4: show[0].sequences"]),
        (
            "[[show]]\nname = 'a'\nproject_schema = 'VFX'\n[[show.sequences]]\nname = 's'\nshots = 'many'",
            ["bad.toml:6: show[0].sequences[0]", "shots"],
        ),
        ("[[project_schema]]\nname = 'a'", ["bad.toml:1: project_schema[0]", "task_statuses"]),
        ("moment = 3", ["bad.toml", "moment"]),
        ("moment = 'soon'", ["bad.toml", "moment"]),
        (
            SHOW + "[[show.tasks]]\nname = 'a'\ntyp = 'Layout'\n[[show.sequences]]\nname = 's'\nshots = 1",
            ["tasks[0].typ", "type"],
        ),
        ("\x00", ["bad.toml"]),
    ],
)
@pytest.mark.parametrize("in_file", [True, False])
def test_a_bad_seed_is_refused_with_its_place_and_reason(
    tmp_path: Path, text: str, hints: list[str], in_file: bool
) -> None:
    """Whoever writes a seed is told what to mend, and no half workspace is left."""
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        Workspace.open(tmp_path / "show.sqlite" if in_file else None, seed=path)

    assert all(hint in str(caught.value) for hint in hints), str(caught.value)
    assert caught.value.faults
    assert [one.name for one in tmp_path.iterdir()] == ["bad.toml"]


def test_all_faults_are_told_at_once() -> None:
    """One run to see them, one to mend them."""
    seed = {"User": [{"usernme": "a"}, {"email": 1}], "Tsk": [{"name": "x"}], "Scope": [{"name": []}]}

    with pytest.raises(ConfigurationError) as caught:
        Workspace.open(seed=seed)

    assert len(caught.value.faults) == 3


def test_many_seeds_in_one_process_do_not_mix(client_of: Any) -> None:
    """A test run opens workspaces of a hundred seeds, and goes back to the first."""
    seeds = [{"User": [{"username": "a"}], "Scope": [{"name": str(number)}]} for number in range(7)]

    for seed in (*seeds, *seeds):
        client = opened(client_of, seed)
        assert client.one("select name from Scope")["name"] == seed["Scope"][0]["name"]
        client.create("Scope", name="only here")


def test_an_ambiguous_name_asks_for_an_id() -> None:
    """Guessing would tie a task to the wrong show."""
    project = {"project_schema": "VFX", "full_name": "x"}
    seed = {
        "Project": [{"id": "00000000-0000-4000-8000-00000000000a", "name": "a", **project}],
        "Shot": [
            {"id": f"00000000-0000-4000-8000-00000000000{number}", "name": "same", "parent": "a"} for number in "bc"
        ],
        "Task": [{"name": "anim", "parent": "same"}],
    }

    with pytest.raises(ConfigurationError, match=r"Task\[0\].*several rows"):
        Workspace.open(seed=seed)


@pytest.mark.parametrize("name", ["dmeo", "", "demo.yml"])
def test_an_unknown_seed_lists_the_shipped_ones(name: str) -> None:
    """And says how a file is named."""
    with pytest.raises(ConfigurationError, match=r"empty, demo.*\.toml"):
        Seed.of(name)


def test_a_seed_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    """The usual mistake is the path."""
    for path in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            Seed.of(path)
