"""What is installed: entry points, read once a process and one group at a time. Nothing is imported by looking."""

from __future__ import annotations

import functools
import importlib.metadata
import re

import attrs

from ftrack_core.values import ByValue

__all__ = ["Found", "Scan", "distribution_of", "scan_group"]

from collections.abc import Callable
from typing import Any, TypeAlias


@attrs.frozen(eq=False, repr=False)
class Found(ByValue):
    """An entry point.

    Attributes:
        name: Its name in its group.
        target: What it names, as `package.module:object`.
    """

    name: str
    target: str


Scan: TypeAlias = Callable[[str], "tuple[Found, ...]"]
"""Gives the entry points of a group."""


@functools.cache
def scan_group(group: str) -> tuple[Found, ...]:
    """The entry points of a group that are installed in this process, in order of name."""
    from stevedore.named import NamedExtensionManager

    # No names: nothing is loaded, the list is all that is asked for.
    manager: Any = NamedExtensionManager(group, names=[], on_missing_entrypoints_callback=None)
    found = {Found(point.name, point.value) for point in manager.list_entry_points()}
    return tuple(sorted(found, key=lambda each: (each.name, each.target)))


def distribution_of(group: str, found: Found) -> tuple[str, str]:
    """Name and version of the distribution that declares an entry point; empty where nothing tells."""
    return _distributions(group).get((found.name, found.target), ("", ""))


@functools.cache
def _distributions(group: str) -> dict[tuple[str, str], tuple[str, str]]:
    owners: dict[tuple[str, str], tuple[str, str]] = {}
    seen: set[str] = set()
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"] or ""
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in seen:
            continue  # a copy later on the path, which the import system does not see either
        seen.add(key)
        for point in distribution.entry_points:
            if point.group == group:
                owners.setdefault((point.name, point.value), (name, distribution.version))
    return owners
