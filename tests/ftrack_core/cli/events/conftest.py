"""The real command against a served workspace: as a process, or in this one where that tells as much."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core.cli import main

FTRACK = str(Path(sys.executable).with_name("ftrack.exe" if sys.platform == "win32" else "ftrack"))
PATIENCE_SECONDS = 60.0


@attrs.define(eq=False)
class Running:
    """A `ftrack events listen` that goes on.

    Attributes:
        process: The process; its standard output is for the test to read.
        notes: What it said on standard error so far.
    """

    process: subprocess.Popen[str]
    notes: list[str] = attrs.field(factory=list)
    _said: threading.Condition = attrs.field(factory=threading.Condition)
    _ended: bool = False

    def listen(self) -> None:
        """Read standard error, in a thread of its own."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._said:
                self.notes.append(line.rstrip("\n"))
                self._said.notify_all()
        with self._said:
            self._ended = True
            self._said.notify_all()

    def says(self, text: str) -> str:
        """The first note with a text in it, once there is one."""
        with self._said:
            self._said.wait_for(lambda: self._found(text) or self._ended, PATIENCE_SECONDS)
        found = self._found(text)
        assert found, f"it did not say {text!r}, but: {self.notes}"
        return found[0]

    def _found(self, text: str) -> list[str]:
        return [note for note in self.notes if text in note]

    def line(self) -> str:
        """The next line of its standard output; it is ended if none comes, so that a test fails instead of waiting."""
        assert self.process.stdout is not None
        patience = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        patience.start()
        try:
            return self.process.stdout.readline()
        finally:
            patience.cancel()

    def ends(self, number: int | None = None) -> int:
        """Its exit status, after a signal if one is given."""
        if number is not None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


@attrs.define(eq=False)
class Shell:
    """Runs `ftrack events` as a user of a served workspace.

    Attributes:
        environment: Variables of the processes.
        folder: Where they run.
    """

    environment: dict[str, str]
    folder: Path

    def run(self, *arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end, as a process."""
        return subprocess.run(
            [FTRACK, "events", *arguments],
            env={**self.environment, **environment},
            cwd=self.folder,
            input=given,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def typed(self, *arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end in this process, where a start of Python more would tell nothing more."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            for name in set(os.environ) - self.environment.keys():
                patch.delenv(name)
            for name, value in {**self.environment, **environment}.items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            patch.setattr(sys, "stdin", io.StringIO(given))
            status = main(["events", *arguments])
        return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())

    def published(self, *arguments: str) -> str:
        """Publish something, well; gives the output."""
        done = self.typed("publish", *arguments)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    @contextlib.contextmanager
    def listening(self, *arguments: str, **more: Any) -> Iterator[Running]:
        """Have it listen, and go on when it is connected."""
        with subprocess.Popen(
            [FTRACK, "events", "listen", *arguments],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            **{"stdout": subprocess.PIPE, **more},
        ) as process:
            running = Running(process)
            reading = threading.Thread(target=running.listen, daemon=True)
            reading.start()
            try:
                running.says("connected to ")
                yield running
            finally:
                process.kill()
                reading.join()


@pytest.fixture
def shell_of(tmp_path: Path) -> Callable[..., Shell]:
    """Makes a shell for a user of a server."""

    def made(server: Any, user: int = 0) -> Shell:
        who = server.users[user]
        dropped = ("FTRACK_", "NO_COLOR", "PYTHONUNBUFFERED")  # the last one would hide what is not flushed
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        own = {"FTRACK_SERVER": server.url, "FTRACK_API_USER": who["username"], "FTRACK_API_KEY": who["api_key"]}
        own |= {"FTRACK_API_SCHEMA_CACHE_PATH": str(tmp_path / "schemas"), "XDG_CONFIG_HOME": str(tmp_path / "none")}
        return Shell({**kept, **own}, tmp_path)

    return made


@attrs.frozen
class Show:
    """A served workspace, as `Served` describes one.

    Attributes:
        url: Where it is.
        users: Names and keys.
    """

    url: str
    users: list[dict[str, str]]


@pytest.fixture(scope="module")
def show() -> Iterator[Show]:
    """One for all tests: none hears what was told before it listened."""
    pytest.importorskip("uvicorn", reason="HTTP needs the `server` extra")
    from ftrack_backends.workspace import front

    with Workspace.open(seed="demo") as workspace, front.serve(workspace) as server:
        users = [{"username": user.username, "api_key": user.api_key} for user in workspace.users]
        yield Show(server.url, users)


@pytest.fixture
def shell(show: Show, shell_of: Callable[..., Shell]) -> Shell:
    """A shell of the show's first user."""
    return shell_of(show)
