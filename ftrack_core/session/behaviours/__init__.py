"""What entities of certain types can do besides holding values: one file a type, and one table of them.

A behaviour is a plain class that is mixed into the class of an entity type when that is built. To add one, write it in
a file of its own and name it in a table here: by the type's name, or by an attribute that makes a type have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ftrack_core.schema import EntityTypeSchema
from ftrack_core.session.behaviours._job import Job
from ftrack_core.session.behaviours._note import CreateNoteMixin, Note
from ftrack_core.session.behaviours._project_schema import ProjectSchema
from ftrack_core.session.behaviours._user import User

__all__ = ["CreateNoteMixin", "Job", "Note", "ProjectSchema", "User", "behaviours_of"]

_BY_NAME: Final[Mapping[str, type]] = {"Job": Job, "Note": Note, "ProjectSchema": ProjectSchema, "User": User}
_BY_ATTRIBUTE: Final[Mapping[str, type]] = {"notes": CreateNoteMixin}


def behaviours_of(schema: EntityTypeSchema) -> tuple[type, ...]:
    """The behaviours of an entity type, in the order in which they are mixed in; mostly none."""
    by_attribute = (behaviour for name, behaviour in _BY_ATTRIBUTE.items() if name in schema.attributes)
    named = _BY_NAME.get(schema.name)
    return (*by_attribute, *(() if named is None else (named,)))
