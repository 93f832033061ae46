"""Switches that each thread (and each asyncio task) sets for itself."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator

__all__ = ["ContextFlag"]


class ContextFlag:
    """A truth value of the running context; contexts that never set it see the default.

    A new thread starts with the default, not with its creator's temporary setting, and nothing is left behind by a
    thread that ended.
    """

    __slots__ = ("_variable",)

    def __init__(self, name: str, default: bool) -> None:
        self._variable = contextvars.ContextVar(name, default=default)

    def get(self) -> bool:
        """The value for the running context."""
        return self._variable.get()

    def set(self, value: bool) -> None:
        """Set the value for the running context."""
        self._variable.set(bool(value))

    @contextlib.contextmanager
    def scope(self, value: bool) -> Iterator[None]:
        """Have a value within a `with` block."""
        token = self._variable.set(bool(value))
        try:
            yield
        finally:
            self._variable.reset(token)
