"""Options of backends: what was given, held against what the factory's options class declares."""

from __future__ import annotations

import inspect
import os
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any

import attrs

from ftrack_core.config import Fault, did_you_mean

__all__ = ["argument_faults", "check_options", "environment_options", "option_fields"]


def option_fields(options_class: type[Any]) -> dict[str, attrs.Attribute[Any]]:
    """The fields that can be given to an options class, by the name they are given under."""
    return {field.alias or field.name: field for field in attrs.fields(options_class) if field.init}


def check_options(options_class: type[Any], values: Mapping[str, Any], where: Callable[[str], str]) -> list[Fault]:
    """Everything that is wrong with the options that were given.

    Args:
        options_class: The attrs class that declares the options.
        values: What was given, by name.
        where: Gives the place of an option for messages.

    Returns:
        The faults; when there are none, `options_class(**values)` can be made as far as single values tell.
    """
    fields = option_fields(options_class)
    types_of = _types(options_class) if values else {}
    faults = [Fault(f"unknown option {where(name)}{_known(name, fields)}") for name in values if name not in fields]
    for name, field in fields.items():
        if name in values:
            faults += _value_faults(field, types_of.get(field.name, Any), values[name], where(name))
        elif field.default is attrs.NOTHING:
            faults.append(Fault(f"option {where(name)} is missing{_help(field)}"))
    return faults


def environment_options(options_class: type[Any], environment: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    """Options that environment variables hold: value and variable by name of option; an empty one holds nothing."""
    declared = [
        (name, field, str(field.metadata.get("environment") or ""))
        for name, field in option_fields(options_class).items()
    ]
    holding = [each for each in declared if environment.get(each[2])]
    types_of = _types(options_class) if holding else {}
    return {
        name: (_read(environment[variable], types_of.get(field.name, str)), variable)
        for name, field, variable in holding
    }


def argument_faults(target: Callable[..., Any], values: Mapping[str, Any], where: Callable[[str], str]) -> list[Fault]:
    """Everything that is wrong with options that become keyword arguments of a class or function."""
    try:
        parameters = inspect.signature(target).parameters
    except (TypeError, ValueError):
        return []
    if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        return []
    nameable = {n: p for n, p in parameters.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    faults = [
        Fault(f"unknown option {where(name)}{_known(name, nameable)}") for name in values if name not in nameable
    ]
    missing = [name for name, p in nameable.items() if p.default is p.empty and name not in values]
    return faults + [Fault(f"option {where(name)} is missing") for name in missing]


def _read(text: str, annotation: Any) -> Any:
    """The text of a variable as a number or bool where such a one is wanted; else the text, which the check judges."""
    parts = set(typing.get_args(annotation)) or {annotation}
    if bool in parts and text.lower() in {"true", "false", "1", "0"}:
        return text.lower() in {"true", "1"}
    for kind in (int, float):
        if kind in parts:
            try:
                return kind(text)
            except ValueError:
                continue
    return text


def _known(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    if name in {"class", "kind", "name", "type"}:
        return "; the key that says which backend it is, is `backend`"
    return did_you_mean(name, names) or (f"; known: {', '.join(names)}" if names else "; it takes no options")


def _help(field: attrs.Attribute[Any]) -> str:
    text = field.metadata.get("help")
    return f" ({text.rstrip('.')})" if text else ""


def _types(options_class: type[Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(options_class)
    except Exception:  # noqa: BLE001 - names that exist only for type checkers; the class's own checks remain
        return {}


def _value_faults(field: attrs.Attribute[Any], annotation: Any, value: Any, where: str) -> list[Fault]:
    secret = bool(field.metadata.get("secret"))
    if field.converter is None and not _fits(annotation, value):
        shown = f"a value of type {type(value).__name__}" if secret else f"{value!r} ({type(value).__name__})"
        return [Fault(f"option {where} should be {_in_words(annotation)}, not {shown}{_help(field)}", of_type=True)]
    try:
        _validate(field, value)
    except (TypeError, ValueError) as error:
        reason = "is not acceptable" if secret else str(error.args[0] if error.args else error)
        return [Fault(f"option {where}: {reason}{_help(field)}")]
    return []


def _validate(field: attrs.Attribute[Any], value: Any) -> None:
    """Convert and validate one value by itself; what needs the whole object is left to the class."""
    converted = field.converter(value) if callable(field.converter) else value
    if field.validator is not None:
        try:
            field.validator(None, field, converted)
        except AttributeError:
            return


def _fits(annotation: Any, value: Any) -> bool:
    origin = typing.get_origin(annotation)
    if origin is typing.Union or origin is types.UnionType:
        return any(_fits(part, value) for part in typing.get_args(annotation))
    if origin is typing.Literal:
        return value in typing.get_args(annotation)
    return _fits_class(origin or annotation, value)


def _fits_class(wanted: Any, value: Any) -> bool:
    if wanted in (int, float):
        return isinstance(value, (int, wanted)) and not isinstance(value, bool)
    if isinstance(wanted, type) and issubclass(wanted, (PurePath, os.PathLike)):
        return isinstance(value, (str, os.PathLike))
    if wanted is not str and isinstance(value, (str, bytes)) and _is_collection(wanted):
        return False
    return _is_instance(value, wanted)


def _is_collection(wanted: Any) -> bool:
    return isinstance(wanted, type) and wanted is not bytes and issubclass(wanted, Iterable)


def _is_instance(value: Any, wanted: Any) -> bool:
    if wanted is tuple:
        wanted = (tuple, list)  # TOML has lists only
    try:
        return isinstance(value, wanted)
    except TypeError:
        return True  # Any, a type variable or a protocol: nothing to hold it against


_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", type(None): "nothing"}


def _in_words(annotation: Any) -> str:
    origin = typing.get_origin(annotation)
    if origin is typing.Union or origin is types.UnionType:
        return " or ".join(_in_words(part) for part in typing.get_args(annotation) if part is not type(None))
    if origin is typing.Literal:
        return "one of " + ", ".join(repr(each) for each in typing.get_args(annotation))
    wanted = origin or annotation
    if isinstance(wanted, type):
        return _WORDS.get(wanted) or _kind_in_words(wanted)
    return str(wanted)


def _kind_in_words(wanted: type[Any]) -> str:
    if issubclass(wanted, Mapping):
        return "a table"
    if issubclass(wanted, (PurePath, os.PathLike)):
        return "a path"
    return "a list" if _is_collection(wanted) else f"of type {wanted.__name__}"
