"""What a base install brings into a host's Python: as little as possible."""

from __future__ import annotations

import importlib.metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

MOST = 13


def test_a_base_install_is_small() -> None:
    """Each distribution more is one that can clash with what Maya or Nuke ships."""
    found = _closure("ftrack-core")
    assert len(found) <= MOST, f"{len(found)} distributions: {', '.join(sorted(found))}"


def test_the_count_sees_indirect_dependencies() -> None:
    """A count that stops at our own list would let the tail grow unseen."""
    assert {"ftrack-core", "requests", "urllib3"} <= _closure("ftrack-core")


def _closure(name: str) -> set[str]:
    """The distribution, what it needs without extras, and what that needs in turn."""
    found: set[str] = set()
    waiting = [Requirement(name)]
    while waiting:
        requirement = waiting.pop()
        key = canonicalize_name(requirement.name)
        if key not in found:
            found.add(key)
            waiting += _needs(key, requirement.extras)
    return found


def _needs(name: str, extras: set[str]) -> list[Requirement]:
    declared = [Requirement(line) for line in importlib.metadata.requires(name) or ()]
    return [needed for needed in declared if _applies(needed, extras)]


def _applies(requirement: Requirement, extras: set[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in (extras or {""}))
