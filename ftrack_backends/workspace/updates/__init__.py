"""`ftrack.update`: what a committed batch tells everybody (server contract 9).

Within the transaction, `collect` gathers what cannot be known later: the batch's rows, before and after, and the
parents that they have at that moment. The broker's thread makes the event of it, once the batch is committed.

- One event a batch, with one entry for each entity: `add`, `update`, `remove`, or `move` for one with a new parent.
- `changes` has the names that ftrack has inside, as the schemas' `alias_for` says: `statusid` for `status_id`. What
  was not there is null. Dates are text, as `2022-10-10T10:12:09` in UTC.
- A value of a custom attribute is a change of the entity that has it, by the attribute's key, as text: `"1"`.
- Many-to-many relations without an entity between, such as `scopes`, change nothing that has a name; such a batch
  tells of the entity whose collection it was, with that collection's internal name and null for both values.
- An entity without an `id`, such as `Metadata`, has the values of its primary key as `entityId`, with commas between.
- What the server writes down by itself as history (`StatusChange`, `Event`) is not told.
"""

from __future__ import annotations

from ftrack_backends.workspace.updates._collected import Collected, collect
from ftrack_backends.workspace.updates._event import update_event

__all__ = ["Collected", "collect", "update_event"]
