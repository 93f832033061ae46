"""What commands of any package print with: `table`, `heading`, `say` and `error`."""

from __future__ import annotations

from ftrack_core.cli._output import error, heading, say, table

__all__ = ["error", "heading", "say", "table"]
