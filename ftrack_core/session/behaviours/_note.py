"""What notes can do, and what everything that has notes can."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from ftrack_core.entity import Collection, Entity
from ftrack_core.errors import InvalidValueError
from ftrack_core.session.behaviours._behaviour import Behaviour

__all__ = ["CreateNoteMixin", "Note"]


class Note(Behaviour):
    """A note on something, or a reply to a note."""

    __slots__ = ()

    def create_reply(self, content: str, author: Entity) -> Entity:
        """A reply to this note, recorded for the next commit.

        Args:
            content: Its text.
            author: The user who writes it.
        """
        replies = _loaded(self, "replies")
        reply: Entity = self.session.create("Note", {"author": author, "content": content})
        replies.append(reply)
        return reply


class CreateNoteMixin(Behaviour):
    """Mixed into every type that has notes."""

    __slots__ = ()

    def create_note(
        self,
        content: str,
        author: Entity,
        recipients: Iterable[Entity] | None = None,
        category: Entity | None = None,
        labels: Iterable[Entity] | None = None,
    ) -> Entity:
        """A note on this entity, recorded for the next commit.

        Args:
            content: Its text.
            author: The user who writes it.
            recipients: Users and groups to whom it is addressed.
            category: What kind of note it is, where the server has no labels; else `labels` says it.
            labels: What kinds of note it is.

        Raises:
            InvalidValueError: Both category and labels are given, or the server has no labels.
        """
        resources, marks = _distinct(recipients), _distinct(labels)
        self._check_note(category, marks)
        data: dict[str, Any] = {"content": content, "author": author}
        if category is not None and not _has_labels(self):
            data["category_id"] = category["id"]
        elif category is not None:
            warnings.warn("Give labels=[...] instead of category.", PendingDeprecationWarning, stacklevel=2)
            marks = [category]
        notes = _loaded(self, "notes")
        note: Entity = self.session.create("Note", data)
        notes.append(note)
        for resource in resources:
            named = {"note_id": note["id"], "resource_id": resource["id"]}
            note["recipients"].append(self.session.create("Recipient", named))
        for label in marks:
            self.session.create("NoteLabelLink", {"label_id": label["id"], "note_id": note["id"]})
        return note

    def _check_note(self, category: Entity | None, labels: list[Entity]) -> None:
        if labels and not _has_labels(self):
            raise InvalidValueError("The server's notes have no labels; give a category instead.")
        if labels and category is not None:
            raise InvalidValueError("A note gets either a category or labels; give the category as one of the labels.")


def _has_labels(entity: Entity) -> bool:
    return "NoteLabel" in entity.session.types


def _distinct(entities: Iterable[Entity] | None) -> list[Entity]:
    """Each entity once; all of them are looked at before anything is recorded."""
    found = list(dict.fromkeys(entities or ()))
    strange = next((each for each in found if not isinstance(each, Entity)), None)
    if strange is not None:
        raise InvalidValueError(f"Entities are needed here, and {strange!r} was given.")
    return found


def _loaded(entity: Entity, name: str) -> Collection:
    """A collection that is about to grow: a commit sends all that is in it, so it must be known."""
    collection: Collection = entity[name]
    with entity.session.auto_populating(auto_populate=True):
        len(collection)
    return collection
