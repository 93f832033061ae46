r"""Comparing one expression with values as they were written in a query.

- `is` compares text exactly, upper and lower case included: a name that differs in case is another name, and
  `ensure` must not take one for the other. `like` disregards case, as ftrack's database does; `%` stands for any
  text, `_` for one character, `\%` and `\_` for themselves.
- What has no value is neither equal nor unequal to any value, and neither like nor unlike it, as in SQL; only
  `is None` and `is_not None` ask for it.
- Points in time are brought to UTC and whole seconds first; a date alone means its first second. Month and day may
  have one digit.
- Custom attribute values hold whatever their configuration says: a number in the query, quoted or not, is compared
  with numbers, text with text, a date with dates. Several choices are compared as one text, `a, b`.
"""

# ruff: noqa: S608 - statements are made of the model's names; whatever a user wrote is bound
from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ftrack_backends.workspace._faults import Fault, QueryFault
from ftrack_backends.workspace.model import Integer, Moment, Number, Structure, Variable
from ftrack_backends.workspace.reading._custom_attributes import casted, unwrapped
from ftrack_backends.workspace.reading._sql import NOTHING, Sql
from ftrack_backends.workspace.store import moment_text, to_storage
from ftrack_core.query import Operator

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ftrack_backends.workspace.model import Scalar
    from ftrack_backends.workspace.store import Stored
    from ftrack_core.query import Value

__all__ = ["compared", "contained", "together"]

_SQL_OPERATORS = {
    Operator.EQUAL: "=",
    Operator.NOT_EQUAL: "<>",
    Operator.GREATER: ">",
    Operator.LESS: "<",
    Operator.GREATER_OR_EQUAL: ">=",
    Operator.LESS_OR_EQUAL: "<=",
}
_PATTERNS = {Operator.LIKE: "", Operator.NOT_LIKE: "NOT "}
_ANY_NUMBER = Number("value")
_SHORT_DATE = re.compile(r"\A([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?![0-9])")
_LONE_BACKSLASH = re.compile(r"\\(?![%_\\])|\\\\")


def compared(scalar: Scalar, expression: str, operator: Operator, value: Value) -> Sql:
    """Give the condition that an expression compares with a value.

    Args:
        scalar: What the expression is a value of.
        expression: SQL without question marks.
        operator: How to compare.
        value: As it was written.

    Raises:
        QueryFault: The attribute cannot be compared so.
    """
    if value.literal is None:
        return _with_nothing(scalar, expression, operator)
    if operator in _PATTERNS:
        return _like(scalar, expression, operator, value.text)
    if isinstance(scalar, (Variable, Structure)):
        return _with_variable(expression, operator, value)
    return Sql(f"{expression} {_SQL_OPERATORS[operator]} ?", (_stored(scalar, value),))


def contained(scalar: Scalar, expression: str, choices: Iterable[Value], *, negated: bool) -> Sql:
    """Give the condition that an expression is one of some values, or none of them.

    Raises:
        QueryFault: The attribute cannot be compared with one of them.
    """
    written = tuple(choices)
    values = [one for one in written if one.literal is not None]
    stored: list[Stored] = []
    for one in values:
        stored.extend(_readings(one) if isinstance(scalar, Variable) else (_stored(scalar, one),))
    operand = casted(scalar, expression)
    word = "NOT IN" if negated else "IN"
    condition = _among(operand, word, stored)
    if len(values) == len(written):
        return condition
    return condition.within("(", f" AND {operand} IS NOT NULL)" if negated else f" OR {operand} IS NULL)")


def together(operands: Sequence[tuple[Scalar, str]], choices: Iterable[Sequence[Value]]) -> Sql:
    """Give the condition that several expressions together are one of some tuples of values.

    Args:
        operands: The expressions, without question marks, and what they are values of.
        choices: Tuples of as many values, none of them None.

    Returns:
        Nothing where they cannot be compared so.

    Raises:
        QueryFault: An attribute cannot be compared with its value.
    """
    if any(isinstance(scalar, (Variable, Structure)) for scalar, _ in operands):
        return NOTHING
    stored = [[_stored(one[0], value) for one, value in zip(operands, each, strict=True)] for each in choices]
    if any(isinstance(value, str) and "\0" in value for each in stored for value in each):
        return NOTHING
    places = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(operands)))
    expressions = ", ".join(expression for _, expression in operands)
    return Sql(f"({expressions}) IN (SELECT {places} FROM json_each(?))", (json.dumps(stored),))


def _with_nothing(scalar: Scalar, expression: str, operator: Operator) -> Sql:
    if operator is Operator.EQUAL:
        return Sql(f"{expression} IS NULL")
    if operator is Operator.NOT_EQUAL:
        return Sql(f"{expression} IS NOT NULL")
    asked = f"{scalar.name} {operator.value} None"
    raise QueryFault("ParseError", f"{asked}: only is and is_not ask whether there is a value; put text in quotes")


def _like(scalar: Scalar, expression: str, operator: Operator, text: str) -> Sql:
    pattern = _LONE_BACKSLASH.sub(r"\\\\", text)
    operand = casted(scalar, expression)
    negation = _PATTERNS[operator]
    if text.isascii():
        return Sql(f"{operand} {negation}LIKE ? ESCAPE '\\'", (pattern,))
    return Sql(f"{negation}unicode_like(?, {operand})", (pattern,))


def _stored(scalar: Scalar, value: Value) -> Stored:
    written = _ANY_NUMBER if isinstance(scalar, Integer) else scalar
    plain = value.literal if isinstance(written, Number) else value.text
    if isinstance(scalar, Moment):
        plain = _SHORT_DATE.sub(lambda found: f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}", value.text)
    try:
        return to_storage(written, plain)
    except Fault as fault:
        reason = fault.content.rpartition(": ")[2]
        message = f"{scalar.name} cannot be compared with {value.text!r}: {reason}"
        raise QueryFault("ValidationError", message) from None


def _with_variable(expression: str, operator: Operator, value: Value) -> Sql:
    operand = unwrapped(expression)
    if operator in {Operator.EQUAL, Operator.NOT_EQUAL}:
        word = "IN" if operator is Operator.EQUAL else "NOT IN"
        return _among(operand, word, _readings(value))
    number = _number(value)
    of_kind = "IN" if number is not None else "NOT IN"
    ordered = f"(typeof({operand}) {of_kind} ('integer', 'real') AND {operand} {_SQL_OPERATORS[operator]} ?)"
    if number is not None or (moment := _moment(value)) is None:
        return Sql(ordered, (value.text if number is None else number,))
    compared_with = f"CASE json_type({expression}) WHEN 'object' THEN ? ELSE ? END"
    return Sql(ordered.replace("?", compared_with), (moment, value.text))


def _among(operand: str, word: str, values: list[Stored]) -> Sql:
    """Give the condition with all values as one, so that their number does not change the statement.

    SQLite's JSON ends a text at its first NUL; lists with such a text are bound one by one.
    """
    if any(isinstance(one, str) and "\0" in one for one in values):
        return Sql(f"{operand} {word} ({', '.join('?' * len(values))})", tuple(values))
    return Sql(f"{operand} {word} (SELECT value FROM json_each(?))", (json.dumps(values),))


def _readings(value: Value) -> list[Stored]:
    """Give everything that a value compared with a variable can mean: `12` the number and the text."""
    literal = value.literal
    if isinstance(literal, bool):
        return [int(literal), value.text]
    return [value.text, *(one for one in (_number(value), _moment(value)) if one is not None)]


def _number(value: Value) -> int | float | None:
    try:
        number = to_storage(_ANY_NUMBER, value.text)
    except Fault:
        return None
    return number if isinstance(number, (int, float)) else None


def _moment(value: Value) -> str | None:
    try:
        return moment_text(value.text)
    except ValueError:
        return None
