"""What a studio's package says: defaults for all of its people, profiles, and keys that nobody may override."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

from ftrack_core.config._credentials import is_embedded
from ftrack_core.config._file import Document
from ftrack_core.config._known import KNOWN
from ftrack_core.config._layers import Profile
from ftrack_core.config._nearest import did_you_mean
from ftrack_core.config._settings import Fault, Layer, Rank, Setting, place

__all__ = ["Studio", "studio_of", "with_studio"]

_log = logging.getLogger(__name__)
_KEYS = ("locked", "profiles", "settings")
_OF_ITS_SERVER = frozenset(
    {
        "server_url",
        "api_key",
        "api_user",
        "cookies",
        "headers",
        "transport",
        "authenticator",
        "cache",
        "schema_cache",
        "event_hub",
        "event_inbox",
    }
)
"""What belongs to the studio's server, and has no business with a workspace on this machine."""


@attrs.frozen(eq=False, repr=False)
class Studio:
    """What a studio's package says.

    Attributes:
        origin: The package in words, as `studio package acme-studio 1.2`.
        settings: Values by name of setting, for every session.
        profiles: More of them by name of profile, for sessions that use it; they win over `settings`.
        locked: Names of settings that only the studio may give.
    """

    origin: str
    settings: Mapping[str, Any] = attrs.field(factory=dict)
    profiles: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    locked: frozenset[str] = frozenset()

    @property
    def document(self) -> Document:
        """Its profiles, as those of a file."""
        return Document(self.origin, self.profiles, Rank.STUDIO)

    def without_server(self) -> Studio:
        """The same without what belongs to the studio's server: for sessions with something else than that."""
        profiles = {name: _without_server(profile) for name, profile in self.profiles.items()}
        return Studio(self.origin, _without_server(self.settings), profiles, self.locked - _OF_ITS_SERVER)

    def layers(self, profile: Profile) -> list[Layer]:
        """What it says to a session with a profile: the profile's, then that for all."""
        rank = Rank.CONFIG_ARGUMENT if profile.rank is Rank.CONFIG_ARGUMENT else Rank.STUDIO
        name = profile.name
        own = Layer.of(self.profiles.get(name, {}), f"{self.origin} [profiles.{name}]", rank, f"profiles.{name}.")
        return [own, Layer.of(self.settings, self.origin, Rank.STUDIO, "settings.")]


def studio_of(document: Mapping[str, Any], origin: str, folder: Path, faults: list[Fault]) -> Studio:
    """What the document of a studio's package says.

    Args:
        document: Decoded TOML: `settings`, `profiles`, `locked`.
        origin: The package, in words.
        folder: Where `plugin_paths` of the document begin.
        faults: Where to add what is wrong with it.
    """
    for key in document:
        if key not in _KEYS:
            known = f"; known: {', '.join(_KEYS)}" if not did_you_mean(str(key), _KEYS) else ""
            faults.append(Fault(f"unknown key {key!r} in {origin}{did_you_mean(str(key), _KEYS)}{known}"))
    settings = _table(document.get("settings", {}), "settings", origin, faults)
    tables = _table(document.get("profiles", {}), "profiles", origin, faults)
    profiles = {name: _table(each, f"profiles.{name}", origin, faults) for name, each in tables.items()}
    locked = _locked(document.get("locked", ()), [settings, *profiles.values()], origin, faults)
    absolute = {name: _with_folders(each, folder) for name, each in profiles.items()}
    return Studio(origin, _with_folders(settings, folder), absolute, locked)


def with_studio(layers: Sequence[Layer], studio: Studio, profile: Profile, faults: list[Fault]) -> list[Layer]:
    """The layers that people gave, and the studio's: what it locks stands first, and is in no other.

    Args:
        layers: Those of arguments, environment and files.
        studio: What the studio says.
        profile: The profile in use.
        faults: Where to add what tries to override a locked setting.
    """
    own = studio.layers(profile)
    if _is_elsewhere([*layers, *own], own):
        studio = studio.without_server()
        own = studio.layers(profile)
    held: dict[str, Setting] = {}
    for name in studio.locked:
        found = next((layer.settings[name] for layer in own if name in layer.settings), None)
        if found is not None:
            held[name] = attrs.evolve(found, rank=Rank.LOCKED)
    for layer in layers:
        for name in layer.settings.keys() & held.keys():
            _tell_overruled(name, layer.settings[name], held[name], faults)
    return [Layer(held), *(_without(held, layer) for layer in (*layers, *own))]


def _is_elsewhere(layers: Iterable[Layer], own: Iterable[Layer]) -> bool:
    """Whether the session is with a server on this machine, as tests use them, and that is not the studio's own."""
    urls = [layer.settings["server_url"] for layer in layers if "server_url" in layer.settings]
    if not urls:
        return False
    url = min(urls, key=lambda each: each.rank).value
    studios = [layer.settings["server_url"].value for layer in own if "server_url" in layer.settings]
    return _is_here(url) and not any(_same("server_url", url, each) for each in studios)


def _is_here(url: Any) -> bool:
    if not isinstance(url, str) or is_embedded(url):
        return is_embedded(url)
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in {"localhost", "::1"} or host.startswith("127.")


def _tell_overruled(name: str, given: Setting, held: Setting, faults: list[Fault]) -> None:
    """Refuse what a program asks for; warn of what only happens to be there, unless it names another server."""
    if _same(name, given.value, held.value):
        return
    text = f"{place(given)} cannot override {name}, which {held.origin.partition(' [profiles.')[0]} locks"
    if not KNOWN[name].secret and isinstance(held.value, (str, bool, int, float)):
        text += f" to {held.value!r}"
    if given.rank < Rank.ENVIRONMENT or name == "server_url":
        faults.append(Fault(f"{text}; leave it out, or use a profile of that package"))
    else:
        _log.warning("%s; it is ignored.", text)


def _same(name: str, given: Any, held: Any) -> bool:
    if name == "server_url" and isinstance(given, str) and isinstance(held, str):
        return _server(given) == _server(held)
    if isinstance(given, (list, tuple)) and isinstance(held, (list, tuple)):
        return [*map(_plain, given)] == [*map(_plain, held)]
    return bool(_plain(given) == _plain(held))


def _server(url: str) -> tuple[str, ...] | str:
    """What a URL means, however it is written."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return (parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/"), parts.query)


def _plain(value: Any) -> Any:
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _without(held: Mapping[str, Setting], layer: Layer) -> Layer:
    return Layer({name: each for name, each in layer.settings.items() if name not in held})


def _without_server(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in _OF_ITS_SERVER}


def _table(value: Any, name: str, origin: str, faults: list[Fault]) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    faults.append(Fault(f"{name} ({origin}) should be a table, not {type(value).__name__}", of_type=True))
    return {}


def _locked(names: Any, tables: Sequence[Mapping[str, Any]], origin: str, faults: list[Fault]) -> frozenset[str]:
    if isinstance(names, (str, Mapping)) or not isinstance(names, Iterable):
        faults.append(Fault(f"locked ({origin}) should be a list of names of settings", of_type=True))
        return frozenset()
    locked = list(names)
    for name in locked:
        if not isinstance(name, str) or name not in KNOWN:
            faults.append(
                Fault(f"locked ({origin}) names an unknown setting {name!r}{did_you_mean(str(name), KNOWN)}")
            )
        elif not any(name in table for table in tables):
            faults.append(Fault(f"locked ({origin}) names {name!r}, and the package gives it no value"))
    return frozenset(name for name in locked if isinstance(name, str) and name in KNOWN)


def _with_folders(settings: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """The settings with their plug-in folders as whole paths; what is none is left to the check."""
    paths = settings.get("plugin_paths")
    if isinstance(paths, str) or not isinstance(paths, Sequence):
        return settings
    whole = [str(folder / path) if isinstance(path, (str, os.PathLike)) else path for path in paths]
    return {**settings, "plugin_paths": whole}
