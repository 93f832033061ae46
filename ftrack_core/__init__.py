"""The ftrack session as a framework: entities, queries, unit of work and events on swappable backends.

    >>> from ftrack_core import Session
    >>> with Session(server_url="embedded:") as session:
    ...     session.query("User").first()["username"]

What it is and how it is cut: `docs/explanation/architecture.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_core._lazy import names_on_demand
from ftrack_core.entity import mixin
from ftrack_core.factory import SessionFactory
from ftrack_core.session import Session
from ftrack_core.values import NOT_SET, EntityIdentity

if TYPE_CHECKING:
    from ftrack_core.actions import Action
    from ftrack_core.query import attr, select

__all__ = ["NOT_SET", "Action", "EntityIdentity", "Session", "SessionFactory", "attr", "mixin", "select"]
__version__ = "0.1.0"

# A program that writes its queries as text needs no builder, and few programs offer actions.
__getattr__ = names_on_demand(__name__, {"Action": "actions", "attr": "query", "select": "query"})
