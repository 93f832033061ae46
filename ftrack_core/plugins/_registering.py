"""What a plug-in's `register` is called with: the session, and those of the offered arguments that it takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from ftrack_core.errors import PluginError

__all__ = ["Call", "call_of"]

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_NAMED = (*_POSITIONAL, inspect.Parameter.KEYWORD_ONLY)


@attrs.frozen
class Call:
    """Arguments of a call.

    Attributes:
        arguments: Those by position.
        keywords: Those by name.
        culled: Names of what was offered and is not taken.
    """

    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    culled: tuple[str, ...] = ()


def call_of(register: Callable[..., object], session: object, offered: Mapping[str, Any]) -> Call:
    """How to call `register`.

    The session is its first argument, whatever that is called; where it takes none by position, the one called
    `session`. Offered arguments go to the parameters of their names, of any kind; all others to `**`.

    Args:
        register: A function, a method, a class, a partial, or anything else that can be called.
        session: The session.
        offered: Plug-in arguments by name.

    Raises:
        PluginError: It takes no session, requires what nobody offers, or is asynchronous.
    """
    if inspect.iscoroutinefunction(register):
        raise PluginError("its register is asynchronous, and would never run: make it a plain function")
    try:
        signature = inspect.signature(register)
    except (TypeError, ValueError):  # it is compiled and tells nothing
        return Call((session,), {}, tuple(offered))
    return _bound(signature, session, offered)


def _bound(signature: inspect.Signature, session: object, offered: Mapping[str, Any]) -> Call:
    place, values = _with_session(signature, session)
    rest = {name: value for name, value in offered.items() if name != place}
    named = [parameter for parameter in signature.parameters.values() if parameter.kind in _NAMED]
    values |= {parameter.name: rest.pop(parameter.name) for parameter in named if parameter.name in rest}
    missing = [each.name for each in named if each.name not in values and each.default is each.empty]
    if missing:
        raise PluginError(_lacking(signature, missing, offered), {"missing": missing})
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            values[parameter.name] = {**rest, **values.get(parameter.name, {})}
            rest = {}
    bound = inspect.BoundArguments(signature, values)
    bound.apply_defaults()
    return Call(bound.args, bound.kwargs, tuple(name for name in offered if name in rest or name == place))


def _lacking(signature: inspect.Signature, missing: list[str], offered: Mapping[str, Any]) -> str:
    has = ", ".join(sorted(offered)) or "nothing"
    return (
        f"its register{signature} requires {', '.join(map(repr, missing))}, and plugin_arguments has {has}: "
        "offer it there, or give the parameter a default"
    )


def _with_session(signature: inspect.Signature, session: object) -> tuple[str, dict[str, Any]]:
    """The name that the session goes by, which nothing offered may take, and the session in its place."""
    for parameter in signature.parameters.values():
        if parameter.kind in _POSITIONAL or parameter.name == "session":
            return parameter.name, {parameter.name: session}
        if parameter.kind is parameter.VAR_POSITIONAL:
            return "", {parameter.name: (session,)}
        if parameter.kind is parameter.VAR_KEYWORD:
            return "session", {parameter.name: {"session": session}}
    raise PluginError(f"its register{signature} takes no session: write def register(session)")
