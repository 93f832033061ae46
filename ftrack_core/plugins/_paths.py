"""Objects named by `package.module:object`, for hosts that hide package metadata."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from ftrack_core.config import did_you_mean
from ftrack_core.errors import BackendNotFoundError, BrokenBackendError

__all__ = ["import_target", "is_path", "load", "resolve_object"]


def is_path(text: str) -> bool:
    """Whether a text names an object by its path rather than by an entry point's name."""
    return ":" in text


def resolve_object(path: str, origin: str = "") -> Any:
    """Import what a path names.

    Args:
        path: As `package.module:object`; the object may be dotted.
        origin: Where the path came from, for messages.

    Returns:
        The object: a factory, a class, a callable or an instance.

    Raises:
        BackendNotFoundError: There is no such module, or no such object in it.
        BrokenBackendError: Importing the module failed.
    """
    module_name, _, attribute = path.partition(":")
    asked = f"{path!r}{f' (from {origin})' if origin else ''}"
    if not attribute or not module_name or module_name.startswith("."):
        raise BackendNotFoundError(f"{asked} is not a path; write package.module:object")
    return load(module_name, attribute, lambda: asked)


def load(module_name: str, attribute: str, asked: Callable[[], str]) -> Any:
    """Import an object of a module; `asked` says what was asked for and by whom, for messages only."""
    found: Any = _module(module_name, asked)
    for part in attribute.split("."):
        if not hasattr(found, part):
            hint = did_you_mean(part, [name for name in dir(found) if not name.startswith("_")])
            raise BackendNotFoundError(f"{asked()}: {module_name} has no {attribute!r}{hint}")
        found = getattr(found, part)
    return found


def _module(module_name: str, asked: Callable[[], str]) -> Any:
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and (module_name == error.name or module_name.startswith(f"{error.name}.")):
            raise BackendNotFoundError(
                f"{asked()}: there is no module {error.name!r}; install the package that has it, or correct the path"
            ) from error
        raise BrokenBackendError(f"{asked()}: importing {module_name} failed: {error}") from error
    except Exception as error:
        raise BrokenBackendError(
            f"{asked()}: importing {module_name} failed: {type(error).__name__}: {error}"
        ) from error


def import_target(target: str) -> Any:
    """What an entry point names, be it an object of a module or a module; whatever importing it raises is let out."""
    module_name, _, attribute = target.partition(":")
    found: Any = importlib.import_module(module_name.strip())
    for part in filter(None, attribute.partition("[")[0].strip().split(".")):
        found = getattr(found, part)
    return found
