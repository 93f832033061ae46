"""Key makers that each break one guarantee; light, since other processes run this file."""

from __future__ import annotations

import os
from typing import Any

from zope.interface import implementer

from ftrack_backends.key_makers._string import StringKeyMaker
from ftrack_core.interfaces import IStableKeyMaker

_RIGHT = StringKeyMaker()


@implementer(IStableKeyMaker)
class Hashes:
    """Makes keys of hashes, which differ between processes."""

    def key(self, *items: object) -> Any:
        """A key."""
        return f"{hash(_RIGHT.key(*items)):x}"


@implementer(IStableKeyMaker)
class Process:
    """Puts into keys where they were made."""

    def key(self, *items: object) -> Any:
        """A key."""
        return f"{os.getpid()},{_RIGHT.key(*items)}"


@implementer(IStableKeyMaker)
class OneIsTrue:
    """Takes 1, 1.0 and True for the same, as Python's `==` does."""

    def key(self, *items: object) -> Any:
        """A key."""
        return _RIGHT.key(*(1 if item == 1 else item for item in items))


@implementer(IStableKeyMaker)
class NestedOneIsTrue:
    """Takes 1 and True for the same where they stand in mappings."""

    def key(self, *items: object) -> Any:
        """A key."""
        return _RIGHT.key(
            *({k: int(v) if v is True else v for k, v in i.items()} if type(i) is dict else i for i in items)
        )


@implementer(IStableKeyMaker)
class Unordered:
    """Writes mappings in the order in which they were filled."""

    def key(self, *items: object) -> Any:
        """A key."""
        return _RIGHT.key(*(("map", *item.items()) if type(item) is dict else item for item in items))


@implementer(IStableKeyMaker)
class ListsAreTuples:
    """Takes lists for tuples."""

    def key(self, *items: object) -> Any:
        """A key."""
        return _RIGHT.key(*(tuple(item) if type(item) is list else item for item in items))


@implementer(IStableKeyMaker)
class TwoZeros:
    """Keeps 0.0 and -0.0 apart, which are equal."""

    def key(self, *items: object) -> Any:
        """A key."""
        return _RIGHT.key(*(repr(item) + "f" if type(item) is float else item for item in items))


@implementer(IStableKeyMaker)
class Joins:
    """Does not tell where an item ends."""

    def key(self, *items: object) -> Any:
        """A key."""
        return "".join(_RIGHT.key(item) for item in items) or _RIGHT.key()


@implementer(IStableKeyMaker)
class TextIsBytes:
    """Takes text for bytes."""

    def key(self, *items: object) -> Any:
        """A key."""
        return _RIGHT.key(*(item.encode() if type(item) is str else item for item in items))


@implementer(IStableKeyMaker)
class TwoTypes:
    """Gives text or bytes, as it comes."""

    def key(self, *items: object) -> Any:
        """A key."""
        return _RIGHT.key(*items).encode() if len(items) > 1 else _RIGHT.key(*items)


@implementer(IStableKeyMaker)
class Addresses:
    """Makes keys of anything, by what it looks like."""

    def key(self, *items: object) -> Any:
        """A key."""
        try:
            return _RIGHT.key(*items)
        except TypeError:
            return repr(items)


@implementer(IStableKeyMaker)
class Counts:
    """Gives every call a key of its own."""

    made = 0

    def key(self, *items: object) -> Any:
        """A key."""
        Counts.made += 1
        return f"{Counts.made},{_RIGHT.key(*items)}"
