"""The read side of an embedded workspace: queries in, entities in their wire form out.

`Reader` is all that others need. Behind it: `_names` looks names up in the model, `_conditions`, `_comparisons` and
`_statements` make the one statement that finds the rows, `_projections` makes a `Shape` of what is selected, and
`_loading` fetches what they refer to, level by level.
"""

from __future__ import annotations

from ftrack_backends.workspace.reading._custom_attributes import HOLDERS, applicable, value_type
from ftrack_backends.workspace.reading._reader import QueryResult, Reader

__all__ = ["HOLDERS", "QueryResult", "Reader", "applicable", "value_type"]
