"""What follows from a write without being asked for: one function for each consequence.

Those of creating run when the new row is settled; those of a change, and those that need the whole batch, once, at its
end, so that a status that went from one to another and on counts as one change.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace._faults import IntegrityFault
from ftrack_backends.workspace.writing._history import happened

if TYPE_CHECKING:
    from ftrack_backends.workspace._accounts import Caller
    from ftrack_backends.workspace.model import Model
    from ftrack_backends.workspace.store import Stored
    from ftrack_backends.workspace.writing._rows import Row, Rows

__all__ = ["Effects"]

_BELOW = """
    WITH RECURSIVE below (id) AS (
        SELECT id FROM "Context" WHERE parent_id = ?
        UNION SELECT context.id FROM "Context" AS context JOIN below ON context.parent_id = below.id
    )
    SELECT id FROM below
"""


@attrs.frozen(eq=False)
class Effects:
    """Brings about what follows from a batch's writes.

    Attributes:
        model: The data model.
        rows: Rows of the batch.
        caller: In whose name the batch is done.
        now: The moment of the batch, as it is stored.
        create: Creates a row of a type from column values.
        remove: Deletes rows with all they own.
    """

    model: Model
    rows: Rows
    caller: Caller
    now: str
    create: Callable[[str, dict[str, Stored]], Row]
    remove: Callable[[Iterable[Row]], None]

    def after_create(self, row: Row) -> None:
        """Bring about what follows from a new row."""
        effect = _AFTER_CREATE.get(row.type.name)
        if effect:
            effect(self, row)

    def after_change(self, row: Row) -> None:
        """Bring about what follows from the difference between a row before the batch and after it."""
        for name in row.type.lineage:
            effect = _AFTER_CHANGE.get(name)
            if effect and row.before is not None:
                effect(self, row)
        at_end = _AT_THE_END.get(row.type.name)
        if at_end:
            at_end(self, row)

    def after_delete(self, row: Row) -> None:
        """Bring about what follows from a row's end."""
        if row.type.name == "NoteLabelLink":
            _label_left(self, row)

    def find(self, type_name: str, key: Stored) -> Row | None:
        """The row that a key names."""
        return self.rows.find(self.model[type_name], [key]) if key else None


def _note_written(effects: Effects, note: Row) -> None:
    """The author takes part in the thread, and an answer makes the thread active."""
    author = note.values["user_id"]
    recipient = effects.model["Recipient"]
    if author and not effects.rows.find(recipient, [note.id, author]):
        effects.create("Recipient", {"note_id": note.id, "resource_id": author})
    thread = effects.find("Note", note.values["in_reply_to_id"])
    if thread:
        effects.rows.change(thread, {"thread_activity": note.values["date"]})


def _note_categorised(effects: Effects, note: Row) -> None:
    """A category that was set in the older form is a label too; the one it took the place of is none any longer.

    A category that came of a label has its link already, and changes nothing.
    """
    category = note.values["category_id"]
    link = effects.model["NoteLabelLink"]
    if not note.changed("category_id") or (category and effects.rows.find(link, [note.id, category])):
        return
    former = note.before["category_id"] if note.before else None
    effects.remove(filter(None, [effects.rows.find(link, [note.id, former])]))
    if category:
        effects.create("NoteLabelLink", {"note_id": note.id, "label_id": category})


def _label_given(effects: Effects, link: Row) -> None:
    """A note's category, the older form of labels, is its last label."""
    note = effects.find("Note", link.values["note_id"])
    if note:
        effects.rows.change(note, {"category_id": link.values["label_id"]})


def _label_left(effects: Effects, link: Row) -> None:
    note = effects.find("Note", link.values["note_id"])
    if note and note.values["category_id"] == link.values["label_id"]:
        others = effects.rows.where("NoteLabelLink", "note_id", [note.id])
        effects.rows.change(note, {"category_id": others[-1].values["label_id"] if others else None})


def _status_changed(change_type: str) -> Callable[[Effects, Row], None]:
    def note_down(effects: Effects, row: Row) -> None:
        if row.before is None or not row.changed("status_id"):
            return
        values: dict[str, Stored] = {
            "id": str(uuid.uuid4()),
            "date": effects.now,
            "from_status_id": row.before["status_id"],
            "status_id": row.values["status_id"],
            "parent_id": row.id,
            "user_id": effects.caller.id or None,
        }
        effects.create(change_type, values)
        happened(effects, row)

    return note_down


def _moved(effects: Effects, context: Row) -> None:
    """What hangs below a context that moves to another project goes along."""
    if not context.changed("parent_id"):
        return
    below = effects.rows.scalars(_BELOW, [context.id])
    parent = effects.find("Context", context.values["parent_id"])
    if context.id in below or parent is context:
        raise IntegrityFault(f"{context} cannot move to {context.values['parent_id']}, which is below it.")
    project_id = parent.values["project_id"] if parent else None
    for row in (context, *effects.rows.where("Context", "id", below)):
        effects.rows.change(row, {"project_id": project_id})


def _typed_context_changed(effects: Effects, context: Row) -> None:
    _moved(effects, context)
    _status_changed("TypedContextStatusChange")(effects, context)


def _job_over(effects: Effects, job: Row) -> None:
    """A job that came to its end has ended now, unless it is said when."""
    if job.changed("status") and job.values["status"] in {"done", "failed"} and job.values["finished_at"] is None:
        effects.rows.change(job, {"finished_at": effects.now})


def _note_changed(effects: Effects, note: Row) -> None:
    if note.before is None:
        happened(effects, note)
    _note_categorised(effects, note)


def _version_published(effects: Effects, version: Row) -> None:
    if version.before is None and version.values["is_published"]:
        happened(effects, version)


_AFTER_CREATE: dict[str, Callable[[Effects, Row], None]] = {"Note": _note_written, "NoteLabelLink": _label_given}
_AFTER_CHANGE: dict[str, Callable[[Effects, Row], None]] = {
    "TypedContext": _typed_context_changed,
    "AssetVersion": _status_changed("AssetVersionStatusChange"),
}
_AT_THE_END: dict[str, Callable[[Effects, Row], None]] = {
    "AssetVersion": _version_published,
    "Job": _job_over,
    "Note": _note_changed,
}
"""Of rows that the batch created or changed, once it is complete."""
