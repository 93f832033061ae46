"""ftrack's own model: every type it knows, put together."""

from __future__ import annotations

from functools import cache

from ftrack_backends.workspace.model._administration import ADMINISTRATION
from ftrack_backends.workspace.model._components import COMPONENTS
from ftrack_backends.workspace.model._contexts import CONTEXTS
from ftrack_backends.workspace.model._custom_attribute_links import CUSTOM_ATTRIBUTE_LINKS
from ftrack_backends.workspace.model._custom_attributes import CUSTOM_ATTRIBUTES
from ftrack_backends.workspace.model._history import HISTORY
from ftrack_backends.workspace.model._lists import LISTS
from ftrack_backends.workspace.model._model import Model
from ftrack_backends.workspace.model._notes import NOTES
from ftrack_backends.workspace.model._people import PEOPLE
from ftrack_backends.workspace.model._project_schemas import PROJECT_SCHEMAS
from ftrack_backends.workspace.model._reviews import REVIEWS
from ftrack_backends.workspace.model._time import TIME
from ftrack_backends.workspace.model._versions import VERSIONS
from ftrack_backends.workspace.model._workflow import WORKFLOW

__all__ = ["ftrack_model"]


@cache
def ftrack_model() -> Model:
    """Give the model of a plain ftrack workspace; it is put together once a process."""
    production = (*CONTEXTS, *VERSIONS, *COMPONENTS, *WORKFLOW, *PROJECT_SCHEMAS, *PEOPLE)
    talk = (*NOTES, *LISTS, *TIME, *REVIEWS)
    around = (*CUSTOM_ATTRIBUTES, *CUSTOM_ATTRIBUTE_LINKS, *HISTORY, *ADMINISTRATION)
    return Model((*production, *talk, *around), outside=("SecurityRoleType",))
