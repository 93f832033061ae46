"""What a studio's package says: where it wins, where it does not, and what nobody may override."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ftrack_core.config import Fault, Rank, Settings, Studio, resolve, studio_of
from ftrack_core.errors import ConfigurationError, SettingTypeError

PRODUCTION = "https://acme.example"
WHO = {"FTRACK_API_KEY": "key", "FTRACK_API_USER": "ann"}
DOCUMENT: Mapping[str, Any] = {
    "locked": ["server_url", "check_queries", "plugin_paths"],
    "settings": {
        "server_url": PRODUCTION,
        "timeout": 30,
        "check_queries": False,
        "plugin_paths": ["plugins", "/opt/plugins"],
        "transport": {"backend": "requests", "ca_bundle": "/etc/acme.pem"},
    },
    "profiles": {
        "farm": {"timeout": 120, "retry_seconds": 60},
        "staging": {"server_url": "https://staging.acme.example"},
    },
}


def _studio(tmp_path: Path, **more: Any) -> Studio:
    faults: list[Fault] = []
    studio = studio_of({**DOCUMENT, **more}, "studio package acme 1.0", tmp_path, faults)
    assert faults == []
    return studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """The studio's package."""
    return _studio(tmp_path)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables of a user with a config file."""
    path = tmp_path / "user.toml"
    path.write_text("[profiles.farm]\ntimeout = 99\n[profiles.mine]\ncheck_queries = true\n", "utf-8")
    return {**WHO, "FTRACK_CONFIG": str(path)}


def _resolved(studio: Studio, environment: dict[str, str], arguments: Any = None, **more: Any) -> Settings:
    return resolve(arguments or {}, studio=studio, environment=environment, **more)


def test_its_settings_hold_where_nobody_says_otherwise(
    studio: Studio, environment: dict[str, str], tmp_path: Path
) -> None:
    """`Session()` would not be the studio's session."""
    settings = _resolved(studio, environment)
    assert (settings["server_url"], settings["timeout"]) == (PRODUCTION, 30)
    assert settings.origin("timeout") == "studio package acme 1.0"
    assert settings["plugin_paths"] == [str(tmp_path / "plugins"), "/opt/plugins"]


def test_arguments_environment_and_file_win_over_what_is_not_locked(
    studio: Studio, environment: dict[str, str]
) -> None:
    """A default would be an order."""
    assert _resolved(studio, environment, {"timeout": 5})["timeout"] == 5
    assert _resolved(studio, environment, config={"timeout": 6})["timeout"] == 6
    assert _resolved(studio, environment, profile="farm")["timeout"] == 99
    assert _resolved(studio, {**environment, "FTRACK_TRANSPORT": "other"})["transport"] == "other"


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_a_profile_may_stand_in_the_package_in_the_file_or_in_both(
    studio: Studio, environment: dict[str, str], by: str
) -> None:
    """A person who adds one key to the studio's farm profile would lose the others."""
    chosen = {"profile": "farm"} if by == "argument" else {}
    variables = environment if by == "argument" else {**environment, "FTRACK_PROFILE": "farm"}
    settings = _resolved(studio, variables, **chosen)
    assert (settings["timeout"], settings["retry_seconds"]) == (99, 60)
    alone = _resolved(studio, {**variables, "FTRACK_CONFIG": "", "HOME": "/nowhere"}, **chosen)
    assert (alone["timeout"], alone["retry_seconds"]) == (120, 60)
    assert alone.origin("timeout") == "studio package acme 1.0 [profiles.farm]"


def test_its_default_profile_is_used_unasked(tmp_path: Path) -> None:
    """A profile called default would mean something else there than in a person's file."""
    studio = _studio(tmp_path, profiles={"default": {"timeout": 7}, "farm": {}})
    assert _resolved(studio, {**WHO, "HOME": str(tmp_path)})["timeout"] == 7
    assert _resolved(studio, {**WHO, "HOME": str(tmp_path)}, profile="farm")["timeout"] == 30


def test_a_profile_of_nobody_is_told_with_those_of_both(studio: Studio, environment: dict[str, str]) -> None:
    """Whoever mistypes a profile of the studio would look for it in a file of his own."""
    with pytest.raises(ConfigurationError) as caught:
        _resolved(studio, environment, profile="stagin")
    told = str(caught.value)
    assert "profiles of studio package acme 1.0: farm, staging; did you mean 'staging'?" in told
    assert "profiles there: farm, mine" in told


def test_a_profile_of_the_package_chosen_by_argument_wins_over_the_environment(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """The FTRACK_SERVER that Connect sets in every host would send the staging profile to production."""
    studio = _studio(tmp_path, locked=[])
    variables = {**environment, "FTRACK_SERVER": PRODUCTION}
    assert _resolved(studio, variables, profile="staging")["server_url"] == "https://staging.acme.example"
    assert _resolved(studio, {**variables, "FTRACK_PROFILE": "staging"})["server_url"] == PRODUCTION


@pytest.mark.parametrize(
    "given",
    [
        {"arguments": {"check_queries": True}},
        {"config": {"check_queries": True}},
        {"config": {"profiles": {"default": {"check_queries": True}}}},
        {"profile": "mine"},
    ],
    ids=["argument", "config", "profiles", "profile"],
)
def test_a_program_that_overrides_a_locked_key_is_refused(
    studio: Studio, environment: dict[str, str], given: dict[str, Any]
) -> None:
    """What a program asked for would silently not be done."""
    with pytest.raises(ConfigurationError) as caught:
        _resolved(studio, environment, **given)
    [fault] = caught.value.faults
    assert "cannot override check_queries, which studio package acme 1.0 locks to False" in fault
    assert "argument" in fault or "user.toml" in fault


def test_what_only_stands_in_the_environment_or_file_is_overruled_with_a_warning(
    studio: Studio, environment: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """The FTRACK_EVENT_PLUGIN_PATH that Connect sets in every host would keep every host from starting."""
    variables = {**environment, "FTRACK_EVENT_PLUGIN_PATH": "/connect", "FTRACK_PROFILE": "mine"}
    with caplog.at_level(logging.WARNING):
        settings = _resolved(studio, variables)
    assert settings["check_queries"] is False
    assert settings["plugin_paths"][1] == "/opt/plugins"
    assert settings.setting("plugin_paths").rank is Rank.LOCKED
    told = sorted(record.getMessage() for record in caplog.records)
    assert len(told) == 2
    assert "environment variable FTRACK_EVENT_PLUGIN_PATH" in told[0]
    assert "profiles.mine.check_queries" in told[1]
    assert all("studio package acme 1.0 locks" in line and "ignored" in line for line in told)


@pytest.mark.parametrize("url", [PRODUCTION, f"{PRODUCTION}/", "HTTPS://Acme.Example"])
@pytest.mark.parametrize("by", ["argument", "environment"])
def test_what_says_the_same_overrides_nothing(
    studio: Studio, environment: dict[str, str], url: str, by: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Connect puts the studio's own server into every host: no host could start, or each would warn."""
    arguments = {"server_url": url} if by == "argument" else {}
    variables = environment if arguments else {**environment, "FTRACK_SERVER": url}
    assert _resolved(studio, variables, arguments)["server_url"] == PRODUCTION
    assert caplog.records == []


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_another_server_is_refused_wherever_it_is_named(studio: Studio, environment: dict[str, str], by: str) -> None:
    """A job that was told to work on staging would work on production, with a line in a log that nobody reads."""
    url = "https://staging.example"
    arguments = {"server_url": url} if by == "argument" else {}
    variables = environment if arguments else {**environment, "FTRACK_SERVER": url}
    with pytest.raises(ConfigurationError, match=f"locks to '{PRODUCTION}'"):
        _resolved(studio, variables, arguments)


def test_the_studios_own_profile_may_differ_from_what_it_locks(studio: Studio, environment: dict[str, str]) -> None:
    """A studio with a staging server could lock nothing."""
    assert _resolved(studio, environment, profile="staging")["server_url"] == "https://staging.acme.example"
    with pytest.raises(ConfigurationError, match="staging"):
        _resolved(studio, {**environment, "FTRACK_SERVER": PRODUCTION}, profile="staging")


@pytest.mark.parametrize("url", ["embedded:", "http://127.0.0.1:5005", "http://localhost:5005", "http://[::1]:1"])
def test_a_server_on_this_machine_has_nothing_of_the_studios_server(
    studio: Studio, environment: dict[str, str], url: str
) -> None:
    """The studio could not test its tools against a workspace, or would do so with its own keys and transport."""
    settings = _resolved(studio, environment, {"server_url": url})
    assert settings["server_url"] == url
    assert settings["transport"] is None
    assert settings["timeout"] == 30
    assert settings["check_queries"] is False


def test_a_studio_whose_server_is_on_this_machine_keeps_it(tmp_path: Path, environment: dict[str, str]) -> None:
    """A studio that is tried out against `ftrack serve` would lose half of its settings."""
    url = "http://127.0.0.1:5005"
    studio = _studio(tmp_path, settings={**DOCUMENT["settings"], "server_url": url})
    settings = _resolved(studio, {**environment, "FTRACK_SERVER": url + "/"})
    assert settings["server_url"] == url
    assert settings["transport"]["ca_bundle"] == "/etc/acme.pem"


def test_a_locked_backends_options_win_over_variables(tmp_path: Path, environment: dict[str, str]) -> None:
    """What is locked could be changed by the variable of one of its options."""
    studio = _studio(tmp_path, locked=["transport"])
    assert _resolved(studio, environment).setting("transport").rank < Rank.ENVIRONMENT


def test_a_wrong_value_in_the_package_is_told_once_with_its_place(tmp_path: Path, environment: dict[str, str]) -> None:
    """The build engineer would search his own file for it."""
    studio = _studio(tmp_path, settings={**DOCUMENT["settings"], "timeot": 3, "check_queries": "no"})
    with pytest.raises(SettingTypeError) as caught:
        _resolved(studio, environment)
    assert sorted(caught.value.faults) == [
        "settings.check_queries (studio package acme 1.0) should be true or false, not 'no' (str)",
        "unknown setting settings.timeot (studio package acme 1.0); did you mean 'timeout'?",
    ]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"setings": {}}, "unknown key 'setings' in studio package acme 1.0; did you mean 'settings'?"),
        ({"x": 1}, "known: locked, profiles, settings"),
        ({"settings": [1]}, "settings (studio package acme 1.0) should be a table, not list"),
        ({"profiles": {"farm": 3}}, "profiles.farm (studio package acme 1.0) should be a table, not int"),
        ({"locked": "server_url"}, "should be a list"),
        ({"locked": ["server_ulr"]}, "unknown setting 'server_ulr'; did you mean 'server_url'?"),
        ({"locked": ["timeout"]}, "names 'timeout', and the package gives it no value"),
    ],
)
def test_a_document_that_is_wrong_is_told(tmp_path: Path, document: dict[str, Any], told: str) -> None:
    """A misspelt `locked` would lock nothing."""
    faults: list[Fault] = []
    studio_of(document, "studio package acme 1.0", tmp_path, faults)
    assert told in " ".join(map(str, faults))
    assert len(faults) == 1
