"""The model, as a storage and a query compiler use it."""

from __future__ import annotations

import pytest

from ftrack_backends.workspace.model import (
    Collection,
    EntityType,
    ForeignKey,
    Key,
    LinkTable,
    Model,
    Reference,
    Text,
    ftrack_model,
    identifier,
)
from ftrack_core.errors import EntityTypeError, UnknownAttributeError, UnrecognisedEntityTypeError

SHOT = "bad911de-3bd6-47b9-8b46-3476e237cb36"


@pytest.fixture
def model() -> Model:
    """The model of a plain workspace."""
    return ftrack_model()


def test_all_kinds_of_one_thing_share_a_table(model: Model) -> None:
    """A query for `Context` must find projects, shots and tasks in one place."""
    assert {model[name].table for name in ("Context", "Project", "TypedContext", "Shot", "Task")} == {"Context"}
    assert {model[name].table for name in ("Component", "FileComponent", "SequenceComponent")} == {"Component"}
    assert {model[name].table for name in ("Resource", "User", "Group")} == {"Resource"}
    assert {model[name].table for name in ("List", "AssetVersionList", "TypedContextList")} == {"List"}


def test_a_label_and_a_category_are_the_same_rows(model: Model) -> None:
    """A tool that makes a note label expects to see it as the note's category."""
    assert model["NoteLabel"].table == model["NoteCategory"].table == "NoteCategory"
    assert model["NoteLabel"].root == "NoteLabel"


def test_a_table_has_the_columns_of_all_its_types(model: Model) -> None:
    """A column that only shots or only projects have would have nowhere to go."""
    columns = model.tables["Context"]
    assert {"id", "name", "parent_id", "bid", "object_type_id", "full_name", "project_schema_id"} <= columns.keys()


def test_what_the_server_computes_has_no_column(model: Model) -> None:
    """A stored breadcrumb would be wrong as soon as a parent is renamed."""
    assert not {"link", "_link", "thumbnail_url", "time_logged"} & model.tables["Context"].keys()
    assert "is_latest_version" not in model.tables["AssetVersion"]


def test_two_names_of_one_column_share_it(model: Model) -> None:
    """Old tools set `is_all_projects`, new ones read `is_all_open_projects`: it is the same."""
    role = model["UserSecurityRole"]
    assert role.scalars["is_all_projects"].column == "is_all_open_projects"
    assert "is_all_projects" not in model.tables["UserSecurityRole"]


@pytest.mark.parametrize(
    ("asked", "row", "found"),
    [
        ("Context", {"context_type": "show"}, "Project"),
        ("Context", {"context_type": "task", "object_type_id": SHOT}, "Shot"),
        ("TypedContext", {"context_type": "task", "object_type_id": SHOT}, "Shot"),
        ("TypedContext", {"context_type": "task", "object_type_id": "a studio's own"}, "TypedContext"),
        ("Component", {"system_type": "sequence"}, "SequenceComponent"),
        ("ContainerComponent", {"system_type": "sequence"}, "SequenceComponent"),
        ("ContainerComponent", {"system_type": "container"}, "ContainerComponent"),
        ("Resource", {"resource_type": "group"}, "Group"),
        ("StatusChange", {"parent_type": "task"}, "TypedContextStatusChange"),
        ("Note", {}, "Note"),
    ],
)
def test_a_row_is_of_the_deepest_type_that_fits(model: Model, asked: str, row: dict[str, object], found: str) -> None:
    """`parent` and `children` give shots and sequences, not nameless contexts."""
    assert model.type_of_row(asked, row).name == found


def test_selectors_tell_which_rows_are_of_a_type(model: Model) -> None:
    """A query for shots that gave tasks too, or containers without sequences, would be wrong."""
    assert model.selectors("Context") == ({},)
    assert model.selectors("TypedContext") == ({"context_type": "task"},)
    assert model.selectors("Shot") == ({"context_type": "task", "object_type_id": SHOT},)
    assert model.selectors("ContainerComponent") == ({"system_type": "container"}, {"system_type": "sequence"})


def test_every_selected_row_of_a_type_is_of_it_or_below(model: Model) -> None:
    """Selecting rows and naming their type must agree, for each type."""
    for one in model:
        for row in model.selectors(one.name):
            assert one.name in model.type_of_row(one.root, row).lineage


def test_an_attribute_of_types_below_is_found_on_their_base(model: Model) -> None:
    """`assignments any (resource.username is "ann")` works although `Resource` has no user name."""
    assert [one.name for one, _ in model.possible_attributes("Resource", "username")] == ["User"]
    assert [one.name for one, _ in model.possible_attributes("Resource", "id")] == ["Resource"]
    assert "Task" in [one.name for one, _ in model.possible_attributes("Context", "status")]


def test_an_unknown_attribute_names_the_nearest(model: Model) -> None:
    """A typing error in a query is found at once, not guessed at."""
    with pytest.raises(UnknownAttributeError, match=r"Task has no attribute 'stauts'; did you mean 'status'\?"):
        model.possible_attributes("Task", "stauts")


def test_an_unknown_type_names_the_nearest(model: Model) -> None:
    """The same for types."""
    with pytest.raises(UnrecognisedEntityTypeError, match=r"no entity type 'Shto'; did you mean 'Shot'\?"):
        model["Shto"]
    assert "Shto" not in model


def test_references_say_which_key_they_go_over(model: Model) -> None:
    """Setting `status_id` must show in `status`, and `context_id` in an asset's `parent`."""
    assert model["Task"].references["status"].column == "status_id"
    assert model["Asset"].references["parent"].column == "context_id"
    assert model["Status"].references["state"].column == "state_id"
    assert model["Status"].keys["state_id"].hidden


def test_collections_say_what_they_mean(model: Model) -> None:
    """Assigning a user must make an appointment that counts as an assignment; a link points the right way."""
    task, version = model["Task"].collections, model["AssetVersion"].collections
    assert task["assignments"].via == ForeignKey("context_id", where={"type": "assignment"})
    assert task["metadata"].via == ForeignKey("parent_id", "parent_type")
    assert task["incoming_links"].via == ForeignKey("to_id")
    assert version["uses_versions"].via == LinkTable("AssetVersionLink", "to_id", "from_id")
    assert version["used_in_versions"].via == LinkTable("AssetVersionLink", "from_id", "to_id")


def test_a_list_of_shots_is_told_as_one_of_tasks(model: Model) -> None:
    """Shots put into a list must come out again, though the real schema speaks of tasks."""
    items = model["TypedContextList"].collections["items"]
    assert (items.item, items.told_as) == ("TypedContext", "Task")


def test_tables_of_mere_links_are_told(model: Model) -> None:
    """The storage must create them though no entity type names them."""
    assert model.link_tables["ContextScope"] == ("context_id", "scope_id")
    assert "ListObject" not in model.link_tables


def test_what_dies_with_what_is_told(model: Model) -> None:
    """Deleting a shot takes its tasks, assets and notes along and leaves the user who made them."""
    owned_by_contexts = [("Context", "parent_id"), ("Asset", "context_id"), ("Note", "parent_id")]
    assert all(model[name].scalars[key].owner for name, key in owned_by_contexts)
    kept = [("Note", "user_id"), ("AssetVersion", "task_id"), ("Context", "thumbnail_id"), ("Task", "status_id")]
    assert not any(model[name].scalars[key].owner for name, key in kept)


def test_what_is_unique_is_told(model: Model) -> None:
    """Two users of one name, or two running timers of one user, must be refused."""
    assert ("username",) in model["User"].unique
    assert ("user_id",) in model["Timer"].unique
    assert ("parent_id", "name") in model["Shot"].unique


def test_a_type_can_be_told_from_its_schema_alone(model: Model) -> None:
    """Who reads the model learns ftrack: no type goes without a sentence."""
    assert not [one.name for one in model if not one.declaration.doc.endswith(".")]


def test_a_type_declared_twice_is_refused() -> None:
    """One of the two would silently win."""
    one = EntityType("Reel", "A reel.", (identifier(),))
    with pytest.raises(EntityTypeError, match="declared more than once: Reel"):
        Model((one, one))


def test_a_type_on_an_unknown_base_is_refused(model: Model) -> None:
    """A typing error in a base must not give a type without attributes."""
    reel = EntityType("Reel", "A reel.", base="TypedContxt")
    with pytest.raises(UnrecognisedEntityTypeError, match=r"'TypedContxt'; did you mean 'TypedContext'\?"):
        model.extended([reel])


def test_own_attributes_come_first_and_replace_inherited_ones_in_their_place() -> None:
    """The order of the schema's lists follows from it."""
    base = EntityType("Base", "A base.", (identifier(), Text("name"), Key("base_id", "Base")))
    kind = EntityType("Kind", "A kind.", (Text("name", default="kind"), Text("own")), base="Base", locked=("base_id",))
    attributes = Model((base, kind))["Kind"].attributes
    assert list(attributes) == ["own", "id", "name", "base_id"]
    assert attributes["name"] == Text("name", default="kind")
    assert attributes["base_id"].immutable


def test_kinds_of_attributes_are_told_apart(model: Model) -> None:
    """A storage walks columns, keys, references and collections separately."""
    shot = model["Shot"]
    assert isinstance(shot.attribute("parent"), Reference)
    assert isinstance(shot.attribute("children"), Collection)
    parts = (shot.scalars, shot.references, shot.collections)
    assert sum(map(len, parts)) == len(shot.attributes)
    assert shot.keys.items() <= shot.scalars.items()
