"""What jobs can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ftrack_core.errors import InvalidValueError
from ftrack_core.session.behaviours._behaviour import Behaviour
from ftrack_core.values import NOT_SET

__all__ = ["Job"]

_API_JOB = "api_job"


class Job(Behaviour):
    """A job that the server shows to a user. What it is about goes into `data`, as a JSON text with `description`."""

    __slots__ = ()

    @classmethod
    def check_creation(cls, values: Mapping[str, Any]) -> None:
        """Refuse to create a job of a type that only the server makes.

        Raises:
            InvalidValueError: Its type is given and is not `api_job`.
        """
        super().check_creation(values)
        given = values.get("type")
        if given is not None and given is not NOT_SET and given != _API_JOB:
            raise InvalidValueError(f"A program's jobs are of the type {_API_JOB!r}, and {given!r} was given.")
