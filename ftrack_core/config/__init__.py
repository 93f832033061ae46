"""Settings: layers of values that know where they came from, merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_core._lazy import names_on_demand
from ftrack_core.config._credentials import is_embedded
from ftrack_core.config._file import read_table
from ftrack_core.config._folders import home_folder, user_cache_folder, user_config_folder
from ftrack_core.config._known import KNOWN, KnownSetting
from ftrack_core.config._nearest import did_you_mean, nearest
from ftrack_core.config._resolve import configuration_error, resolve
from ftrack_core.config._settings import Fault, Layer, Rank, Setting, Settings, place

if TYPE_CHECKING:
    from ftrack_core.config._studio import Studio, studio_of

__all__ = [
    "KNOWN",
    "Fault",
    "KnownSetting",
    "Layer",
    "Rank",
    "Setting",
    "Settings",
    "Studio",
    "configuration_error",
    "did_you_mean",
    "home_folder",
    "is_embedded",
    "nearest",
    "place",
    "read_table",
    "resolve",
    "studio_of",
    "user_cache_folder",
    "user_config_folder",
]

# Where no studio's package is installed, nobody pays for reading one.
__getattr__ = names_on_demand(__name__, {"Studio": "_studio", "studio_of": "_studio"})
