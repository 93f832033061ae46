"""Python names for entity types: their own where that is possible, else one nearby that nothing else has."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable
from typing import Final

import attrs

__all__ = ["TAKEN", "Names", "names_of"]

TAKEN: Final = frozenset({"TypedSelection", "TypedSession", "select"})
"""What the package has besides entity types."""


@attrs.frozen
class Names:
    """The names that belong to an entity type.

    Attributes:
        entity: The class of its entities.
        values: The dict of values that a new one is created with.
        custom: The mapping of its custom attributes.
        custom_values: The dict of values for them.
    """

    entity: str
    values: str
    custom: str
    custom_values: str


def names_of(entity_types: Iterable[str]) -> dict[str, Names]:
    """Names by entity type; the same types give the same names, in whatever order they come."""
    types = sorted(entity_types)
    taken = set(TAKEN)
    entities = {name: _free(name, taken) for name in sorted(types, key=lambda name: (not _good(name), name))}
    found = {}
    for name in types:
        entity = entities[name]
        below = (f"{entity}Values", f"_{entity}CustomAttributes", f"_{entity}CustomValues")
        found[name] = Names(entity, *(_free(one, taken, private=True) for one in below))
    return found


def _good(name: str) -> bool:
    return _identifier(name) == name


def _free(name: str, taken: set[str], *, private: bool = False) -> str:
    chosen = name if private else _identifier(name)
    while chosen in taken:
        chosen += "_"
    taken.add(chosen)
    return chosen


def _identifier(name: str) -> str:
    """The nearest public Python name that is neither a keyword nor a builtin."""
    found = re.sub(r"\W", "_", name).lstrip("_")
    if not found or found[0].isdigit():
        found = f"Type_{found}"
    return f"{found}_" if keyword.iskeyword(found) or hasattr(builtins, found) else found
