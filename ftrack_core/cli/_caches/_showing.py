"""`ftrack cache stats`."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import attrs

from ftrack_core.assembly import Backends
from ftrack_core.cli import _output
from ftrack_core.cli._caches._layers import SCHEMA, Layer, Wanted, layers_of
from ftrack_core.errors import Error
from ftrack_core.interfaces import IDiagnosed, IMeasured

__all__ = ["show"]

_SECONDS = 10.0


@attrs.define(eq=False)
class _Count:
    """Entries of one type."""

    entries: int = 0
    bytes: int = 0
    oldest: float = attrs.field(factory=time.time)
    newest: float = 0.0

    def add(self, fetched_at: float, size: int) -> None:
        """Count an entry."""
        self.entries += 1
        self.bytes += size
        self.oldest, self.newest = min(self.oldest, fetched_at), max(self.newest, fetched_at)

    def as_json(self) -> dict[str, Any]:
        """The count as plain values."""
        times = {"oldest": _time(self.oldest), "newest": _time(self.newest)} if self.entries else {}
        return {"entries": self.entries, "bytes": self.bytes, **times}


def show(backends: Backends, arguments: argparse.Namespace) -> int:
    """Print what the caches hold; 1 when a layer could not be read."""
    wanted = Wanted.of(arguments)
    layers, schema_cache = layers_of(backends, arguments.layer)
    told = [_layer(layer, wanted) for layer in layers]
    if schema_cache is not None:
        told.append(_schemas(schema_cache))
    if arguments.json:
        _output.say(json.dumps({"scope": backends.scope, "layers": told}, indent=2))
    else:
        _print(told)
    return int(any("error" in each for each in told))


def _layer(layer: Layer, wanted: Wanted) -> dict[str, Any]:
    told: dict[str, Any] = {"layer": layer.number, "class": layer.name, "statistics": _statistics(layer.cache)}
    counts: dict[str, _Count] = {}
    others = 0
    try:
        for entry in layer.entries():
            others += not entry.is_own
            if wanted.takes(entry):
                record = entry.record
                counts.setdefault(record.identity.entity_type, _Count()).add(record.fetched_at, _size(record.values))
    except Error as error:
        return {**told, "error": f"{error.code}: {error}"}
    types = {name: counts[name].as_json() for name in sorted(counts)}
    total = sum(count.entries for count in counts.values())
    of_files = {"files": _places(layer.cache)}
    return {**told, "entries": total, "of_other_scopes": others, "types": types, **of_files}


def _size(values: Mapping[str, Any]) -> int:
    """About how many bytes a record takes, as JSON."""
    return len(json.dumps(dict(values), default=str).encode())


def _schemas(cache: Any) -> dict[str, Any]:
    name = type(cache).__name__
    return {"layer": SCHEMA, "class": name, "statistics": _statistics(cache), "files": _places(cache)}


def _statistics(cache: Any) -> Any:
    if not IMeasured.providedBy(cache):
        return {}
    counted = cache.statistics()
    parts = counted if isinstance(counted, tuple) else (counted,)
    told = [attrs.asdict(part) for part in parts if attrs.has(type(part))]
    return told if isinstance(counted, tuple) else next(iter(told), {})


def _places(cache: Any) -> list[str]:
    """What the cache says of where it keeps things."""
    return [finding.text for finding in cache.diagnose(_SECONDS)] if IDiagnosed.providedBy(cache) else []


def _print(told: list[dict[str, Any]]) -> None:
    if not told:
        _output.say("No cache is set, and the schema cache is off.")
    for each in told:
        _output.heading(f"{each['layer']}: {each['class']}")
        for line in each.get("files", ()):
            _output.say(line)
        if "error" in each:
            _output.say(f"it cannot be read: {each['error']}")
        elif "types" in each:
            _print_types(each)
        counted = {name: value for name, value in dict(each["statistics"] or {}).items() if value}
        if counted:
            _output.say(", ".join(f"{name} {value}" for name, value in counted.items()))


def _print_types(told: dict[str, Any]) -> None:
    others = told["of_other_scopes"]
    beside = f"; {others} of other servers, users or keys (--all-scopes)" if others else ""
    _output.say(f"{told['entries']} entries{beside}")
    if told["types"]:
        rows = [(name, *count.values()) for name, count in told["types"].items()]
        _output.table(("type", "entries", "bytes", "oldest", "newest"), rows)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(sep=" ", timespec="seconds")
