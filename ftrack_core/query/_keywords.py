"""The words of the query language and its limits, shared by those who read and those who write it."""

from __future__ import annotations

import re

from ._tree import Operator, Quantifier

__all__ = [
    "AGGREGATES",
    "CLAUSES",
    "DIRECTIONS",
    "MAX_DEPTH",
    "MAX_DIGITS",
    "MEMBERSHIPS",
    "OPERATORS",
    "QUANTIFIERS",
    "is_name",
    "is_number",
]

MAX_DEPTH = 64
"""How deep parentheses, `not` and sub-queries may stand in each other."""
MAX_DIGITS = 18
"""Digits of the largest offset and limit: what fits a signed 64 bit integer."""

AGGREGATES = ("count", "sum", "avg", "min", "max")
CLAUSES = ("where", "group", "order", "offset", "limit")
DIRECTIONS = {"asc": False, "ascending": False, "desc": True, "descending": True}
"""Whether the word means descending."""
MEMBERSHIPS = {"in": False, "not_in": True}
"""Whether the word negates."""
QUANTIFIERS = {each.value: each for each in Quantifier}
OPERATORS = {
    **{each.value: each for each in Operator},
    "=": Operator.EQUAL,
    "!=": Operator.NOT_EQUAL,
    "after": Operator.GREATER,
    "greater_than": Operator.GREATER,
    "before": Operator.LESS,
    "less_than": Operator.LESS,
}

_NAME = re.compile(r"\w[\w-]*\Z")
_NUMBER = re.compile(rf"[0-9]{{1,{MAX_DIGITS}}}\Z")


def is_name(text: str) -> bool:
    """Say whether *text* can be the name of an attribute or entity type."""
    return _NAME.match(text) is not None


def is_number(text: str) -> bool:
    """Say whether *text* can stand behind `offset` and `limit`."""
    return _NUMBER.match(text) is not None
