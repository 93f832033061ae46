"""A seed as a value: what a seed file says, row by row."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timezone
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import attrs

from ftrack_backends.workspace.seeds._lines import Source, json_lines, toml_lines
from ftrack_backends.workspace.seeds._own_types import OWN_HEADINGS, Extension
from ftrack_backends.workspace.seeds._short_forms import SHORT_FORMS
from ftrack_core.config import did_you_mean
from ftrack_core.errors import ConfigurationError

if TYPE_CHECKING:
    from ftrack_backends.workspace.model import Model

__all__ = ["Seed", "SeedRow", "base"]

_FOLDER = Path(__file__).parent
_SHIPPED = ("empty", "demo")
_SUFFIXES = (".toml", ".json")
_FIRST_MOMENT = "2026-01-01T00:00:00"
_MOST_ROWS = 200_000
"""More than that is a mistyped number, or better made by a program."""


@attrs.frozen
class SeedRow:
    """One row to be written.

    Attributes:
        source: Where the seed comes from.
        place: Where in it the row is said, as `Task[3]`.
        type_name: Entity type.
        values: Attribute values, with references by name.
    """

    source: Source = attrs.field(repr=False)
    place: str
    type_name: str
    values: Mapping[str, Any]

    def fault(self, reason: str, part: str = "") -> str:
        """Give a fault of the row: file, line, place and reason; the line is that of an attribute that it names."""
        place = f"{self.place}.{part}" if part else self.place
        named = (f"{place}.{word}" for word in re.findall(r"\w+", reason) if word in self.values)
        line_of = next((one for one in named if one in self.source.lines), place)
        return f"{self.source.at(place, line_of)}: {reason}"


@attrs.frozen(eq=False)
class Seed:
    """What a workspace begins with, beyond what every workspace has.

    Attributes:
        name: What messages call it: a shipped seed's name, or the file.
        rows: Its rows, in the order they are written.
        moment: When they were made, as stored: the same in every workspace, so that they are all alike.
        digest: Text that is equal for seeds that say the same, and for no others.
        extension: What it adds to the data model.
        global_keys: API keys that go with any user's name, as tables.
    """

    name: str
    rows: tuple[SeedRow, ...] = attrs.field(repr=False)
    moment: str
    digest: str = attrs.field(repr=False)
    extension: Extension = attrs.field(repr=False)
    global_keys: tuple[SeedRow, ...] = attrs.field(repr=False)
    _source: Source = attrs.field(repr=False)

    @classmethod
    def named(cls, name: str) -> Seed:
        """Give a seed that comes with the package: `empty` or `demo`.

        Raises:
            ConfigurationError: There is none of that name.
        """
        if name not in _SHIPPED:
            known = ", ".join(_SHIPPED)
            text = (
                f"shipped are {known}, and a path ending in .toml or .json names a file{did_you_mean(name, _SHIPPED)}"
            )
            _refuse(f"there is no seed {name!r}; {text}")
        return _shipped(name)

    @classmethod
    def read(cls, path: str | Path) -> Seed:
        """Read a seed file: TOML, or JSON where its name ends in `.json`.

        Raises:
            ConfigurationError: It cannot be read, is no TOML or JSON, or says what no seed can say.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except OSError as error:
            _refuse(f"seed {str(path)!r} cannot be read: {error.strerror or error}", error)
        except ValueError as error:  # no UTF-8, or no path
            _refuse(f"seed {str(path)!r} is not text in UTF-8: {error}", error)
        kind, load, lines = _JSON if str(path).lower().endswith(".json") else _TOML
        try:
            content = load(text)
        except (ValueError, RecursionError) as error:
            _refuse(f"seed {str(path)!r} is not {kind}: {error}", error)
        if not isinstance(content, Mapping):
            _refuse(f"seed {str(path)!r} must hold an object with lists of rows, not {type(content).__name__}")
        return cls._of_content(content, Source(Path(path).name, lines(text)))

    @classmethod
    def parse(cls, content: Mapping[str, Any], name: str = "seed") -> Seed:
        """Make a seed of what a seed file says, given as a mapping.

        Args:
            content: Lists of rows by entity type, and short forms.
            name: What messages call it.

        Raises:
            ConfigurationError: It says what no seed can say; all faults are told at once.
        """
        return cls._of_content(content, Source(name))

    @classmethod
    def of(cls, given: Seed | Mapping[str, Any] | str | Path | None) -> Seed:
        """Give the seed that somebody means: a seed, its content, a shipped one's name, a file, or None for `empty`.

        Raises:
            ConfigurationError: As `named`, `read` and `parse` raise it.
        """
        if given is None:
            return cls.named("empty")
        if isinstance(given, Seed):
            return given
        if isinstance(given, Mapping):
            return cls.parse(given)
        is_file = isinstance(given, Path) or given.lower().endswith(_SUFFIXES)
        return cls.read(given) if is_file else cls.named(str(given))

    @classmethod
    def _of_content(cls, content: Mapping[str, Any], source: Source) -> Seed:
        reading = _Reading(source)
        try:
            plain = {str(heading): _plain(values) for heading, values in content.items()}
            json.dumps(plain, ensure_ascii=False, default=repr).encode()
            rows = tuple(reading.rows(plain))
            moment = reading.moment(plain)
            keys = tuple(reading.global_keys(plain))
            own = {heading: plain[heading] for heading in OWN_HEADINGS if heading in plain}
            text = json.dumps(
                [moment, [(one.type_name, one.values) for one in rows], own, [one.values for one in keys]],
                sort_keys=True,
                default=repr,
            )
            digest = hashlib.sha256(text.encode()).hexdigest()
        except RecursionError as error:
            _refuse(f"{source.name}: it is nested too deeply", error)
        except UnicodeEncodeError as error:
            _refuse(f"{source.name}: it has half a character, {error.object[error.start]!r}, in a text", error)
        if reading.faults:
            raise ConfigurationError("; ".join(reading.faults), faults=reading.faults)
        return cls(source.name, rows, moment, digest, Extension.of(own), keys, source)

    def model(self, base_model: Model, present: Extension | None = None) -> Model:
        """Give a model with the types and attributes of this seed.

        Args:
            base_model: The model without what any seed says.
            present: What seeds before it said.

        Raises:
            ConfigurationError: The declarations do not make sense; all faults are told.
        """
        try:
            return (present or Extension()).joined(self.extension).model(base_model)
        except ConfigurationError as error:
            faults = [self._source.told(one) for one in error.faults]
            raise ConfigurationError("; ".join(faults), faults=faults) from error


def base() -> Seed:
    """Give the seed that every workspace has before its own."""
    return _shipped("base")


@lru_cache(maxsize=8)
def _shipped(name: str) -> Seed:
    return Seed.read(_FOLDER / f"{name}.toml")


@attrs.frozen
class _Reading:
    """The reading of one seed, with the faults found on the way."""

    source: Source
    faults: list[str] = attrs.field(factory=list)

    def rows(self, content: Mapping[str, Any]) -> Iterator[SeedRow]:
        """Rows of all headings, those that short forms stand for included."""
        for heading, entries in content.items():
            if heading == "attributes":
                self._demand_tables(heading, entries)
            elif heading not in ("moment", "api_key"):
                for place, values in self._tables(heading, entries):
                    yield from self._row(place, heading, values)

    def global_keys(self, content: Mapping[str, Any]) -> Iterator[SeedRow]:
        """Tables of the heading `api_key`."""
        for place, values in self._tables("api_key", content.get("api_key", [])):
            yield SeedRow(self.source, place, "", values)

    def moment(self, content: Mapping[str, Any]) -> str:
        """When the rows were made."""
        moment = content.get("moment", _FIRST_MOMENT)
        try:
            return datetime.fromisoformat(moment).replace(tzinfo=None).isoformat(timespec="seconds")
        except (ValueError, TypeError):
            self.faults.append(f"{self.source.at('moment')} must be a date and time, not {moment!r}")
            return _FIRST_MOMENT

    def _tables(self, heading: str, entries: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
        if not isinstance(entries, list):
            self.faults.append(f"{self.source.at(heading)} must be a list of tables; write [[{heading}]]")
            return
        for number, values in enumerate(entries):
            place = f"{heading}[{number}]"
            if isinstance(values, Mapping):
                yield place, values
            else:
                self.faults.append(f"{self.source.at(place)} must be a table of values, not {values!r}")

    def _demand_tables(self, heading: str, entries: object) -> None:
        named = entries if isinstance(entries, Mapping) else {"": entries}
        for name, values in named.items():
            if not isinstance(values, Mapping):
                place = f"{heading}.{name}" if name else heading
                self.faults.append(f"{self.source.at(place)} must be a table of attributes; write [attributes.Shot]")

    def _row(self, place: str, heading: str, values: Mapping[str, Any]) -> Iterator[SeedRow]:
        expand = SHORT_FORMS.get(heading)
        if expand is None:
            if heading not in OWN_HEADINGS:
                yield SeedRow(self.source, place, heading, values)
            return
        try:
            for made, (part, type_name, row) in enumerate(expand(values)):
                if made >= _MOST_ROWS:
                    raise ConfigurationError(faults=[f": it stands for more than {_MOST_ROWS} rows"])
                yield SeedRow(self.source, f"{place}.{part}", type_name, row)
        except ConfigurationError as error:
            self.faults.extend(self.source.told(_joined(place, fault)) for fault in error.faults)


def _joined(place: str, fault: str) -> str:
    return f"{place}{fault}" if fault.startswith(":") else f"{place}.{fault}"


def _toml(text: str) -> Any:
    return importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli").loads(text)


def _json(text: str) -> Any:
    return json.loads(text, parse_constant=_no_number)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"there is no number {name}")


_TOML: tuple[str, Callable[[str], Any], Callable[[str], dict[str, int]]] = ("TOML", _toml, toml_lines)
_JSON: tuple[str, Callable[[str], Any], Callable[[str], dict[str, int]]] = ("JSON", _json, json_lines)


def _plain(value: Any) -> Any:
    """Bring a value of TOML to what JSON has: moments become text in UTC."""
    if isinstance(value, datetime):
        naive = value.astimezone(timezone.utc).replace(tzinfo=None) if value.tzinfo else value
        return naive.isoformat(timespec="seconds")
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00"
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _refuse(fault: str, cause: BaseException | None = None) -> NoReturn:
    raise ConfigurationError(fault, faults=(fault,)) from cause
