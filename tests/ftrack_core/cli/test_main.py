"""The shell of the `ftrack` command."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from zope.interface import implementer

from ftrack_core.cli import main
from ftrack_core.cli.backends import BackendsCommand
from ftrack_core.errors import NotFoundError
from ftrack_core.interfaces import ICommand
from ftrack_core.plugins import COMMAND_GROUP, Found, Registry, contract_faults


@implementer(ICommand)
@attrs.define
class _Command:
    """A sub-command for tests."""

    act: Callable[[argparse.Namespace], int]
    name: str = "act"
    summary: str = "do something"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare an argument."""
        parser.add_argument("--times", type=int, default=1)

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it."""
        return self.act(arguments)


@attrs.define
class _Commands(Registry):
    """A registry of two commands: one given, one broken."""

    act: Callable[[argparse.Namespace], Any] = lambda _: 0

    def names(self, group: str) -> tuple[str, ...]:
        """Two."""
        return ("act", "gone", "odd") if group == COMMAND_GROUP else ()

    def load(self, group: str, name: str, origin: str = "") -> Any:
        """One of them."""
        if name == "act":
            return _Command(self.act)
        if name == "odd":
            return object()
        return Registry(lambda _: (Found("gone", "no_such_module_anywhere:x"),)).load(group, name)


def _raising(error: BaseException) -> Callable[[argparse.Namespace], int]:
    def act(_: argparse.Namespace) -> int:
        raise error

    return act


def test_a_sub_command_runs_with_its_arguments() -> None:
    """What a person typed would not arrive."""
    assert main(["act", "--times", "3"], _Commands(act=lambda arguments: arguments.times)) == 3


def test_our_errors_are_one_line_with_their_code(capsys: pytest.CaptureFixture[str]) -> None:
    """A person would read a traceback to learn of a typing mistake."""
    assert main(["act"], _Commands(act=_raising(NotFoundError("no show 'x'")))) == 1
    assert capsys.readouterr().err == "ftrack: FT-500: no show 'x'\n"


def test_debug_shows_the_traceback_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    """A developer could not see where an error came from."""
    assert main(["act", "--debug"], _Commands(act=_raising(NotFoundError("no show")))) == 1
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert shown.endswith("ftrack: FT-500: no show\n")


def test_an_error_that_is_not_ours_is_a_bug_and_shows_itself() -> None:
    """A bug would be hidden behind a clean exit."""
    with pytest.raises(ZeroDivisionError):
        main(["act"], _Commands(act=lambda _: 1 // 0))


def test_an_interruption_ends_with_130() -> None:
    """A script could not tell Ctrl-C from an error."""
    assert main(["act"], _Commands(act=_raising(KeyboardInterrupt()))) == 130


def test_a_broken_command_leaves_the_others_alone_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    """One broken package would take the whole command line down."""
    assert main(["act"], _Commands()) == 0
    assert main(["gone"], _Commands()) == 1
    assert "no_such_module_anywhere" in capsys.readouterr().err
    assert main(["odd"], _Commands()) == 1
    assert "ICommand" in capsys.readouterr().err
    assert main(["--help"], _Commands()) == 0
    assert "gone, odd" in capsys.readouterr().out


def test_a_wrong_command_line_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    """A script could not tell a wrong call from a failure."""
    assert main([], _Commands()) == 2
    assert main(["nonsense"], _Commands()) == 2
    assert "nonsense" in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A bug report could not say which version it is about."""
    assert main(["--version"], _Commands()) == 0
    assert capsys.readouterr().out.startswith("ftrack-core ")


def _planted() -> Registry:
    def scan(group: str) -> tuple[Found, ...]:
        if group == "ftrack.cache":
            return (Found("gone", "no_such_module_anywhere:x"), Found("memory", "ftrack_backends.caches:memory"))
        if group == "ftrack.authenticator":
            return (Found("api_key", "ftrack_backends.authenticators:api_key"),)
        return ()

    return Registry(scan)


def _listed(*typed: str) -> int:
    command = BackendsCommand(_planted())
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(typed))


def test_backends_are_listed_with_state_and_options(capsys: pytest.CaptureFixture[str]) -> None:
    """A person would read source code to learn what can be set."""
    assert _listed() == 1
    shown = capsys.readouterr().out
    assert "setting cache, group ftrack.cache" in shown
    assert "no_such_module_anywhere" in shown
    assert "max_records" in shown
    assert "FTRACK_API_KEY" in shown


def test_one_seam_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """A broken cache would fail a check of authenticators."""
    assert _listed("authenticator") == 0
    assert "memory" not in capsys.readouterr().out


def test_programs_get_json(capsys: pytest.CaptureFixture[str]) -> None:
    """A studio's health check would parse a table."""
    _listed("--json", "cache")
    gone, memory = json.loads(capsys.readouterr().out)
    assert (gone["state"], memory["state"]) == ("broken", "ok")
    assert memory["options"][0]["name"] == "max_records"


def test_the_shipped_commands_keep_their_contract() -> None:
    """`ftrack backends` itself would be refused."""
    assert contract_faults(ICommand, BackendsCommand(_planted())) == []


@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe is another error on Windows")
def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    """`ftrack backends | head -1` would end in a traceback."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[3])}
    program = "import sys; from ftrack_core.cli import main; sys.exit(main(['backends', '--json']))"
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [sys.executable, "-c", program],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
        timeout=60,
    )
    os.close(writing)
    assert ran.stderr == b""


@pytest.mark.skipif(sys.platform == "win32", reason="shells of Windows close no streams")
@pytest.mark.parametrize(("redirected", "status"), [(">&-", 0), (">&- 2>&-", 0)])
def test_closed_streams_are_no_error(redirected: str, status: int) -> None:
    """A command that a daemon starts without streams would fail before it has done anything."""
    done = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -m ftrack_core.cli plugins {redirected}"],
        env={name: value for name, value in os.environ.items() if not name.startswith("FTRACK_")},
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (status, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="it needs a device that is full")
def test_a_full_disk_is_told_in_one_line() -> None:
    """Whoever writes a list into a file would read a traceback, and look for a bug of ours."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ftrack_core.cli", "plugins"],
            env={name: value for name, value in os.environ.items() if not name.startswith("FTRACK_")},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "ftrack: [Errno 28] No space left on device\n")
