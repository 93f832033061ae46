"""A seed as a value: what a seed file says, row by row."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs

from ftrack_backends.workspace.seeds._short_forms import SHORT_FORMS
from ftrack_core.errors import ConfigurationError

__all__ = ["Seed", "SeedRow"]

_FOLDER = Path(__file__).parent
_SHIPPED = ("empty", "demo")
_FIRST_MOMENT = "2026-01-01T00:00:00"


@attrs.frozen
class SeedRow:
    """One row to be written.

    Attributes:
        place: Where it is said, as `demo.toml: Task[3]`; errors begin with it.
        type_name: Entity type.
        values: Attribute values, with references by name.
    """

    place: str
    type_name: str
    values: Mapping[str, Any]


@attrs.frozen(eq=False)
class Seed:
    """What a workspace begins with, beyond what every workspace has.

    Attributes:
        name: What messages call it: a shipped seed's name, or the file.
        rows: Its rows, in the order they are written.
        moment: When they were made, as stored: the same in every workspace, so that they are all alike.
        digest: Text that is equal for seeds with equal rows, and for no others.
    """

    name: str
    rows: tuple[SeedRow, ...] = attrs.field(repr=False)
    moment: str
    digest: str = attrs.field(repr=False)

    @classmethod
    def named(cls, name: str) -> Seed:
        """Give a seed that comes with the package: `empty` or `demo`.

        Raises:
            ConfigurationError: There is none of that name.
        """
        if name not in _SHIPPED:
            known = ", ".join(_SHIPPED)
            raise _refused(f"there is no seed {name!r}; shipped are {known}, and a path ending in .toml names a file")
        return _shipped(name)

    @classmethod
    def read(cls, path: str | Path) -> Seed:
        """Read a seed file.

        Raises:
            ConfigurationError: It cannot be read, is no TOML, or says what no seed can say.
        """
        tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
        try:
            content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise _refused(f"seed {str(path)!r} cannot be read: {error.strerror or error}") from error
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise _refused(f"seed {str(path)!r} is not TOML: {error}") from error
        return cls.parse(content, Path(path).name)

    @classmethod
    def parse(cls, content: Mapping[str, Any], name: str = "seed") -> Seed:
        """Make a seed of what a seed file says, given as a mapping.

        Args:
            content: Lists of rows by entity type, and short forms.
            name: What messages call it.

        Raises:
            ConfigurationError: It says what no seed can say; all faults are told at once.
        """
        faults: list[str] = []
        rows = tuple(_rows(content, name, faults))
        moment = _plain(content.get("moment", _FIRST_MOMENT))
        if not _is_moment(moment):
            faults.append(f"{name}: moment must be a date and time, not {moment!r}")
        if faults:
            raise _refused(*faults)
        text = json.dumps([moment, [(one.type_name, one.values) for one in rows]], sort_keys=True, default=_odd)
        return cls(name, rows, str(moment), hashlib.sha256(text.encode()).hexdigest())

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
        return cls.read(given) if isinstance(given, Path) or given.endswith(".toml") else cls.named(given)


def base() -> Seed:
    """Give the seed that every workspace has before its own."""
    return _shipped("base")


@lru_cache(maxsize=8)
def _shipped(name: str) -> Seed:
    return Seed.read(_FOLDER / f"{name}.toml")


def _rows(content: Mapping[str, Any], name: str, faults: list[str]) -> Iterator[SeedRow]:
    for heading, entries in content.items():
        if heading == "moment":
            continue
        if not isinstance(entries, list):
            faults.append(f"{name}: {heading} must be a list of tables; write [[{heading}]]")
            continue
        for place, values in enumerate(entries):
            at = f"{name}: {heading}[{place}]"
            if not isinstance(values, Mapping):
                faults.append(f"{at} must be a table of values, not {values!r}")
                continue
            yield from _row(at, heading, _plain(values), faults)


def _row(at: str, heading: str, values: dict[str, Any], faults: list[str]) -> Iterator[SeedRow]:
    expand = SHORT_FORMS.get(heading)
    if expand is None:
        yield SeedRow(at, heading, values)
        return
    try:
        yield from (SeedRow(f"{at}.{part}", type_name, row) for part, type_name, row in expand(values))
    except ConfigurationError as error:
        faults.extend(f"{at}.{fault}" for fault in error.faults)


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _plain(value: Any) -> Any:
    """Bring a value of TOML to what JSON has: moments become text in UTC."""
    if isinstance(value, datetime):
        naive = value.astimezone(timezone.utc).replace(tzinfo=None) if value.tzinfo else value
        return naive.isoformat(timespec="seconds")
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00"
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _odd(value: object) -> str:
    return repr(value)


def _refused(*faults: str) -> ConfigurationError:
    return ConfigurationError("; ".join(faults), faults=faults)
