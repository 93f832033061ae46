"""The settings as a session would have them, where each came from, and what is wrong with them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_core.cli.doctor._limits import of_error
from ftrack_core.cli.doctor._mask import HIDDEN, Mask, is_secret_name
from ftrack_core.config import KNOWN, Rank, Settings, home_folder, resolve, user_config_folder
from ftrack_core.errors import BackendError, ConfigurationError, MissingCredentialsError
from ftrack_core.plugins import SEAMS, Registry, Seam
from ftrack_core.values import Finding

if TYPE_CHECKING:
    from ftrack_core.cli.doctor._examination import Examination

__all__ = ["check"]

_NAMES_ONLY = ("cookies", "headers", "plugin_arguments")
"""Settings whose values are nobody's business, declared secret or not."""
_SEAM_OF = {seam.setting: seam for seam in SEAMS}


def check(examination: Examination) -> Iterator[Finding]:
    """What is set, by whom, and what is wrong with it."""
    yield from _resolved(examination)
    settings = examination.settings
    if settings is None:
        return
    _learn(settings, examination.mask, examination.registry)
    yield _profile(settings, examination)
    given = [name for name in settings if settings.given(name) and name not in examination.missing]
    rows = [_row(name, settings, examination.registry) for name in given]
    text = f"{len(rows)} of {len(settings)} settings are given" if rows else "none is given: all are as by default"
    yield Finding("values", "ok", text, facts={"settings": rows})
    for fault in settings.faults:
        yield Finding("fault", "failed", str(fault))


def _resolved(examination: Examination) -> Iterator[Finding]:
    """Have the settings, with a stand-in for credentials that are missing."""
    given = {"server_url": examination.server_url}
    told: dict[str, Any] = {
        "profile": examination.profile,
        "config": examination.config,
        "environment": examination.environment,
        "defer_faults": True,
    }
    try:
        told["studio"] = examination.registry.studio(examination.environment)
        examination.settings = resolve(given, **told)
    except MissingCredentialsError as error:
        advice = "set what is missing; without an account, try FTRACK_SERVER=embedded:"
        yield attrs.evolve(of_error("credentials", error, advice), facts={"missing": list(error.missing)})
        examination.missing = error.missing
        stand_ins = {name: "embedded:" if name == "server_url" else "unknown" for name in error.missing}
        examination.settings = resolve({**given, **stand_ins}, **told)
    except ConfigurationError as error:
        for fault in error.faults or (str(error),):
            yield Finding("fault", "failed", fault, facts={"code": error.code})


def _profile(settings: Settings, examination: Examination) -> Finding:
    """Which profile of which file is in use."""
    used = next((each for each in settings.settings.values() if each.key_path.startswith("profiles.")), None)
    path = _config_file(examination)
    facts: dict[str, Any] = {"file": path, "exists": bool(path) and Path(path).is_file()}
    if used is not None:
        name = used.key_path.split(".")[1]
        return Finding("profile", "ok", f"{name!r} of {used.origin.partition(' [')[0]}", facts={**facts, "name": name})
    unchosen = "no profile was chosen, and none there is named 'default'"
    why = unchosen if facts["exists"] else "there is no such file"
    return Finding("profile", "ok", f"none is in use: {path or 'no config file'} ({why})", facts=facts)


def _config_file(examination: Examination) -> str:
    named = examination.config or examination.environment.get("FTRACK_CONFIG")
    home = home_folder(examination.environment)
    if named or home is None:
        return named or ""
    return str(user_config_folder(sys.platform, examination.environment, home) / "config.toml")


def _row(name: str, settings: Settings, registry: Registry) -> dict[str, Any]:
    shown = _shown(name, settings[name], registry)
    return {"setting": name, "value": shown, "from": settings.origin(name)}


def _shown(name: str, value: Any, registry: Registry) -> Any:
    """A value as it may be told."""
    if KNOWN[name].secret:
        return HIDDEN
    if name in _NAMES_ONLY and isinstance(value, Mapping):
        return dict.fromkeys(value, HIDDEN)
    if name in _SEAM_OF:
        parts = value if isinstance(value, (list, tuple)) else [value]
        shown = [_backend_shown(_SEAM_OF[name], each, registry) for each in parts]
        return shown if isinstance(value, (list, tuple)) else shown[0]
    return _plain(value)


def _backend_shown(seam: Seam, value: Any, registry: Registry) -> Any:
    """A backend as it was named, with those of its options that it declares and that are not secret."""
    if not isinstance(value, Mapping):
        return _plain(value)
    public = _public_options(seam, value.get("backend"), registry)
    return {name: _plain(each) if name in public or name == "backend" else HIDDEN for name, each in value.items()}


def _public_options(seam: Seam, named: Any, registry: Registry) -> set[str]:
    names = [named] if isinstance(named, str) else []
    if named is None:  # the default of the seam, whichever that is
        names = list(registry.names(seam.group))
    found: set[str] = set()
    hidden: set[str] = set()
    for name in names:
        try:
            options = registry.factory(seam.group, name).options
        except BackendError:
            continue
        fields = {field.alias or field.name: field for field in attrs.fields(options)}
        found |= fields.keys()
        hidden |= {name for name, field in fields.items() if _is_secret(name, field)}
    return found - hidden


def _is_secret(name: str, field: attrs.Attribute[Any]) -> bool:
    return bool(field.metadata.get("secret")) or not field.repr or is_secret_name(name)


def _plain(value: Any) -> Any:
    """A value as plain JSON; an object is told by its class."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {str(name): HIDDEN if is_secret_name(str(name)) else _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return f"<{type(value).__name__}>"


def _learn(settings: Settings, mask: Mask, registry: Registry) -> None:
    """Tell the mask every secret that the settings hold."""
    mask.learn(settings["api_key"])
    mask.learn(settings["cookies"])
    for name, value in settings["headers"].items() if isinstance(settings["headers"], Mapping) else ():
        if is_secret_name(name) or len(str(value)) >= _LONG_CHARACTERS:
            mask.learn(value)
    for name, seam in _SEAM_OF.items():
        parts = settings[name] if isinstance(settings[name], (list, tuple)) else [settings[name]]
        for each in parts:
            if isinstance(each, Mapping):
                _learn_options(seam, each, mask, registry)
    for setting in settings.settings.values():
        if setting.rank is not Rank.DEFAULT:
            mask.learn_address(setting.value)


_LONG_CHARACTERS = 12
"""Shorter values of headers are words as `en` or `publisher`."""


def _learn_options(seam: Seam, options: Mapping[str, Any], mask: Mask, registry: Registry) -> None:
    public = _public_options(seam, options.get("backend"), registry)
    for name, value in options.items():
        if name in public or name == "backend":
            _learn_addresses(value, mask)
        elif seam.setting == "authenticator" or is_secret_name(name):
            mask.learn(value)
        else:
            _learn_hidden(value, mask)


def _learn_hidden(value: Any, mask: Mask) -> None:
    """An option that is hidden and may be no secret: what looks like one in it."""
    _learn_addresses(value, mask)
    if isinstance(value, str) and len(value) >= _LONG_CHARACTERS and "/" not in value and "\\" not in value:
        mask.learn(value)
    elif isinstance(value, Mapping):
        for each in value.values():
            _learn_hidden(each, mask)


def _learn_addresses(value: Any, mask: Mask) -> None:
    mask.learn_address(value)
    for each in value.values() if isinstance(value, Mapping) else ():
        mask.learn_address(each)
