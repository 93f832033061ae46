"""The layers of settings, from what each source gives."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from ftrack_core.config._file import Document, as_document, read_document, users_document
from ftrack_core.config._known import KNOWN
from ftrack_core.config._settings import Fault, Layer, Rank, Setting

__all__ = ["Profile", "argument_layer", "config_layer", "default_layer", "environment_layer", "profile_layer"]


@attrs.frozen(eq=False, repr=False)
class Profile:
    """The settings of the profile in use, and what to call the place where they were looked for.

    Its name is empty where none is in use; its rank is that of a profile chosen in the same way.
    """

    layer: Layer
    place: str
    name: str = ""
    rank: Rank = Rank.FILE


def argument_layer(arguments: Mapping[str, object]) -> Layer:
    """What was given to the constructor."""
    settings = Layer.of(arguments, "", Rank.ARGUMENT).settings
    return Layer({name: attrs.evolve(each, origin=f"argument {name}") for name, each in settings.items()})


def config_layer(config: object) -> Layer:
    """What a mapping of settings that was given as the config holds; nothing for another kind of config."""
    if isinstance(config, Mapping) and "profiles" not in config:
        return Layer.of(config, "argument config", Rank.CONFIG_ARGUMENT)
    return Layer({})


def environment_layer(environment: Mapping[str, str]) -> Layer:
    """What environment variables hold; an empty one holds nothing."""
    settings: dict[str, Setting] = {}
    for known in KNOWN.values():
        for variable in known.environment:
            value = known.read(environment[variable]) if environment.get(variable) else None
            if value is not None:
                origin = f"environment variable {variable}"
                settings.setdefault(known.name, Setting(value, origin, known.name, Rank.ENVIRONMENT))
    return Layer(settings)


def profile_layer(
    profile: object,
    config: object,
    environment: Mapping[str, str],
    faults: list[Fault],
    elsewhere: Document | None = None,
) -> Profile:
    """What the profile in use holds.

    Args:
        profile: The profile that was asked for by argument, or None.
        config: The config that was given by argument, or None.
        environment: Environment variables.
        faults: Where to add what is wrong.
        elsewhere: The studio's profiles, where the one in use may stand too, or alone.
    """
    known_faults = len(faults)
    document = _document(config, environment, faults)
    if len(faults) > known_faults and not document.exists:
        return Profile(Layer({}), document.origin)
    if profile is not None:
        return _chosen(document, profile, "argument profile", Rank.CONFIG_ARGUMENT, faults, elsewhere)
    if environment.get("FTRACK_PROFILE"):
        by = "environment variable FTRACK_PROFILE"
        return _chosen(document, environment["FTRACK_PROFILE"], by, document.rank, faults, elsewhere)
    if "default" in document.profiles or (elsewhere is not None and "default" in elsewhere.profiles):
        return _chosen(document, "default", "the default", document.rank, faults, elsewhere)
    return Profile(Layer({}), _place_without_profile(document))


def default_layer(environment: Mapping[str, str], given: Mapping[str, Any]) -> Layer:
    """Our defaults for what nobody gave."""
    settings = {}
    for name, known in KNOWN.items():
        if name not in given:
            settings[name] = Setting(known.default_value(environment), "default", name, Rank.DEFAULT)
    return Layer(settings)


def _document(config: object, environment: Mapping[str, str], faults: list[Fault]) -> Document:
    if isinstance(config, (str, os.PathLike)):
        return read_document(Path(config), "argument config", Rank.CONFIG_ARGUMENT, faults)
    if isinstance(config, Mapping) and "profiles" in config:
        return as_document(config, "argument config", Rank.CONFIG_ARGUMENT, faults)
    if config is not None and not isinstance(config, Mapping):
        kind = type(config).__name__
        faults.append(Fault(f"argument config should be a path or a mapping, not {kind}", of_type=True))
    return users_document(environment, faults)


def _chosen(
    document: Document, name: object, chosen_by: str, rank: Rank, faults: list[Fault], elsewhere: Document | None
) -> Profile:
    if not isinstance(name, str):
        faults.append(Fault(f"{chosen_by} should be the name of a profile, not {type(name).__name__}", of_type=True))
        return Profile(Layer({}), document.origin)
    layer = document.profile_layer(name, chosen_by, rank, faults, elsewhere)
    return Profile(layer, f"{document.origin} [profiles.{name}]", name, rank)


def _place_without_profile(document: Document) -> str:
    if not document.exists:
        return f"{document.origin} (there is no such file)"
    return f"{document.origin} (no profile was chosen, and none there is named 'default')"
