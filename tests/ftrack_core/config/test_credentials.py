"""Credentials: what is missing and where it was looked for, and where a key may lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftrack_core.config import resolve
from ftrack_core.errors import ConfigurationError, MissingCredentialsError

_GOOD = {"server_url": "https://a.example", "api_key": "key", "api_user": "ann"}


@pytest.fixture(autouse=True)
def _no_system_user(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise KeyError("uid")

    monkeypatch.setattr("getpass.getuser", unknown)


def _missing(arguments: dict[str, Any], environment: dict[str, str], **more: Any) -> MissingCredentialsError:
    with pytest.raises(MissingCredentialsError) as caught:
        resolve(arguments, environment=environment, **more)
    return caught.value


def test_all_missing_ones_are_named_with_where_each_was_looked_for(tmp_path: Path) -> None:
    """A user would set one variable after the other, each time to learn of the next."""
    error = _missing({}, {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "FTRACK_APIKEY": ""})
    assert error.missing == ("server_url", "api_key", "api_user")
    for part in ("FTRACK_SERVER (not set)", "FTRACK_API_KEY (not set)", "FTRACK_APIKEY (empty)", "FTRACK_API_USER"):
        assert part in str(error)
    assert "argument server_url (not given)" in str(error)
    assert "config.toml (there is no such file)" in str(error)
    assert isinstance(error, TypeError)


def test_the_profile_that_was_searched_is_named() -> None:
    """A user would not see that another profile was in use."""
    error = _missing({}, {}, config={"profiles": {"farm": {}}}, profile="farm")
    assert "argument config [profiles.farm]" in str(error)
    error = _missing({}, {}, config={"profiles": {"farm": {}}})
    assert "no profile was chosen" in str(error)


@pytest.mark.parametrize("name", ["server_url", "api_key", "api_user"])
def test_an_explicit_empty_text_is_missing_and_does_not_fall_on(name: str) -> None:
    """A tool that passes an empty field on would work with somebody else's credentials from the environment."""
    environment = {"FTRACK_SERVER": "https://b.example", "FTRACK_API_KEY": "other", "FTRACK_API_USER": "other"}
    error = _missing({**_GOOD, name: ""}, environment)
    assert error.missing == (name,)
    assert f"argument {name} (holds nothing)" in str(error)


def test_an_embedded_workspace_needs_none_and_ignores_those_of_the_environment() -> None:
    """A production key would be handed to a test workspace, or the test would need one."""
    environment = {"FTRACK_API_KEY": "production", "FTRACK_API_USER": "producer"}
    settings = resolve({"server_url": "embedded:"}, environment=environment)
    assert settings["api_key"] is None
    assert settings["api_user"] is None


def test_an_embedded_workspace_takes_what_was_given() -> None:
    """Acting as another user of a workspace would be impossible."""
    settings = resolve({"server_url": "embedded:", "api_user": "ann"}, environment={"FTRACK_API_KEY": "production"})
    assert settings["api_user"] == "ann"
    assert settings["api_key"] is None
    assert _missing({"server_url": "embedded:", "api_key": "k"}, {"FTRACK_API_USER": "producer"}).missing == (
        "api_user",
    )


@pytest.mark.parametrize("authenticator", ["acme:Login", {"backend": "oauth"}, object(), {"api_key": "own"}])
def test_another_authenticator_needs_no_key(authenticator: Any) -> None:
    """A studio with single sign-on would have to invent an API key."""
    settings = resolve({"server_url": "https://a.example", "authenticator": authenticator}, environment={})
    assert settings["api_key"] is None


@pytest.mark.parametrize("authenticator", ["api_key", {"backend": "api_key"}, {}])
def test_naming_the_usual_authenticator_changes_nothing(authenticator: Any) -> None:
    """A missing key would be told by the server instead of by us."""
    error = _missing({"server_url": "https://a.example", "authenticator": authenticator}, {})
    assert error.missing == ("api_key", "api_user")


def test_a_key_may_lie_in_a_file(tmp_path: Path) -> None:
    """A farm would have to put the key into its environment for everybody to read."""
    path = tmp_path / "key"
    path.write_text("file-key\n", "utf-8")
    settings = resolve(
        {"server_url": "https://a.example", "api_user": "ann"},
        environment={},
        config={"profiles": {"farm": {"api_key": {"file": str(path)}}}},
        profile="farm",
    )
    assert settings["api_key"] == "file-key"
    assert str(path) in settings.origin("api_key")
    assert "profiles.farm.api_key" in settings.origin("api_key")


def test_a_key_may_lie_in_a_variable_of_another_name() -> None:
    """A studio with a key per show could not keep them apart."""
    arguments = {**_GOOD, "api_key": {"env": "SHOW_KEY"}}
    assert resolve(arguments, environment={"SHOW_KEY": "show"})["api_key"] == "show"
    error = _missing(arguments, {"FTRACK_API_KEY": "other"})
    assert "environment variable SHOW_KEY" in str(error)


def test_a_key_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    """A missing secret would look like a wrong key."""
    with pytest.raises(ConfigurationError, match="cannot be read") as caught:
        resolve({**_GOOD, "api_key": {"file": str(tmp_path / "absent")}}, environment={})
    assert len(caught.value.faults) == 1


def test_a_key_file_that_is_overruled_is_not_read(tmp_path: Path) -> None:
    """A laptop without the farm's secrets could not use the farm's profile with a key of its own."""
    config = {"profiles": {"farm": {"api_key": {"file": str(tmp_path / "absent")}}}}
    assert resolve(_GOOD, environment={}, config=config, profile="farm")["api_key"] == "key"


def test_missing_credentials_and_other_faults_come_together() -> None:
    """A wrong key in the file would come to light only after the credentials are there."""
    with pytest.raises(ConfigurationError) as caught:
        resolve({"timeot": 5}, environment={})
    assert len(caught.value.faults) == 2
    assert "server_url" in caught.value.faults[1]


def test_a_misspelt_embedded_is_told_where_its_key_is_missed() -> None:
    """Whoever wanted a workspace without an account would look for a key."""
    assert "('embeded:' does not)" in str(_missing({"server_url": "embeded:"}, {}))
    assert "does not" not in str(_missing({"server_url": "https://a.example"}, {}))
