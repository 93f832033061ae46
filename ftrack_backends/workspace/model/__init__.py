"""The data model of ftrack, written as a model: from it come the `query_schemas` reply and a workspace's tables.

How to read it
    `_traits.py` first: what things have in common (metadata, notes, a thumbnail, custom attributes, appointments).
    Then `_contexts.py`: the tree of a production. The other files each hold one subject: `_versions`, `_components`,
    `_workflow`, `_people`, `_notes`, ... The words they are written in stand in `_scalars.py`, `_relations.py` and
    `_declarations.py`.

For a storage
    `ftrack_model()` gives the `Model`; `model["Task"]` a `ModelType` with everything inherited.

    - *Tables*: `model.tables` maps a table's name to its columns, `{column name: Scalar}`. All types below one root
      share the root's table: every kind of context lives in `Context`, of component in `Component`, of resource in
      `Resource`, of list in `List`. A type that is a view of another (`NoteLabel`) has that one's `table`.
      `model_type.primary_key` identifies a row; `model_type.unique` tells what else no two rows share.
    - *Columns* are named as the public attributes, not as the aliases. `scalar.column` is the column that shows an
      attribute: mostly its own name, another's where two share one (`same_as`). `scalar.stored` is False for what
      the server computes. `hidden` attributes are stored and never shown. A `Key` holds the id of its `target`.
    - *Concrete types*: `classifiers` are the values that mark a row of a type (`context_type`, `object_type_id`,
      `system_type`, `resource_type`); set them on create, and ask `model.type_of_row("Context", row)` on reading.
      `subtypes` and `lineage` tell what is below and above. `model.selectors("Shot")` tells which rows of the table
      a query for that type may give.
    - *Deleting*: a row goes with the entity that one of its `owner` columns names; other keys that name what was
      deleted become empty.
    - *References*: `reference.column` is the name of the key attribute of the same type (itself maybe hidden).
      A `computed` or `derived` reference (Asset.latest_version) has no column: the server works it out.
    - *Collections*: `collection.via` says what the relation means:
      `ForeignKey(attribute, type_attribute, where)`: items whose `attribute` is this id; `type_attribute` is filled
      with this entity's type on writing; `where` holds for all items. `LinkTable(table, here, there)`: pairs of ids;
      `table` may be an entity type (WorkflowSchemaStatus; ListObject and AssetVersionLink, whose rows need an id of
      their own) or a table of nothing but the two columns (`model.link_tables` names these).
      `Computed(rule)`: ancestors, descendants. `collection.item` is the truth; `told_as` is only for the schema.
      `Mapped` is a collection shown as a mapping `item[key] -> item[value]`.
    - *Names on base types*: `model.possible_attributes("Resource", "username")` finds what a name can mean.

For a studio
    `ftrack_model().extended(types=[...], attributes={...})` gives a model with more in it; `object_type(...)` declares
    a further kind of context in five lines.
"""

from __future__ import annotations

from ftrack_backends.workspace.model._contexts import (
    NO_STATUS,
    NO_TYPE,
    SCHEDULED_BY_TASKS,
    object_type,
)
from ftrack_backends.workspace.model._declarations import EntityType, Trait
from ftrack_backends.workspace.model._ftrack import ftrack_model
from ftrack_backends.workspace.model._model import Model
from ftrack_backends.workspace.model._model_type import ModelType
from ftrack_backends.workspace.model._relations import (
    Collection,
    Computed,
    ForeignKey,
    LinkTable,
    Mapped,
    Reference,
    Via,
)
from ftrack_backends.workspace.model._scalars import (
    NO_DEFAULT,
    UID,
    Attribute,
    Integer,
    Key,
    Moment,
    Number,
    Scalar,
    Structure,
    Text,
    Truth,
    Variable,
)
from ftrack_backends.workspace.model._schemas import query_schemas, schema_hash
from ftrack_backends.workspace.model._soundness import faults
from ftrack_backends.workspace.model._traits import any_parent, created, has_custom_attributes, identifier, link_key

__all__ = [
    "NO_DEFAULT",
    "NO_STATUS",
    "NO_TYPE",
    "SCHEDULED_BY_TASKS",
    "UID",
    "Attribute",
    "Collection",
    "Computed",
    "EntityType",
    "ForeignKey",
    "Integer",
    "Key",
    "LinkTable",
    "Mapped",
    "Model",
    "ModelType",
    "Moment",
    "Number",
    "Reference",
    "Scalar",
    "Structure",
    "Text",
    "Trait",
    "Truth",
    "Variable",
    "Via",
    "any_parent",
    "created",
    "faults",
    "ftrack_model",
    "has_custom_attributes",
    "identifier",
    "link_key",
    "object_type",
    "query_schemas",
    "schema_hash",
]
