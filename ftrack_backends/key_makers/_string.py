r"""Keys that people can read.

The items are written one after the other with a comma between them:

- text stands as it is, with `\` before each `\` and each comma in it; empty text is `\e`;
- anything else begins with `\` and a letter that no escaped text has: `\i5`, `\f1.0`, `\bTrue`, `\n` for None,
  `\x6162` for bytes; a whole number of more than a hundred digits is `\h` with hexadecimal ones;
- a tuple, a list or a mapping begins with `\t`, `\l` or `\m` and the number of its entries, as `\t2:a,b`. A mapping's
  entries are `name,value`, in the order of their text.

Whoever reads from left to right always knows what an item is and where it ends, so different items never share a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from zope.interface import implementer

from ftrack_backends.key_makers._items import MAX_DEPTH, as_plain, nothing_given, refused, too_deep
from ftrack_core.interfaces import IStableKeyMaker

__all__ = ["StringKeyMaker"]

_READABLE = 10**100


@implementer(IStableKeyMaker)
@attrs.frozen
class StringKeyMaker:
    """Makes text keys; safe for threads since it keeps nothing, stable everywhere since it hashes nothing.

    Entities stand for their identity.
    """

    def key(self, *items: object) -> str:
        """The key for the items, as `Shot,0bc9e8`.

        Args:
            *items: What the key stands for; at least one.

        Returns:
            The key.

        Raises:
            UnkeyableItemError: There is no item, or one of a kind that cannot be told apart reliably; a TypeError.
        """
        if not items:
            raise nothing_given()
        try:
            text = ",".join(items)  # type: ignore[arg-type]  # whatever is no text is sorted out below
        except TypeError:
            return ",".join([_encode(item, MAX_DEPTH) for item in items])
        if "\\" in text or "" in items or text.count(",") != len(items) - 1:
            return ",".join([_encode(item, MAX_DEPTH) for item in items])
        return text


def _encode(item: Any, depth: int) -> str:
    if isinstance(item, str):
        return _text(item)
    if item is None:
        return "\\n"
    if isinstance(item, (bool, int, float)):
        return _number(item)
    if isinstance(item, bytes):
        return f"\\x{item.hex()}"
    return _container(item, depth)


def _container(item: Any, depth: int) -> str:
    plain = as_plain(item)
    if plain is None:
        raise refused(item)
    if depth <= 0:
        raise too_deep()
    if isinstance(plain, Mapping):
        return _entries("m", sorted(_entry(name, value, depth - 1) for name, value in plain.items()))
    return _entries("t" if isinstance(plain, tuple) else "l", [_encode(each, depth - 1) for each in plain])


def _entries(letter: str, entries: list[str]) -> str:
    return f"\\{letter}{len(entries)}:{','.join(entries)}"


def _entry(name: object, value: object, depth: int) -> str:
    return f"{_encode(name, depth)},{_encode(value, depth)}"


def _text(item: str) -> str:
    return str.__str__(item).replace("\\", "\\\\").replace(",", "\\,") or "\\e"


def _number(item: float) -> str:
    if isinstance(item, bool):
        return f"\\b{item}"
    if isinstance(item, int):
        return f"\\i{int(item)}" if -_READABLE < item < _READABLE else f"\\h{int(item):x}"
    return f"\\f{float(item) + 0.0!r}"  # the sum makes one of 0.0 and -0.0, which are equal
