"""Whether an object keeps the contract of an interface: members, and the names of their parameters."""

from __future__ import annotations

import inspect
from typing import Any

from zope.interface.exceptions import BrokenImplementation, DoesNotImplement, Invalid
from zope.interface.interface import InterfaceClass, Method
from zope.interface.verify import verifyObject

__all__ = ["contract_faults"]

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def contract_faults(interface: InterfaceClass, instance: object) -> list[str]:
    """What keeps an object from providing an interface.

    Beside what zope's `verifyObject` finds (a missing member, a signature of another shape), the names of parameters
    are compared, since callers may pass any argument by name, and keyword-only parameters are looked at.

    Args:
        interface: The contract.
        instance: What should keep it.

    Returns:
        One line a fault, with method and argument names; empty when the contract is kept.
    """
    faults = _declared_faults(interface, instance)
    for name, description in sorted(interface.namesAndDescriptions(all=True)):
        if isinstance(description, Method):
            faults += _parameter_faults(name, description, getattr(instance, name, None))
    return list(dict.fromkeys(faults))


def _declared_faults(interface: InterfaceClass, instance: object) -> list[str]:
    try:
        verifyObject(interface, instance)
    except Invalid as error:
        return [_in_words(interface, part) for part in getattr(error, "exceptions", (error,))]
    except Exception as error:  # noqa: BLE001 - a property of a stranger's object may raise anything
        return [f"reading its members raised {type(error).__name__}: {error}"]
    return []


def _in_words(interface: InterfaceClass, error: Exception) -> str:
    name = interface.__name__
    if isinstance(error, DoesNotImplement):
        return f"its class does not declare @implementer({name})"
    if isinstance(error, BrokenImplementation):
        description: Any = error.name
        member = getattr(description, "__name__", description)
        kind = "method" if isinstance(description, Method) else "attribute"
        return f"{kind} {member!r} of {name} is missing"
    method = getattr(error, "method", None)
    return f"method {getattr(method, '__name__', method)!r}: {getattr(error, 'mess', error)}"


def _parameter_faults(name: str, description: Any, method: object) -> list[str]:
    wanted = tuple(description.getSignatureInfo()["positional"])
    if _takes_just(method, wanted):
        return []
    try:
        parameters = list(inspect.signature(method).parameters.values())  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return []
    found = tuple(parameter.name for parameter in parameters if parameter.kind in _POSITIONAL)
    faults = _name_faults(name, wanted, found, parameters)
    extra = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty and p.name not in wanted]
    faults += [f"method {name!r} requires the keyword argument {each!r}, which no caller passes" for each in extra]
    only = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY and p.name in wanted]
    return faults + [f"method {name!r} does not accept argument {each!r} by name" for each in only]


def _takes_just(method: object, wanted: tuple[str, ...]) -> bool:
    """Whether it is an ordinary method with just these parameters, as nearly all are: told without a signature."""
    function = getattr(method, "__func__", None)
    code = getattr(function, "__code__", None)
    if code is None or hasattr(function, "__wrapped__") or hasattr(function, "__signature__"):
        return False
    if code.co_posonlyargcount or code.co_kwonlyargcount:
        return False
    names: tuple[str, ...] = code.co_varnames[1 : code.co_argcount]
    return names == wanted


def _name_faults(
    name: str, wanted: tuple[str, ...], found: tuple[str, ...], parameters: list[inspect.Parameter]
) -> list[str]:
    takes_more = any(p.kind is p.VAR_POSITIONAL for p in parameters) and any(
        p.kind is p.VAR_KEYWORD for p in parameters
    )
    if found[: len(wanted)] == wanted or (takes_more and wanted[: len(found)] == found):
        return []
    return [f"method {name!r} takes ({', '.join(found)}) where the contract says ({', '.join(wanted)})"]
