"""Writing: what one batch of operations does to the rows of a workspace.

A `Batch` lives as long as the transaction it is given. It may be incomplete at any moment before its end: a client
creates a note and hangs it to its task later, creates two scopes and names one afterwards. So `create`, `update` and
`delete` only write rows; `settle` fills in what the server decides (`_defaults`) and what follows from a write
(`_effects`); `finish` asks whether the result may stand (`_checks`). Anything refused raises a `Fault`, and the
transaction's owner undoes the whole batch.

How to read it: `_batch` tells the story; `_assignments` turns what a client sent into columns; `_collections` says
what a list of entities means for each kind of relation; `_removal` what goes with a deleted row; `_replies` what the
client is told. `_rows` is the only module that speaks SQL for writing.
"""

from __future__ import annotations

from ftrack_backends.workspace.writing._batch import Batch
from ftrack_backends.workspace.writing._orders import type_named
from ftrack_backends.workspace.writing._rows import Row, Rows

__all__ = ["Batch", "Row", "Rows", "type_named"]
