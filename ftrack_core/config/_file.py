"""Config files: TOML documents of profiles."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from ftrack_core.config._folders import home_folder, user_config_folder
from ftrack_core.config._nearest import did_you_mean
from ftrack_core.config._settings import Fault, Layer, Rank

__all__ = ["Document", "as_document", "read_document", "read_table", "users_document"]


@attrs.frozen(eq=False, repr=False)
class Document:
    """Profiles that were read from one place.

    Attributes:
        origin: The file, or `argument config`.
        profiles: Settings by name of profile.
        rank: The layer that its profiles belong to unless the profile was chosen by an argument.
        exists: Whether there is such a file and it could be read.
    """

    origin: str
    profiles: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    rank: Rank = Rank.FILE
    exists: bool = True

    def profile_layer(
        self, name: str, chosen_by: str, rank: Rank, faults: list[Fault], elsewhere: Document | None = None
    ) -> Layer:
        """The settings of a profile; a fault when there is none of that name, here or `elsewhere`."""
        profile = self.profiles.get(name)
        if profile is None and elsewhere is not None and name in elsewhere.profiles:
            return Layer({})
        if isinstance(profile, Mapping):
            return Layer.of(profile, f"{self.origin} [profiles.{name}]", rank, f"profiles.{name}.")
        if profile is not None:
            faults.append(Fault(f"profiles.{name} in {self.origin} should be a table of settings", of_type=True))
        else:
            faults.append(Fault(self._no_such_profile(name, chosen_by, elsewhere)))
        return Layer({})

    def _no_such_profile(self, name: str, chosen_by: str, elsewhere: Document | None) -> str:
        known = ", ".join(sorted(self.profiles)) or "none"
        where = f"profiles there: {known}" if self.exists else "there is no such file"
        others = elsewhere.profiles if elsewhere is not None else {}
        if elsewhere is not None:
            where += f"; profiles of {elsewhere.origin}: {', '.join(sorted(others)) or 'none'}"
        near = did_you_mean(name, [*self.profiles, *others])
        return f"profile {name!r} ({chosen_by}) is not in {self.origin}; {where}{near}"


def users_document(environment: Mapping[str, str], faults: list[Fault]) -> Document:
    """What the user's config file holds: `FTRACK_CONFIG`, else `config.toml` in the user's config folder."""
    named = environment.get("FTRACK_CONFIG")
    if named:
        return read_document(Path(named), "environment variable FTRACK_CONFIG", Rank.FILE, faults)
    home = home_folder(environment)
    if home is None:
        return Document("the user's config file", exists=False)
    return read_document(user_config_folder(sys.platform, environment, home) / "config.toml", "", Rank.FILE, faults)


def read_document(path: Path, asked_by: str, rank: Rank, faults: list[Fault]) -> Document:
    """What a file holds.

    Args:
        path: Where it is.
        asked_by: Who named it; empty when nobody did, so that it may be absent.
        rank: The layer that it belongs to.
        faults: Where to add what is wrong with it.
    """
    table = read_table(path, asked_by, faults)
    if table is None:
        return Document(str(path), rank=rank, exists=False)
    return as_document(table, str(path), rank, faults)


def read_table(path: Path, asked_by: str, faults: list[Fault]) -> Mapping[str, Any] | None:
    """What a TOML file holds, or None where it cannot be had; the arguments are those of `read_document`."""
    by = f" ({asked_by})" if asked_by else ""
    try:
        return _parsed(path.expanduser().read_bytes(), str(path), faults)
    except (FileNotFoundError, NotADirectoryError):
        if asked_by:
            faults.append(Fault(f"config file {path}{by} does not exist"))
    except (OSError, RuntimeError) as error:
        faults.append(Fault(f"config file {path}{by} cannot be read: {getattr(error, 'strerror', None) or error}"))
    return None


def _parsed(content: bytes, origin: str, faults: list[Fault]) -> Mapping[str, Any] | None:
    tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        table: Mapping[str, Any] = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        faults.append(Fault(f"config file {origin} is not UTF-8 text: byte {error.start} is {error.reason}"))
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault(f"config file {origin} is not TOML: {error}"))
    else:
        return table
    return None


def as_document(values: Mapping[str, Any], origin: str, rank: Rank, faults: list[Fault]) -> Document:
    """A decoded document, whose only key should be `profiles`."""
    for key in values:
        if key != "profiles":
            hint = did_you_mean(str(key), ["profiles"])
            faults.append(Fault(f"unknown key {key!r} in {origin}; settings stand in tables [profiles.NAME]{hint}"))
    profiles = values.get("profiles", {})
    if not isinstance(profiles, Mapping):
        faults.append(Fault(f"profiles in {origin} should be a table of profiles", of_type=True))
        profiles = {}
    return Document(origin, profiles, rank)
