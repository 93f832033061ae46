"""A studio adds to the model what it works with."""

from __future__ import annotations

import pytest

from ftrack_backends.workspace.model import (
    NO_TYPE,
    Collection,
    EntityType,
    ForeignKey,
    Key,
    Moment,
    Reference,
    Text,
    ftrack_model,
    identifier,
    object_type,
    query_schemas,
)
from ftrack_core.errors import EntityTypeError, UnrecognisedEntityTypeError

SCENE_ID = "7cf1a1b4-1c3e-4d28-9a35-6f0d0e6c8a11"


def test_a_studio_adds_its_own_object_type_in_five_lines() -> None:
    """A studio that works by scenes gets `Scene` with everything a typed context has."""
    scene = object_type("Scene", "What one set-up films.", SCENE_ID, *NO_TYPE)
    model = ftrack_model().extended([scene])

    row = {"context_type": "task", "object_type_id": SCENE_ID}
    assert model.type_of_row("Context", row).name == "Scene"
    schema = next(one for one in query_schemas(model) if one["id"] == "Scene")
    assert schema["alias_for"] == {"id": "Task", "classifiers": {"object_typeid": SCENE_ID}}
    assert "type_id" in schema["immutable"]  # type: ignore[operator]


def test_a_studio_adds_a_type_of_its_own_and_a_relation_to_it() -> None:
    """Deliveries of a project: a new table, and a collection on `Project` that shows it."""
    delivery = EntityType(
        "Delivery",
        "What goes to the client, and when.",
        (
            identifier(),
            Text("name", required=True),
            Moment("due"),
            Key("project_id", "Project", owner=True),
            Reference("project", "Project"),
        ),
    )
    deliveries = Collection("deliveries", "Delivery", ForeignKey("project_id"))
    model = ftrack_model().extended([delivery], {"Project": (deliveries,)})

    assert list(model.tables["Delivery"]) == ["id", "name", "due", "project_id"]
    assert model["Project"].collections["deliveries"].item == "Delivery"


def test_extending_leaves_the_model_as_it_was() -> None:
    """Two workspaces of one process must not see each other's types."""
    before = query_schemas(ftrack_model())
    ftrack_model().extended([object_type("Scene", "A scene.", SCENE_ID)], {"Shot": (Text("reel"),)})
    assert query_schemas(ftrack_model()) == before


def test_all_faults_of_an_extension_are_told_at_once() -> None:
    """Who declares a type wants every mistake named, not one after the other."""
    reel = EntityType("Reel", "A reel.", (identifier(), Key("vault_id", "Vault"), Reference("owner", "User")))
    with pytest.raises(EntityTypeError) as caught:
        ftrack_model().extended([reel])
    assert caught.value.details["faults"] == [
        "Reel.vault_id points to 'Vault', which is no entity type",
        "Reel.owner goes over 'owner_id', which is no column of Reel",
    ]


def test_attributes_for_an_unknown_type_are_refused() -> None:
    """A typing error in the type's name must not lose the attributes."""
    with pytest.raises(UnrecognisedEntityTypeError, match=r"'Shoot'; did you mean 'Shot'\?"):
        ftrack_model().extended(attributes={"Shoot": (Text("reel"),)})
