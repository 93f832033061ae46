"""A small show, put into a store row by row: what reading is tested on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ftrack_backends.workspace.model import ftrack_model
from ftrack_backends.workspace.reading import Reader
from ftrack_backends.workspace.store import Store, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ftrack_backends.workspace.store import Connection

MODEL = ftrack_model()


def insert(connection: Connection, type_name: str, /, **values: Any) -> None:
    """Put a row of a type into its table, with its classifiers."""
    model_type = MODEL[type_name]
    row = {"__type__": type_name, **model_type.classifiers, **values}
    columns = ", ".join(quoted(one) for one in row)
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {quoted(model_type.table)} ({columns}) VALUES ({marks})", tuple(row.values()))


def _workflow(connection: Connection) -> None:
    insert(connection, "State", id="state-done", name="Done", short="DONE")
    insert(connection, "Status", id="open", name="Not started", sort=1, is_active=1)
    insert(connection, "Status", id="done", name="Done", sort=2, is_active=1, state_id="state-done")
    insert(connection, "Type", id="anim", name="Animation", sort=1, is_billable=1)
    insert(connection, "Type", id="comp", name="Compositing", sort=2, is_billable=0)
    insert(connection, "AssetType", id="render", name="Render", short="render")


def _contexts(connection: Connection) -> None:
    insert(connection, "Project", id="show", name="show", full_name="The Show", project_id="show", status="active")
    for number, sequence in enumerate(("sq010", "sq020")):
        insert(connection, "Sequence", id=sequence, name=sequence, parent_id="show", project_id="show", sort=number)
    shots = {"sh010": "sq010", "sh020": "sq010", "sh030": "sq020"}
    for shot, parent in shots.items():
        status = "done" if shot == "sh030" else "open"
        insert(connection, "Shot", id=shot, name=shot, parent_id=parent, project_id="show", status_id=status)
    common = {"project_id": "show", "start_date": "2020-01-02T10:00:00"}
    insert(
        connection,
        "Task",
        id="t1",
        name="Anim",
        parent_id="sh010",
        type_id="anim",
        status_id="open",
        bid=3600,
        **common,
    )
    insert(
        connection,
        "Task",
        id="t2",
        name="comp_%",
        parent_id="sh010",
        type_id="comp",
        status_id="done",
        bid=7200.5,
        **common,
    )
    insert(
        connection,
        "Task",
        id="t3",
        name="anim",
        parent_id="sh020",
        type_id="anim",
        status_id="done",
        description='say "hi"',
        project_id="show",
    )
    insert(
        connection,
        "Task",
        id="t4",
        name="ÉTÉ",
        parent_id="show",
        project_id="show",
        description="not",
        end_date="2020-02-01T00:00:00",
    )


def _people(connection: Connection) -> None:
    insert(connection, "User", id="ann", username="ann.o-hara@show", first_name="Ann", last_name="O'Hara", is_active=1)
    insert(connection, "User", id="bob", username="bob", first_name="Bob", is_active=0)
    insert(connection, "Group", id="crew", name="crew")
    for number, (task, who) in enumerate((("t1", "ann"), ("t1", "bob"), ("t2", "ann"), ("t3", "crew"))):
        insert(connection, "Appointment", id=f"as{number}", context_id=task, resource_id=who, type="assignment")
    insert(connection, "Appointment", id="al1", context_id="t1", resource_id="ann", type="allocation")
    insert(connection, "Timelog", id="log1", context_id="t1", user_id="ann", duration=600, start="2020-01-03T09:00:00")
    insert(
        connection, "Timelog", id="log2", context_id="t1", user_id="bob", duration=900.5, start="2020-01-04T09:00:00"
    )


def _versions(connection: Connection) -> None:
    insert(connection, "Asset", id="asset", name="main", context_id="sh010", type_id="render")
    for number in (1, 2):
        version = f"v{number}"
        insert(
            connection,
            "AssetVersion",
            id=version,
            asset_id="asset",
            version=number,
            task_id="t1",
            is_published=1,
            thumbnail_id=None if number == 1 else "movie",
        )
    insert(connection, "AssetVersionLink", id="l1", from_id="v1", to_id="v2")
    insert(connection, "FileComponent", id="movie", name="movie", version_id="v2", size=10, file_type=".mov")
    insert(connection, "SequenceComponent", id="frames", name="frames", version_id="v2", padding=4)
    for number in (1, 2):
        insert(connection, "FileComponent", id=f"f{number}", name=str(number), container_id="frames", size=number)


def _texts(connection: Connection) -> None:
    insert(connection, "Metadata", parent_id="t1", parent_type="Task", key="hex", value="#fff")
    insert(connection, "Metadata", parent_id="t1", parent_type="Task", key="note", value="keep")
    insert(connection, "Metadata", parent_id="t2", parent_type="Task", key="hex", value="keep")
    insert(connection, "NoteCategory", id="label", name="Internal", color="#000")
    insert(
        connection,
        "Note",
        id="n1",
        content="first",
        parent_id="t1",
        parent_type="task",
        user_id="ann",
        category_id="label",
    )
    insert(
        connection,
        "Note",
        id="n2",
        content="reply",
        parent_id="t1",
        parent_type="task",
        user_id="bob",
        in_reply_to_id="n1",
    )
    insert(connection, "TypedContextList", id="list", name="dailies", project_id="show")
    for number, one in enumerate(("t2", "sh030")):
        insert(connection, "ListObject", id=f"lo{number}", list_id="list", entity_id=one)
    for number, one in enumerate(("b", "a")):
        insert(connection, "Scope", id=one, name=f"scope-{one}")
        connection.execute('INSERT INTO "_link_ContextScope" VALUES (?, ?, ?)', ("t1", one, 2 - number))


def _custom_attributes(connection: Connection) -> None:
    values = {
        "number_field": 12,
        "word": "12",
        "flag": True,
        "day": {"__type__": "datetime", "value": "2020-01-01T00:00:00"},
        "many": ["a", "b"],
    }
    for key, value in values.items():
        insert(connection, "CustomAttributeConfiguration", id=f"c-{key}", key=key, entity_type="task")
        insert(
            connection,
            "ContextCustomAttributeValue",
            configuration_id=f"c-{key}",
            entity_id="t1",
            value=json.dumps(value),
        )
    for kind in ("asset", "assetversion", "list", "listobject", "user"):
        insert(connection, "CustomAttributeConfiguration", id=f"c-{kind}", key=kind, entity_type=kind, default="1")


@pytest.fixture
def store() -> Iterator[Store]:
    """Open a store that holds the small show."""
    opened = Store.open(None, MODEL)
    with opened.writing() as connection:
        for fill in (_workflow, _contexts, _people, _versions, _texts, _custom_attributes):
            fill(connection)
    yield opened
    opened.close()


@pytest.fixture
def reader(store: Store) -> Reader:
    """Make a reader of the small show."""
    return Reader(store, MODEL)


@pytest.fixture
def ids(reader: Reader) -> Callable[[str], list[str]]:
    """Give the ids that a query finds."""
    return lambda expression: [one["id"] for one in reader.query(expression).rows]


@pytest.fixture
def put(store: Store) -> Callable[..., None]:
    """Give what puts a further row into the show."""

    def put_row(type_name: str, /, **values: Any) -> None:
        with store.writing() as connection:
            insert(connection, type_name, **values)

    return put_row
