"""Sessions made from one reading of the configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ftrack_core import Session, SessionFactory, errors

PROFILES = """
[profiles.one]
server_url = "embedded:"
schema_cache_path = false
auto_populate = false
timeout = 7

[profiles.two]
server_url = "embedded:"
schema_cache_path = false
"""


class StudioSession(Session):
    """A studio's own."""


@pytest.fixture(autouse=True)
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A config file with two profiles, and nothing else in the environment."""
    for name in [name for name in os.environ if name.startswith("FTRACK_")]:
        monkeypatch.delenv(name)
    path = tmp_path / "config.toml"
    path.write_text(PROFILES)
    monkeypatch.setenv("FTRACK_CONFIG", str(path))
    return path


def test_sessions_share_the_factorys_settings(config: Path) -> None:
    """A tool reads its configuration in one place and makes sessions in many."""
    factory = SessionFactory(profile="one", config=config)
    with factory.session() as first, factory.session() as second:
        for session in (first, second):
            assert type(session) is Session
            assert (session.auto_populate, session.request_timeout) == (False, 7.0)
        assert first is not second
        assert first.client_token != second.client_token


def test_arguments_of_one_session_win() -> None:
    """Over the factory's, and those over the profile's."""
    factory = SessionFactory(profile="one", auto_populate=True)
    with factory.session() as session:
        assert session.auto_populate
    with factory.session(auto_populate=False, timeout=3) as session:
        assert (session.auto_populate, session.request_timeout) == (False, 3.0)
    with factory.session(profile="two") as session:
        assert session.request_timeout == 60.0


def test_a_factory_makes_sessions_of_a_studios_class() -> None:
    """One place decides which class the whole pipeline gets."""
    with SessionFactory(profile="two", session_class=StudioSession).session() as session:
        assert isinstance(session, StudioSession)
        assert session.query("User").first() is not None


def test_settings_may_be_a_mapping() -> None:
    """For tests, and for hosts that have a configuration of their own."""
    settings: dict[str, Any] = {"server_url": "embedded:", "schema_cache_path": False}
    with SessionFactory(config=settings).session() as session:
        assert session.server_url == "embedded:"


def test_each_session_closes_what_is_its_own() -> None:
    """Closing one leaves the other working."""
    factory = SessionFactory(profile="two")
    first, second = factory.session(), factory.session()
    first.close()
    assert second.query("User").first() is not None
    second.close()


def test_faults_are_told_when_a_session_is_made() -> None:
    """Making a factory reads nothing, so that importing a studio's package never fails."""
    with pytest.raises(errors.ConfigurationError, match="did you mean 'one'"):
        SessionFactory(profile="onee", server_url="embedded:").session()
    with pytest.raises(errors.ConfigurationError, match=r"timeot.*did you mean 'timeout'"):
        SessionFactory(profile="two", config={"server_url": "embedded:", "timeot": 3}).session()
    with pytest.raises(TypeError):
        SessionFactory(profile="two", timeot=3).session()
