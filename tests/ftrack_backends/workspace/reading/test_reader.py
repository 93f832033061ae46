"""What a query answers: projections, references, collections, order, pages."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from ftrack_backends.workspace._faults import QueryFault
from ftrack_backends.workspace.model import Collection, Mapped, ftrack_model
from ftrack_backends.workspace.reading import Reader
from ftrack_backends.workspace.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODEL = ftrack_model()
TASK_TYPE = "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c"


def one(reader: Reader, expression: str) -> dict[str, Any]:
    """Give the one entity that a query finds."""
    (found,) = reader.query(expression).rows
    return found


def test_the_short_form_selects_the_default_projection(reader: Reader) -> None:
    """Without it, `session.query("Task")` would show tasks without names."""
    expected = {"__entity_type__": "Task", "id": "t1", "name": "Anim", "context_type": "task", "project_id": "show"}
    assert one(reader, "Task where id is t1") == expected | {"object_type_id": TASK_TYPE}


def test_keys_and_system_attributes_are_always_there(reader: Reader) -> None:
    """Without it, the official client could not tell which entity a row is."""
    assert set(one(reader, "select name from Asset")) == {"__entity_type__", "id", "name", "context_id"}
    assert set(one(reader, "select version from AssetVersion where id is v1")) == {
        "__entity_type__",
        "id",
        "version",
        "asset_id",
    }
    assert set(one(reader, "select value from Metadata where parent_id is t2")) == {
        "__entity_type__",
        "parent_id",
        "key",
        "value",
    }


def test_values_have_their_wire_forms(reader: Reader) -> None:
    """Without it, clients would read numbers for truth and text for moments."""
    task = one(reader, "select bid, start_date, end_date, description from Task where id is t1")
    assert task["bid"] == 3600
    assert task["start_date"] == {"__type__": "datetime", "value": "2020-01-02T10:00:00"}
    assert task["end_date"] is None
    assert task["description"] is None
    assert one(reader, "select is_active from User where id is bob")["is_active"] is False


def test_rows_are_of_their_own_types(reader: Reader) -> None:
    """Without it, a client would build contexts that have none of a shot's attributes."""
    kinds = [row["__entity_type__"] for row in reader.query("Context").rows]
    assert kinds == ["Project", "Sequence", "Sequence", "Shot", "Shot", "Shot", "Task", "Task", "Task", "Task"]
    assert [row["__entity_type__"] for row in reader.query("Resource").rows] == ["User", "User", "Group"]
    assert one(reader, "NoteLabel")["__entity_type__"] == "NoteLabel"
    assert one(reader, "NoteCategory")["__entity_type__"] == "NoteCategory"


def test_rows_of_a_view_are_those_of_the_type_it_shows(reader: Reader, put: Callable[..., None]) -> None:
    """Without it, a label made as a label would be missing among the categories, or break them."""
    put("NoteLabel", id="made", name="made as a label")
    for type_name in ("NoteLabel", "NoteCategory"):
        rows = reader.query(type_name).rows
        assert [(row["__entity_type__"], row["id"]) for row in rows] == [(type_name, "label"), (type_name, "made")]


def test_nested_references_come_with_the_row(reader: Reader) -> None:
    """Without it, reading `task["parent"]["project"]["name"]` would ask the server at every step."""
    task = one(reader, "select name, status.name, parent.name, parent.project.full_name from Task where id is t1")
    assert task["status"] == {"__entity_type__": "Status", "id": "open", "name": "Not started"}
    assert task["parent"]["__entity_type__"] == "Shot"
    assert task["parent"]["name"] == "sh010"
    assert task["parent"]["project"]["full_name"] == "The Show"
    assert set(task["parent"]["project"]) == {"__entity_type__", "id", "context_type", "full_name"}


def test_a_reference_may_point_to_another_type_in_each_row(reader: Reader) -> None:
    """Without it, a task right below the project would lose its parent."""
    tasks = reader.query("select parent.name, parent.full_name, parent.status.name from Task").rows
    assert [task["parent"]["__entity_type__"] for task in tasks] == ["Shot", "Shot", "Shot", "Project"]
    assert tasks[3]["parent"]["full_name"] == "The Show"
    assert "full_name" not in tasks[0]["parent"]
    assert tasks[0]["parent"]["status"]["name"] == "Not started"


def test_a_name_that_means_a_value_here_and_an_entity_there_is_given_as_each(reader: Reader) -> None:
    """Without it, `status` of contexts would fail: a project's is a word, a shot's is an entity."""
    found = {row["id"]: row["status"] for row in reader.query("select status from Context").rows}
    assert found["show"] == "active"
    assert found["sh030"] == {"__entity_type__": "Status", "id": "done"}
    assert found["t4"] is None


def test_a_cast_narrows_what_is_selected(reader: Reader) -> None:
    """Without it, attributes of shots would be asked of projects."""
    tasks = reader.query("select parent[Shot].name, parent[Project].full_name from Task").rows
    assert tasks[0]["parent"]["name"] == "sh010"
    assert "name" not in tasks[3]["parent"]
    assert tasks[3]["parent"]["full_name"] == "The Show"


def test_collections_come_with_the_row_and_in_order(reader: Reader) -> None:
    """Without it, every shot's tasks would be another call."""
    shots = reader.query("select children.name, children.status.name from Shot").rows
    assert [[child["name"] for child in shot["children"]] for shot in shots] == [["Anim", "comp_%"], ["anim"], []]
    assert shots[0]["children"][1]["status"]["name"] == "Done"


def test_what_is_not_there_is_present_as_nothing(reader: Reader) -> None:
    """Without it, the official client would ask again at every access."""
    task = one(reader, "select type, type.name, parent, lists, metadata, scopes.name, notes from Task where id is t4")
    assert task["type"] is None
    assert (task["lists"], task["metadata"], task["scopes"], task["notes"]) == ([], [], [], [])


def test_a_reference_to_a_row_that_is_gone_is_nothing(reader: Reader, put: Callable[..., None]) -> None:
    """Without it, one dangling key would break a whole page."""
    put("Task", id="t9", name="left over", status_id="gone")
    assert one(reader, "select status.name from Task where id is t9")["status"] is None


def test_a_relation_without_a_path_gives_bare_entities(reader: Reader) -> None:
    """Without it, replies would carry attributes that nobody asked for, or lack the key."""
    version = one(reader, "select asset, components from AssetVersion where id is v2")
    assert version["asset"] == {"__entity_type__": "Asset", "id": "asset", "context_id": "sh010"}
    assert [set(each) for each in version["components"]] == [
        {"__entity_type__", "id", "system_type", "version_id"}
    ] * 2


def test_mappings_have_their_keys_and_values(reader: Reader) -> None:
    """Without it, reading metadata would ask the server for each value."""
    task = one(reader, "select metadata, custom_attributes from Task where id is t1")
    assert [(item["key"], item["value"]) for item in task["metadata"]] == [("hex", "#fff"), ("note", "keep")]
    values = {item["key"]: item["value"] for item in task["custom_attributes"]}
    assert values == {
        "number_field": 12,
        "word": "12",
        "flag": True,
        "day": {"__type__": "datetime", "value": "2020-01-01T00:00:00"},
        "many": ["a", "b"],
    }


def test_links_by_a_table_come_from_both_sides_and_in_order(reader: Reader) -> None:
    """Without it, lists, scopes and used versions would be empty."""
    assert [item["id"] for item in one(reader, "select scopes from Task where id is t1")["scopes"]] == ["a", "b"]
    items = one(reader, "select items.name, items.status.name from TypedContextList")["items"]
    assert [(item["__entity_type__"], item["name"]) for item in items] == [("Task", "comp_%"), ("Shot", "sh030")]
    assert one(reader, "select lists.name from Shot where id is sh030")["lists"][0]["name"] == "dailies"
    assert (
        one(reader, "select uses_versions.version from AssetVersion where id is v2")["uses_versions"][0]["id"] == "v1"
    )
    assert one(reader, "select used_in_versions from AssetVersion where id is v2")["used_in_versions"] == []


def test_a_collection_of_several_kinds_takes_paths_that_fit_one(reader: Reader) -> None:
    """Without it, a list's items could not be read before knowing what the list holds."""
    items = one(reader, "select items.name, items.version from List")["items"]
    assert [item["name"] for item in items] == ["comp_%", "sh030"]
    with pytest.raises(QueryFault, match="nme"):
        reader.query("select items.nme from List")


def test_collections_with_a_condition_give_only_what_keeps_it(reader: Reader) -> None:
    """Without it, a booking would look like an assignment."""
    task = one(reader, "select assignments.resource.username, allocations, appointments from Task where id is t1")
    names = [item["resource"]["username"] for item in task["assignments"]]
    assert names == ["ann.o-hara@show", "bob"]
    assert [item["id"] for item in task["allocations"]] == ["al1"]
    assert len(task["appointments"]) == 3


def test_link_is_the_way_down_from_the_project(reader: Reader) -> None:
    """Without it, structures could not make paths from `link`."""
    task = one(reader, "select link, _link from Task where id is t1")
    assert [(step["type"], step["name"]) for step in task["link"]] == [
        ("Project", "show"),
        ("TypedContext", "sq010"),
        ("TypedContext", "sh010"),
        ("TypedContext", "Anim"),
    ]
    assert task["_link"] == task["link"]
    version = one(reader, "select link from AssetVersion where id is v2")
    assert [step["id"] for step in version["link"]] == ["show", "sq010", "sh010", "v2"]
    assert version["link"][-1] == {"type": "AssetVersion", "id": "v2", "name": "main v2"}
    assert [step["id"] for step in one(reader, "select link from Project")["link"]] == ["show"]


def test_a_ring_in_the_tree_ends(reader: Reader, put: Callable[..., None]) -> None:
    """Without it, one wrong parent would hang a workspace."""
    put("Folder", id="r1", name="r1", parent_id="r2")
    put("Folder", id="r2", name="r2", parent_id="r1")
    row = one(reader, "select link, ancestors, descendants from Folder where id is r1 and ancestors.name is r2")
    assert {step["id"] for step in row["link"]} == {"r1", "r2"}


def test_ancestors_and_descendants_are_contexts_without_the_project(reader: Reader) -> None:
    """Without it, walking the tree would be a call for each level."""
    task = one(reader, "select ancestors.name, descendants from Task where id is t1")
    assert [(each["__entity_type__"], each["name"]) for each in task["ancestors"]] == [
        ("Sequence", "sq010"),
        ("Shot", "sh010"),
    ]
    assert task["descendants"] == []
    below = one(reader, "select descendants.name from Sequence where id is sq010")["descendants"]
    assert [each["name"] for each in below] == ["sh010", "sh020", "Anim", "comp_%", "anim"]
    assert len(one(reader, "select descendants from Project")["descendants"]) == 9


def test_what_the_server_computes_is_there(reader: Reader) -> None:
    """Without it, sums and pictures would always be empty."""
    task = one(reader, "select time_logged, bid_time_logged_difference, thumbnail_url from Task where id is t1")
    assert (task["time_logged"], task["bid_time_logged_difference"], task["thumbnail_url"]) == (1500.5, 2099.5, None)
    version = one(reader, "select thumbnail_url, is_latest_version from AssetVersion where id is v2")
    assert version["thumbnail_url"]["url"] == "/component/thumbnail?id=movie"
    assert version["is_latest_version"] is True
    assert one(reader, "select latest_version.version from Asset")["latest_version"]["version"] == 2


@pytest.mark.parametrize("type_name", [each.name for each in MODEL])
def test_every_attribute_of_every_type_can_be_selected(
    type_name: str, reader: Reader, put: Callable[..., None]
) -> None:
    """Without it, a client that shows all attributes of an entity would fail at some."""
    put(type_name, **{name: f"bare {name}" for name in MODEL[type_name].primary_key})
    for name, attribute in MODEL[type_name].attributes.items():
        if attribute.hidden or (isinstance(attribute, Mapped) and attribute.restricted):
            continue
        rows = reader.query(f"select {name} from {type_name}").rows
        assert rows
        for row in rows:
            if name in MODEL[row["__entity_type__"]].attributes:
                assert isinstance(row[name], list) or not isinstance(attribute, Collection)
            json.dumps(row)


@pytest.mark.parametrize("name", ["custom_attribute_links", "custom_attribute_links_from"])
def test_restricted_projections_are_refused(name: str, reader: Reader) -> None:
    """Without it, a client would take an empty answer for the truth."""
    with pytest.raises(QueryFault, match=r"^PermissionError.*filtered on and not selected"):
        reader.query(f"select {name} from Task")
    with pytest.raises(QueryFault, match=r"^PermissionError"):
        reader.query(f"select parent.{name}.from_id from Task")


@pytest.mark.parametrize(
    ("projection", "told"),
    [("nme", "did you mean 'name'"), ("parent.nme", "did you mean 'name'"), ("name.x", "is a value")],
)
def test_an_unknown_projection_is_refused_with_its_name(projection: str, told: str, reader: Reader) -> None:
    """Without it, a typing mistake would give entities without the attribute."""
    with pytest.raises(QueryFault, match=r"^ParseError") as caught:
        reader.query(f"select {projection} from Task")
    assert told in caught.value.content


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", "t1 t2 t3 t4"),
        ("order by name", "t1 t3 t2 t4"),
        ("order by name desc", "t4 t2 t1 t3"),
        ("order by name descending, id", "t4 t2 t1 t3"),
        ("order by status.sort desc, name ascending", "t3 t2 t1 t4"),
        ("order by status.name, parent.parent.name, bid descending", "t4 t2 t3 t1"),
        ("order by parent[Shot].name desc", "t3 t1 t2 t4"),
        ("order by time_logged desc", "t1 t2 t3 t4"),
        ("order by project", "t1 t2 t3 t4"),
        ("order by id desc limit 2", "t4 t3"),
        ("order by id desc offset 1 limit 2", "t3 t2"),
        ("limit 2 offset 1", "t2 t3"),
        ("offset 3", "t4"),
        ("offset 9", ""),
        ("limit 0", ""),
        ("limit 999999999999999999 offset 999999999999999999", ""),
    ],
)
def test_rows_come_in_the_order_asked_for(order: str, expected: str, reader: Reader) -> None:
    """Without it, pages would overlap and reports would be sorted wrongly."""
    assert [row["id"] for row in reader.query(f"select id from Task {order}").rows] == expected.split()


@pytest.mark.parametrize(
    ("page", "next_offset"),
    [
        ("", None),
        ("limit 3", 3),
        ("limit 4", None),
        ("limit 5", None),
        ("offset 1 limit 2", 3),
        ("offset 2 limit 2", None),
        ("offset 9 limit 2", None),
    ],
)
def test_a_next_page_is_told_only_where_there_is_one(page: str, next_offset: int | None, reader: Reader) -> None:
    """Without it, clients would ask once more for nothing, or miss rows."""
    assert reader.query(f"Task {page}").next_offset == next_offset


def test_order_disregards_case_also_at_the_end_of_a_path(reader: Reader, put: Callable[..., None]) -> None:
    """Without it, names in capitals would stand before all others."""
    for number, name in enumerate(("b", "A", "c", "B")):
        put("Status", id=f"s{number}", name=name)
        put("Milestone", id=f"m{number}", name=name, status_id=f"s{number}")
    for path in ("name", "status.name"):
        rows = reader.query(f"select name from Milestone order by {path}").rows
        assert [row["name"] for row in rows] == ["A", "b", "B", "c"]


def test_pages_give_each_row_once(reader: Reader, put: Callable[..., None]) -> None:
    """Without it, a sync over all pages would skip and repeat entities."""
    for number in range(25):
        put("Milestone", id=f"m{number}", name=f"{number % 3}")
    for order in ("", "order by name"):
        seen: list[str] = []
        offset: int | None = 0
        while offset is not None:
            page = reader.query(f"select id from Milestone {order} offset {offset} limit 4")
            seen += [row["id"] for row in page.rows]
            offset = page.next_offset
        assert len(seen) == 25
        assert set(seen) == {f"m{number}" for number in range(25)}


NESTED = (
    "select name, status.name, type.name, parent.name, parent.project.name, link, ancestors.name, metadata, "
    "assignments.resource.username, scopes.name, notes.author.username, custom_attributes.configuration.key from Task"
)


def test_statements_depend_on_the_projection_and_never_on_rows(
    store: Store, reader: Reader, put: Callable[..., None]
) -> None:
    """Without it, a big show would be slower for each of its rows."""

    def counted(expression: str) -> int:
        before = store.statements
        reader.query(expression)
        return store.statements - before

    few = counted(f"{NESTED} where id is t1")
    for number in range(1000):
        parent, status = f"sh0{number % 3 + 1}0", "done" if number % 2 else "open"
        put("Task", id=f"x{number}", name="x", parent_id=parent, project_id="show", status_id=status, type_id="comp")
    assert few == counted(NESTED) == 15
    assert counted("select name from Task") == 1


def test_entities_are_given_by_key_and_in_the_order_of_keys(reader: Reader) -> None:
    """Without it, replies to a commit could not carry what the server stored."""
    found = reader.entities("TypedContext", ["t2", "nowhere", "sh010", "t1"], ["name", "status.name", "children"])
    assert [(each["__entity_type__"], each["name"]) for each in found] == [
        ("Task", "comp_%"),
        ("Shot", "sh010"),
        ("Task", "Anim"),
    ]
    assert [child["id"] for child in found[1]["children"]] == ["t1", "t2"]
    assert reader.entities("Metadata", [("t1", "note"), ("t2", "hex"), ("t2", "no")], ["value"]) == [
        {"__entity_type__": "Metadata", "parent_id": "t1", "key": "note", "value": "keep"},
        {"__entity_type__": "Metadata", "parent_id": "t2", "key": "hex", "value": "keep"},
    ]
    assert reader.entities("Task", []) == []


def test_reading_works_inside_an_open_transaction(store: Store, reader: Reader) -> None:
    """Without it, a batch could not query what it has just created."""
    with store.writing() as connection:
        connection.execute('UPDATE "Context" SET "name" = \'renamed\' WHERE "id" = \'t1\'')
        assert reader.entities("Task", ["t1"], ["name"], connection)[0]["name"] == "renamed"
        assert reader.query("Task where name is renamed", connection).rows[0]["id"] == "t1"
        assert reader.query("Task where name is renamed").rows[0]["id"] == "t1"


def test_threads_read_whole_moments_while_one_writes(tmp_path: Path) -> None:
    """Without it, the HTTP front would fail or show half a commit under load."""
    store = Store.open(str(tmp_path / "show.sqlite"), MODEL)
    reader = Reader(store, MODEL)
    insert = 'INSERT INTO "Context" ("__type__", "id", "name", "parent_id") VALUES (?, ?, ?, ?)'
    stop, faults = threading.Event(), list[object]()

    def read() -> None:
        while not stop.is_set():
            for shot in reader.query("select name, children.name from Shot").rows:
                if [child["name"] for child in shot["children"]] != [shot["name"]] * 2:
                    faults.append(shot)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(60):
        with store.writing() as connection:
            connection.execute(insert, ("Shot", f"s{number}", f"{number}", None))
            for index in range(2):
                connection.execute(insert, ("Task", f"t{number}-{index}", f"{number}", f"s{number}"))
    stop.set()
    for thread in threads:
        thread.join(30)
    assert faults == []
    assert len(reader.query("Shot").rows) == 60
    store.close()


PROJECTIONS = (
    "name",
    "status, status.name, type.name, priority.name, object_type.name",
    "parent.name, parent.parent.name, parent.project.full_name, parent[Shot].status.name",
    "children, children.name, children.status.name, children.children.name",
    "ancestors.name, ancestors.status.name, descendants.name",
    "assignments.resource.username, allocations.resource.name, appointments.type",
    "notes.content, notes.author.username, notes.replies.content, notes.category.name",
    "metadata, scopes.name, lists.name, lists.items.name",
    "timelogs.duration, timelogs.user.username, time_logged, bid_time_logged_difference",
    "link, _link, thumbnail_url, thumbnail.name, status_changes.status.name",
    "assets.name, assets.type.name, assets.versions.version, assets.versions.components.name",
    "incoming_links.from_id, outgoing_links.to_id, managers.user.username",
    "custom_attributes, custom_attributes.configuration.key",
)


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_any_projection_takes_as_many_statements_for_a_thousand_rows_as_for_ten(
    projection: str, store: Store, reader: Reader
) -> None:
    """Without it, one attribute that is asked for row by row would make every list of a big show slow."""
    with store.writing() as connection:
        for number in range(1000):
            shot, status = f"sh0{number % 3 + 1}0", "done" if number % 2 else "open"
            values = ("Task", f"x{number:04}", "x", shot, "show", status, "comp", "task", TASK_TYPE)
            connection.execute(
                'INSERT INTO "Context" ("__type__", "id", "name", "parent_id", "project_id", "status_id", "type_id", '
                '"context_type", "object_type_id") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
                values,
            )
            connection.execute(
                'INSERT INTO "Appointment" ("__type__", "id", "context_id", "resource_id", "type") '
                "VALUES ('Appointment', ?, ?, 'ann', 'assignment')",
                (f"a{number}", f"x{number:04}"),
            )

    def counted(condition: str) -> tuple[int, int]:
        before = store.statements
        rows = reader.query(f"select {projection} from TypedContext where {condition}").rows
        return len(rows), store.statements - before

    # Ten rows of every kind there is; then the same and 999 more.
    ten, thousand = counted("not name is x or id is x0000"), counted("id is_not None")
    assert (ten[0], thousand[0]) == (10, 1009)
    assert ten[1] == thousand[1] < 25


@pytest.mark.parametrize(
    ("type_name", "names"),
    [
        ("Task", {"context_type", "object_type_id", "project_id"}),
        ("Shot", {"context_type", "object_type_id", "project_id"}),
        ("Project", {"context_type"}),
        ("AssetVersion", {"asset_id"}),
        ("Asset", {"context_id"}),
        ("FileComponent", {"system_type", "version_id"}),
        ("SequenceComponent", {"system_type", "version_id"}),
        ("User", {"resource_type"}),
        ("ComponentLocation", {"location_id", "component_id"}),
        ("ContextCustomAttributeValue", {"entity_id", "key", "value"}),
    ],
)
def test_some_attributes_are_always_there(
    type_name: str, names: set[str], reader: Reader, put: Callable[..., None]
) -> None:
    """Without it, clients that rely on what ftrack always sends would ask once more for each entity."""
    if type_name == "ComponentLocation":
        put(type_name, id="there", component_id="movie", location_id="somewhere")
    key = MODEL[type_name].primary_key[0]
    rows = reader.query(f"select {key} from {type_name}").rows
    assert rows
    for row in rows:
        assert names <= set(row)


def test_an_entity_that_occurs_again_is_repeated_in_full(reader: Reader) -> None:
    """Without it, a value that was asked for would be missing wherever an entity occurs for the second time."""
    rows = reader.query(
        "select status.name, parent.name, parent.project.full_name from Task where id in (t2, t3)"
    ).rows
    assert [row["status"]["name"] for row in rows] == ["Done", "Done"]
    assert [row["parent"]["project"]["full_name"] for row in rows] == ["The Show"] * 2


def test_the_type_that_some_clients_select_is_there_anyway(reader: Reader) -> None:
    """Without it, public tools that write `select id, __entity_type__` would be refused."""
    row = one(reader, "select name, __entity_type__, parent.__entity_type__ from TypedContext where id is t1")
    assert (row["__entity_type__"], row["parent"]["__entity_type__"]) == ("Task", "Shot")


def test_a_parent_of_any_type_is_selected_by_naming_its_type(reader: Reader) -> None:
    """Without it, a list of notes could not say in one call what each note is on."""
    notes = reader.query("select parent[Task].name, parent[Task].status.name from Note").rows
    assert {note["parent"]["name"] for note in notes} == {"Anim"}
    assert {note["parent"]["status"]["name"] for note in notes} == {"Not started"}
    notes = reader.query("select parent[Task].bid, parent[Shot].description from Note").rows
    assert [set(note["parent"]) & {"bid", "description"} for note in notes] == [{"bid"}, {"bid"}]
    assert [note["parent"] for note in reader.query("select parent[AssetVersion].version from Note").rows] == [
        None
    ] * 2
