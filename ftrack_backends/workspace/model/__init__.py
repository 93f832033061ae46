"""The data model of ftrack, written as a model: from it come the `query_schemas` reply and a workspace's tables.

How to read it
    `_traits.py` first: what things have in common (metadata, notes, a thumbnail, custom attributes, appointments).
    Then `_contexts.py`: the tree of a production. The other files each hold one subject: `_versions`, `_components`,
    `_workflow`, `_people`, `_notes`, ... `_declarations.py` holds the words they are written in.

For a storage
    `ftrack_model()` gives the `Model`; `model["Task"]` a `ModelType` with everything inherited.

    - *Tables*: `model.tables` maps a table's name to its columns, `{column name: Scalar}`. All types below one root
      share the root's table: every kind of context lives in `Context`, of component in `Component`, of resource in
      `Resource`, of list in `List`. A type that is a view of another (`NoteLabel`) has that one's `table`.
      `model_type.primary_key` identifies a row.
    - *Columns* are named as the public attributes, not as the aliases. `scalar.column` is the column that shows an
      attribute: mostly its own name, another's where two share one (`same_as`). `scalar.stored` is False for what
      the server computes. `hidden` attributes are stored and never shown. A `Key` holds the id of its `target`.
    - *Concrete types*: `classifiers` are the values that mark a row of a type (`context_type`, `object_type_id`,
      `system_type`, `resource_type`); set them on create, and ask `model.type_of_row("Context", row)` on reading.
      `subtypes` and `lineage` tell what is below and above; a query for a type must give rows of its subtypes only:
      `where <classifier> = <value>` for each of its classifiers does.
    - *References*: `reference.column` is the name of the key attribute of the same type (itself maybe hidden).
      A `computed` reference (Asset.latest_version) has no column.
    - *Collections*: `collection.via` says what the relation means:
      `ForeignKey(attribute, type_attribute, where)`: items whose `attribute` is this id; `type_attribute` is filled
      with this entity's type on writing; `where` holds for all items. `LinkTable(table, here, there)`: pairs of ids;
      `table` may be an entity type (WorkflowSchemaStatus, ListObject) or a table of ids only.
      `Computed(rule)`: ancestors, descendants.
      `Mapped` is a collection shown as a mapping `item[key] -> item[value]`.
    - *Names on base types*: `model.possible_attributes("Resource", "username")` finds what a name can mean.

For a studio
    `ftrack_model().extended(types=[...], attributes={...})` gives a model with more in it; `object_type(...)` declares
    a further kind of context in five lines.
"""

from __future__ import annotations

from ftrack_backends.workspace.model._contexts import (
    HAS_OWN_SCHEDULE,
    NO_STATUS,
    NO_TYPE,
    SCHEDULED_BY_TASKS,
    object_type,
)
from ftrack_backends.workspace.model._declarations import (
    NO_DEFAULT,
    UID,
    Attribute,
    Collection,
    Computed,
    EntityType,
    ForeignKey,
    Integer,
    Key,
    LinkTable,
    Mapped,
    Moment,
    Number,
    Reference,
    Scalar,
    Structure,
    Text,
    Trait,
    Truth,
    Variable,
    Via,
)
from ftrack_backends.workspace.model._ftrack import ftrack_model
from ftrack_backends.workspace.model._model import Model, ModelType
from ftrack_backends.workspace.model._schemas import query_schemas, schema_hash

__all__ = [
    "HAS_OWN_SCHEDULE",
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
    "ftrack_model",
    "object_type",
    "query_schemas",
    "schema_hash",
]
