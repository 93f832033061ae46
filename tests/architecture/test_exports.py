"""The public names of every module: declared, true, and sorted."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path.relative_to(ROOT) for package in ("ftrack_core", "ftrack_backends") for path in (ROOT / package).rglob("*.py")
)


def _tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def _speaks(path: Path) -> bool:
    """Whether the module has anything but a docstring."""
    return any(not isinstance(node, ast.Expr) for node in _tree(path).body)


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _defined(tree: ast.Module) -> set[str]:
    """Public functions and classes that the module defines."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")}


def _order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest: the order that ruff keeps too."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


SPEAKING = [path for path in FILES if _speaks(path) and path.name != "__main__.py"]


@pytest.mark.parametrize("path", SPEAKING, ids=str)
def test_every_module_says_what_is_public(path: Path) -> None:
    """Without `__all__` nobody can tell an interface from a helper, and `import *` exports both."""
    module = importlib.import_module(_module(path))
    assert list(module.__all__) == sorted(set(module.__all__), key=_order)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


PUBLIC = [path for path in SPEAKING if path.name == "__init__.py" or not path.name.startswith("_")]


@pytest.mark.parametrize("path", PUBLIC, ids=str)
def test_what_a_public_module_defines_is_exported_or_private(path: Path) -> None:
    """A public class that `__all__` forgets is missing from the documentation and from `import *`."""
    assert _defined(_tree(path)) - set(importlib.import_module(_module(path)).__all__) == set()


def test_the_public_names_of_the_core_are_these() -> None:
    """Whoever adds a name here promises to keep it: that is decided, not slipped in."""
    assert importlib.import_module("ftrack_core").__all__ == [
        "NOT_SET",
        "Action",
        "EntityIdentity",
        "Session",
        "SessionFactory",
        "attr",
        "mixin",
        "select",
    ]
