"""The query language: text, tree, and the small questions asked of a text before it is sent.

    >>> from ftrack_core.query import parse, render
    >>> render(parse("Task where status.name is 'In progress' order by name desc"))
    'Task where status.name is "In progress" order by name descending'

Or built, with every value quoted for you:

    >>> from ftrack_core.query import attr, select
    >>> str(select("Task").where(attr("status.name") == "In progress").order_by(attr("name").descending()))
    'Task where status.name is "In progress" order by name descending'

Nothing here knows a server or a schema; `check_names` is handed the names there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_core._lazy import names_on_demand

from ._names import Vocabulary, check_names
from ._paging import PagedText, entity_type_of, has_select, split_paging, with_page, with_projections
from ._parser import parse
from ._render import literal, render
from ._tokens import quote
from ._tree import (
    Aggregate,
    And,
    Comparison,
    Condition,
    Membership,
    Not,
    Operator,
    Or,
    Ordering,
    Path,
    Projection,
    Quantified,
    Quantifier,
    Query,
    Step,
    Value,
)

if TYPE_CHECKING:
    from ._attributes import AttributePath, Filter, attr
    from ._builder import Selection, select
    from ._reduce import finds_nothing, reduced

__all__ = [
    "Aggregate",
    "And",
    "AttributePath",
    "Comparison",
    "Condition",
    "Filter",
    "Membership",
    "Not",
    "Operator",
    "Or",
    "Ordering",
    "PagedText",
    "Path",
    "Projection",
    "Quantified",
    "Quantifier",
    "Query",
    "Selection",
    "Step",
    "Value",
    "Vocabulary",
    "attr",
    "check_names",
    "entity_type_of",
    "finds_nothing",
    "has_select",
    "literal",
    "parse",
    "quote",
    "reduced",
    "render",
    "select",
    "split_paging",
    "with_page",
    "with_projections",
]

# A query that is given as text needs no builder.
__getattr__ = names_on_demand(
    __name__,
    {
        "AttributePath": "_attributes",
        "Filter": "_attributes",
        "Selection": "_builder",
        "attr": "_attributes",
        "finds_nothing": "_reduce",
        "reduced": "_reduce",
        "select": "_builder",
    },
)
