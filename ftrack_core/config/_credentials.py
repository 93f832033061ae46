"""Who is asking, and of which server: what is needed, where a secret lies, what belongs to another server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from ftrack_core.config._known import KNOWN
from ftrack_core.config._nearest import nearest
from ftrack_core.config._settings import Fault, Rank, Setting
from ftrack_core.errors import MissingCredentialsError

__all__ = ["is_embedded", "missing_credentials", "with_secrets", "without_foreign_credentials"]


def is_embedded(server_url: object) -> bool:
    """Whether a URL means a workspace in this process."""
    return isinstance(server_url, str) and server_url.startswith("embedded:")


def without_foreign_credentials(settings: dict[str, Setting]) -> dict[str, Setting]:
    """For an embedded workspace, the settings without credentials of the environment: those are another server's."""
    server_url = settings.get("server_url")
    if server_url is None or not is_embedded(server_url.value):
        return settings
    kept = {name: each for name, each in settings.items() if not _is_foreign(name, each)}
    if "api_user" not in kept and "api_key" not in kept:
        kept["api_user"] = Setting(None, "default", "api_user", Rank.DEFAULT)
    return kept


def with_secrets(
    settings: dict[str, Setting], environment: Mapping[str, str], faults: list[Fault]
) -> dict[str, Setting]:
    """The settings with the API key itself where they say in which file or variable it lies."""
    key = settings["api_key"]
    if isinstance(key.value, Mapping):
        settings = {**settings, "api_key": _looked_up(key, environment, faults)}
    return settings


def missing_credentials(
    settings: Mapping[str, Setting], environment: Mapping[str, str], place: str
) -> MissingCredentialsError | None:
    """An error that names all credentials that are needed and not there, or None.

    Args:
        settings: The merged settings.
        environment: Environment variables.
        place: Where profiles were looked for.
    """
    missing = [name for name in _needed(settings) if not settings[name].value]
    if not missing:
        return None
    lines = [f"\n- {name}: {_looked_for(name, settings[name], environment, place)}" for name in missing]
    message = (
        f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing; looked for:{''.join(lines)}\n"
        "Pass them as arguments, set the variables, or write a profile; "
        f"server_url='embedded:' gives a workspace that needs no account{_meant(settings['server_url'].value)}."
    )
    return MissingCredentialsError(message, missing=missing)


def _meant(server_url: Any) -> str:
    scheme = str(server_url or "").partition(":")[0]
    return f" ({server_url!r} does not)" if nearest(scheme, ["embedded"]) else ""


def _needed(settings: Mapping[str, Setting]) -> list[str]:
    if not settings["server_url"].value:
        return ["server_url", "api_key", "api_user"]
    if _authenticates_by_itself(settings["authenticator"].value):
        return []
    if not is_embedded(settings["server_url"].value):
        return ["api_key", "api_user"]
    if settings["api_key"].rank is not Rank.DEFAULT:
        return ["api_key", "api_user"]
    return [] if settings["api_user"].rank is Rank.DEFAULT else ["api_user"]


def _authenticates_by_itself(authenticator: Any) -> bool:
    """Whether an authenticator other than the API key's was chosen, or one that brings its own key."""
    if isinstance(authenticator, Mapping):
        return "api_key" in authenticator or _authenticates_by_itself(authenticator.get("backend"))
    return authenticator is not None and authenticator != "api_key"


def _is_foreign(name: str, setting: Setting) -> bool:
    return name in {"api_key", "api_user"} and setting.rank is Rank.ENVIRONMENT


def _looked_for(name: str, setting: Setting, environment: Mapping[str, str], place: str) -> str:
    if setting.rank is not Rank.DEFAULT:
        return f"{setting.origin} (holds nothing)"
    variables = [f"{each} ({'empty' if each in environment else 'not set'})" for each in KNOWN[name].environment]
    places = [f"argument {name} (not given)", f"environment {' and '.join(variables)}", place]
    if name == "api_user":
        places.append("the system's user (not known)")
    return "; ".join(places)


def _looked_up(key: Setting, environment: Mapping[str, str], faults: list[Fault]) -> Setting:
    if "env" in key.value:
        variable = str(key.value["env"])
        origin = f"environment variable {variable}, named by {key.key_path} ({key.origin})"
        return attrs.evolve(key, value=environment.get(variable, ""), origin=origin)
    path = Path(key.value["file"])
    origin = f"file {path}, named by {key.key_path} ({key.origin})"
    try:
        return attrs.evolve(key, value=path.expanduser().read_text("utf-8").strip(), origin=origin)
    except (OSError, RuntimeError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        faults.append(Fault(f"{origin} cannot be read: {reason}"))
        return attrs.evolve(key, value="unread", origin=origin)
