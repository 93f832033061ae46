"""How many rows a query matches, without their coming over."""

from __future__ import annotations

from typing import Any

import attrs

from ftrack_core.errors import ParseError, ServerError
from ftrack_core.query import Aggregate, Path, Step, parse, render
from ftrack_core.session.loading._pages import Pages

__all__ = ["count_matches"]


def count_matches(pages: Pages, text: str) -> int:
    """The number of rows that a query matches.

    Args:
        pages: Sends queries.
        text: The query without offset and limit.

    Raises:
        ServerError: The server refuses the query.
    """
    try:
        tree = parse(text)
    except ParseError:
        return len(pages.rows(text))
    name = pages.live.types.plan(tree.entity_type).primary_key[0]
    key = Path((Step(name),))
    plain = attrs.evolve(tree, order_by=(), projections=(Aggregate("count", key),))
    try:
        return _counted(pages.rows(render(plain), strict=True), f"count_{name}")
    except (ServerError, KeyError, TypeError, ValueError):
        return len(pages.rows(render(attrs.evolve(tree, order_by=(), projections=(key,)))))


def _counted(rows: list[Any], name: str) -> int:
    [row] = rows
    return int(row[name])
