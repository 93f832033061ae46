"""Keys of many kinds of objects, as bytes that say of each item what it is.

An item is a letter, the length of its text, a colon and the text: `s4:Shot`, `i1:5`, `n0:`. A tuple, list, mapping or
set has the number of its entries for a length, and the entries follow. Whoever reads from left to right always knows
what an item is and where it ends, so different items never share a key. The entries of mappings and sets stand in the
order of their bytes. Nothing is pickled, and nothing depends on hashes or on addresses in memory.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import pathlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import attrs
from zope.interface import implementer

from ftrack_backends.key_makers._items import MAX_DEPTH, as_plain, nothing_given, refused, too_deep
from ftrack_core.interfaces import IStableKeyMaker

__all__ = ["ObjectKeyMaker"]

_MORE: Final = ", dates, times, Decimal, UUID, paths, members of enumerations, sets"


@implementer(IStableKeyMaker)
@attrs.frozen
class ObjectKeyMaker:
    """Makes keys of more kinds of items than the others; safe for threads and stable, since it keeps nothing.

    Beside what every key maker takes: sets and frozensets (equal ones are the same item), `datetime` (with a time zone
    it is its moment, whatever the zone; without one its reading), `date`, `time`, `timedelta`, `Decimal` (1.0 and 1.00
    are the same), `UUID`, paths (with their flavour), members of enumerations, and entities, which stand for their
    identity.
    """

    def key(self, *items: object) -> bytes:
        """The key for the items, as `b"s4:Shots6:0bc9e8"`.

        Args:
            *items: What the key stands for; at least one.

        Returns:
            The key.

        Raises:
            UnkeyableItemError: There is no item, or one of a kind that cannot be told apart reliably; a TypeError.
        """
        if not items:
            raise nothing_given()
        return b"".join([_encoded(item, MAX_DEPTH) for item in items])


def _encoded(item: Any, depth: int) -> bytes:
    if item.__class__ is str:
        return _tagged(b"s", item.encode("utf-8", "surrogatepass"))
    if item is None:
        return b"n0:"
    for kind, encode in _SCALARS:
        if isinstance(item, kind):
            return encode(item)
    return _container(item, depth)


def _container(item: Any, depth: int) -> bytes:
    if depth <= 0:
        raise too_deep()
    plain = as_plain(item)
    if plain is None:
        if isinstance(item, (set, frozenset)):
            return _counted(b"S", sorted(_encoded(each, depth - 1) for each in item))
        raise refused(item, _MORE)
    if isinstance(plain, Mapping):
        pairs = plain.items()
        return _counted(b"m", sorted(_encoded(name, depth - 1) + _encoded(each, depth - 1) for name, each in pairs))
    return _counted(b"t" if isinstance(plain, tuple) else b"l", [_encoded(each, depth - 1) for each in plain])


def _tagged(tag: bytes, text: bytes) -> bytes:
    return b"%b%d:%b" % (tag, len(text), text)


def _counted(tag: bytes, entries: Iterable[bytes]) -> bytes:
    listed = list(entries)
    return b"%b%d:%b" % (tag, len(listed), b"".join(listed))


def _text(tag: bytes, write: Callable[[Any], str]) -> Callable[[Any], bytes]:
    return lambda item: _tagged(tag, write(item).encode("utf-8", "surrogatepass"))


def _moment(item: datetime.datetime) -> str:
    if item.utcoffset() is None:
        return item.replace(tzinfo=None, fold=0).isoformat()
    return item.astimezone(datetime.timezone.utc).isoformat()


def _clock_time(item: datetime.time) -> str:
    offset = item.utcoffset()
    if offset is None:
        return item.replace(tzinfo=None, fold=0).isoformat()
    since = datetime.timedelta(
        hours=item.hour, minutes=item.minute, seconds=item.second, microseconds=item.microsecond
    )
    return f"{_span(since - offset)}Z"


def _span(item: datetime.timedelta) -> str:
    return f"{item.days},{item.seconds},{item.microseconds}"


def _decimal(item: decimal.Decimal) -> str:
    if not item.is_finite():
        return "nan" if item.is_nan() else str(item)
    sign, digits, exponent = item.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    shown = text.rstrip("0")
    return f"{'-' * sign}{shown}e{int(exponent) + len(text) - len(shown)}" if shown else "0"


def _member(item: enum.Enum) -> str:
    return f"{type(item).__module__}:{type(item).__qualname__}:{item.name or item.value!r}"


def _path(item: pathlib.PurePath) -> str:
    return f"{'windows' if isinstance(item, pathlib.PureWindowsPath) else 'posix'}:{item}"


_SCALARS: Final[tuple[tuple[type, Callable[[Any], bytes]], ...]] = (
    (str, _text(b"s", str.__str__)),
    (bool, _text(b"b", lambda item: str(int(item)))),
    (int, _text(b"i", lambda item: f"{int(item):x}")),
    (float, _text(b"f", lambda item: repr(float(item) + 0.0))),  # the sum makes one of 0.0 and -0.0, which are equal
    (bytes, lambda item: _tagged(b"x", bytes(item))),
    (enum.Enum, _text(b"e", _member)),
    (datetime.datetime, _text(b"D", _moment)),
    (datetime.date, _text(b"d", datetime.date.isoformat)),
    (datetime.time, _text(b"T", _clock_time)),
    (datetime.timedelta, _text(b"a", _span)),
    (decimal.Decimal, _text(b"c", _decimal)),
    (uuid.UUID, _text(b"u", lambda item: item.hex)),
    (pathlib.PurePath, _text(b"p", _path)),
)
"""What an item may be, the first that fits: a kind that is another one's too stands before it."""
