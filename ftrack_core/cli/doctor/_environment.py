"""Environment variables that nobody reads, or that do not say what somebody thinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from ftrack_core.config import KNOWN, nearest
from ftrack_core.errors import BackendError
from ftrack_core.plugins import SEAMS, Registry
from ftrack_core.values import Finding

if TYPE_CHECKING:
    from ftrack_core.cli.doctor._examination import Examination

__all__ = ["check"]

_OTHERS = ("FTRACK_CONFIG", "FTRACK_PROFILE", "FTRACK_JSON", "FTRACK_STUDIO")
"""Read by us, and no setting."""
_OF_OTHER_PROGRAMS = ("FTRACK_CONNECT", "FTRACK_LOCATION_PLUGIN_PATH", "FTRACK_TASK", "FTRACK_SHOT", "FTRACK_NODE")
"""What the names of variables begin with that ftrack's own tools, or our tests, set for programs that they start."""


def check(examination: Examination) -> Iterator[Finding]:
    """Variables that are misspelt, empty, or in each other's way."""
    environment = examination.environment
    known = {*_OTHERS, *(each for known in KNOWN.values() for each in known.environment)}
    known |= _of_options(examination.registry)
    ours = sorted(name for name in environment if name.upper().startswith("FTRACK"))
    problems = [*_misspelt(ours, known), *_empty(ours, known, environment), *_contradicting(environment)]
    yield from problems
    if not problems:
        read = [name for name in ours if name in known]
        text = f"set and read: {', '.join(read)}" if read else "no variable that a session reads is set"
        yield Finding("variables", "ok", text, facts={"read": read})


def _misspelt(names: list[str], known: set[str]) -> Iterator[Finding]:
    for name in names:
        if name in known or name.startswith(_OF_OTHER_PROGRAMS):
            continue
        near = nearest(name, known)
        if near is not None:
            text = f"{name} is set, and nobody reads it; {near} is read"
            yield Finding(name, "warning", text, f"rename it to {near}, or unset it", facts={"nearest": near})


def _empty(names: list[str], known: set[str], environment: Mapping[str, str]) -> Iterator[Finding]:
    for name in names:
        if name in known and not environment[name] and name != "FTRACK_STUDIO":
            text = f"{name} is set and holds nothing, which counts as not set"
            yield Finding(name, "warning", text, "set it or unset it")


def _contradicting(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Several variables of one setting that say different things: the first one counts."""
    for known in KNOWN.values():
        given = [name for name in known.environment if environment.get(name)]
        if len({environment[name] for name in given}) > 1:
            first, *others = given
            text = f"{first} counts, and {', '.join(others)} says something else"
            yield Finding(known.name, "warning", text, f"unset {', '.join(others)}")


def _of_options(registry: Registry) -> set[str]:
    """The variables that options of installed backends may come from."""
    found: set[str] = set()
    for seam in SEAMS:
        for name in registry.names(seam.group):
            try:
                options = registry.factory(seam.group, name).options
            except BackendError:
                continue  # told elsewhere
            found |= {str(field.metadata["environment"]) for field in attrs.fields(options) if _has_one(field)}
    return found


def _has_one(field: attrs.Attribute[object]) -> bool:
    return bool(field.metadata.get("environment"))
