"""What is told of one plug-in: where it lies, what became of it, and how long that took."""

from __future__ import annotations

import traceback as tracebacks
from typing import Literal

import attrs

from ftrack_core.plugins._scan import Found, distribution_of
from ftrack_core.plugins._seams import PLUGIN_GROUP

__all__ = ["Plugin"]


@attrs.frozen
class Plugin:
    """A plug-in of a session, or what was found in its place.

    Attributes:
        name: Its file below its folder, without `.py`, as `actions/publish`; or the name of its entry point.
        path: Its file; empty for one that is installed.
        target: What its entry point names, as `package.module:object`; empty for a file.
        state: `found` while nothing was loaded, then `loaded`, `failed` or `skipped`.
        reason: Why it failed or was skipped.
        seconds: How long importing and registering it took.
        order: Its place among the plug-ins of the session, from 1.
        error: What it raised.
        package: The `__init__.py` of the package that its file is a part of; empty for a file that stands alone.
    """

    name: str
    path: str = ""
    target: str = ""
    state: Literal["found", "loaded", "failed", "skipped"] = "found"
    reason: str = ""
    seconds: float = 0.0
    order: int = 0
    error: BaseException | None = attrs.field(default=None, repr=False, eq=False)
    package: str = attrs.field(default="", repr=False)

    @property
    def distribution(self) -> str:
        """Name and version of the distribution that brings it; empty for a file."""
        return " ".join(distribution_of(PLUGIN_GROUP, Found(self.name, self.target))).strip() if self.target else ""

    @property
    def origin(self) -> str:
        """Where it comes from, for messages: its file, or its entry point and distribution."""
        if not self.target:
            return self.path
        return f"{self.target} of {self.distribution}" if self.distribution else self.target

    @property
    def traceback(self) -> str:
        """Where it raised, as Python prints it; empty where it raised nothing."""
        return "" if self.error is None else "".join(tracebacks.format_exception(self.error))
