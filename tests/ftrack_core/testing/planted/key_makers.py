"""Suites of wrong key makers: run by `test_planted.py`, collected by nobody else."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from ftrack_backends.key_makers._object import ObjectKeyMaker
from ftrack_core.interfaces import IStableKeyMaker
from ftrack_core.testing.suites import KeyMakerContract

_MAKERS = str(Path(__file__).with_name("makers.py"))
_WRONG = {
    name: kind for name, kind in runpy.run_path(_MAKERS).items() if getattr(kind, "__module__", "") == "<run_path>"
}


class Stable(KeyMakerContract):
    """Suite of all of them."""

    capabilities = frozenset({IStableKeyMaker})
    kind: Any = ObjectKeyMaker

    def make(self) -> Any:
        """The key maker."""
        return self.kind()

    def expression(self) -> str:
        """As it is made here, in a process of its own."""
        if self.kind is ObjectKeyMaker:
            return super().expression()
        return f"__import__('runpy').run_path({_MAKERS!r})[{self.kind.__name__!r}]()"


class TestRight(Stable):
    """Nothing is wrong with it."""


for _name, _kind in _WRONG.items():
    globals()[f"Test{_name}"] = type(f"Test{_name}", (Stable,), {"kind": _kind})
