"""What rows do not hold and a workspace works out: as SQL expressions, so that one can filter and order by them.

An expression is over one row of its table, whose alias is written `{row}`. What needs more than an expression, as the
breadcrumb `link`, is loaded with the projections (`_breadcrumbs`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_backends.workspace.store import quoted

if TYPE_CHECKING:
    from ftrack_backends.workspace.model import Attribute, Model, ModelType

__all__ = ["expression"]

_TIME_LOGGED = (
    """(SELECT coalesce(sum(log."duration"), 0) FROM "Timelog" AS log WHERE log."context_id" = {row}."id")"""
)
_LATEST_VERSION = """(SELECT latest."id" FROM "AssetVersion" AS latest WHERE latest."asset_id" = {asset}
    ORDER BY latest."version" DESC, latest.rowid DESC LIMIT 1)"""
_PICTURE = """CASE WHEN {row}."%s" IS NOT NULL THEN
    json_object('url', '%s' || {row}."%s", 'value', '%s' || {row}."%s") END"""
_FULL_NAME = """trim(coalesce({row}."first_name", '') || ' ' || coalesce({row}."last_name", ''))"""


def _url(address: str, column: str) -> str:
    return _PICTURE % (column, address, column, address, column)


_THUMBNAIL = _url("/component/thumbnail?id=", "thumbnail_id")
_COMPONENT_THUMBNAIL = _url("/component/thumbnail?id=", "component_id")
_COMPONENT = _url("/component/get?id=", "component_id")

# By table and attribute: the expression, and the tables it needs beside its own.
_EXPRESSIONS: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("Context", "time_logged"): (_TIME_LOGGED, ("Timelog",)),
    ("Context", "bid_time_logged_difference"): (f'(coalesce({{row}}."bid", 0) - {_TIME_LOGGED})', ("Timelog",)),
    ("Context", "thumbnail_url"): (_THUMBNAIL, ()),
    ("Asset", "latest_version"): (_LATEST_VERSION.replace("{asset}", '{row}."id"'), ("AssetVersion",)),
    ("AssetVersion", "is_latest_version"): (
        f'({{row}}."id" IS {_LATEST_VERSION.replace("{asset}", """{row}."asset_id" """)})',
        (),
    ),
    ("AssetVersion", "thumbnail_url"): (_THUMBNAIL, ()),
    ("Resource", "thumbnail_url"): (_THUMBNAIL, ()),
    ("Resource", "link"): (
        f"""json_array(json_object('type', {{row}}."__type__", 'id', {{row}}."id", 'name', {_FULL_NAME}))""",
        (),
    ),
    ("ReviewSession", "is_open"): (
        """({row}."end_date" IS NULL OR {row}."end_date" > strftime('%Y-%m-%dT%H:%M:%S', 'now'))""",
        (),
    ),
    ("CustomAttributeValue", "key"): ('{row}."key"', ()),
    ("CustomAttributeValue", "project_id"): ('{row}."project_id"', ()),
    ("CustomAttributeValue", "_casted_value"): ('{row}."value"', ()),
    ("NoteComponent", "thumbnail_url"): (_COMPONENT_THUMBNAIL, ()),
    ("NoteComponent", "url"): (_COMPONENT, ()),
    ("SettingComponent", "thumbnail_url"): (_COMPONENT_THUMBNAIL, ()),
    ("SettingComponent", "url"): (_COMPONENT, ()),
    ("JobComponent", "url"): (_COMPONENT, ()),
    ("ComponentLocation", "url"): (_COMPONENT, ()),
}


def expression(model: Model, model_type: ModelType, attribute: Attribute, row: str) -> str | None:
    """Give the SQL expression of an attribute that no column holds.

    Args:
        model: All types.
        model_type: Type that has the attribute.
        attribute: A computed or derived scalar or reference; of a reference it is the id of the other entity.
        row: Alias of the row's table.

    Returns:
        None when the workspace does not know how to work it out.
    """
    found = _EXPRESSIONS.get((model_type.table, attribute.name))
    if found is None or not all(one in model.tables for one in found[1]):
        return None
    return found[0].replace("{row}", quoted(row))
