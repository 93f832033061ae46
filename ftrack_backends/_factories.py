"""What the factories of the shipped backends have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from zope.interface import implementer

from ftrack_core.interfaces import IBackendContext, IBackendFactory
from ftrack_core.values import ByValue

__all__ = ["BackendFactory", "NoOptions"]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class NoOptions(ByValue):
    """For a backend that has nothing to choose."""


@implementer(IBackendFactory)
@attrs.frozen(kw_only=True, eq=False, repr=False)
class BackendFactory(ByValue):
    """A factory that hands over to a function, which imports what it needs when it is called.

    Attributes:
        group: Entry-point group of the seam.
        name: Name in that group.
        summary: What the backend is, in one line.
        options: attrs class of its options.
        provides: Interfaces of what it makes.
        make: Makes the backend from options and context.
        requirement_hint: What to install when a library is missing.
    """

    group: str
    name: str
    summary: str
    options: type[Any]
    provides: tuple[Any, ...]
    make: Callable[[Any, IBackendContext], Any] = attrs.field(repr=False)
    requirement_hint: str = ""

    def create(self, options: Any, context: IBackendContext) -> Any:
        """Make a backend, as `IBackendFactory.create` says."""
        return self.make(options, context)
