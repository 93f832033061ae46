"""Entities as text for people: `formatter.format(entity)`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from ftrack_core.entity import Collection, Entity, MappedCollection
from ftrack_core.schema import AttributeKind
from ftrack_core.values import NOT_SET, EntityIdentity, State

__all__ = ["FILTER", "format"]

_Filter: TypeAlias = Callable[[Entity, str, Any], bool]
_Paint: TypeAlias = Callable[[str], str]
_PLAIN: Final[Mapping[str, _Paint]] = {"header": str, "label": str}
_COLOURED: Final[Mapping[str, _Paint]] = {
    "header": "\x1b[1;44;97m{}\x1b[0m".format,
    "label": "\x1b[1;34m{}\x1b[0m".format,
}


def format(  # noqa: A001 - its name in the official client; it is used as `formatter.format`
    entity: Entity,
    formatters: Mapping[str, _Paint] | None = None,
    attribute_filter: _Filter | None = None,
    recursive: bool = False,
    indent: int = 0,
    indent_first_line: bool = True,
) -> str:
    """An entity as text: its type, then one line for each attribute; entities in it likewise, further to the right.

    It reads every attribute, so what is not loaded is loaded where the running thread loads by itself; nothing is
    asked for within `session.auto_populating(False)`. An entity within itself is shown as `Type{...}`.

    Args:
        entity: What to show.
        formatters: How to write the type (`header`) and the names of attributes (`label`), each a callable that takes
            and gives text; by default both are coloured where standard output is a terminal that can.
        attribute_filter: Called with an entity, the name of an attribute and its value; tells whether to show it.
        recursive: Whether entities in collections are shown too.
        indent: Blanks before every line.
        indent_first_line: Whether they stand before the first line too.
    """
    coloured = _can_colour(sys.stdout, os.environ)
    paint: dict[str, _Paint] = {**(_COLOURED if coloured else _PLAIN), **(formatters or {})}
    writer = _Writer(paint["header"], paint["label"], attribute_filter, recursive)
    return " " * (indent if indent_first_line else 0) + writer.text(entity, indent, ())


@attrs.frozen(eq=False)
class _Writer:
    header: _Paint
    label: _Paint
    shows: _Filter | None
    recursive: bool

    def text(self, entity: Entity, indent: int, within: tuple[EntityIdentity, ...]) -> str:
        """The lines of an entity, the first one without its indent."""
        title = self.header(entity.entity_type)
        if entity._identity in within:
            return f"{title}{{...}}"
        _load(entity)
        lines = [title]
        for name, value in sorted(entity.items(), key=lambda item: item[0]):
            if self.shows is None or self.shows(entity, name, value):
                shown = self._value(value, indent + len(name) + 3, (*within, entity._identity))
                lines.append(f"{' ' * indent} {self.label(name)}: {shown}")
        return "\n".join(lines)

    def _value(self, value: Any, indent: int, within: tuple[EntityIdentity, ...]) -> str:
        if isinstance(value, Entity):
            return self.text(value, indent, within)
        if isinstance(value, Collection) and self.recursive and _is_set(value):
            return f"\n{' ' * indent}".join(self.text(item, indent, within) for item in value)
        if isinstance(value, MappedCollection):
            _is_set(value.collection)
        return repr(value) if value is NOT_SET else str(value)


def _load(entity: Entity) -> None:
    """Load what an entity lacks and is about to be shown, at once, where the running thread loads by itself."""
    context, attributes = entity._context, entity.attributes.values()
    wanted = [each.name for each in attributes if each.kind is not AttributeKind.COLLECTION]
    missing = [name for name in wanted if not entity._has(name)]
    if missing and context.auto_populate and entity._state is not State.CREATED:
        context.load([entity], missing)


def _is_set(value: Any) -> bool:
    """Whether there is a value, after loading it where the running thread does so by itself."""
    if isinstance(value, MappedCollection):
        value = value.collection
    if not isinstance(value, Collection):
        return value is not NOT_SET
    return bool(len(value)) or value.entity._has(value.attribute.name) or value.entity._state is State.CREATED


FILTER: Final[Mapping[str, _Filter]] = MappingProxyType({"ignore_unset": lambda _entity, _name, value: _is_set(value)})
"""Ready-made attribute filters: `ignore_unset` leaves out what has no value in the session."""


def _can_colour(stream: Any, environment: Mapping[str, str]) -> bool:
    """Whether a stream shows colours, or the environment says so."""
    if environment.get("NO_COLOR") or "ANSI_COLORS_DISABLED" in environment:
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return bool(getattr(stream, "isatty", bool)()) and environment.get("TERM") != "dumb"
