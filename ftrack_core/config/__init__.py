"""Settings: layers of values that know where they came from, merged."""

from __future__ import annotations

from ftrack_core.config._credentials import is_embedded
from ftrack_core.config._folders import home_folder, user_cache_folder, user_config_folder
from ftrack_core.config._known import KNOWN, KnownSetting
from ftrack_core.config._nearest import did_you_mean, nearest
from ftrack_core.config._resolve import configuration_error, resolve
from ftrack_core.config._settings import Fault, Layer, Rank, Setting, Settings, place

__all__ = [
    "KNOWN",
    "Fault",
    "KnownSetting",
    "Layer",
    "Rank",
    "Setting",
    "Settings",
    "configuration_error",
    "did_you_mean",
    "home_folder",
    "is_embedded",
    "nearest",
    "place",
    "resolve",
    "user_cache_folder",
    "user_config_folder",
]
