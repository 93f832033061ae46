"""Whose code runs here, and on what."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import ftrack_core
from ftrack_core.values import Finding

if TYPE_CHECKING:
    from ftrack_core.cli.doctor._examination import Examination

__all__ = ["check"]

_OURS = "ftrack-core"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NO_TOOLS = re.compile(r"extra\s*==\s*['\"](?:test|all)['\"]")
_NEIGHBOURS = ("ftrack-python-api", "redis", "certifi", "urllib3")
_OLDEST_PYTHON = (3, 10)


def check(_examination: Examination) -> Iterator[Finding]:
    """Versions of ours, of Python, of the platform and of libraries."""
    yield _ours()
    python = {"python": platform.python_version(), "executable": sys.executable, "platform": platform.platform()}
    text = f"Python {python['python']} ({sys.executable}) on {python['platform']}"
    if sys.version_info < _OLDEST_PYTHON:
        yield Finding("python", "failed", text, "use Python 3.10 or newer", facts=python)
    else:
        yield Finding("python", "ok", text, facts=python)
    yield _libraries()


def _ours() -> Finding:
    place = str(Path(ftrack_core.__file__).parent)
    version = _version(_OURS)
    facts = {"version": version, "path": place}
    if version is None:
        text = f"ftrack_core runs from {place}, and no distribution {_OURS} is installed"
        advice = "install it with pip, so that backends and commands are found by their entry points"
        return Finding(_OURS, "warning", text, advice, facts=facts)
    return Finding(_OURS, "ok", f"version {version}, from {place}", facts=facts)


def _libraries() -> Finding:
    wanted = {name: version for name in _required() if (version := _version(name)) is not None}
    beside = {name: version for name in _NEIGHBOURS if (version := _version(name)) is not None}
    found = {**wanted, **beside}
    text = ", ".join(f"{name} {version}" for name, version in sorted(found.items())) or "none is installed"
    return Finding("libraries", "ok", text, facts=dict(sorted(found.items())))


def _required() -> list[str]:
    """Names of what ours needs, extras for users included."""
    try:
        lines = importlib.metadata.requires(_OURS) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    found = [_NAME.match(line) for line in lines if not _NO_TOOLS.search(line)]
    return [name[0] for name in found if name]


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
