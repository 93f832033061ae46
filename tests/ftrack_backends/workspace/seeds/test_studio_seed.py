"""A seed that has something of everything: `studio.toml` beside this file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace.model import ftrack_model
from ftrack_backends.workspace.seeds import Seed
from ftrack_core import Session
from ftrack_core.errors import ConfigurationError, InvalidStateError, PermissionRefusedError

STUDIO = Path(__file__).with_name("studio.toml")


@pytest.fixture
def session() -> Iterator[Session]:
    """A session with a workspace of that seed."""
    with Session(server_url="embedded:", config={"transport": {"seed": str(STUDIO)}}) as opened:
        yield opened


def test_a_studio_has_its_own_kind_of_context(session: Session) -> None:
    """Pipelines have story beats, vehicles and levels; a test double that knows shots only tests nothing of them."""
    beat = session.query("StoryBeat").one()

    assert (beat["name"], beat["mood"], beat["length_seconds"]) == ("fog", "grim", 2)
    assert beat["writer"]["username"] == "nia"
    assert beat["object_type"]["name"] == "Story Beat"
    assert beat["parent"]["name"] == "sh020"
    assert beat["status"]["name"] == "Not started"
    session.create("StoryBeat", {"name": "rain", "parent": beat["parent"], "mood": "wet"})
    session.commit()
    assert len(session.query("StoryBeat where mood in ('wet', 'grim')").all()) == 2
    assert session.query("TypedContext where name is fog").one().entity_type == "StoryBeat"


def test_a_studio_has_types_that_hang_on_nothing(session: Session) -> None:
    """Cameras and lenses are no contexts; references, lists and items go between them as anywhere."""
    camera = session.query("Camera").one()

    assert [one["name"] for one in camera["beats"]] == ["fog"]
    assert [one["focal"] for one in camera["bodies"]] == [35]
    assert session.query("Lens where camera.name is A").one()["camera"] is camera
    assert session.query("Camera where beats any (mood is grim)").one() is camera


def test_a_type_that_is_there_has_more_attributes(session: Session) -> None:
    """What a studio's server has more on its shots, tools read and write."""
    shot = session.query("Shot").first()

    assert shot is not None
    assert shot["plate"] == "A"
    shot["plate"] = "B"
    session.commit()
    assert len(session.query("Shot where plate is B").all()) == 1


def test_a_tree_is_a_few_patterns(session: Session) -> None:
    """A test's show is read at a glance."""
    tasks = session.query("select name, link, type.name, status.name, bid from Task").all()

    assert len(tasks) == 2 * 3 * 2
    assert tasks[0]["link"][0]["name"] == "harbour"
    assert [one["name"] for one in tasks[1]["link"]] == ["harbour", "sq010", "sh010", "animation"]
    assert {one["status"]["name"] for one in tasks} == {"Ready to start"}
    assert {(one["name"], one["type"]["name"], one["bid"]) for one in tasks} == {
        ("layout", "Generic", 0),
        ("animation", "Animation", 3600),
    }


def test_custom_attributes_are_declared_and_set(session: Session) -> None:
    """Half of a pipeline's data is custom attributes."""
    shot, beat = session.query("Shot").first(), session.query("StoryBeat").one()

    assert shot is not None
    assert shot["custom_attributes"]["fps"] == 25
    assert beat["custom_attributes"]["look"] == ["dark"]
    assert session.query("Project").one()["custom_attributes"]["grade"] == "rec709"


def test_rows_are_named_by_path(session: Session) -> None:
    """Every sequence has an sh010: a name alone would mean any of them."""
    version = session.query("AssetVersion").one()

    assert version["asset"]["parent"]["parent"]["name"] == "sq020"
    assert version["task"]["name"] == "animation"
    assert [one["content"] for one in version["notes"]] == ["Nearly."]
    assert [one["name"] for one in version["lists"]] == ["Dailies"]


def test_users_have_keys_and_roles(client_of: Any) -> None:
    """Who may not write, a tool must find out before it publishes for an hour."""
    with Workspace.open(seed=STUDIO) as workspace:
        assert [(one.username, one.api_key) for one in workspace.users] == [("nia", "nia-key"), ("guest", "guest-key")]
        guest, farm = client_of(workspace, "guest", "guest-key"), client_of(workspace, "guest", "farm-key")
        assert len(guest.query("Shot")) == 6
        refused = guest.refused({"action": "create", "entity_type": "Scope", "entity_data": {"name": "x"}})
        assert refused[0] == "PermissionError"
        assert farm.create("Scope", name="x")


def test_a_file_keeps_the_types_of_its_seed(tmp_path: Path, client_of: Any) -> None:
    """The next `ftrack serve --database` names no seed; the studio's types are there all the same."""
    path = tmp_path / "show.sqlite"
    with Workspace.open(path, seed=STUDIO) as workspace:
        workspace.load({"object_type": [{"name": "Vehicle"}]})
        first = client_of(workspace, "nia", "nia-key")
        told = first.call({"action": "query_server_information"})[0]["schema_hash"]

    with Workspace.open(path) as workspace:
        client = client_of(workspace, "nia", "nia-key")
        assert client.one("select mood from StoryBeat")["mood"] == "grim"
        client.create("Vehicle", name="car", parent_id=client.one("Project")["id"])
        assert client.call({"action": "query_server_information"})[0]["schema_hash"] == told


def test_json_says_the_same_as_toml(tmp_path: Path, client_of: Any) -> None:
    """Programs write JSON."""
    path = tmp_path / "studio.json"
    path.write_text(
        json.dumps({"moment": "2026-02-01T08:00:00", "User": [{"username": "nia", "api_key": "k"}]}), encoding="utf-8"
    )

    with Workspace.open(seed=path) as workspace:
        assert client_of(workspace, "nia", "k").one("select username from User")["username"] == "nia"


def test_workspaces_of_one_seed_share_a_model_and_others_do_not_have_it() -> None:
    """A type that leaks into the next test's workspace would make tests depend on their order."""
    with Workspace.open(seed=STUDIO) as one, Workspace.open(seed=STUDIO) as other, Workspace.open() as plain:
        assert one._store.model is other._store.model
        assert "StoryBeat" in one._store.model
        assert plain._store.model is ftrack_model()
        assert "StoryBeat" not in ftrack_model()


def test_more_is_loaded_beside_what_is_there(client_of: Any) -> None:
    """A test adds what only it needs to the show that all have."""
    with Workspace.open(seed=STUDIO) as workspace:
        workspace.load(
            {
                "User": [{"username": "late", "api_key": "late-key", "roles": ["Visitor"]}],
                "object_type": [{"name": "Vehicle", "attributes": {"wheels": "integer"}}],
                "attributes": {"Task": {"ticket": "text"}},
                "Vehicle": [{"name": "car", "parent": "harbour/sq010", "wheels": 4}],
                "Task": [{"name": "paint", "parent": "harbour/sq010/sh010", "ticket": "T-1"}],
            }
        )
        client = client_of(workspace, "late", "late-key")
        assert client.one("select wheels, parent.name from Vehicle")["wheels"] == 4
        assert client.one("select ticket from Task where name is paint")["ticket"] == "T-1"
        assert client.one("select mood from StoryBeat")["mood"] == "grim"
        refused = client.refused({"action": "create", "entity_type": "Scope", "entity_data": {"name": "x"}})
        assert refused[0] == "PermissionError"


@pytest.mark.parametrize(
    "seed",
    [
        {"User": [{"username": "late"}, {"usernme": "b"}]},
        {"User": [{"username": "nia"}]},
        {"User": [{"username": "late"}], "Task": [{"name": "a", "parent": "harbor"}]},
        {"User": [{"username": "late"}], "object_type": [{"name": "Story Beat"}]},
        {"User": [{"username": "late"}], "object_type": [{"name": "Vehicle"}], "Vehicle": [{"name": "x"}]},
        {"User": [{"username": "late"}], "attributes": {"Shot": {"plate": "text"}}},
    ],
)
@pytest.mark.parametrize("in_file", [True, False])
def test_a_bad_seed_loads_nothing(tmp_path: Path, client_of: Any, seed: Any, in_file: bool) -> None:
    """Half a seed would fail the next test, not this one."""
    with Workspace.open(tmp_path / "show.sqlite" if in_file else None, seed=STUDIO) as workspace:
        with pytest.raises(ConfigurationError):
            workspace.load(seed)

        client = client_of(workspace, "nia", "nia-key")
        assert [one["username"] for one in client.query("select username from User")] == ["nia", "guest"]
        assert client.refused({"action": "query", "expression": "Vehicle"})
        assert len(workspace.users) == 2


@pytest.mark.parametrize(
    ("seed", "hints"),
    [
        ({"object_type": [{}]}, ["seed: object_type[0].name"]),
        ({"object_type": [{"name": "vehicle"}]}, ["object_type[0]", "capital"]),
        ({"object_type": [{"name": "Shot"}]}, ["object_type[0]", "[attributes.Shot]"]),
        ({"object_type": [{"name": "A", "attributes": {"x": "txt"}}]}, ["object_type[0].attributes.x", "'text'"]),
        ({"object_type": [{"name": "A", "attributes": {"name": "text"}}]}, ["attributes.name", "already"]),
        ({"object_type": [{"name": "A", "attributes": {"x": 3}}]}, ["attributes", "x", "3"]),
        ({"object_type": [{"name": "A", "attributes": {"x": {"kind": "reference", "to": "Usr"}}}]}, ["'Usr'"]),
        ({"object_type": [{"name": "A", "is_typeable": "yes"}]}, ["is_typeable", "true or false"]),
        ({"entity_type": [{"name": "A", "base": "Shot"}]}, ["entity_type[0].base"]),
        ({"entity_type": [{"name": "A", "unique": [["x"]]}]}, ["entity_type[0]", "'x'"]),
        ({"attributes": {"Shto": {"x": "text"}}}, ["attributes.Shto", "'Shot'"]),
        ({"attributes": {"Shot": {"name": "text"}}}, ["attributes.Shot.name", "already"]),
        ({"attributes": {"Shot": "text"}}, ["attributes.Shot", "table"]),
        ({"attributes": {"Shot": {"X": "text"}}}, ["attributes.Shot.X", "small letter"]),
        ({"attributes": {"Shot": {"x": {"kind": "integer", "default": "1"}}}}, ["attributes.Shot.x", "default"]),
        ({"tree": [{"under": "a", "levels": ["Shot"]}]}, ["tree[0]", "levels[0]"]),
        ({"tree": [{"under": "a", "levels": ["Shot sh[2-1]"]}]}, ["tree[0]", "goes up"]),
        ({"tree": [{"under": "a", "levels": ["Shot s[1-9999999]"]}]}, ["tree[0]", "more than"]),
        ({"tree": [{"under": "a", "levels": ["Shot s[1-9]"], "values": {"Sht": {}}}]}, ["tree[0]", "'Shot'"]),
        ({"tree": [{"under": "a", "levels": ["Shot s1"]}]}, ["tree[0].levels[0]", "'a'"]),
        ({"custom_attribute": [{"key": "a", "type": "text"}]}, ["custom_attribute[0]", "of must say"]),
        ({"custom_attribute": [{"key": "a", "type": "txt", "of": "Shot"}]}, ["custom_attribute[0]", "'text'"]),
        ({"User": [{"username": "a", "custom_attributes": {"x": 1}}]}, ["User[0].custom_attributes", "'x'"]),
        ({"User": [{"username": "a", "roles": ["Admin"]}]}, ["User[0].roles", "'Admin"]),
        ({"User": [{"username": "a", "api_key": 3}]}, ["User[0]", "api_key must be a text"]),
        ({"api_key": [{"label": "x"}]}, ["api_key[0]", "api_key must be a text"]),
        ({"api_key": [{"api_key": "x", "roles": ["no"]}]}, ["api_key[0]", "'no'"]),
        ({"SecurityRole": [{"name": "x", "read_only": 1}]}, ["SecurityRole[0]", "read_only"]),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(seed: Any, hints: list[str]) -> None:
    """Whoever writes a seed is told what to mend."""
    with pytest.raises(ConfigurationError) as caught:
        Workspace.open(seed=seed)

    assert all(hint in str(caught.value) for hint in hints), str(caught.value)
    assert caught.value.faults


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('mood = "grim"', "mood = []", "mood"),
        ('kind = "text", required', 'kind = "txt", required', "attributes.name"),
        ('status = "Ready to start"', 'status = "Ready"', "levels ="),
        ('"Shot sh[010-030/010]"', '"Shot sh[010"', "levels ="),
        ('writer = "nia"', 'writer = "nio"', "writer ="),
        ('roles = ["Visitor"]', 'roles = ["Visiter"]', "roles ="),
        ('plate = "text"', 'plate = "texts"', "plate ="),
    ],
)
def test_faults_name_the_line(tmp_path: Path, old: str, new: str, line: str) -> None:
    """An editor jumps to `studio.toml:12`; a page of TOML is long."""
    text = STUDIO.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "studio.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        Workspace.open(seed=path)

    number = int(str(caught.value.faults[0]).split(":")[1])
    assert line in text.splitlines()[number - 1], str(caught.value)


def test_lines_of_json_are_told_too(tmp_path: Path) -> None:
    """The same for those who write JSON."""
    path = tmp_path / "studio.json"
    path.write_text('{\n"User": [\n{"username": "a"},\n{"usernme": "b"}\n]}', encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"studio\.json:4: User\[1\]"):
        Seed.read(path) and Workspace.open(seed=path)


def test_a_snapshot_does_not_fit_other_types() -> None:
    """A database laid out otherwise would answer nonsense."""
    with Workspace.open(seed=STUDIO) as workspace:
        snapshot = workspace.snapshot()
        workspace.load({"object_type": [{"name": "Vehicle"}]})
        with pytest.raises(InvalidStateError, match="other entity types"):
            workspace.restore(snapshot)


def test_a_session_is_refused_what_its_role_may_not() -> None:
    """Our own client says it in its own words."""
    config = {"transport": {"seed": str(STUDIO)}}
    with Session(server_url="embedded:", config={**config, "authenticator": {"user": "guest"}}) as session:
        session.create("Scope", {"name": "x"})
        with pytest.raises(PermissionRefusedError):
            session.commit()
        session.rollback()


def test_a_misspelt_seed_is_told_with_the_nearest() -> None:
    """Whoever writes `dmeo` should not have to look the names up."""
    with pytest.raises(ConfigurationError, match="did you mean 'demo'"):
        Seed.named("dmeo")
