"""The embedded, ftrack-compatible workspace on SQLite.

`Workspace` is all that others need: open one, and real ftrack clients can work with it, in process by `exchange` or
over HTTP by `front`. Behind it: `model` (ftrack's data model), `store` (a database laid out after it), `reading`
(queries), `writing` (batches), `actions` (the API's actions), `seeds` (rows to begin with).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ftrack_backends.workspace._workspace import Workspace

__all__ = ["Workspace"]


def __getattr__(name: str) -> Any:
    """Import the workspace when it is asked for: the factories beside it must stay light."""
    if name == "Workspace":
        from ftrack_backends.workspace._workspace import Workspace

        return Workspace
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
