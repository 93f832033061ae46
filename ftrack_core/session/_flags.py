"""Switches that each thread (and each asyncio task) sets for itself."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from ftrack_core.errors import InvalidValueError

__all__ = ["ContextSwitch"]

_T = TypeVar("_T")


class ContextSwitch(Generic[_T]):
    """A setting of the running context; contexts that never set it see the default.

    A new thread starts with the default, not with its creator's temporary setting, and nothing is left behind by a
    thread that ended.

    Args:
        name: What it is called, for people.
        default: Its value where it was never set.
        choices: The values that it takes.
    """

    __slots__ = ("_choices", "_name", "_variable")

    def __init__(self, name: str, default: _T, choices: Iterable[_T]) -> None:
        self._name = name
        self._choices = tuple(choices)
        checked = self._checked(default)
        self._variable = contextvars.ContextVar(f"ftrack_{name}", default=checked)

    def _checked(self, value: _T) -> _T:
        for choice in self._choices:
            if choice == value:
                return choice
        told = ", ".join(map(repr, self._choices))
        raise InvalidValueError(f"{self._name} takes one of {told}, and was given {value!r}.")

    def get(self) -> _T:
        """The value for the running context."""
        return self._variable.get()

    def set(self, value: _T) -> None:
        """Set the value for the running context.

        Raises:
            InvalidValueError: It takes no such value.
        """
        self._variable.set(self._checked(value))

    @contextlib.contextmanager
    def scope(self, value: _T) -> Iterator[None]:
        """Have a value within a `with` block.

        Raises:
            InvalidValueError: It takes no such value.
        """
        token = self._variable.set(self._checked(value))
        try:
            yield
        finally:
            self._variable.reset(token)
