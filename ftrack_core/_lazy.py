"""Names that a package imports when they are first asked for, so that a short program pays for what it uses only."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["names_on_demand"]


def names_on_demand(
    package: str, homes: Mapping[str, str], modules: Mapping[str, str] | None = None
) -> Callable[[str], Any]:
    """The `__getattr__` of a package that re-exports names of its modules (PEP 562).

    Type checkers are told of the same names by imports under `TYPE_CHECKING`.

    Args:
        package: Name of the package.
        homes: The module of the package that each name comes from.
        modules: Names that stand for a whole module of the package.
    """
    whole = modules or {}

    def found(name: str) -> Any:
        home = homes.get(name) or whole.get(name)
        if home is None:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        module = importlib.import_module(f"{package}.{home}")
        value = module if name in whole else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    return found
