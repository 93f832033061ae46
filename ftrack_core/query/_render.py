"""Tree to text: the canonical spelling of a query, and of Python values in it.

`parse(render(query)) == query` holds for every tree that can be written at all; what cannot (a name with a blank in
it, an `And` of one condition) is refused, so that no value or name can turn into a piece of the language.
"""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING

from ftrack_core import errors

from ._keywords import AGGREGATES, MAX_DEPTH, MAX_DIGITS, is_name
from ._tokens import is_word, quote
from ._tree import Aggregate, And, Comparison, Membership, Not, Or, Quantified, Query, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._tree import Condition, Ordering, Path, Projection, Step

__all__ = ["literal", "render", "render_condition"]


def render(query: Query) -> str:
    """Return *query* as text, in the long form if it has projections and in the short form if it has none.

    Raises:
        ParseError: The tree holds what no text can say: a name that is none, a bare value with a blank, a
            conjunction of fewer than two conditions, a negative limit, nesting deeper than `parse` reads.
    """
    return _query(query, 0)


def render_condition(condition: Condition) -> str:
    """Return *condition* as the text that stands behind `where`.

    Raises:
        ParseError: It holds what no text can say.
    """
    return _condition(condition, 0)


def literal(value: object) -> Value:
    """Return the value that stands for a Python one, quoted where it is text.

    Args:
        value: Text, a number, a truth value, None, a date, or a date with time. A time with a zone is turned into
            UTC, one without is taken as UTC; fractions of a second are dropped, as ftrack keeps none.

    Raises:
        InvalidValueError: It is none of these, or a number that is not finite.
    """
    if value is None or isinstance(value, bool):
        return Value(str(value), quoted=False)
    if isinstance(value, str):
        return Value(str.__str__(value), quoted=True)
    if isinstance(value, int):
        return Value(int.__repr__(value), quoted=False)
    if isinstance(value, float) and math.isfinite(value):
        return Value(float.__repr__(value), quoted=False)
    if isinstance(value, datetime.datetime):
        return Value(_utc(value).isoformat(), quoted=True)
    if isinstance(value, datetime.date):
        return Value(value.isoformat(), quoted=True)
    message = (
        f"{value!r} ({type(value).__name__}) cannot be a value in a query; "
        "it takes text, whole or finite numbers, True, False, None, dates and times"
    )
    raise errors.InvalidValueError(message)


def _utc(moment: datetime.datetime) -> datetime.datetime:
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.timezone.utc)
    return moment.replace(tzinfo=None, microsecond=0)


def _query(query: Query, depth: int) -> str:
    parts = [_head(query, nested=depth > 0)]
    if query.condition is not None:
        parts.append(f"where {_condition(query.condition, depth)}")
    if query.group_by:
        parts.append(f"group by {_listed(map(_path, query.group_by))}")
    if query.order_by:
        parts.append(f"order by {_listed(map(_ordering, query.order_by))}")
    if query.offset is not None:
        parts.append(f"offset {_number(query.offset)}")
    if query.limit is not None:
        parts.append(f"limit {_number(query.limit)}")
    return " ".join(parts)


def _head(query: Query, *, nested: bool) -> str:
    entity_type = _name(query.entity_type)
    if query.projections:
        selected = _listed(map(_projection, query.projections))
        return f"select {selected} from {entity_type}"  # noqa: S608, this language is not SQL
    bare_in_list = nested and query == Query(query.entity_type)
    reserved = entity_type.lower() in {"select", "from"}
    return f"from {entity_type}" if bare_in_list or reserved else entity_type


def _projection(projection: Projection) -> str:
    if not isinstance(projection, Aggregate):
        return _path(projection)
    if projection.function not in AGGREGATES:
        raise _unsayable(f"{projection.function!r} is not one of the functions {', '.join(AGGREGATES)}")
    return f"{projection.function}({_path(projection.path)})"


def _ordering(ordering: Ordering) -> str:
    return f"{_path(ordering.path)} descending" if ordering.descending else _path(ordering.path)


def _number(number: int) -> str:
    if number < 0 or number >= 10**MAX_DIGITS:
        raise _unsayable(f"offset and limit are whole numbers of at most {MAX_DIGITS} digits, not {number!r}")
    return str(int(number))


def _condition(condition: Condition, depth: int) -> str:
    """Write *condition*; *depth* counts as the parser does, so that all that is written can be read."""
    if depth > MAX_DEPTH:
        raise _unsayable(f"its conditions are nested more than {MAX_DEPTH} deep")
    if isinstance(condition, Or):
        return _joined(condition.conditions, "or", (Or,), depth)
    if isinstance(condition, And):
        return _joined(condition.conditions, "and", (Or, And), depth)
    if isinstance(condition, Not):
        return f"not {_operand(condition.condition, (Or, And, Not), depth + 1)}"
    return _test(condition, depth)


def _joined(conditions: tuple[Condition, ...], word: str, grouped: tuple[type, ...], depth: int) -> str:
    if len(conditions) < 2:
        raise _unsayable(f"'{word}' joins at least two conditions, not {len(conditions)}")
    return f" {word} ".join(_operand(each, grouped, depth) for each in conditions)


def _operand(condition: Condition, grouped: tuple[type, ...], depth: int) -> str:
    """Write *condition*, in parentheses if it is one of the *grouped* kinds."""
    return _group(condition, depth) if isinstance(condition, grouped) else _condition(condition, depth)


def _group(condition: Condition, depth: int) -> str:
    return f"({_condition(condition, depth + 1)})"


def _test(test: Comparison | Membership | Quantified, depth: int) -> str:
    path = _path(test.path)
    if path.lower() == "not":
        raise _unsayable("an attribute called 'not' cannot stand first in a condition")
    if isinstance(test, Comparison):
        return f"{path} {test.operator.value} {_value(test.value)}"
    if isinstance(test, Membership):
        return f"{path} {'not_in' if test.negated else 'in'} ({_choices(test.choices, depth + 1)})"
    return f"{path} {test.quantifier.value} {_group(test.condition, depth) if test.condition else '()'}"


def _choices(choices: tuple[Value, ...] | Query, depth: int) -> str:
    if not isinstance(choices, Query):
        return _listed(map(_value, choices))
    if depth > MAX_DEPTH:
        raise _unsayable(f"its queries are nested more than {MAX_DEPTH} deep")
    return _query(choices, depth)


def _value(value: Value) -> str:
    if value.quoted:
        return quote(value.text)
    if not is_word(value.text):
        raise _unsayable(f"the value {value.text!r} needs quotes, and the tree says that it has none")
    return value.text


def _path(path: Path) -> str:
    if not path.steps:
        raise _unsayable("a path needs at least one name")
    return ".".join(map(_step, path.steps))


def _step(step: Step) -> str:
    return _name(step.name) if step.cast is None else f"{_name(step.name)}[{_name(step.cast)}]"


def _name(name: str) -> str:
    if not is_name(name):
        raise _unsayable(f"{name!r} is not a name: letters, digits, _ and - only")
    return name


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(texts)


def _unsayable(reason: str) -> errors.ParseError:
    return errors.ParseError(f"the query cannot be written as text: {reason}")
