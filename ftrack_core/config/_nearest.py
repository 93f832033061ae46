"""The right name that a wrong one was probably meant to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean", "nearest"]


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like a name, or None when none is alike."""
    known = {candidate.lower(): candidate for candidate in candidates}
    import difflib  # for errors only

    found = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    return known[found[0]] if found else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """A clause for a message: `; did you mean 'memory'?`, or nothing when no candidate is alike."""
    found = nearest(name, candidates)
    return f"; did you mean {found!r}?" if found else ""
