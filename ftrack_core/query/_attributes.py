"""Attributes and the conditions made of them, in Python's own operators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, NoReturn

import attrs

from ftrack_core import errors

from ._keywords import is_name
from ._operands import compared, membership
from ._parser import parse_path
from ._render import render_condition
from ._tree import And, Comparison, Condition, Not, Operator, Or, Ordering, Path, Quantified, Quantifier, Step

__all__ = ["AttributePath", "Filter", "all_of", "attr"]

_SHOWN = 200
"""Characters of a condition that a message shows."""
_OPERATORS_INSTEAD = "write & for and, | for or, ~ for not, with each comparison in parentheses"


def attr(path: str) -> AttributePath:
    """Return the attribute at *path*, to compare and to order by: `attr("status.name") == "Done"`.

    Args:
        path: Dotted names, with casts where the schema knows a base type only: `parent[Shot].frame_start`.

    Raises:
        ParseError: It is no path.
        QueryBuildError: It is no text.
    """
    if not isinstance(path, str):
        raise errors.QueryBuildError(f"attr() takes a dotted path as text, and {path!r} was given")
    return AttributePath(parse_path(path))


@attrs.frozen(repr=False)
class Filter:
    """A condition: `attr("name") == "sh010"`, joined by `&` and `|`, turned round by `~`.

    It is a value, equal to another one that asks the same in the same way, and it can be hashed. It is neither true
    nor false, since only a server can tell: `if`, `and`, `or`, `not` and `1 < attr(...) < 5` raise.

    Attributes:
        condition: Its tree.
    """

    condition: Condition

    def __repr__(self) -> str:
        return f"<Filter: {self}>"

    def __str__(self) -> str:
        return render_condition(self.condition)

    def __and__(self, other: Filter) -> Filter:
        return Filter(_joined(And, self.condition, _filter(other, "&").condition))

    def __or__(self, other: Filter) -> Filter:
        return Filter(_joined(Or, self.condition, _filter(other, "|").condition))

    def __rand__(self, other: object) -> Filter:
        raise _no_filter(other, "&")

    def __ror__(self, other: object) -> Filter:
        raise _no_filter(other, "|")

    def __invert__(self) -> Filter:
        return Filter(Not(self.condition))

    def __bool__(self) -> NoReturn:
        text = str(self)
        raise errors.QueryBuildError(
            "a condition is neither true nor false before the server is asked: "
            f"{text if len(text) <= _SHOWN else f'{text[:_SHOWN]}…'}\n"
            f"and, or, not, if, and chains as 1 < attr(...) < 5 cannot be used with it; {_OPERATORS_INSTEAD}"
        )


@attrs.frozen(eq=False, repr=False)
class AttributePath:
    """An attribute, as seen from the type that a query asks for; `attr` makes it.

    It compares with text, numbers, truth values, None, dates (those without a zone are UTC), members of enums,
    entities and their identities, by id. Each comparison gives a `Filter`. Because `==` does not compare attributes,
    they cannot be hashed: they are no keys, and `in` with a list of them raises.

    Attributes:
        path: Its tree.
    """

    path: Path

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __repr__(self) -> str:
        steps = (step.name if step.cast is None else f"{step.name}[{step.cast}]" for step in self.path.steps)
        return f"attr({'.'.join(steps)!r})"

    # Comparing with one value.

    def __eq__(self, value: object) -> Filter:  # type: ignore[override]
        return self._compared(Operator.EQUAL, value)

    def __ne__(self, value: object) -> Filter:  # type: ignore[override]
        return self._compared(Operator.NOT_EQUAL, value)

    def __lt__(self, value: object) -> Filter:
        return self._ranked(Operator.LESS, value)

    def __le__(self, value: object) -> Filter:
        return self._ranked(Operator.LESS_OR_EQUAL, value)

    def __gt__(self, value: object) -> Filter:
        return self._ranked(Operator.GREATER, value)

    def __ge__(self, value: object) -> Filter:
        return self._ranked(Operator.GREATER_OR_EQUAL, value)

    def is_(self, value: object) -> Filter:
        """Whether it is *value*: `==` for those whose linter objects to `== None`."""
        return self._compared(Operator.EQUAL, value)

    def is_not(self, value: object) -> Filter:
        """Whether it is not *value*: `!=` for those whose linter objects to `!= None`."""
        return self._compared(Operator.NOT_EQUAL, value)

    def like(self, pattern: str) -> Filter:
        r"""Whether it matches *pattern*: `%` stands for any characters, `_` for one; `\%` and `\_` for themselves."""
        return self._matched(Operator.LIKE, pattern)

    def not_like(self, pattern: str) -> Filter:
        """Whether it does not match *pattern*."""
        return self._matched(Operator.NOT_LIKE, pattern)

    # Comparing with several.

    def in_(self, choices: object) -> Filter:
        """Whether it is one of *choices*.

        Args:
            choices: An iterable of values or of entities, None among them if need be; or a query that gives them:
                built, or as text. Nothing is in an empty one, and no server is asked for that.
        """
        return Filter(membership(self.path, choices, negated=False))

    def not_in(self, choices: object) -> Filter:
        """Whether it is none of *choices*, which are as for `in_`; everything is outside an empty one."""
        return Filter(membership(self.path, choices, negated=True))

    # Asking what it leads to.

    def has(self, *conditions: Filter, **equal: object) -> Filter:
        """Whether the entity that a reference leads to meets all conditions; without any, whether there is one.

        Args:
            conditions: Conditions whose attributes are those of that entity.
            equal: Its attributes with the values that they shall equal.
        """
        return Filter(Quantified(self.path, Quantifier.HAS, all_of(None, conditions, equal)))

    def any(self, *conditions: Filter, **equal: object) -> Filter:
        """Whether one item of a collection meets all conditions; without any, whether it has an item.

        Args:
            conditions: Conditions whose attributes are those of the item.
            equal: Its attributes with the values that they shall equal.
        """
        return Filter(Quantified(self.path, Quantifier.ANY, all_of(None, conditions, equal)))

    # Other places.

    def as_(self, entity_type: str) -> AttributePath:
        """Return it cast to a type, as `parent[Shot]`: what follows is looked for on that type."""
        if not isinstance(entity_type, str) or not is_name(entity_type):
            raise errors.QueryBuildError(f"as_() takes the name of an entity type, and {entity_type!r} was given")
        *before, last = self.path.steps
        return AttributePath(Path((*before, Step(last.name, entity_type))))

    def attr(self, path: str) -> AttributePath:
        """Return the attribute at *path* of what this one leads to: `attr("parent").as_("Shot").attr("name")`."""
        return AttributePath(Path((*self.path.steps, *attr(path).path.steps)))

    def ascending(self) -> Ordering:
        """Order by it, the smallest first."""
        return Ordering(self.path)

    def descending(self) -> Ordering:
        """Order by it, the largest first."""
        return Ordering(self.path, descending=True)

    # What it is not.

    def __bool__(self) -> NoReturn:
        raise errors.QueryBuildError(f"{self!r} is neither true nor false; compare it: ({self!r} == True)")

    def _refuse(self, *_: object) -> NoReturn:
        raise errors.QueryBuildError(f"{self!r} is no condition and cannot be joined; {_OPERATORS_INSTEAD}")

    __and__ = __rand__ = __or__ = __ror__ = __invert__ = _refuse

    def _compared(self, operator: Operator, value: object) -> Filter:
        path, told = compared(self.path, value)
        return Filter(Comparison(path, operator, told))

    def _ranked(self, operator: Operator, value: object) -> Filter:
        if value is None:
            raise errors.QueryBuildError(f"None is neither before nor after anything; {self!r} can be == or != None")
        return self._compared(operator, value)

    def _matched(self, operator: Operator, pattern: str) -> Filter:
        if not isinstance(pattern, str):
            raise errors.QueryBuildError(f"{operator.value} takes a pattern as text, and {pattern!r} was given")
        return self._compared(operator, pattern)


def all_of(given: Condition | None, filters: Iterable[Filter], equal: Mapping[str, object]) -> Condition | None:
    """Return the condition that *given*, each of *filters*, and each equality of *equal* hold; None for no condition.

    Raises:
        QueryBuildError: One of the filters is none, or a keyword looks like a path of another library.
    """
    conditions = [_filter(each, "a condition").condition for each in filters]
    conditions += [_equality(name, value).condition for name, value in equal.items()]
    if given is not None:
        conditions.insert(0, given)
    return _joined(And, *conditions) if conditions else None


def _joined(kind: type[And | Or], *conditions: Condition) -> Condition:
    """Join side by side what is already joined in the same way, so that many conditions do not nest."""
    flat: list[Condition] = []
    for each in conditions:
        flat += each.conditions if isinstance(each, kind) else (each,)
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _equality(name: str, value: object) -> Filter:
    if "__" in name.strip("_"):
        dotted = name.replace("__", ".")
        raise errors.QueryBuildError(
            f"the keyword {name!r} is no attribute: keywords name attributes of the type itself and compare by "
            f"equality; for a path write attr({dotted!r}) == ..., and for other comparisons .in_, .like, < and so on"
        )
    return attr(name) == value


def _filter(given: object, where: str) -> Filter:
    if not isinstance(given, Filter):
        raise _no_filter(given, where)
    return given


def _no_filter(given: object, where: str) -> errors.QueryBuildError:
    place = "as a condition" if where == "a condition" else f"beside {where}"
    if isinstance(given, bool):
        advice = "it was compared in Python already: the left side must be attr('name'), not a value"
    elif isinstance(given, str):
        advice = "conditions as text belong into session.query('Task where ...'); here write attr('name') == 'sh010'"
    else:
        advice = f"conditions are made by comparing attr('name') with something; {_OPERATORS_INSTEAD}"
    return errors.QueryBuildError(f"{given!r} ({type(given).__name__}) stands {place}; {advice}")
