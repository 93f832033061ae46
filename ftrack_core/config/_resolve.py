"""Settings merged from all layers, and every fault in them told at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_core.config._credentials import missing_credentials, with_secrets, without_foreign_credentials
from ftrack_core.config._known import KNOWN
from ftrack_core.config._layers import argument_layer, config_layer, default_layer, environment_layer, profile_layer
from ftrack_core.config._nearest import did_you_mean
from ftrack_core.config._settings import Fault, Layer, Setting, Settings, place
from ftrack_core.errors import ConfigurationError, MissingCredentialsError, SettingTypeError

if TYPE_CHECKING:
    from ftrack_core.config._studio import Studio

__all__ = ["configuration_error", "resolve"]

_STAND_INS = {"server_url": "https://unknown", "api_key": "unknown", "api_user": "unknown"}
"""In place of credentials of a wrong type, so that they are not told to be missing as well."""


def resolve(
    arguments: Mapping[str, object],
    *,
    profile: str | None = None,
    config: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    studio: Studio | None = None,
    defer_faults: bool = False,
) -> Settings:
    """Merge the layers of settings: arguments, environment, the user's file, the studio's package, our defaults.

    A profile or config given here ranks just below the direct arguments, above the environment: the `FTRACK_SERVER`
    of a host must not redirect `profile="staging"`. What the studio locks wins over all of them: an argument that says
    otherwise is a fault; a variable or the user's file is overruled with a warning, save for the server, which is a
    fault too.

    Args:
        arguments: What was given directly, by name of setting; None stands for not given.
        profile: Name of a profile; None leaves it to `FTRACK_PROFILE`, else `default` where there is one.
        config: Path of a config file; or a mapping, of settings or of `profiles`; None takes the user's file.
        environment: Environment variables; None takes those of the process.
        studio: What the studio's package says, as `Registry.studio` finds it.
        defer_faults: Whether faults are only kept in the result, so that the assembly tells them with its own.

    Returns:
        A value for every known setting.

    Raises:
        MissingCredentialsError: Credentials are missing, and nothing else is wrong.
        SettingTypeError: At least one value is of a wrong type.
        ConfigurationError: Something else is wrong; `faults` has it all.
    """
    environment = os.environ if environment is None else environment
    faults: list[Fault] = []
    chosen = profile_layer(profile, config, environment, faults, studio.document if studio else None)
    layers = [argument_layer(arguments), config_layer(config), chosen.layer, environment_layer(environment)]
    if studio is not None:
        from ftrack_core.config._studio import with_studio

        layers = with_studio(layers, studio, chosen, faults)
    merged = _merged(layers, environment, faults)
    missing = missing_credentials(merged, environment, chosen.place)
    if missing and not faults:
        raise missing
    _tell(faults, missing, defer_faults)
    return Settings(merged, tuple(faults))


def configuration_error(faults: list[Fault]) -> ConfigurationError:
    """One error for all faults, which is a TypeError too when one of them is a wrong type."""
    lines = tuple(str(fault) for fault in faults)
    message = lines[0] if len(lines) == 1 else f"{len(lines)} settings are wrong:" + "".join(f"\n- {x}" for x in lines)
    kind = SettingTypeError if any(fault.of_type for fault in faults) else ConfigurationError
    return kind(message, faults=lines)


def _tell(faults: list[Fault], missing: MissingCredentialsError | None, defer: bool) -> None:
    if missing is not None:
        faults.append(Fault(missing.message))
    if faults and not defer:
        raise configuration_error(faults)


def _merged(layers: list[Layer], environment: Mapping[str, str], faults: list[Fault]) -> dict[str, Setting]:
    """The first given value of each setting, of layers from the outermost to the innermost."""
    settings: dict[str, Setting] = {}
    for layer in sorted(layers, key=_rank):
        for name, setting in layer.settings.items():
            if _is_right(name, setting, faults):
                settings.setdefault(name, setting)
            elif name in _STAND_INS:
                settings.setdefault(name, attrs.evolve(setting, value=_STAND_INS[name]))
    settings = without_foreign_credentials(settings)
    settings |= default_layer(environment, settings).settings
    return with_secrets(settings, environment, faults)


def _rank(layer: Layer) -> int:
    return min((setting.rank for setting in layer.settings.values()), default=0)


def _is_right(name: str, setting: Setting, faults: list[Fault]) -> bool:
    known = KNOWN.get(name)
    if known is None:
        faults.append(Fault(f"unknown setting {place(setting)}{did_you_mean(name, KNOWN)}"))
        return False
    wanted = known.check(setting.value)
    if wanted is not None:
        faults.append(Fault(f"{place(setting)} should be {wanted}, not {_found(setting, known.secret)}", of_type=True))
    return wanted is None


def _found(setting: Setting, secret: bool) -> str:
    kind = type(setting.value).__name__
    shown = not secret and isinstance(setting.value, (str, int, float, bool))
    return f"{setting.value!r} ({kind})" if shown else f"a value of type {kind}"
