"""The seam that makes cache keys."""

from __future__ import annotations

from zope.interface import Interface

__all__ = ["IKeyMaker", "IStableKeyMaker"]


class IKeyMaker(Interface):
    """Makes one key of several items.

    Thread safety: called by many threads at once; it keeps no state.

    Guarantees:

    - C1: equal items in the same order give equal keys.
    - C2: different items, or another order, give different keys; where an item ends matters (`"a", "bc"` is not
      `"ab", "c"`).
    - C3: items may be str, bytes, int, float, bool, None, tuples, lists and mappings of these; 1, 1.0 and True are
      different items. -0.0 equals 0.0, and NaN is an item like any other. An instance of a subclass of one of these
      kinds is what it would be without it. A key maker may take more kinds and says which.
    """

    def key(*items: object) -> str | bytes:
        """The key for the items.

        Args:
            *items: What the key stands for; at least one.

        Returns:
            A non-empty key, always of the same type for one key maker.

        Raises:
            TypeError: An item is of a kind that the key maker cannot tell apart reliably, or holds itself. The shipped
                ones raise `UnkeyableItemError`, which is one.
        """


class IStableKeyMaker(IKeyMaker):
    """A key maker whose keys another process can rely on.

    Guarantees, beyond those of `IKeyMaker`:

    - C4: equal items give equal keys in every process, Python version and platform.
    """
