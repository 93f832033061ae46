"""The bridge finds Redis where sessions find it: in the profile, with the environment above it."""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ftrack_redis import RedisHubOptions
from ftrack_redis._bridge import Bridge
from ftrack_redis.bridging import command

from ftrack_core.errors import ConfigurationError, EventHubConnectionError

FARM = "https://farm.invalid"
Profile = Callable[..., None]


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """Writes the config file that commands find, with the profile `farm`."""

    def write(event_hub: str, server_url: str = FARM) -> None:
        lines = ["[profiles.farm]", f'server_url = "{server_url}"', f"event_hub = {event_hub}"]
        (tmp_path / "ftrack.toml").write_text("\n".join(lines))

    monkeypatch.setenv("FTRACK_CONFIG", str(tmp_path / "ftrack.toml"))
    monkeypatch.setenv("FTRACK_API_KEY", "made up")
    monkeypatch.setenv("FTRACK_API_USER", "ann")
    monkeypatch.delenv("FTRACK_REDIS_URL", raising=False)
    return write


@pytest.fixture
def signed(shared_server: Any) -> Callable[..., None]:
    """Gives a sign of life, as a bridge that stands."""

    def sign(prefix: str) -> None:
        bridge = Bridge.to(RedisHubOptions(url=shared_server.url, prefix=prefix), FARM)
        bridge.sign()
        bridge.close()

    return sign


def _check(*arguments: str) -> int:
    return _checked("--profile", "farm", *arguments)


def _checked(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(["--check", *arguments]))


def test_redis_of_the_profile_is_found(profile: Profile, signed: Any, shared_server: Any, request: Any) -> None:
    """A studio with Redis in its config would have a bridge to a Redis that nobody listens to."""
    profile(f'{{ backend = "redis", url = "{shared_server.url}", prefix = "{request.node.name}" }}')
    assert _check() == 1
    signed(request.node.name)
    assert _check() == 0
    assert _check("--prefix", "another") == 1


def test_environment_and_profile_rank_as_they_do_for_sessions(
    profile: Profile, signed: Any, shared_server: Any, request: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sessions of a host would be on one bus and its bridge on another."""
    profile(f'{{ backend = "redis", url = "redis://:hunter2@127.0.0.1:1/0", prefix = "{request.node.name}" }}')
    monkeypatch.setenv("FTRACK_REDIS_URL", shared_server.url)
    monkeypatch.setenv("FTRACK_PROFILE", "farm")
    signed(request.node.name)
    assert _checked() == 0, "a profile that the environment names ranks below the environment"
    with pytest.raises(EventHubConnectionError, match=r"redis://127\.0\.0\.1:1/0.*refused") as told:
        _checked("--profile", "farm")
    assert "hunter2" not in str(told.value)


def test_a_profile_of_another_hub_leaves_it_to_the_environment(
    profile: Profile, signed: Any, shared_server: Any, request: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The profile of a service that is not on the bus itself would no longer do."""
    profile('"socketio"')
    monkeypatch.setenv("FTRACK_REDIS_URL", shared_server.url)
    signed(request.node.name)
    assert _check("--prefix", request.node.name) == 0


def test_a_wrong_option_is_told_as_sessions_tell_it(profile: Profile) -> None:
    """A typing error would end in a bridge to Redis on this machine, if there is one."""
    profile('{ backend = "redis", ulr = "redis://redis.acme.invalid" }')
    with pytest.raises(ConfigurationError, match=r"profiles\.farm\.event_hub\.ulr.*did you mean 'url'"):
        _check()


def test_a_locked_event_hub_does_not_lock_the_bridge_out(
    profile: Profile, signed: Any, shared_server: Any, request: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A studio that keeps its sessions on the bus could not have a bridge to it."""
    hub = {"backend": "redis", "url": shared_server.url, "prefix": request.node.name}
    studio = {"locked": ["event_hub"], "settings": {"event_hub": hub}}
    (tmp_path / "locking_studio.py").write_text(f"DOCUMENT = {studio!r}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("FTRACK_STUDIO", "locking_studio:DOCUMENT")
    (tmp_path / "ftrack.toml").write_text(f'[profiles.farm]\nserver_url = "{FARM}"\n')
    signed(request.node.name)
    assert _check() == 0


@pytest.fixture
def started(
    profile: Profile, shared_server: Any, ftrack_workspace: Any, request: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """A bridge as a process of its own, told of nothing but a profile."""
    hub = f'{{ backend = "redis", url = "{shared_server.url}", prefix = "{request.node.name}" }}'
    profile(hub, ftrack_workspace.url)
    who = ftrack_workspace.credentials()
    monkeypatch.setenv("FTRACK_API_KEY", who.api_key)
    monkeypatch.setenv("FTRACK_API_USER", who.username)
    command = [str(Path(sys.executable).with_name("ftrack")), "redis-bridge", "--profile", "farm"]
    process = subprocess.Popen(command)
    yield process
    process.kill()
    process.wait(10)


def test_a_bridge_stands_with_nothing_but_a_profile(
    started: Any, ftrack_workspace: Any, shared_server: Any, request: Any
) -> None:
    """What `--check` finds would be all that the profile is good for."""
    deadline = time.monotonic() + 60
    while _check() != 0:
        assert time.monotonic() < deadline, "no bridge stands after a minute"
        assert started.poll() is None, "the bridge has ended"
        threading.Event().wait(0.1)
