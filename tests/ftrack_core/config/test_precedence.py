"""Which layer of settings wins."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ftrack_core.config import Settings, Studio, resolve

_FILE = """
[profiles.default]
timeout = 1
[profiles.farm]
server_url = "https://farm.example"
timeout = 2
[profiles.staging]
server_url = "https://staging.example"
api_user = "stager"
"""
_CREDENTIALS = {"FTRACK_SERVER": "https://env.example", "FTRACK_API_KEY": "env-key", "FTRACK_API_USER": "env-user"}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables of a user whose config file holds three profiles."""
    path = tmp_path / "studio.toml"
    path.write_text(_FILE, "utf-8")
    return {**_CREDENTIALS, "FTRACK_CONFIG": str(path), "HOME": str(tmp_path)}


def _resolved(environment: dict[str, str], arguments: dict[str, Any] | None = None, **more: Any) -> Settings:
    return resolve(arguments or {}, environment=environment, **more)


def test_an_argument_wins_over_everything(environment: dict[str, str]) -> None:
    """`Session(server_url=...)` would end at another server."""
    settings = _resolved(environment, {"server_url": "https://arg.example"}, profile="farm")
    assert settings["server_url"] == "https://arg.example"
    assert settings.origin("server_url") == "argument server_url"


def test_a_profile_given_as_argument_wins_over_the_environment(environment: dict[str, str]) -> None:
    """The FTRACK_SERVER that Connect sets in every host would send the staging profile to production."""
    settings = _resolved(environment, profile="staging")
    assert settings["server_url"] == "https://staging.example"
    assert settings["api_user"] == "stager"
    assert settings["api_key"] == "env-key"


def test_the_environment_wins_over_a_profile_that_the_environment_chose(environment: dict[str, str]) -> None:
    """FTRACK_SERVER set for one job would be ignored because a profile is set for all of them."""
    settings = _resolved({**environment, "FTRACK_PROFILE": "farm"})
    assert settings["server_url"] == "https://env.example"
    assert settings["timeout"] == 2
    assert settings.origin("server_url") == "environment variable FTRACK_SERVER"


def test_the_default_profile_is_used_unasked(environment: dict[str, str]) -> None:
    """A studio's default settings would need naming in every tool."""
    settings = _resolved(environment)
    assert settings["timeout"] == 1
    assert settings.origin("timeout") == f"{environment['FTRACK_CONFIG']} [profiles.default]"


def test_a_chosen_profile_stands_alone(environment: dict[str, str]) -> None:
    """The default profile would leak into another one."""
    assert _resolved(environment, profile="staging")["timeout"] == 60


def test_a_mapping_as_config_wins_over_profile_and_environment(environment: dict[str, str]) -> None:
    """A host that hands its settings over as a mapping would be overruled by a variable."""
    settings = _resolved(environment, config={"server_url": "https://map.example"}, profile="farm")
    assert settings["server_url"] == "https://map.example"
    assert settings["timeout"] == 2
    assert settings.origin("server_url") == "argument config"


def test_a_mapping_of_profiles_stands_in_for_the_file(environment: dict[str, str]) -> None:
    """A host could not hand over profiles without writing a file."""
    config = {"profiles": {"default": {"server_url": "https://map.example"}, "other": {}}}
    assert _resolved(environment, config=config)["server_url"] == "https://map.example"
    assert _resolved(environment, config=config, profile="other")["server_url"] == "https://env.example"


def test_a_path_as_config_wins_over_the_users_file_and_the_environment(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """`Session(config=...)` would read the user's file all the same."""
    path = tmp_path / "other.toml"
    path.write_text('[profiles.default]\nserver_url = "https://path.example"', "utf-8")
    assert _resolved(environment, config=str(path))["server_url"] == "https://path.example"
    assert _resolved(environment, config=path)["server_url"] == "https://path.example"


def test_the_studio_wins_over_our_defaults_only(environment: dict[str, str]) -> None:
    """A studio's package could not set defaults, or would overrule its users."""
    studio = Studio("package acme_ftrack", {"timeout": 7, "memory_cache_size": 5})
    settings = _resolved(environment, studio=studio)
    assert settings["timeout"] == 1
    assert settings["memory_cache_size"] == 5
    assert settings.origin("memory_cache_size") == "package acme_ftrack"


def test_none_means_not_given(environment: dict[str, str]) -> None:
    """Code that passes the official defaults on explicitly would switch the environment off."""
    assert _resolved(environment, {"server_url": None, "api_key": None})["server_url"] == "https://env.example"


@pytest.mark.parametrize(
    ("variables", "key"),
    [
        ({"FTRACK_API_KEY": "new", "FTRACK_APIKEY": "old"}, "new"),
        ({"FTRACK_API_KEY": "", "FTRACK_APIKEY": "old"}, "old"),
        ({"FTRACK_APIKEY": "old"}, "old"),
    ],
)
def test_the_older_variable_of_the_key_comes_second(variables: dict[str, str], key: str) -> None:
    """A studio that still sets FTRACK_APIKEY would be locked out."""
    environment = {"FTRACK_SERVER": "https://a.example", "FTRACK_API_USER": "ann", **variables}
    assert _resolved(environment)["api_key"] == key


@pytest.mark.parametrize("variable", [{}, {"FTRACK_API_USER": ""}])
def test_the_user_falls_on_to_the_systems(variable: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An artist would have to type a user name that the system knows."""
    monkeypatch.setattr("getpass.getuser", lambda: "system-ann")
    settings = _resolved({"FTRACK_SERVER": "https://a.example", "FTRACK_API_KEY": "k", **variable})
    assert settings["api_user"] == "system-ann"
    assert settings.origin("api_user") == "default"


def test_plugin_paths_come_split_and_without_empty_entries() -> None:
    """A trailing separator in FTRACK_EVENT_PLUGIN_PATH would load plug-ins of the current folder."""
    paths = os.pathsep.join(["/a", "", "/b", ""])
    settings = _resolved({**_CREDENTIALS, "FTRACK_EVENT_PLUGIN_PATH": paths})
    assert settings["plugin_paths"] == ["/a", "/b"]
    assert _resolved({**_CREDENTIALS, "FTRACK_EVENT_PLUGIN_PATH": os.pathsep})["plugin_paths"] == ()


def test_every_setting_has_a_value_when_nothing_was_given() -> None:
    """A part of the session would fail with KeyError for a setting that nobody gave."""
    settings = _resolved({**_CREDENTIALS, "HOME": "/home/ann"})
    assert settings["auto_populate"] is True
    assert settings["strict_api"] is False
    assert settings["timeout"] == 60
    assert settings["cache_key_maker"] == "string"
    assert settings["memory_cache_size"] == 100_000
    assert settings["cache"] is None
    assert settings["schema_cache_path"]
    assert not settings.given("timeout")


def test_a_representation_shows_no_secret() -> None:
    """An API key or a cookie would stand in a log."""
    arguments = {
        "api_key": "s3cret",
        "cookies": {"sid": "s3cret"},
        "authenticator": {"backend": "x", "token": "s3cret"},
    }
    settings = _resolved(dict(_CREDENTIALS), arguments)
    assert "s3cret" not in repr(settings) + repr(settings.setting("api_key"))
    assert "https://env.example" in repr(settings)


def test_settings_can_be_replaced_by_the_session() -> None:
    """A session that calls a cache function could not put its result where the assembly looks."""
    settings = _resolved(dict(_CREDENTIALS)).replaced(cache="memory")
    assert settings["cache"] == "memory"
    assert settings.given("cache")
