"""A studio's build: with its package installed, `Session()` is the studio's session."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

DISTRIBUTION = "studio-example"
PROGRAM = """
import json, os, sys
from ftrack_core import Session
from ftrack_core.errors import Error
from ftrack_core.values import Event

told = {}
with Session() as session:
    told["server"] = session.server_url
    told["user"] = session.api_user
    told["timeout"] = session.request_timeout
    told["plugins"] = {plugin.name: plugin.state for plugin in session.plugins}
    told["greeted"] = session.event_hub.publish(Event("acme.greet", data={"name": "Ann"}), synchronous=True)
    told["slate"] = session.query("Shot where name is sh010").first().slate()
with Session(profile="farm") as session:
    told["farm"] = session.request_timeout
try:
    Session(server_url="https://staging.example")
except Error as error:
    told["refused"] = str(error)
with Session("embedded:") as session:
    told["workspace"] = session.query("User").first()["username"]
print(json.dumps(told))
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(fresh: Any, copied: Path) -> Path:
    """The file of the installed package that has the studio's settings."""
    fresh.install("--no-build-isolation", str(copied))
    return Path(fresh.packages / "acme_studio" / "studio.toml")


@pytest.fixture
def studio(installed: Path, copied: Path, serve: Callable[..., Any]) -> Iterator[Any]:
    """The studio's server stands, and the package has its address."""
    text = (copied / "acme_studio" / "studio.toml").read_text(encoding="utf-8")
    with serve("--seed", "demo") as served:
        installed.write_text(text.replace("https://acme.example", served.url), encoding="utf-8")
        yield served


def _ok(done: Any) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def _told(done: Any) -> dict[str, Any]:
    return dict(json.loads(_ok(done).splitlines()[-1]))


def test_its_own_tests_pass_beside_the_wheel(fresh: Any, installed: Path, copied: Path) -> None:
    """An example whose tests fail teaches nobody."""
    assert " passed" in _ok(fresh.run("-m", "pytest", "-q", cwd=copied))


def test_a_session_without_arguments_is_the_studios(fresh: Any, studio: Any, copied: Path, tmp_path: Path) -> None:
    """Each tool of the studio would have to know what the package is there to know."""
    ann = studio.users[0]
    passwords = json.dumps({f"ftrack {studio.url}|{ann['username']}": ann["api_key"]})
    environment = {
        "FTRACK_API_USER": ann["username"],
        "FTRACK_SERVER": f"{studio.url}/",
        "FTRACK_EVENT_PLUGIN_PATH": str(tmp_path),
        "PYTHONPATH": str(copied / "tests"),
        "PYTHON_KEYRING_BACKEND": "memory_keyring.MemoryKeyring",
        "MEMORY_KEYRING": passwords,
    }
    done = fresh.run("-c", PROGRAM, cwd=tmp_path, environment=environment)
    told = _told(done)
    refused = told.pop("refused")
    assert told == {
        "server": studio.url,
        "user": ann["username"],
        "timeout": 30.0,
        "plugins": {"greeting": "loaded"},
        "greeted": ["Hello Ann, says acme"],
        "slate": "harbour / sq010 / sh010",
        "farm": 120.0,
        "workspace": told["workspace"],
    }
    for part in ("argument server_url", "studio package acme-studio 0.1.0", studio.url):
        assert part in refused
    assert "FTRACK_EVENT_PLUGIN_PATH" in done.stderr
    assert "ignored" in done.stderr


def test_the_plugins_command_knows_the_studios_folder(fresh: Any, installed: Path, tmp_path: Path) -> None:
    """Somebody who looks for a plug-in would be told that there is none, while every session loads it."""
    listed = _ok(fresh.run("-m", "ftrack_core.cli", "plugins", "--json", cwd=tmp_path))
    assert [plugin["path"] for plugin in json.loads(listed)] == [str(installed.parent / "plugins" / "greeting.py")]


def test_a_headless_node_takes_the_key_from_its_file(fresh: Any, studio: Any, tmp_path: Path) -> None:
    """Farm nodes have no keyring, and would have no session."""
    ann = studio.users[0]
    key_file = tmp_path / "key"
    key_file.touch(mode=0o600)
    key_file.write_text(f"{ann['api_key']}\n", encoding="utf-8")
    environment = {
        "FTRACK_API_USER": ann["username"],
        "FTRACK_PROFILE": "farm",
        "ACME_FTRACK_KEY_FILE": os.fspath(key_file),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    program = (
        "import json, ftrack_core\n"
        "with ftrack_core.Session() as s: print(json.dumps({'timeout': s.request_timeout, 'user': s.api_user}))"
    )
    told = _told(fresh.run("-c", program, cwd=tmp_path, environment=environment))
    assert told == {"timeout": 120.0, "user": ann["username"]}


def test_turned_off_it_is_an_ordinary_session(fresh: Any, installed: Path, tmp_path: Path) -> None:
    """A studio's package that is broken would keep everybody from work, with no way around it."""
    program = "import ftrack_core\nwith ftrack_core.Session('https://staging.example'): pass"
    environment = {"FTRACK_STUDIO": "off", "FTRACK_API_KEY": "key", "FTRACK_API_USER": "ann"}
    done = fresh.run("-c", program, cwd=tmp_path, environment=environment)
    assert "NotSentError" in done.stderr
    assert "acme" not in done.stderr
