"""A model holds together, and the check that says so can fail."""

from __future__ import annotations

import pytest

from ftrack_backends.workspace.model import (
    Attribute,
    Collection,
    EntityType,
    ForeignKey,
    Key,
    LinkTable,
    Mapped,
    Model,
    Number,
    Reference,
    Text,
    faults,
    ftrack_model,
    identifier,
)


def test_ftracks_own_model_is_sound() -> None:
    """A relation that leads nowhere would fail on the first query over it, in somebody's pipeline."""
    assert faults(ftrack_model()) == []


@pytest.mark.parametrize(
    ("attribute", "fault"),
    [
        (Key("vault_id", "Vault"), "Reel.vault_id points to 'Vault', which is no entity type"),
        (Reference("vault", "Reel"), "Reel.vault goes over 'vault_id', which is no column of Reel"),
        (Reference("vault", "Vault", derived=True), "Reel.vault points to 'Vault', which is no entity type"),
        (Text("title", same_as="headline"), "Reel.title shows the column 'headline', which Reel has not"),
        (
            Collection("frames", "Frame", ForeignKey("reel_id")),
            "Reel.frames points to 'Frame', which is no entity type",
        ),
        (
            Collection("parts", "Reel", ForeignKey("reel_id")),
            "Reel.parts needs the attribute 'reel_id' of Reel, which has none of that name",
        ),
        (
            Collection("parts", "Reel", ForeignKey("id", "kind")),
            "Reel.parts needs the attribute 'kind' of Reel, which has none of that name",
        ),
        (
            Collection("parts", "Reel", ForeignKey("id", where={"kind": "part"})),
            "Reel.parts needs the attribute 'kind' of Reel, which has none of that name",
        ),
        (
            Mapped("labels", "Reel", ForeignKey("id"), key="id", value="label"),
            "Reel.labels needs the attribute 'label' of Reel, which has none of that name",
        ),
        (
            Collection("others", "Reel", LinkTable("Reel", "id", "other_id")),
            "Reel.others goes over Reel.other_id, which is no column",
        ),
        (Text("id"), "Reel.id is declared 2 times"),
    ],
)
def test_a_planted_fault_is_found(attribute: Attribute, fault: str) -> None:
    """A check that finds nothing protects nobody."""
    assert faults(Model([EntityType("Reel", "A reel.", (identifier(), attribute))])) == [fault]


def test_names_that_are_no_attributes_are_found() -> None:
    """A typing error in a primary key or a list of locked names would be ignored without a word."""
    reel = EntityType(
        "Reel",
        "A reel.",
        (Text("name"),),
        primary_key=("nmae",),
        classifiers={"kind": "reel"},
        unique=(("label",),),
        system=("project_id",),
        locked=("type",),
        listing={"required": ("title",)},
    )
    told = "\n".join(faults(Model([reel])))
    assert all(repr(name) in told for name in ("nmae", "kind", "label", "project_id", "type", "title"))


def test_types_that_share_a_table_must_agree_on_its_columns() -> None:
    """One of the two would read the other's numbers as text."""
    base = EntityType("Base", "A base.", (identifier(),))
    one = EntityType("One", "A kind.", (Text("length"),), base="Base")
    other = EntityType("Other", "A kind.", (Number("length"),), base="Base")
    assert faults(Model([base, one, other])) == [
        "Other.length holds number, and the table Base string there",
    ]


def test_a_type_outside_the_model_may_be_pointed_to() -> None:
    """Real servers have keys to tables that no client can ask for."""
    reel = EntityType("Reel", "A reel.", (identifier(), Key("vault_id", "Vault")))
    assert faults(Model([reel], outside=["Vault"])) == []
