"""Where the values of custom attributes, and the links of that kind, are read from.

Nobody stores a value before somebody sets one, yet every entity has one for each configuration that applies to it. So
the types of values are read from a sub-select in the place of a table: entities x configurations, with what was stored
beside them. It is part of the statement it stands in, so filters and orders see defaults as they see stored values,
and the number of statements does not depend on the rows.

- A configuration applies to entities of its `entity_type`, of its object type for `task`, of its project if it has
  one. A hierarchical one applies to projects, typed contexts, assets and versions alike.
- One of a project hides a global one with the same key for the same things.
- Where nothing is stored, the value is the default; of a hierarchical one it is nothing, since an ancestor decides.
- `CustomAttributeValue`, without a kind before its name, is what was stored and no more.
"""

# ruff: noqa: S608 - statements are made of the model's names; whatever a user wrote is bound
from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace.model import Variable
from ftrack_backends.workspace.store import quoted

if TYPE_CHECKING:
    from ftrack_backends.workspace.model import ModelType, Scalar

__all__ = ["HOLDERS", "Holder", "applicable", "casted", "source_of", "unwrapped", "value_type"]


@attrs.frozen
class Holder:
    """One kind of things that have custom attributes.

    Attributes:
        table: Table of the things, `own` in expressions.
        applies: Condition that a configuration `made` is for such a thing, its project aside.
        project: Expression of the id of its project; empty for things that belong to none.
        hierarchical: Whether hierarchical configurations apply to it.
    """

    table: str
    applies: str
    project: str = ""
    hierarchical: bool = False


_OF_CONTEXTS = """CASE own."__type__" WHEN 'Project' THEN made."entity_type" = 'show'
    ELSE made."entity_type" = 'task' AND coalesce(made."object_type_id", own."object_type_id") IS own."object_type_id"
    END"""
_PROJECT_OF_ASSET = """(SELECT home."project_id" FROM "Context" AS home WHERE home."id" = own."context_id")"""
_PROJECT_OF_VERSION = """(SELECT home."project_id" FROM "Asset" AS asset
    JOIN "Context" AS home ON home."id" = asset."context_id" WHERE asset."id" = own."asset_id")"""

HOLDERS = {
    "Context": Holder("Context", _OF_CONTEXTS, 'own."project_id"', hierarchical=True),
    "Asset": Holder("Asset", """made."entity_type" = 'asset'""", _PROJECT_OF_ASSET, hierarchical=True),
    "AssetVersion": Holder(
        "AssetVersion", """made."entity_type" = 'assetversion'""", _PROJECT_OF_VERSION, hierarchical=True
    ),
    "List": Holder("List", """made."entity_type" = 'list'""", 'own."project_id"'),
    "ListObject": Holder("ListObject", """made."entity_type" = 'listobject'"""),
    "User": Holder("Resource", """own."__type__" = 'User' AND made."entity_type" = 'user'"""),
}
"""What has custom attributes, by what stands before `CustomAttributeValue` in the name of its values' type."""

_VALUE = "CustomAttributeValue"
_LINK_FROM = "CustomAttributeLinkFrom"
_IS_OF_VALUES = "made.\"__type__\" = 'CustomAttributeConfiguration'"
_IS_HIERARCHICAL = 'coalesce(made."is_hierarchical", 0)'
_ANY_OF_PROJECTS = 'EXISTS (SELECT 1 FROM "CustomConfigurationBase" AS some WHERE some."project_id" IS NOT NULL)'
"""Asked once a statement; mostly there is none, and nothing can be hidden."""
_HIDDEN_BY_ANOTHER = """EXISTS (SELECT 1 FROM "CustomConfigurationBase" AS nearer
    WHERE nearer."key" = made."key" AND nearer."project_id" = {project}
    AND nearer."__type__" = made."__type__" AND nearer."entity_type" IS made."entity_type"
    AND nearer."object_type_id" IS made."object_type_id"
    AND coalesce(nearer."is_hierarchical", 0) = coalesce(made."is_hierarchical", 0))"""
_SHOWN = f" AND CASE WHEN {_ANY_OF_PROJECTS} THEN NOT {_HIDDEN_BY_ANOTHER} ELSE 1 END"
_DENSE = """(SELECT '{kind}' AS "__type__", '{holder}' AS "entity_kind",
    (own.rowid << 24) + ({hierarchical} << 23) + made.rowid AS rowid,
    made."id" AS "configuration_id", own."id" AS "entity_id", made."key" AS "key", made."project_id" AS "project_id",
    given."entity_id" IS NOT NULL AS "_stored",
    CASE WHEN given."entity_id" IS NOT NULL THEN given."value"
        WHEN NOT {hierarchical} THEN made."default" END AS "value"
    FROM "{table}" AS own JOIN "CustomConfigurationBase" AS made ON {condition}
    LEFT JOIN "CustomAttributeValue" AS given
    ON given."configuration_id" = made."id" AND given."entity_id" = own."id")"""
_STORED = """(SELECT 'CustomAttributeValue' AS "__type__", given."entity_kind" AS "entity_kind", given.rowid AS rowid,
    given."configuration_id" AS "configuration_id", given."entity_id" AS "entity_id", given."value" AS "value",
    made."key" AS "key", made."project_id" AS "project_id"
    FROM "CustomAttributeValue" AS given
    LEFT JOIN "CustomConfigurationBase" AS made ON made."id" = given."configuration_id")"""


def value_type(holder: str) -> str:
    """Give the name of the type of the values that a kind of things has."""
    return f"{holder}{_VALUE}"


def source_of(model_type: ModelType) -> str:
    """Give what stands for the table of a type after FROM: mostly the table."""
    return _source(model_type) or quoted(model_type.table)


def applicable(holder: str) -> str:
    """Give the sub-select of all values that a kind of things can have, hidden ones included.

    Its column `_stored` says whether a value was set.
    """
    return _dense(holder, hidden_too=True)


def casted(scalar: Scalar, expression: str) -> str:
    """Give the expression of a value as one compares and orders it: that of a custom attribute is in JSON."""
    return unwrapped(expression) if isinstance(scalar, Variable) else expression


def unwrapped(expression: str) -> str:
    """Give the expression of what stands in JSON text.

    A number counts as a number, a point in time as its text, several choices as their names with `, ` between them,
    so that `like` finds one among them.
    """
    joined = f"(SELECT group_concat(value, ', ') FROM json_each({expression}))"
    return (
        f"CASE json_type({expression}) WHEN 'object' THEN json_extract({expression}, '$.value') "
        f"WHEN 'array' THEN {joined} ELSE json_extract({expression}, '$') END"
    )


@lru_cache(maxsize=256)
def _source(model_type: ModelType) -> str:
    name = model_type.name
    if name == _VALUE:
        return _STORED
    if model_type.root == _VALUE:
        return _dense(name.removesuffix(_VALUE))
    return _links_from(model_type) if _LINK_FROM in model_type.lineage else ""


def _dense(kind: str, *, hidden_too: bool = False) -> str:
    holder = HOLDERS[kind]
    parts = {"kind": value_type(kind), "holder": kind, "table": holder.table, "hierarchical": _IS_HIERARCHICAL}
    return _DENSE.format(condition=_condition(holder, hidden_too=hidden_too), **parts)


def _condition(holder: Holder, *, hidden_too: bool) -> str:
    of_kind = f"(NOT {_IS_HIERARCHICAL} AND {holder.applies})"
    if holder.hierarchical:
        of_kind = f"CASE WHEN {_IS_HIERARCHICAL} THEN 1 ELSE {holder.applies} END"
    of_project = 'made."project_id" IS NULL'
    if holder.project:
        shown = "" if hidden_too else _SHOWN.format(project=holder.project)
        of_project = f'(made."project_id" IS NULL{shown} OR made."project_id" = {holder.project})'
    return f"{_IS_OF_VALUES} AND {of_kind} AND {of_project}"


def _links_from(model_type: ModelType) -> str:
    """Links are stored once, as seen from where they start; this is the same row seen from the other end."""
    columns = ", ".join(f"pair.{quoted(name)}" for name in model_type.columns)
    kind = model_type.classifiers.get("from_entity_type")
    chosen = f" WHERE pair.\"from_entity_type\" = '{kind}'" if kind else ""
    named = f"""pair."from_entity_type" || '{_LINK_FROM}' AS "__type__", pair.rowid AS rowid"""
    return f'(SELECT {named}, {columns} FROM "CustomAttributeLink" AS pair{chosen})'
