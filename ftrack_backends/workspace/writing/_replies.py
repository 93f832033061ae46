"""What the client is told about what it wrote.

A reply names an entity as the client did, even by a base type: by that it finds its own object again. It has the
values at the end of the batch. A create's reply has every value that the entity got, and no attribute that is empty
and was not sent: the client would take "nothing" for a value it knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends.workspace.model import Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ftrack_backends.workspace.reading import Reader
    from ftrack_backends.workspace.writing._orders import Order
    from ftrack_backends.workspace.writing._rows import Row

__all__ = ["Replies"]


@attrs.define(eq=False, repr=False)
class _Asked:
    order: Order
    row: Row
    names: tuple[str, ...]
    entity: dict[str, Any] = attrs.field(factory=dict)


@attrs.define(eq=False, repr=False)
class Replies:
    """Collects what has to be told, and reads it for all operations at once when the batch is finished."""

    _reader: Reader
    _asked: list[_Asked] = attrs.field(factory=list, init=False)
    _read: bool = attrs.field(default=False, init=False)

    def created(self, order: Order, row: Row) -> Callable[[], dict[str, Any]]:
        """Promise the reply to a create."""
        shown = (name for name, one in row.type.scalars.items() if one.stored and not one.hidden)
        asked = self._ask(order, row, dict.fromkeys((*shown, *order.data)))
        return lambda: self._reply(asked, keep_empty=order.data)

    def updated(self, order: Order, row: Row) -> Callable[[], dict[str, Any]]:
        """Promise the reply to an update."""
        asked = self._ask(order, row, order.data)
        return lambda: self._reply(asked, keep_empty=order.data)

    def _ask(self, order: Order, row: Row, names: Iterable[str]) -> _Asked:
        asked = _Asked(order, row, tuple(names))
        self._asked.append(asked)
        return asked

    def _reply(self, asked: _Asked, keep_empty: Iterable[str]) -> dict[str, Any]:
        self._read_all()
        kept = set(keep_empty)
        values = {name: value for name, value in asked.entity.items() if value is not None or name in kept}
        key = dict(zip(asked.order.type.primary_key, asked.order.key, strict=True))
        return {**values, **_unrounded(asked), **key, "__entity_type__": asked.order.type.name}

    def _read_all(self) -> None:
        if self._read:
            return
        self._read = True
        alike: dict[tuple[str, tuple[str, ...]], list[_Asked]] = {}
        for one in self._asked:
            if not one.row.removed:
                alike.setdefault((one.row.type.name, _shown(one)), []).append(one)
        for (type_name, names), asked in alike.items():
            found = self._reader.entities(type_name, [one.row.key for one in asked], names)
            for one, entity in zip(asked, found, strict=True):
                one.entity = entity


def _shown(asked: _Asked) -> tuple[str, ...]:
    """What can be told of a row, which may have become one of a type that hides more than the one it began with."""
    attributes = asked.row.type.attributes
    return tuple(name for name in asked.names if name not in attributes or not attributes[name].hidden)


def _unrounded(asked: _Asked) -> dict[str, Any]:
    """Moments as they were sent: rows hold whole seconds, and a client compares what it gets with what it gave."""
    scalars = asked.row.type.scalars
    sent = asked.order.data.items()
    return {name: value for name, value in sent if isinstance(scalars.get(name), Moment) and isinstance(value, dict)}
