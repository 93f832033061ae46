"""`ftrack serve` as people and programs use it: a process, a URL, a signal."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from ftrack_backends.workspace.commands.serve import command
from ftrack_core.interfaces import ICommand
from ftrack_core.testing import assert_provides

pytest.importorskip("uvicorn", reason="serving needs the `server` extra")

FTRACK = str(Path(sys.executable).with_name("ftrack.exe" if sys.platform == "win32" else "ftrack"))


def _call(served: Any, *operations: dict[str, Any], key: str = "") -> Any:
    user = served.users[0]
    headers = {"ftrack-user": user["username"], "ftrack-api-key": key or user["api_key"]}
    return requests.post(f"{served.url}/api", json=list(operations), headers=headers, timeout=30).json()


def _failing(*arguments: str) -> str:
    """What it writes to standard error when it cannot start."""
    done = subprocess.run([FTRACK, "serve", *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_the_command_keeps_its_contract() -> None:
    """A command that does not is left out of `ftrack --help`."""
    assert_provides(ICommand, command)


def test_what_it_prints_for_programs_is_enough_to_call_it(serve: Callable[..., Any]) -> None:
    """A tool's test starts it, reads one line and works."""
    with serve() as served:
        assert _call(served, {"action": "query", "expression": "select name from Project"})[0]["action"] == "query"
        assert served.facts["environment"]["FTRACK_SERVER"] == served.url
        assert served.facts["environment"]["FTRACK_API_KEY"] == served.users[0]["api_key"]


def test_it_asks_for_a_key(serve: Callable[..., Any]) -> None:
    """A workspace on a network must not be open to whoever finds the port."""
    with serve() as served:
        assert _call(served, {"action": "query_schemas"}, key="wrong")["exception"] == "InvalidCredentialsError"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals that a parent can send like these")
def test_a_signal_ends_it_in_order(serve: Callable[..., Any], number: signal.Signals) -> None:
    """Process supervisors send TERM and people type Ctrl+C: both are no failures and lose nothing."""
    with serve() as served:
        assert served.stop(number) == 0
        assert "Traceback" not in served.log()


def test_a_database_file_keeps_what_was_committed(serve: Callable[..., Any], tmp_path: Path) -> None:
    """A workspace in a file is still there tomorrow, with the same users and keys."""
    database = tmp_path / "show.sqlite"
    create = {"action": "create", "entity_type": "Note", "entity_data": {"__entity_type__": "Note", "content": "kept"}}
    with serve("--database", str(database)) as first:
        assert _call(first, create)[0]["action"] == "create"
        users = first.users
        assert first.stop() == 0
    with serve("--database", str(database)) as second:
        found = _call(second, {"action": "query", "expression": "select content from Note where content is kept"})
        assert [len(found[0]["data"]), second.users] == [1, users]


def test_the_log_tells_requests_and_no_key(serve: Callable[..., Any]) -> None:
    """Logs are mailed around."""
    with serve() as served:
        _call(served, {"action": "query_server_information"})
        assert re.search(r" POST /api 200 \d+ bytes ", served.log())
        assert not [user for user in served.users if user["api_key"] in served.log()]


def test_quiet_writes_no_line_for_a_request(serve: Callable[..., Any]) -> None:
    """Test suites start it by the hundred."""
    with serve("--quiet") as served:
        _call(served, {"action": "query_server_information"})
        assert served.log() == ""


def test_what_it_prints_for_people_can_be_pasted() -> None:
    """The lines go into a shell as they are, and the table shows every user."""
    with subprocess.Popen([FTRACK, "serve"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if "stops it" in line:
                break
        process.terminate()
    exported = [line.split("=")[0] for line in lines if line.startswith(("export ", "$env:"))]
    assert [name.split()[-1].removeprefix("$env:") for name in exported] == [
        "FTRACK_SERVER",
        "FTRACK_API_USER",
        "FTRACK_API_KEY",
    ]
    assert any(line.startswith("user ") for line in lines)


def test_a_port_in_use_is_said_in_one_line() -> None:
    """The commonest slip of all: it runs already."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert re.search(rf"FT-100: cannot listen on 127\.0\.0\.1:{port}: .*in use.*--port", _failing("--port", port))


@pytest.mark.parametrize("where", ["missing-folder/show.sqlite", "."])
def test_a_database_that_cannot_be_written_is_said_in_one_line(tmp_path: Path, where: str) -> None:
    """`unable to open database file` names neither the file nor what to do."""
    message = _failing("--database", str(tmp_path / where))
    assert str(tmp_path) in message
    assert len(message.strip().splitlines()) == 1


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """A slip in a path must not destroy somebody's scene."""
    scene = tmp_path / "shot.ma"
    scene.write_bytes(b"//Maya ASCII scene" * 100)
    before = scene.read_bytes()
    assert "shot.ma" in _failing("--database", str(scene))
    assert scene.read_bytes() == before


def test_an_unknown_seed_is_said_with_what_there_is() -> None:
    """Whoever misspells a seed wants the list."""
    assert "no-such-seed" in _failing("--seed", "no-such-seed")


def test_listening_on_all_addresses_warns(serve: Callable[..., Any]) -> None:
    """Nobody should open a workspace to a network without having read that."""
    with serve("--host", "0.0.0.0") as served:  # noqa: S104 - that is what is tested
        assert "warning: listening on 0.0.0.0" in served.log()


def test_help_names_every_option() -> None:
    """What is not in the help does not exist for users."""
    done = subprocess.run(
        [FTRACK, "serve", "--help"],
        env={**os.environ, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert set(re.findall(r"--[a-z]+", done.stdout)) >= {
        "--database",
        "--seed",
        "--port",
        "--host",
        "--json",
        "--quiet",
    }


def test_json_is_one_line(serve: Callable[..., Any]) -> None:
    """Programs read a line and parse it."""
    with serve() as served:
        assert json.loads(json.dumps(served.facts)) == served.facts


def test_the_largest_file_is_an_option(serve: Callable[..., Any]) -> None:
    """Whoever runs it knows what the disk can take."""
    asked = {"action": "get_upload_metadata", "component_id": "0b5b3a4e-6f0e-4a3e-9a3d-5a1f6c1d2e3f"}
    with serve("--file-limit", "2k") as served:
        assert "url" in _call(served, {**asked, "file_size": 2048})[0]
        assert "2048 bytes at most" in _call(served, {**asked, "file_size": 2049})["content"]


@pytest.mark.parametrize("size", ["0", "-1", "ten", "1X", "1.5G", ""])
def test_a_limit_that_is_no_size_is_refused(size: str) -> None:
    """A typo must not take the limit away."""
    done = subprocess.run(
        [FTRACK, "serve", f"--file-limit={size}"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "is no size" in done.stderr
