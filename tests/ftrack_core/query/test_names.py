"""Names: wrong ones fail before the network, and nothing that a server could accept ever does."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import attrs
import pytest

from ftrack_core import errors
from ftrack_core.query import check_names, parse
from ftrack_core.schema import Schemas

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

E = TypeVar("E", bound=errors.Error)

UNKNOWN = "?"
"""Stands for a relation of which it is not known where it leads."""


@attrs.frozen
class SmallVocabulary:
    """Names of a small server: attributes of each type, with what they lead to, and types derived from types."""

    types: dict[str, dict[str, str | None]]
    derived: dict[str, list[str]]

    def has_type(self, name: str) -> bool:
        """Say whether there is such a type."""
        return name in self.types

    def type_names(self) -> Iterable[str]:
        """Return all types."""
        return self.types

    def possible_types(self, name: str) -> list[str]:
        """Return the type and all derived from it."""
        return [name, *self.derived.get(name, [])]

    def attribute_names(self, entity_type: str) -> Collection[str]:
        """Return the names of all attributes."""
        return self.types[entity_type].keys()

    def target(self, entity_type: str, attribute: str) -> str | None:
        """Return what a relation leads to, if known."""
        target = self.types[entity_type][attribute]
        return None if target == UNKNOWN else target


SMALL = SmallVocabulary(
    types={
        "Context": {"id": None, "name": None, "children": "Context", "parent": "Context", "extras": UNKNOWN},
        "Project": {"id": None, "name": None, "children": "Context", "full_name": None},
        "Task": {
            "id": None,
            "type_id": None,
            "name": None,
            "parent": "Context",
            "assignments": "Appointment",
            "status": "Status",
        },
        "Appointment": {"id": None, "resource": "Resource", "context": "Context", "gone": "Vanished"},
        "Resource": {"id": None},
        "User": {"id": None, "username": None},
        "Status": {"id": None, "name": None, "state": None},
    },
    derived={"Context": ["Project", "Task"], "Resource": ["User"]},
)


def refused(text: str, kind: type[E]) -> E:
    """Return the error that checking *text* raises."""
    with pytest.raises(kind) as caught:
        check_names(parse(text), SMALL, text)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "Task",
        "select id, status.name from Task where parent.name is x order by status.name",
        "select count(id), status.name from Task group by status.name",
        "Context where full_name is x and status.name is y and assignments any ()",
        "Context where children.children.assignments any (resource.username is ann)",
        "Task where assignments any (resource.username is ann and context.full_name is x)",
        "Task where assignments.resource[User].username is ann",
        "Context where extras.anything.at_all is 1 and extras any (whatever is 2)",
        "Context where extras[Task].status.name is x",
        "Task where assignments.gone.anything is 1",
        "select id, __entity_type__, status.__entity_type__ from Task",
        "Task where status.name.length is 1",
        "Task where type.name is x and type[Status] has (name is y)",
        "Task where id in (select context.id from Appointment where resource.username is ann)",
        "Task where name is nmae and status.name in (nmae, id)",
    ],
)
def test_what_a_server_could_accept_passes(text: str) -> None:
    """A check that refuses a good query is worse than none."""
    check_names(parse(text), SMALL)
    check_names(parse(text), SMALL, text)


@pytest.mark.parametrize(
    ("text", "name", "nearest", "at"),
    [
        ("Task where nmae is x", "nmae", "name", "nmae is"),
        ("select id, nmae from Task", "nmae", "name", "nmae from"),
        ("select status.nmae from Task", "nmae", "name", "nmae from"),
        ("Task where name is nmae and nmae is name", "nmae", "name", "nmae is name"),
        ("Task where status has (nmae is x)", "nmae", "name", "nmae is x"),
        ("Task where not (name is a or status.sate is x)", "sate", "state", "sate is"),
        ("Task order by name, statsu desc", "statsu", "status", "statsu desc"),
        ("select count(idd) from Task group by name", "idd", "id", "idd)"),
        ("select count(id) from Task group by Name", "Name", "name", "Name"),
        ("Context where fullname is x", "fullname", "full_name", "fullname is"),
        ("Context where children.fullname is x", "fullname", "full_name", "fullname is"),
        ("Context where children[Task].full_name is x", "full_name", "name", "full_name is"),
        ("Task where assignments any (resource.user_name is x)", "user_name", "username", "user_name is"),
        ("Context where extras[Task].stats is x", "stats", "status", "stats is"),
        ("Task where id in (select contxt.id from Appointment)", "contxt", "context", "contxt.id"),
        ("Task where extras any (id in (Task where nmae is x))", "extras", None, "extras any"),
        ("Context where extras any (id in (Task where nmae is x))", "nmae", "name", "nmae is"),
    ],
)
def test_a_name_that_nothing_has_is_pointed_at(text: str, name: str, nearest: str | None, at: str) -> None:
    """A typing mistake costs a round trip, and the server's message does not say where it is."""
    error = refused(text, errors.UnknownNameError)
    assert isinstance(error, errors.ParseError)
    assert error.details["name"] == name
    assert error.details["nearest"] == nearest
    assert error.text == text
    assert error.position is not None
    assert text[error.position :].startswith(at)
    assert f"attribute {name!r}" in str(error)
    assert nearest is None or f"did you mean {nearest!r}?" in str(error)


@pytest.mark.parametrize(
    ("text", "name", "nearest", "at"),
    [
        ("Taks where name is x", "Taks", "Task", "Taks where"),
        ("select id from task", "task", "Task", "task"),
        ("Context where parent[Shto].name is x", "Shto", None, "Shto]"),
        ("Task where id in (select id from Staus)", "Staus", "Status", "Staus)"),
    ],
)
def test_a_type_that_is_not_there_is_pointed_at(text: str, name: str, nearest: str | None, at: str) -> None:
    """The nearest type is nearly always the one that was meant."""
    error = refused(text, errors.UnrecognisedEntityTypeError)
    assert error.details["name"] == name
    assert error.details["nearest"] == nearest
    position = error.details["position"]
    assert isinstance(position, int)
    assert text[position:].startswith(at)
    assert f"no entity type {name!r}" in str(error)


def test_the_message_lists_the_names_where_none_is_near() -> None:
    """Somebody new to the schema learns what there is."""
    assert "it has the attributes id, name, state" in str(refused("Status where xyzzy is 1", errors.UnknownNameError))
    message = str(refused("Context where xyzzy is 1", errors.UnknownNameError))
    assert message.startswith("none of Context, Project, Task has an attribute 'xyzzy'")


def test_a_tree_without_a_text_is_pointed_at_in_its_rendering() -> None:
    """Queries that a program built have no text of their own."""
    with pytest.raises(errors.UnknownNameError) as caught:
        check_names(parse("Task   where status.nmae = x"), SMALL)
    assert caught.value.text == "Task where status.nmae is x"
    assert caught.value.position == 18


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    """Return the schemas of a real server."""
    default = Path(__file__).parents[4] / "shared" / "data" / "query_schemas.json"
    source = Path(os.environ.get("FTRACK_REFERENCE_SCHEMAS", default))
    if not source.exists():
        pytest.skip(f"The schemas of a real server are not at {source}; FTRACK_REFERENCE_SCHEMAS can name the file.")
    return Schemas(json.loads(source.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "text",
    [
        'select id from Task where assignments any (resource.username = "x")',
        "select children.children.assignments.resource.username from Project",
        "Note where parent[TypedContext].project.name is x and parent[TypedContext] has (status.name is y)",
        "select asset.parent[Shot].status.name from AssetVersion",
        'Shot where custom_attributes any (key is "k" and value is "v") order by custom_attributes.configuration.key',
        "select metadata.key, metadata.value from Task where metadata any (key=a and value=b)",
        "Shot where custom_attribute_links any (user.username is x)",
        "select version.asset.versions from Component where id is U",
        "select members, component_locations.location_id from SequenceComponent",
        "select full_name, project_schema._task_type_schema.types.name from Project",
        "AssetVersion where task.type.name is x and is_latest_version=true",
        "select from, to from AssetVersionLink",
        "select key, project_id, object_type_id, entity_type, is_hierarchical from CustomAttributeConfiguration",
        "TypedContext where ancestors.id is U or descendants.id is U",
        "Setting where name is x and group is y",
        "Component where members any (name is x)",
        "select timelogs.user from User",
        "Task where scopes.name is x",
    ],
)
def test_queries_of_real_programs_pass_on_the_real_schema(text: str, schemas: Schemas) -> None:
    """These work on every ftrack server; refusing one would break the program that sends it."""
    check_names(parse(text), schemas, text)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("Task where stauts.name is x", "status"),
        ("select asset.parent.staus.name from AssetVersion", "status"),
        ("Note where parent[TypedContext].projct.name is x", "project"),
    ],
)
def test_mistakes_are_found_on_the_real_schema(text: str, nearest: str | None, schemas: Schemas) -> None:
    """The check must still find what it is for, with types of a hundred attributes."""
    with pytest.raises(errors.UnknownNameError) as caught:
        check_names(parse(text), schemas, text)
    assert caught.value.details["nearest"] == nearest
