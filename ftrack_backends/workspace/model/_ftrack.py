"""ftrack's own model: every type it knows, put together."""

from __future__ import annotations

from functools import cache

from ftrack_backends.workspace.model._contexts import CONTEXTS
from ftrack_backends.workspace.model._model import Model
from ftrack_backends.workspace.model._people import PEOPLE
from ftrack_backends.workspace.model._workflow import WORKFLOW

__all__ = ["ftrack_model"]


@cache
def ftrack_model() -> Model:
    """Give the model of a plain ftrack workspace; it is put together once a process."""
    return Model((*CONTEXTS, *WORKFLOW, *PEOPLE))
