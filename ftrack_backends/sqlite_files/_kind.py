"""What a file is: its mark, its tables, and how its faults are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

__all__ = ["FileKind"]


@attrs.frozen(kw_only=True, eq=False)
class FileKind:
    """One kind of file, declared once by the backend that keeps such files.

    Attributes:
        label: What it is called in messages, as `event inbox`.
        application_id: Four bytes that mark a file as of this kind (SQLite's `application_id`); not 0.
        version: Version of its layout, from 1 on (SQLite's `user_version`). A file with a higher one is refused.
        layout: Statements that lay out an empty file.
        upgrades: Statements that bring a file from a version to the next, by the version it has. A file of a version
            that is not among them is refused as `older`.
        error: Makes the error for a fault of a message and details: an error class, or a function.
        checked_bytes: Files up to this size are checked through and through when they are opened; larger ones, and all
            with 0, show damage only where it is met.
    """

    label: str
    application_id: int = attrs.field(validator=attrs.validators.ge(1))
    version: int = attrs.field(validator=attrs.validators.ge(1))
    layout: Sequence[str]
    error: Callable[[str, Mapping[str, object]], Exception]
    upgrades: Mapping[int, Sequence[str]] = attrs.field(factory=dict)
    checked_bytes: int = 4 * 1024 * 1024

    def failure(self, path: object, fault: str, found: str) -> Any:
        """The error for a fault of a file; `details` has its `path` and `fault`."""
        return self.error(f"the {self.label} {str(path)!r} {found}", {"path": str(path), "fault": fault})
