"""The `ftrack` command."""

from __future__ import annotations

from ftrack_core.cli._main import main

__all__ = ["main"]
