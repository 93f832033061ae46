"""What all values have in common."""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = ["ByValue"]


class ByValue:
    """Equality, hash and representation of a frozen attrs value, by what `attrs.field` says of each of its fields.

    Written once: attrs would generate and compile them for every class anew, which is half of what a class costs the
    start of each process. So a value says `@attrs.frozen(eq=False, repr=False)` and has this as its base.
    """

    __slots__ = ()
    __attrs_attrs__: ClassVar[tuple[Any, ...]]

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(getattr(self, each.name) == getattr(other, each.name) for each in self.__attrs_attrs__ if each.eq)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, each.name) for each in self.__attrs_attrs__ if each.eq)))

    def __repr__(self) -> str:
        shown = (f"{each.name}={_shown(each, self)}" for each in self.__attrs_attrs__ if each.repr)
        return f"{type(self).__name__}({', '.join(shown)})"


def _shown(field: Any, value: object) -> str:
    text: str = (repr if field.repr is True else field.repr)(getattr(value, field.name))
    return text
