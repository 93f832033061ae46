"""Plans as JSON, so that what one process works out another one commits.

    {"format": "ftrack-plan", "version": 1, "writes": [
        {"action": "update", "entity": ["Task", "6d0b..."], "values": {"bid": 3600}, "before": {"bid": 0}}]}

In values, an object always stands for something that JSON has no word for, and has exactly one key: `date`, `entity`,
`entities` (a collection), `object` (an object of JSON), `unset`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ftrack_core.entity import Collection, Entity, MappedCollection
from ftrack_core.errors import InvalidValueError, MalformedReplyError, PlanError
from ftrack_core.protocol import encode_date, is_date, parse_date
from ftrack_core.unit_of_work._plan import Plan, PlannedWrite
from ftrack_core.values import NOT_SET, EntityIdentity

__all__ = ["plan_from_json", "plan_to_json"]

_FORMAT: Final = "ftrack-plan"
_VERSION: Final = 1
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_ACTIONS: Final = ("create", "update", "delete")


def plan_to_json(plan: Plan) -> str:
    """A plan as text.

    Raises:
        InvalidValueError: A value in it cannot be sent to any server.
    """
    try:
        text = {"format": _FORMAT, "version": _VERSION, "writes": [_told(write, plan) for write in plan.writes]}
        return json.dumps(text, indent=1, allow_nan=False)
    except RecursionError:
        raise InvalidValueError("The plan cannot be written: a value in it holds itself.") from None
    except ValueError as error:  # InvalidValueError is one too
        raise InvalidValueError(f"The plan cannot be written: {str(error).rstrip('.')}.") from error


def _told(write: PlannedWrite, plan: Plan) -> dict[str, Any]:
    told: dict[str, Any] = {"action": write.action, "entity": [write.entity.entity_type, *write.entity.key]}
    if write.action != "delete":
        told["values"] = {name: _form(value) for name, value in write.values.items()}
    if write.action == "update":
        before = {name: plan.before.get((write.entity, name), NOT_SET) for name in write.values}
        told["before"] = {name: _form(value) for name, value in before.items() if value is not NOT_SET}
    return told


def _form(value: Any) -> Any:
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, (Entity, EntityIdentity)):
        return {"entity": _key(value)}
    if isinstance(value, (Collection, MappedCollection)):
        collection = value.collection if isinstance(value, MappedCollection) else value
        return {"entities": [_key(item) for item in collection._items()]}
    if isinstance(value, Mapping):
        is_day = is_date(value)
        return {"date": value["value"]} if is_day else {"object": {str(name): _form(value[name]) for name in value}}
    return _other(value)


def _other(value: Any) -> Any:
    if value is NOT_SET:
        return {"unset": True}
    if hasattr(value, "isoformat") and hasattr(value, "year"):
        return {"date": encode_date(value)["value"]}
    return _sequence(value)


def _sequence(value: Any) -> Any:
    if isinstance(value, (Sequence, set, frozenset)) and not isinstance(value, (str, bytes)):
        items = list(value)
        if isinstance(value, tuple) and all(isinstance(item, (Entity, EntityIdentity)) for item in items):
            return {"entities": [_key(item) for item in items]}
        return [_form(item) for item in items]
    if isinstance(value, (str, int, float)):
        return value
    raise InvalidValueError(f"A value of type {type(value).__name__} cannot be sent to a server: {value!r}.")


def _key(value: Any) -> list[str]:
    identity: EntityIdentity = value._identity if isinstance(value, Entity) else value
    return [identity.entity_type, *identity.key]


def plan_from_json(text: str | bytes) -> Plan:
    """The plan that a text tells.

    Raises:
        PlanError: It tells none.
    """
    try:
        told = json.loads(text, parse_constant=_refuse_constant)
    except (RecursionError, TypeError, ValueError) as error:
        raise PlanError(f"This is no plan: {_short(text)} ({error or 'nested too deeply'}).") from error
    if not isinstance(told, dict) or told.get("format") != _FORMAT:
        raise PlanError(f"This is no plan: {_short(text)} does not say that its format is {_FORMAT!r}.")
    if told.get("version") != _VERSION or isinstance(told["version"], bool):
        raise PlanError(f"This plan is of version {told.get('version')!r:.40}, and this program reads {_VERSION}.")
    writes = _list(told.get("writes"), "`writes`")
    try:
        read = [_write(write, f"write {number}") for number, write in enumerate(writes, 1)]
    except RecursionError:
        raise PlanError(f"This is no plan: {_short(text)} (nested too deeply).") from None
    before = {(write.entity, name): value for write, known in read for name, value in known.items()}
    return Plan(tuple(write for write, _ in read), before=before)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no value")


def _write(told: Any, where: str) -> tuple[PlannedWrite, dict[str, Any]]:
    """One write, and what it knows of the values before."""
    if not isinstance(told, dict) or told.get("action") not in _ACTIONS:
        raise PlanError(f"This is no plan: {where} must be an object whose `action` is one of {', '.join(_ACTIONS)}.")
    entity = _identity(told.get("entity"), where)
    allowed = {"create": {"values"}, "update": {"values", "before"}, "delete": set[str]()}[told["action"]]
    wrong = sorted(told.keys() - allowed - {"action", "entity"})
    if wrong:
        raise PlanError(f"This is no plan: a {told['action']} has no {wrong[0]!r}, as {where} has.")
    values = _read_values(told.get("values", {}), f"`values` of {where}")
    if not values and told["action"] == "update":
        raise PlanError(f"This is no plan: {where} updates nothing.")
    known = _read_values(told.get("before", {}), f"`before` of {where}")
    return PlannedWrite(told["action"], entity, values), known


def _read_values(told: Any, where: str) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise PlanError(f"This is no plan: {where} must be an object.")
    values = {name: _value(value, f"{name} in {where}") for name, value in told.items()}
    return {name: value for name, value in values.items() if value is not NOT_SET}


def _value(told: Any, where: str) -> Any:
    if isinstance(told, list):
        return [_value(item, where) for item in told]
    if not isinstance(told, dict):
        return told
    (tag, content), *more = [*told.items()] or [("", None)]
    if more or tag not in _READERS:
        tags = ", ".join(sorted(_READERS))
        raise PlanError(f"This is no plan: {where} is an object, whose only key must be one of: {tags}.")
    return _READERS[tag](content, where)


def _date(told: Any, where: str) -> Any:
    try:
        return parse_date(str(told))
    except MalformedReplyError:
        raise PlanError(f"This is no plan: {where} is no date: {told!r:.80}.") from None


def _object(told: Any, where: str) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise PlanError(f"This is no plan: {where} must be an object.")
    return {name: _value(item, where) for name, item in told.items()}


def _unset(told: Any, where: str) -> Any:
    if told is not True:
        raise PlanError(f"This is no plan: {where} is unset, which is said by true.")
    return NOT_SET


def _entities(told: Any, where: str) -> tuple[EntityIdentity, ...]:
    return tuple(_identity(item, where) for item in _list(told, where))


def _identity(told: Any, where: str) -> EntityIdentity:
    if not isinstance(told, list) or len(told) < 2 or not all(isinstance(part, str) and part for part in told):
        raise PlanError(f"This is no plan: an entity in {where} must be a list of its type and key, not {told!r:.80}.")
    return EntityIdentity(told[0], tuple(told[1:]))


def _list(told: Any, where: str) -> list[Any]:
    if not isinstance(told, list):
        raise PlanError(f"This is no plan: {where} must be a list, not {told!r:.80}.")
    return told


_READERS: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    "date": _date,
    "entities": _entities,
    "entity": _identity,
    "object": _object,
    "unset": _unset,
}


def _short(text: object) -> str:
    told = repr(text)
    return f"{told[:60]}..." if len(told) > 60 else told
