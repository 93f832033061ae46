"""Everything that is wrong with settings, told at once."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from ftrack_core.config import resolve
from ftrack_core.errors import ConfigurationError, SettingTypeError

_GOOD = {"server_url": "https://a.example", "api_key": "key", "api_user": "ann"}


def _faults(
    arguments: dict[str, Any] | None = None, environment: dict[str, str] | None = None, **more: Any
) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        resolve({**_GOOD, **(arguments or {})}, environment=environment or {}, **more)
    return caught.value.faults


def test_all_faults_of_a_profile_come_at_once_with_key_path_and_file(tmp_path: Path) -> None:
    """A user would correct one key, start again, and meet the next."""
    path = tmp_path / "c.toml"
    path.write_text('[profiles.farm]\ntimout = 5\nauto_populate = "yes"\ncache = 3\n', "utf-8")
    faults = _faults(config=str(path), profile="farm")
    assert len(faults) == 3
    assert f"unknown setting profiles.farm.timout ({path}); did you mean 'timeout'?" in faults
    assert f"profiles.farm.auto_populate ({path}) should be true or false, not 'yes' (str)" in faults
    assert any(fault.startswith(f"profiles.farm.cache ({path}) should be the name of a backend") for fault in faults)


def test_the_message_holds_every_fault() -> None:
    """`str(error)` would tell less than the error knows."""
    with pytest.raises(ConfigurationError) as caught:
        resolve({**_GOOD, "timeout": "x", "headrs": {}}, environment={})
    assert str(caught.value).startswith("2 settings are wrong:")
    assert all(fault in str(caught.value) for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cookies", "a=b"),
        ("cookies", [("a", "b")]),
        ("headers", {"a": 1}),
        ("headers", {1: "a"}),
        ("strict_api", 1),
        ("strict_api", "true"),
        ("auto_populate", 0),
        ("timeout", 0),
        ("timeout", True),
        ("timeout", float("nan")),
        ("timeout", (1, 2, 3)),
        ("timeout", datetime.timedelta(seconds=5)),
        ("server_url", 5),
        ("api_key", {"fil": "x"}),
        ("api_user", b"ann"),
        ("plugin_paths", "/one/folder"),
        ("plugin_paths", [5]),
        ("plugin_arguments", []),
        ("schema_cache_path", True),
        ("memory_cache_size", -1),
        ("memory_cache_size", 1.5),
        ("check_queries", "no"),
        ("freshness", "1d"),
        ("transport", 5),
        ("transport", ["requests"]),
        ("transport", {"backend": {}}),
        ("event_hub", ""),
        ("cache", [{"backend": 5}]),
    ],
)
def test_a_value_of_a_wrong_type_is_also_a_type_error(name: str, value: Any) -> None:
    """Code written for the official client catches TypeError where a value is of the wrong type."""
    with pytest.raises(SettingTypeError, match=f"argument {name} should be") as caught:
        resolve({**_GOOD, name: value}, environment={})
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeout", (3.05, 60)),
        ("timeout", 0.5),
        ("plugin_paths", (Path("a"), "b")),
        ("schema_cache_path", False),
        ("schema_cache_path", Path("a")),
        ("cache", ["memory", {"backend": "memory"}, object()]),
        ("cache", object()),
        ("transport", {"connect_seconds": 5}),
        ("cookies", {}),
    ],
)
def test_a_right_value_is_taken_as_it_is(name: str, value: Any) -> None:
    """A check would refuse what is fine."""
    assert resolve({**_GOOD, name: value}, environment={})[name] is value


def test_a_secret_of_a_wrong_type_is_not_shown() -> None:
    """A key given as a number would stand in a bug report."""
    faults = _faults({"api_key": 31337})
    assert "31337" not in "".join(faults)


def test_an_unknown_profile_names_all_and_the_nearest() -> None:
    """A typing mistake in a profile's name would quietly give another server, or no hint."""
    (fault,) = _faults(config={"profiles": {"farm": {}, "staging": {}}}, profile="frm")
    assert "profile 'frm' (argument profile) is not in argument config" in fault
    assert "farm, staging" in fault
    assert "did you mean 'farm'?" in fault


def test_an_unknown_profile_of_the_environment_names_its_variable(tmp_path: Path) -> None:
    """A wrong FTRACK_PROFILE deep in a launcher would be looked for in the code."""
    (fault,) = _faults(environment={"FTRACK_PROFILE": "farm", "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)})
    assert "(environment variable FTRACK_PROFILE)" in fault
    assert "there is no such file" in fault


def test_a_file_that_is_not_toml_is_told_with_line_and_column(tmp_path: Path) -> None:
    """A missing bracket would be searched for by eye."""
    path = tmp_path / "c.toml"
    path.write_text("[profiles.farm]\ntimeout = = 5\n", "utf-8")
    (fault,) = _faults(config=str(path), profile="farm")
    assert f"config file {path} is not TOML" in fault
    assert "line 2, column 11" in fault


def test_a_file_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    """A file saved as UTF-16 would end in a UnicodeDecodeError from deep inside."""
    path = tmp_path / "c.toml"
    path.write_bytes("[profiles.farm]".encode("utf-16"))
    (fault,) = _faults(config=str(path))
    assert "is not UTF-8 text" in fault


def test_a_file_that_was_asked_for_must_exist(tmp_path: Path) -> None:
    """A wrong FTRACK_CONFIG would silently give the defaults."""
    path = tmp_path / "absent.toml"
    (fault,) = _faults(environment={"FTRACK_CONFIG": str(path)})
    assert fault == f"config file {path} (environment variable FTRACK_CONFIG) does not exist"
    assert _faults(config=str(path)) == (f"config file {path} (argument config) does not exist",)


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    """A folder, or a file without permission, in the file's place would raise OSError."""
    (fault,) = _faults(config=str(tmp_path))
    assert fault.startswith(f"config file {tmp_path} (argument config) cannot be read: ")


def test_keys_beside_the_profiles_are_faults() -> None:
    """Settings written at the top of the file would be ignored without a word."""
    faults = _faults(config={"profile": {"farm": {}}, "timeout": 5, "profiles": {"default": 5}})
    assert "unknown key 'profile' in argument config" in faults[0]
    assert "did you mean 'profiles'?" in faults[0]
    assert "unknown key 'timeout'" in faults[1]
    assert "profiles.default in argument config should be a table" in faults[2]


@pytest.mark.parametrize("arguments", [{"config": 5}, {"profile": 5}])
def test_config_and_profile_are_checked_too(arguments: dict[str, Any]) -> None:
    """`Session(config=object)` would fail with something about an attribute."""
    with pytest.raises(SettingTypeError):
        resolve(_GOOD, environment={}, **arguments)


def test_faults_can_be_deferred_to_the_assembly() -> None:
    """Faults in backends' options could not be told together with the others."""
    settings = resolve({**_GOOD, "timeot": 5, "server_url": 5}, environment={}, defer_faults=True)
    assert len(settings.faults) == 2
