"""The read side of an embedded workspace: queries in, entities in their wire form out.

`Reader` is all that others need. Behind it: `_names` looks names up in the model, `_conditions`, `_comparisons` and
`_statements` make the one statement that finds the rows, `_projections` makes a `Shape` of what is selected, and
`_loading` fetches what they refer to, level by level. `_merging` makes long filters short first, `_ends` finds what
stands at the end of a path, and `_groups` answers queries with aggregates.

An entity that occurs several times in an answer is repeated in full each time, whatever `ftrack-api-options` says of
`denormalize`. ftrack gives references from the second time on; clients merge by identity and take either, and in full
a reply can also be read without a client.
"""

from __future__ import annotations

from ftrack_backends.workspace.reading._custom_attributes import HOLDERS, applicable, value_type
from ftrack_backends.workspace.reading._reader import QueryResult, Reader

__all__ = ["HOLDERS", "QueryResult", "Reader", "applicable", "value_type"]
