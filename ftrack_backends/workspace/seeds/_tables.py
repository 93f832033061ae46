"""Tables of a seed file, read with care: every value has the kind that is meant, and no name is misspelt."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import attrs

from ftrack_core.errors import ConfigurationError

__all__ = ["Table"]


@attrs.frozen(eq=False)
class Table:
    """One table of a short form. A value of the wrong kind raises a `ConfigurationError` that names its place.

    Attributes:
        values: What it says, by name.
        place: Where it stands in the short form, as `sequences[0]`; empty for the short form itself.
    """

    values: Mapping[str, Any]
    place: str = ""

    def text(self, name: str, default: str | None = None) -> str:
        """A text that must be there, unless it has a default."""
        value = self.values.get(name, default)
        return value if isinstance(value, str) else self._refuse(name, "a text")

    def number(self, name: str, default: float | None = None) -> float:
        """A number, zero or more, that must be there, unless it has a default."""
        value = self.values.get(name, default)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
            return value
        return self._refuse(name, "a number, zero or more")

    def count(self, name: str, default: int | None = None) -> int:
        """A whole number, zero or more, that must be there, unless it has a default."""
        value = self.number(name, default)
        return value if isinstance(value, int) else self._refuse(name, "a whole number")

    def truth(self, name: str, *, default: bool) -> bool:
        """True or false."""
        value = self.values.get(name, default)
        return value if isinstance(value, bool) else self._refuse(name, "true or false")

    def texts(self, name: str, default: Sequence[str] | None = None) -> Sequence[str]:
        """A list of texts that must be there, unless it has a default."""
        value = self.values.get(name, default)
        if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
            return value
        return self._refuse(name, "a list of texts")

    def table(self, name: str, *, required: bool = False) -> Table:
        """A table within; an empty one where there is none and none is required."""
        value = self.values.get(name, None if required else {})
        return Table(value, self._at(name)) if isinstance(value, Mapping) else self._refuse(name, "a table")

    def tables(self, name: str) -> Iterator[Table]:
        """The tables of a list within; none where there is no such list."""
        value = self.values.get(name, [])
        if not isinstance(value, list):
            self._refuse(name, f"a list of tables; write [[show.{name}]]")
        for place, one in enumerate(value):
            if not isinstance(one, Mapping):
                self._refuse(f"{name}[{place}]", "a table")
            yield Table(one, self._at(f"{name}[{place}]"))

    def only(self, *names: str) -> Table:
        """This table, once it is sure that it says nothing else: a misspelt name would go unnoticed."""
        for name in self.values:
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
                self._raise(f"{self._at(name)} means nothing here; {hint}")
        return self

    def without(self, *names: str) -> dict[str, Any]:
        """What it says beside these names: attributes of an entity."""
        return {name: value for name, value in self.values.items() if name not in names}

    def refuse_name(self, name: str, known: Iterable[str], found: str) -> NoReturn:
        """Refuse a name, with the nearest known one."""
        near = difflib.get_close_matches(name, list(known), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(known))}"
        self.fail(f"{name!r} {found}; {hint}")

    def fail(self, fault: str) -> NoReturn:
        """Refuse the table for a reason."""
        self._raise(f"{self.place}: {fault}" if self.place else fault)

    def _at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def _refuse(self, name: str, expected: str) -> NoReturn:
        found = f"not {self.values[name]!r}" if name in self.values else "and is missing"
        self._raise(f"{self._at(name)} must be {expected}, {found}")

    def _raise(self, fault: str) -> NoReturn:
        raise ConfigurationError(fault, faults=(fault,))
