"""What went wrong with a file: a word for programs, and a sentence for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Fault", "fault_of"]

Fault = Literal[
    "foreign", "newer", "older", "damaged", "network", "full", "busy", "refused", "absent", "gone", "closed", "failed"
]
"""What is wrong with a file, as `details["fault"]` of an error says.

`foreign`: of another program, or no SQLite file; `newer` and `older`: of a version that this one cannot use;
`damaged`: truncated or overwritten; `network`: on a network file system; `full`: the disk, or the limit that was set;
`busy`: another process holds its lock for too long; `refused`: it may not be read or written; `absent`: it is
not there and was not to be made; `gone`: removed or
replaced while it was open; `closed`: we closed it; `failed`: anything else.
"""

_BY_CODE: dict[int, tuple[Fault, str]] = {
    11: ("damaged", "is damaged: move it away to begin anew, or have SQLite's `.recover` read what it still holds"),
    26: ("foreign", "is no SQLite file, and is left as it is; name another file"),
    13: ("full", "cannot be written: its disk is full, or it has reached the size that it may have"),
    5: ("busy", "is held by another process, and was not free in time"),
    8: ("refused", "cannot be written: it or its folder is read-only"),
    14: ("refused", "cannot be opened: its folder must be there, and allow to make files"),
    3: ("refused", "cannot be used: permission denied"),
    10: ("failed", "cannot be read or written: the disk answers with an error"),
}
"""Fault and sentence by SQLite's primary result code."""

_CODES_BY_TEXT = {
    "malformed": 11,
    "not a database": 26,
    "is full": 13,
    "locked": 5,
    "readonly": 8,
    "unable to open": 14,
    "disk I/O": 10,
}
"""The same codes where Python does not tell them, which it does from 3.11 on."""


def fault_of(error: sqlite3.Error) -> tuple[Fault, str]:
    """The fault that an error of SQLite stands for, and a sentence that goes on after the file's name."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF or _code_of(str(error))
    fault, found = _BY_CODE.get(code, ("failed", "cannot be used"))
    return fault, f"{found} ({error})"


def _code_of(text: str) -> int:
    return next((code for part, code in _CODES_BY_TEXT.items() if part in text), 0)
