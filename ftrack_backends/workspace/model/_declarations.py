"""Traits and entity types: what the data model is put together from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ftrack_backends.workspace.model._scalars import Attribute

__all__ = [
    "EntityType",
    "Trait",
]


@attrs.frozen
class Trait:
    """What several types have in common: a named handful of attributes, to compose types of.

    Attributes:
        name: What a thing with this trait is or has, as words.
        doc: What it means in production.
        attributes: What a type gets by it.
    """

    name: str
    doc: str
    attributes: tuple[Attribute, ...]


@attrs.frozen
class EntityType:
    """The declaration of one entity type.

    A type has its own attributes, then those of its traits, then those of its base, in the order they stand; one that
    is declared again replaces the first in its place. Order only shows in the schema's lists of names.

    Attributes:
        name: Schema id, as `Task`.
        doc: What it is in production.
        attributes: Its own attributes; one named as an inherited one replaces that.
        traits: What it is composed of.
        base: Type it is a kind of: it inherits all attributes, and its rows live in the base's table.
        view_of: Another type whose table this one shows under another name (NoteLabel shows NoteCategory); or None.
        primary_key: Names of the attributes that identify a row; empty for the base's, and `id` without a base.
        classifiers: Values that tell a row of this type from others in the shared table, by attribute.
        alias: What the real server calls the type; None where it tells none.
        locked: Inherited attributes that clients may not change on this type.
        unique: Sets of attributes whose values no two rows share; an empty value clashes with none. Bases' hold too.
        system: Attributes that every reply carries, whatever was asked; empty for the base's.
        listing: Where the real schema's order of a list follows no declaration: the names that come first, by list
            (`required`, `immutable`, `default_projections`, ...).
    """

    name: str
    doc: str
    attributes: tuple[Attribute, ...] = ()
    traits: tuple[Trait, ...] = attrs.field(default=(), kw_only=True)
    base: str | None = attrs.field(default=None, kw_only=True)
    view_of: str | None = attrs.field(default=None, kw_only=True)
    primary_key: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    classifiers: Mapping[str, object] = attrs.field(factory=dict, kw_only=True)
    alias: str | None = attrs.field(default=None, kw_only=True)
    locked: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    unique: tuple[tuple[str, ...], ...] = attrs.field(default=(), kw_only=True)
    system: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    listing: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, kw_only=True)
