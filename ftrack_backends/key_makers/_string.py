r"""Keys that people can read.

The items are written one after the other with a comma between them:

- text stands as it is, with `\` before each `\` and each comma in it; empty text is `\e`;
- anything else begins with `\` and a letter that no escaped text has: `\i5`, `\f1.0`, `\bTrue`, `\n` for None,
  `\x6162` for bytes;
- a tuple, a list or a mapping begins with `\t`, `\l` or `\m` and the number of its entries, as `\t2:a,b`. A mapping's
  entries are `name,value`, in the order of their text.

Whoever reads from left to right always knows what an item is and where it ends, so different items never share a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs
from zope.interface import implementer

from ftrack_core.interfaces import IStableKeyMaker

__all__ = ["StringKeyMaker"]


@implementer(IStableKeyMaker)
@attrs.frozen
class StringKeyMaker:
    """Makes text keys; safe for threads since it keeps nothing, stable everywhere since it hashes nothing."""

    def key(self, *items: object) -> str:
        """The key for the items, as `Shot,0bc9e8`.

        Args:
            *items: What the key stands for; at least one.

        Returns:
            The key.

        Raises:
            TypeError: There is no item, or one of a kind that cannot be told apart reliably.
        """
        if not items:
            message = "a key was asked for with no items; it needs at least one"
            raise TypeError(message)
        try:
            text = ",".join(items)  # type: ignore[arg-type]  # whatever is no text is sorted out below
        except TypeError:
            return ",".join(map(_encode, items))
        if "\\" in text or "" in items or text.count(",") != len(items) - 1:
            return ",".join(map(_encode, items))
        return text


def _encode(item: object) -> str:
    if isinstance(item, str):
        return _text(item)
    if item is None:
        return "\\n"
    if isinstance(item, (bool, int, float)):
        return _number(item)
    if isinstance(item, bytes):
        return f"\\x{item.hex()}"
    return _container(item)


def _container(item: object) -> str:
    if isinstance(item, tuple):
        return _sequence("t", item)
    if isinstance(item, list):
        return _sequence("l", item)
    if isinstance(item, Mapping):
        return _mapping(item)
    message = (
        f"a key was asked for an item of type {type(item).__name__}; items may be str, bytes, int, float, bool, None, "
        "and tuples, lists and mappings of these"
    )
    raise TypeError(message)


def _text(item: str) -> str:
    return str.__str__(item).replace("\\", "\\\\").replace(",", "\\,") or "\\e"


def _number(item: float) -> str:
    if isinstance(item, bool):
        return f"\\b{item}"
    if isinstance(item, int):
        return f"\\i{int(item)}"
    return f"\\f{float(item) + 0.0!r}"  # the sum makes one of 0.0 and -0.0, which are equal


def _sequence(letter: str, items: tuple[object, ...] | list[object]) -> str:
    return f"\\{letter}{len(items)}:{','.join(map(_encode, items))}"


def _mapping(items: Mapping[object, object]) -> str:
    entries: Iterable[str] = sorted(f"{_encode(name)},{_encode(value)}" for name, value in items.items())
    return f"\\m{len(items)}:{','.join(entries)}"
