"""Jobs: `delayed_job`. It makes a Job that is over at once and says what came of it. `encode_media` is in `_media`.

A workspace has no directory of users and no storage service. It does not pretend: such a job is `failed`, and its
`data`, a text of JSON as on every Job, says in `description` and `error` what was not done. So a tool that waits for
its job goes on at once, into the same branch that a failed job takes it to on a real server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace._faults import ValidationFault
from ftrack_backends.workspace.actions import _fields as fields

if TYPE_CHECKING:
    from ftrack_backends.workspace.actions._turn import Action, Turn

__all__ = ["JOBS"]

_DELAYED = {
    "SYNC_USERS_LDAP": ("Synchronise users with LDAP", "no LDAP server is configured; no user was changed"),
    "ICONIK_SYNC_STRUCTURE": ("Synchronise structure with iconik", "there is no iconik; nothing was sent"),
}
"""What each kind of job is, and why it cannot be done here."""


def delayed_job(turn: Turn, operation: Mapping[str, Any]) -> Callable[[], dict[str, object]]:
    """Start a job of a kind that the server knows."""
    kind = fields.text(operation, "job_type")
    if kind not in _DELAYED:
        known = ", ".join(sorted(_DELAYED))
        raise ValidationFault(f"There is no job type {kind!r}; there are {known}.", field="job_type")
    description, error = _DELAYED[kind]
    given = operation.get("data")
    reply = _failed(turn, kind, description, error, {"data": given} if given is not None else {})
    return lambda: {"action": "delayed_job", "data": reply()}


def _failed(
    turn: Turn, kind: str, description: str, error: str, data: Mapping[str, Any]
) -> Callable[[], dict[str, Any]]:
    told = {**data, "description": f"{description}: {error}", "error": error}
    values = {"type": kind, "status": "failed", "data": json.dumps(told), "finished_at": turn.writing.moment}
    return turn.writing.create({"entity_type": "Job", "entity_data": values})


JOBS: dict[str, Action] = {"delayed_job": delayed_job}
