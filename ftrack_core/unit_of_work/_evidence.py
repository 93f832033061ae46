"""What became of a batch whose reply was lost, told from what is read back: values in, a value out.

A batch is one transaction: it was carried out whole, or not at all. What it leaves behind tells which. Creates under
ids that this client made tell most, since nobody else makes those; deletes come next; updates tell only where the
value before is known. A key that is put together of what others know too, as that of metadata, may have been taken by
somebody else: it tells something only together with the values under it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

from ftrack_core.unit_of_work._comparing import same_value
from ftrack_core.unit_of_work._outcome import Outcome
from ftrack_core.unit_of_work._plan import Plan
from ftrack_core.values import NOT_SET, EntityIdentity

__all__ = [
    "Evidence",
    "ExpectedUpdate",
    "Findings",
    "conflicts_of",
    "doubts_of",
    "evidence_of",
    "outcome_of",
]


_UUID: Final = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


@attrs.frozen
class ExpectedUpdate:
    """One attribute that a batch changes.

    Attributes:
        entity: Whose.
        name: Its name.
        new: What the batch makes it, in comparable form.
        old: What it was before, in comparable form; `NOT_SET` when that is not known.
    """

    entity: EntityIdentity
    name: str
    new: Any
    old: Any = NOT_SET


@attrs.frozen
class Evidence:
    """What a batch leaves behind when it is carried out.

    Attributes:
        created: Entities that it creates under an id that nobody else can have made.
        deleted: Entities that it deletes for good.
        updates: Attributes that it changes on entities that it neither creates nor deletes.
        claims: Attributes of entities that it creates under a key that others may make as well.
        blind: Whether it creates something whose presence would tell nothing: without a key, or under a key that it
            frees first.
    """

    created: frozenset[EntityIdentity] = frozenset()
    deleted: frozenset[EntityIdentity] = frozenset()
    updates: tuple[ExpectedUpdate, ...] = ()
    claims: tuple[ExpectedUpdate, ...] = ()
    blind: bool = False


@attrs.frozen
class Findings:
    """What was read back, all of it at one moment.

    Attributes:
        present: Which of the entities that the evidence names are there.
        values: What their attributes are, in comparable form, by entity and name; what was not told is absent.
    """

    present: frozenset[EntityIdentity] = frozenset()
    values: Mapping[tuple[EntityIdentity, str], Any] = attrs.field(factory=dict)


def evidence_of(
    plan: Plan, values: Mapping[tuple[EntityIdentity, str], Any], before: Mapping[tuple[EntityIdentity, str], Any]
) -> Evidence:
    """What to look for after a plan was sent.

    Args:
        plan: What was sent.
        values: What its creates and updates set, in comparable form, by entity and name of attribute.
        before: What that was before, in comparable form, as far as it is known.
    """
    made = {write.entity for write in plan.writes if write.action == "create"}
    deleted = {write.entity for write in plan.writes if write.action == "delete"}
    keyed = {entity for entity in made - deleted if _has_key(entity)}
    created = frozenset(filter(_is_exclusive, keyed))
    updates: list[ExpectedUpdate] = []
    claims: list[ExpectedUpdate] = []
    for (entity, name), value in values.items():
        if entity in keyed - created:
            claims.append(ExpectedUpdate(entity, name, value))
        elif entity not in made | deleted:
            updates.append(ExpectedUpdate(entity, name, value, before.get((entity, name), NOT_SET)))
    return Evidence(created, frozenset(deleted - made), tuple(updates), tuple(claims), blind=len(keyed) < len(made))


def outcome_of(evidence: Evidence, found: Findings) -> Outcome:
    """What became of a batch.

    Any created entity that is there means that all of it was carried out. Without creates, all deleted entities gone
    mean the same, unless an update contradicts; without these, all updated values there. Where it creates entities
    under keys that others may make as well, and no other, all of this must agree. It was not carried out only if
    everything that it touches is as it was before.

    Args:
        evidence: What it would have left behind.
        found: What was read back.
    """
    if _applied(evidence, found):
        return Outcome.APPLIED
    return Outcome.NOT_APPLIED if _untouched(evidence, found) else Outcome.UNCERTAIN


def doubts_of(evidence: Evidence, found: Findings) -> list[str]:
    """What keeps a batch from being sent again, in words: one text for each thing that is not as it was before.

    Args:
        evidence: What it would have left behind.
        found: What was read back.
    """
    doubts = [f"{entity} is gone" for entity in sorted(evidence.deleted - found.present)]
    claimed = dict.fromkeys(claim.entity for claim in evidence.claims)
    doubts += [f"{entity} is there already" for entity in claimed if entity in found.present]
    doubts += [_doubt(update, found) for update in evidence.updates if not _is_old(update, found)]
    if evidence.blind:
        doubts.append("something is created whose key proves nothing")
    return doubts


def conflicts_of(evidence: Evidence, found: Findings) -> list[str]:
    """What has become of a plan's entities since it was made that it would run over, in words.

    A value of which nobody knows what it was before is no conflict, and neither is one that is as the plan makes it.

    Args:
        evidence: What the plan would leave behind.
        found: What was read back before it is sent.
    """
    conflicts = [f"{entity} is gone" for entity in sorted(evidence.deleted - found.present)]
    claimed = dict.fromkeys(claim.entity for claim in evidence.claims)
    conflicts += [f"{entity} is there already" for entity in claimed if entity in found.present]
    return conflicts + [_doubt(update, found) for update in evidence.updates if _is_conflict(update, found)]


def _is_conflict(update: ExpectedUpdate, found: Findings) -> bool:
    if update.entity not in found.present:
        return True
    known = update.old is not NOT_SET and (update.entity, update.name) in found.values
    return known and not _is_old(update, found) and not _is_new(update, found)


def _applied(evidence: Evidence, found: Findings) -> bool:
    if evidence.created:
        return bool(evidence.created & found.present)
    if evidence.blind:
        return False  # others may have deleted or changed the same things; what was created besides would be lost
    if evidence.deleted and not evidence.claims:
        return not evidence.deleted & found.present and not _contradicted(evidence, found)
    values = (*evidence.updates, *evidence.claims)
    return bool(values) and not evidence.deleted & found.present and all(_is_new(value, found) for value in values)


def _untouched(evidence: Evidence, found: Findings) -> bool:
    """Whether everything is as it was before, so that sending the batch again does what the first time should have."""
    if not evidence.created and not evidence.deleted and (evidence.blind or not (evidence.updates or evidence.claims)):
        return False
    taken = any(claim.entity in found.present for claim in evidence.claims)
    as_before = all(_is_old(update, found) for update in evidence.updates)
    return evidence.deleted <= found.present and as_before and not taken


def _contradicted(evidence: Evidence, found: Findings) -> bool:
    """Whether an update speaks against what the deletes say.

    A value that is neither the old nor the new one was changed by somebody since, which may have been after the batch.
    """
    standing = [update for update in evidence.updates if update.entity in found.present]
    return any(not _is_new(update, found) and (update.old is NOT_SET or _is_old(update, found)) for update in standing)


def _is_old(update: ExpectedUpdate, found: Findings) -> bool:
    value = found.values.get((update.entity, update.name), NOT_SET)
    return value is not NOT_SET and update.old is not NOT_SET and same_value(value, update.old)


def _is_new(update: ExpectedUpdate, found: Findings) -> bool:
    """Whether an attribute has its new value; of a collection, whether all that was added is in it and the rest gone.

    Others may have put entities into a collection too, as the server itself does with a note's author.
    """
    value = found.values.get((update.entity, update.name), NOT_SET)
    if value is NOT_SET or same_value(value, update.new):
        return value is not NOT_SET
    if not isinstance(value, frozenset) or not isinstance(update.new, frozenset) or update.old is NOT_SET:
        return False
    added, removed = update.new - (update.old or frozenset()), (update.old or frozenset()) - update.new
    return added <= value and not removed & value and bool(added or removed)


def _doubt(update: ExpectedUpdate, found: Findings) -> str:
    if update.entity not in found.present:
        return f"{update.entity} is gone"
    value = found.values.get((update.entity, update.name), NOT_SET)
    place = f"{update.entity}.{update.name}"
    if value is NOT_SET:
        return f"{place} could not be read"
    if _is_new(update, found):
        return f"{place} is what this commit makes it"
    if update.old is NOT_SET:
        return f"{place} was never loaded, so what it was before is not known"
    return f"{place} is neither what it was before nor what this commit makes it"


def _is_exclusive(entity: EntityIdentity) -> bool:
    """Whether a key is an id that nobody else makes, even by chance."""
    return len(entity.key) == 1 and _UUID.fullmatch(entity.key[0]) is not None


def _has_key(entity: EntityIdentity) -> bool:
    return bool(entity.key) and all(part not in {"", "None"} for part in entity.key)
