"""Relations along the tree of contexts: ancestors and descendants."""

# ruff: noqa: S608 - statements are made of the model's names; whatever a user wrote is bound
from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_backends.workspace._faults import QueryFault
from ftrack_backends.workspace.reading._sql import Sql, all_of
from ftrack_backends.workspace.store import quoted

if TYPE_CHECKING:
    from ftrack_backends.workspace.reading._names import Names, Row

__all__ = ["tree_condition", "tree_source"]

MAX_LEVELS = 100
"""Levels after which a way up or down ends; a tree that deep is a ring."""


def tree_condition(names: Names, rule: str, row: Row, item: Row, condition: Sql) -> Sql:
    """Give the condition that something above or below a row meets a condition.

    The items are found first and the tree is walked from them, once for a statement, however many rows there are.

    Raises:
        QueryFault: There is no such rule.
    """
    table, walk = quoted(row.type.table), f"{item.alias}_walk"
    chosen = all_of([condition, names.of_type(item)]) or Sql("1")
    if rule == "ancestors":
        first = f'SELECT below."id" FROM {table} AS below WHERE below."parent_id" IN (SELECT {item.column("id")}'
        step = f'SELECT below."id" FROM {table} AS below JOIN {walk} ON below."parent_id" = {walk}.id'
    elif rule == "descendants":
        first = f'SELECT above."id" FROM {table} AS above WHERE above."id" IN (SELECT {item.column("parent_id")}'
        step = f'SELECT above."parent_id" FROM {table} AS above JOIN {walk} ON above."id" = {walk}.id'
    else:
        raise QueryFault("ParseError", f"{rule} are worked out for each reply; they cannot be filtered on")
    seed = chosen.within(f"{first} FROM {item.source} WHERE ", ")")
    recursion = seed.within(f"WITH RECURSIVE {walk}(id) AS (", f" UNION {step})")
    return recursion.within(f"{row.column('id')} IN (", f" SELECT id FROM {walk} WHERE id IS NOT NULL)")


def tree_source(table: str, rule: str) -> tuple[str, str] | None:
    """Give the recursion that pairs rows, given as a JSON list of ids, with those above or below them.

    Returns:
        A WITH clause that makes `walk(origin, id, depth)`, and the order of items; None when there is no such rule.
    """
    name = quoted(table)
    if rule == "ancestors":
        joined, found = f'JOIN {name} AS up ON up."id" = walk.id', 'up."parent_id"'
        first, more, order = 'own."id", own."parent_id", 1', 'up."parent_id" IS NOT NULL', "walk.depth DESC"
    elif rule == "descendants":
        joined, found = f'JOIN {name} AS down ON down."parent_id" = walk.id', 'down."id"'
        first, more, order = 'own."id", own."id", 0', "1", "walk.depth"
    else:
        return None
    seed = f'SELECT {first} FROM {name} AS own WHERE own."id" IN (SELECT value FROM json_each(?))'
    step = f"SELECT walk.origin, {found}, walk.depth + 1 FROM walk {joined}"
    bounded = f"{step} WHERE {more} AND walk.depth < {MAX_LEVELS}"
    return f"WITH RECURSIVE walk(origin, id, depth) AS ({seed} UNION ALL {bounded})", order
