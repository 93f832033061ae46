"""Every setting there is, declared once."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_core.config import _checks
from ftrack_core.config._folders import home_folder, user_cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["KNOWN", "KnownSetting"]


_SWITCHES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@attrs.frozen(eq=False, repr=False)
class KnownSetting:
    """The declaration of a setting.

    Attributes:
        name: As arguments and config files call it.
        help: What it is for, in one line.
        check: Gives what a value should be, or None when it is that.
        environment: Variables that may hold it, the first that is not empty wins.
        default: Its value when nobody gives it.
        default_from: Makes the default of the environment, where it depends on that.
        secret: Whether its value must never be shown.
        read: Makes a value of the text of an environment variable; None means that it gives nothing.
    """

    name: str
    help: str
    check: _checks.Check
    environment: tuple[str, ...] = ()
    default: Any = None
    default_from: Callable[[Mapping[str, str]], Any] | None = None
    secret: bool = False
    read: Callable[[str], Any] = str

    def default_value(self, environment: Mapping[str, str]) -> Any:
        """What the setting is when nobody gives it."""
        return self.default if self.default_from is None else self.default_from(environment)


def _folders(text: str) -> list[str] | None:
    return [folder for folder in text.split(os.pathsep) if folder] or None


def _switch(text: str) -> bool | str:
    """A switch as people write them; other text stays as it is, and is refused by its check."""
    return _SWITCHES.get(text.strip().lower(), text)


def _cache_folder(environment: Mapping[str, str]) -> str | bool:
    home = home_folder(environment)
    return False if home is None else str(user_cache_folder(sys.platform, environment, home) / "schemas")


def _system_user(_environment: Mapping[str, str]) -> str | None:
    import getpass

    try:
        return getpass.getuser()
    except Exception:  # noqa: BLE001 - which error it is depends on platform and Python version
        return None


KNOWN: Mapping[str, KnownSetting] = {
    setting.name: setting
    for setting in (
        KnownSetting("server_url", "URL of the server, or embedded:", _checks.text_check, ("FTRACK_SERVER",)),
        KnownSetting(
            "api_key",
            "API key",
            _checks.secret_check,
            ("FTRACK_API_KEY", "FTRACK_APIKEY"),
            secret=True,
        ),
        KnownSetting("api_user", "User name", _checks.text_check, ("FTRACK_API_USER",), default_from=_system_user),
        KnownSetting(
            "auto_populate", "Whether reading an unloaded attribute loads it", _checks.switch_check, default=True
        ),
        KnownSetting(
            "plugin_paths",
            "Folders of event plug-ins",
            _checks.folders_check,
            ("FTRACK_EVENT_PLUGIN_PATH",),
            default=(),
            read=_folders,
        ),
        KnownSetting(
            "installed_plugins",
            "Whether plug-ins that installed packages bring are loaded",
            _checks.switch_check,
            ("FTRACK_INSTALLED_PLUGINS",),
            default=True,
            read=_switch,
        ),
        KnownSetting(
            "strict_plugins",
            "Whether a session refuses to start with a plug-in that fails",
            _checks.switch_check,
            ("FTRACK_STRICT_PLUGINS",),
            default=False,
            read=_switch,
        ),
        KnownSetting("plugin_arguments", "Offered to each plug-in's register", _checks.mapping_check, default={}),
        KnownSetting("auto_connect_event_hub", "Whether to connect for events", _checks.switch_check, default=False),
        KnownSetting(
            "schema_cache_path",
            "Folder that keeps schemas; false turns it off",
            _checks.folder_check,
            ("FTRACK_API_SCHEMA_CACHE_PATH",),
            default_from=_cache_folder,
        ),
        KnownSetting("timeout", "Seconds to wait for a reply", _checks.timeout_check, default=60),
        KnownSetting(
            "retry_seconds",
            "For how long what may be repeated is repeated after a failure; 0 turns it off",
            _checks.seconds_check,
            default=10,
        ),
        KnownSetting(
            "settle_seconds",
            "How long to look for a batch whose reply was lost, before it is sent again",
            _checks.seconds_check,
            default=10,
        ),
        KnownSetting("cookies", "Sent with every request", _checks.text_mapping_check, default={}),
        KnownSetting("headers", "Sent with every request", _checks.text_mapping_check, default={}),
        KnownSetting(
            "strict_api", "Whether the server refuses what it would forgive", _checks.switch_check, default=False
        ),
        KnownSetting("transport", "How requests reach the server", _checks.backend_check, ("FTRACK_TRANSPORT",)),
        KnownSetting("authenticator", "How requests are signed", _checks.backend_check, ("FTRACK_AUTHENTICATOR",)),
        KnownSetting("cache", "Caches below memory, from fast to slow", _checks.cache_check, ("FTRACK_CACHE",)),
        KnownSetting("cache_key_maker", "Makes cache keys", _checks.backend_check, default="string"),
        KnownSetting("schema_cache", "Keeps schemas", _checks.backend_check, ("FTRACK_SCHEMA_CACHE",)),
        KnownSetting("event_hub", "Brings events", _checks.backend_check, ("FTRACK_EVENT_HUB",)),
        KnownSetting(
            "event_inbox",
            "Keeps events until a listener has handled them: a file, or a backend",
            _checks.backend_check,
            ("FTRACK_EVENT_INBOX",),
        ),
        KnownSetting("memory_cache_size", "Entities held strongly", _checks.number_check, default=100_000),
        KnownSetting(
            "cohort_loading",
            "What reading an unloaded attribute loads for all entities of a reply: all, references or off",
            _checks.choice_check("all", "references", "off"),
            default="all",
        ),
        KnownSetting(
            "check_queries", "Whether names in queries are checked first", _checks.switch_check, default=True
        ),
        KnownSetting(
            "check_values", "Whether values of a wrong type are refused at once", _checks.switch_check, default=True
        ),
        KnownSetting("freshness", "How long cached types stay fresh", _checks.mapping_check, default={}),
    )
}
"""The settings by name."""
