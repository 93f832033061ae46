"""`ftrack cache clear`."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from ftrack_core.assembly import Backends
from ftrack_core.cli import _output
from ftrack_core.cli._caches._layers import SCHEMA, Layer, Wanted, layers_of
from ftrack_core.errors import Error
from ftrack_core.interfaces import IClearableSchemaCache

__all__ = ["clear"]


def clear(backends: Backends, arguments: argparse.Namespace) -> int:
    """Clear what is meant; 1 when that failed somewhere, or nobody said yes."""
    wanted = Wanted.of(arguments)
    layers, schema_cache = layers_of(backends, arguments.layer)
    if wanted.types or wanted.pattern is not None:
        schema_cache = None  # schemas have neither
    if not _is_confirmed(arguments, [*(layer.name for layer in layers), *([SCHEMA] if schema_cache else [])]):
        return 1
    told = [_cleared(layer, wanted) for layer in layers]
    if schema_cache is not None:
        told.append(_forgotten(schema_cache, None if wanted.all_scopes else backends.server_url))
    if arguments.json:
        _output.say(json.dumps(told, indent=2))
    elif not told:
        _output.say("There is nothing to clear: no such cache is set.")
    else:
        for each in told:
            what = f"it failed: {each['error']}" if "error" in each else f"{each['removed']} removed"
            _output.say(f"{each['layer']}: {each['class']}: {what}")
    return int(any("error" in each for each in told))


def _is_confirmed(arguments: argparse.Namespace, names: list[str]) -> bool:
    """Whether it may be done: nothing that a person typed by mistake should cost a farm its cache."""
    if arguments.yes or not names:
        return True
    whose = "of all servers, users and keys" if arguments.all_scopes else "of this server, user and key"
    if not sys.stdin.isatty():
        _output.error(f"ftrack: to clear {', '.join(names)}, entries {whose}, say so with --yes")
        return False
    sys.stderr.write(f"Clear {', '.join(names)}, entries {whose}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _cleared(layer: Layer, wanted: Wanted) -> dict[str, Any]:
    told: dict[str, Any] = {"layer": layer.number, "class": layer.name}
    try:
        if wanted.is_everything:
            there = len(layer.cache.keys())
            layer.cache.clear()
            return {**told, "removed": there}
        return {**told, "removed": layer.remove([entry.key for entry in layer.entries() if wanted.takes(entry)])}
    except Error as error:
        return {**told, "error": f"{error.code}: {error}"}


def _forgotten(cache: Any, server: str | None) -> dict[str, Any]:
    told = {"layer": SCHEMA, "class": type(cache).__name__}
    if not IClearableSchemaCache.providedBy(cache):
        return {**told, "error": "it has no way to be cleared (it is no IClearableSchemaCache)"}
    try:
        return {**told, "removed": cache.clear(server)}
    except Error as error:
        return {**told, "error": f"{error.code}: {error}"}
