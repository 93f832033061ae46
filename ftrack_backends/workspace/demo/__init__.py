"""The story that `ftrack demo` tells. Everything in it happens: no number and no row is written down beforehand."""

from __future__ import annotations

from ftrack_backends.workspace.demo._run import Choices, run

__all__ = ["Choices", "run"]
