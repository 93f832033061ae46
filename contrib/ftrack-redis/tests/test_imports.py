"""A package by somebody else: it uses what is public, and nothing more."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "ftrack_redis"
FOR_AUTHORS = {"ftrack_backends.caches", "ftrack_backends.codecs", "ftrack_backends.hub_parts"}
FILES = sorted(PACKAGE.rglob("*.py"))


def _imported(path: Path) -> list[tuple[str, str]]:
    """What a file imports of ftrack-core: modules, and names in them."""
    found: list[tuple[str, str]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno} is relative, and cannot be told apart"
            found += [(node.module or "", alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
    return [(module, name) for module, name in found if module.split(".")[0] in {"ftrack_core", "ftrack_backends"}]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_public_names_of_ftrack_core_are_used(path: Path) -> None:
    """An author would find out that the promise to outsiders holds for insiders only."""
    for module, name in _imported(path):
        assert not any(part.startswith("_") for part in [*module.split("."), name]), f"{module}.{name} is private"
        assert module.startswith("ftrack_core") or module in FOR_AUTHORS, f"{module} is not for authors"
        if name:
            assert name in importlib.import_module(module).__all__, f"{module} does not export {name}"


def test_something_was_looked_at() -> None:
    """A test that finds no file holds for everything."""
    assert len(FILES) > 5
    assert any(_imported(path) for path in FILES)


def test_declaring_the_backends_imports_no_library() -> None:
    """`ftrack backends`, and every session that names another backend, would pay for this one's library."""
    asked = (
        "import sys, ftrack_redis; print([name for name in ('redis', 'msgpack', 'asyncio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
