"""Keys as canonical msgpack: one list of the items, in which equal items have equal bytes.

msgpack itself keeps 1, 1.0 and True apart, and text and bytes. What it leaves open is settled here: the entries of a
mapping stand in the order of their names' bytes, a tuple is an extension of type 1 around a list, a whole number beyond
64 bits one of type 2, and zero and NaN each have one form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
import msgpack
from zope.interface import implementer

from ftrack_backends.key_makers._items import MAX_DEPTH, as_plain, nothing_given, refused, too_deep
from ftrack_core.interfaces import IStableKeyMaker

__all__ = ["MsgpackKeyMaker"]

_TUPLE, _LARGE = 1, 2
_AS_THEY_ARE: Final = frozenset({str, bool, bytes, type(None)})
_NAN: Final = float("nan")


@implementer(IStableKeyMaker)
@attrs.frozen
class MsgpackKeyMaker:
    """Makes short keys of bytes; safe for threads and stable everywhere, since it keeps nothing.

    Entities stand for their identity.
    """

    def key(self, *items: object) -> bytes:
        """The key for the items.

        Args:
            *items: What the key stands for; at least one.

        Returns:
            The key.

        Raises:
            UnkeyableItemError: There is no item, or one of a kind that cannot be told apart reliably; a TypeError.
        """
        if not items:
            raise nothing_given()
        if _AS_THEY_ARE.issuperset(map(type, items)):
            return _packed(items)
        return _packed([_canonical(item, MAX_DEPTH) for item in items])


def _packed(value: Any) -> bytes:
    try:
        packed: bytes = msgpack.packb(value)
    except UnicodeEncodeError:
        packed = msgpack.packb(value, unicode_errors="surrogatepass")
    return packed


def _canonical(item: Any, depth: int) -> Any:
    if item.__class__ in _AS_THEY_ARE:
        return item
    if isinstance(item, bool):
        return bool(item)
    if isinstance(item, int):
        return _whole(int(item))
    if isinstance(item, float):
        return float(item) + 0.0 if item == item else _NAN  # noqa: PLR0124 - NaN is what does not equal itself
    if isinstance(item, str):
        return str.__str__(item)
    return bytes(item) if isinstance(item, bytes) else _container(item, depth)


def _whole(item: int) -> Any:
    if -(2**63) <= item < 2**64:
        return item
    return msgpack.ExtType(_LARGE, item.to_bytes(item.bit_length() // 8 + 1, "big", signed=True))


def _container(item: Any, depth: int) -> Any:
    plain = as_plain(item)
    if plain is None:
        raise refused(item)
    if depth <= 0:
        raise too_deep()
    if isinstance(plain, Mapping):
        return _mapping(plain, depth - 1)
    listed = [_canonical(each, depth - 1) for each in plain]
    return msgpack.ExtType(_TUPLE, _packed(listed)) if isinstance(plain, tuple) else listed


def _mapping(items: Mapping[Any, Any], depth: int) -> dict[Any, Any]:
    entries = [(_canonical(name, depth), _canonical(value, depth)) for name, value in items.items()]
    return dict(sorted(entries, key=lambda entry: _packed(entry[0])))
