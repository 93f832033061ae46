"""Notes: what people tell each other about the work, with labels, attachments and recipients. And metadata."""

from __future__ import annotations

from ftrack_backends.workspace.model._declarations import EntityType
from ftrack_backends.workspace.model._relations import Collection, ForeignKey, Reference
from ftrack_backends.workspace.model._scalars import Integer, Key, Moment, Text, Truth
from ftrack_backends.workspace.model._traits import ATTACHED_URLS, HAS_METADATA, any_parent, identifier, link_key

__all__ = ["NOTES"]

NOTE = EntityType(
    "Note",
    "Something said about a context, a version or an object under review. Replies are notes too. A note may be a "
    "to-do that somebody completes.",
    (
        identifier("noteid"),
        Key("user_id", "User", required=True, target_key="user_id", alias="userid"),
        Text("content", alias="text"),
        Moment("date"),
        Text("parent_id", owner=True),
        any_parent("parent_type"),
        Key("category_id", "NoteCategory", alias="categoryid"),
        Key("in_reply_to_id", "Note", alias="noteparentid", owner=True),
        Truth("is_todo", default=False),
        Key("completed_by_id", "User", target_key="user_id"),
        Moment("completed_at"),
        Moment("thread_activity", alias="triggerdate"),
        Reference("author", "User", over="user_id", alias="user"),
        Reference("category", "NoteCategory"),
        Reference("completed_by", "User"),
        Reference("in_reply_to", "Note", alias="noteparent"),
        Collection("replies", "Note", ForeignKey("in_reply_to_id"), alias="notes"),
        Collection("recipients", "Recipient", ForeignKey("note_id"), alias="note_recipients"),
        Collection("note_components", "NoteComponent", ForeignKey("note_id")),
        Collection("note_label_links", "NoteLabelLink", ForeignKey("note_id")),
    ),
    traits=(HAS_METADATA,),
)

_LABEL = (identifier("categoryid"), Text("name"), Text("color"), Integer("sort", default=0))

NOTE_CATEGORY = EntityType(
    "NoteCategory",
    "What a note is about: client feedback, internal. Its older name; a note had one category.",
    _LABEL,
    alias="NoteCategory",
)

NOTE_LABEL = EntityType(
    "NoteLabel",
    "What a note is about: the same rows as `NoteCategory` under their newer name; a note has any number of labels.",
    _LABEL,
    view_of="NoteCategory",
    alias="NoteCategory",
)

NOTE_LABEL_LINK = EntityType(
    "NoteLabelLink",
    "A note has a label.",
    (
        link_key("note_id", "Note"),
        link_key("label_id", "NoteLabel"),
        Reference("label", "NoteLabel"),
        Reference("note", "Note"),
    ),
    primary_key=("note_id", "label_id"),
)

NOTE_COMPONENT = EntityType(
    "NoteComponent",
    "A component is attached to a note: a drawing over a frame, a reference picture.",
    (
        link_key("component_id", "Component"),
        link_key("note_id", "Note"),
        *ATTACHED_URLS,
        Reference("component", "Component"),
        Reference("note", "Note"),
    ),
    primary_key=("component_id", "note_id"),
)

RECIPIENT = EntityType(
    "Recipient",
    "A note is meant for this user or group.",
    (
        link_key("note_id", "Note"),
        link_key("resource_id", "Resource"),
        Text("text_mentioned"),
        Reference("note", "Note", alias="recipient_note"),
        Reference("recipient", "Resource", over="resource_id", alias="recipient_resource"),
        Reference("user", "User", over="resource_id"),
    ),
    primary_key=("note_id", "resource_id"),
)

METADATA = EntityType(
    "Metadata",
    "One text that a tool hung to an entity, under a key.",
    (
        Text("parent_id", required=True, immutable=True, projected=True, alias="meta_id", owner=True),
        Text("key", required=True, immutable=True, projected=True, alias="variable"),
        Text("value", required=True, projected=True),
        any_parent("parent_type", "meta_type", required=True),
    ),
    primary_key=("parent_id", "key"),
    alias="Meta",
)

NOTES = (NOTE, NOTE_CATEGORY, NOTE_LABEL, NOTE_LABEL_LINK, NOTE_COMPONENT, RECIPIENT, METADATA)
