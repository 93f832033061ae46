"""The official clients as users at other desks: programs that do what a test says, one word at a time."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATIENCE_SECONDS = 60


@attrs.define(eq=False)
class Peer:
    """A running client: `peer.query(expression=...)` says a word and gives what it answers."""

    process: subprocess.Popen[str]
    log_file: Path
    _answers: queue.Queue[str] = attrs.field(factory=queue.Queue, init=False)

    def listen(self) -> None:
        """Read the answers in a thread, so that one that does not come can be told."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def __getattr__(self, word: str) -> Callable[..., Any]:
        return lambda **given: self._value(word, self._said(word, given))

    def refused(self, word: str, **given: Any) -> dict[str, Any]:
        """Say a word that must fail; gives `name`, `message` and perhaps `code` of what the client raised."""
        answer = self._said(word, given)
        assert "error" in answer, f"{word!r} should have failed, and gave {answer['value']!r}"
        error: dict[str, Any] = answer["error"]
        return error

    def _value(self, word: str, answer: dict[str, Any]) -> Any:
        assert "value" in answer, f"{word!r} failed: {answer}\n{self.log()[-4000:]}"
        return answer["value"]

    def _said(self, word: str, given: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"word": word, "with": given}) + "\n")
        self.process.stdin.flush()
        try:
            line = self._answers.get(timeout=PATIENCE_SECONDS)
        except queue.Empty:
            line = ""
        assert line, f"no answer to {word!r}; it says:\n{self.log()[-4000:]}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def log(self) -> str:
        """What the client wrote to standard error."""
        return self.log_file.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def official_python() -> Path:
    """The interpreter that has the official Python client."""
    _demand_interop()
    usual = ROOT / ".venv-official" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    found = Path(os.environ.get("FTRACK_OFFICIAL_PYTHON") or usual)
    if not found.exists():
        pytest.fail(
            f"the official Python client is not there: {found} does not exist. `make test` prepares it; by hand: "
            f"{sys.executable} -m venv .venv-official, then .venv-official/bin/pip install ftrack-python-api==3.1.0. "
            "FTRACK_OFFICIAL_PYTHON names another interpreter, FTRACK_INTEROP=off leaves these tests out."
        )
    return found


@pytest.fixture(scope="session")
def node_folder() -> Path:
    """The folder whose `node_modules` has the official JavaScript client; without Node these tests are left out."""
    _demand_interop()
    found = Path(os.environ.get("FTRACK_NODE_FOLDER") or ROOT / ".node")
    installed = (found / "node_modules" / "@ftrack" / "api").exists()
    if not shutil.which("node") or not (installed or shutil.which("npm")):
        told = (
            "the official JavaScript client cannot run: Node.js 18 or newer with npm is not here "
            "(Debian and Ubuntu: apt-get install nodejs npm); `make test` then installs the client"
        )
        (pytest.fail if os.environ.get("CI") else pytest.skip)(told)
    if not installed:
        pytest.fail(
            f"the official JavaScript client is not in {found}; `make test` puts it there, or `make node` alone. "
            "FTRACK_NODE_FOLDER names another folder, FTRACK_INTEROP=off leaves these tests out."
        )
    return found


def _demand_interop() -> None:
    if os.environ.get("FTRACK_INTEROP") == "off":
        pytest.skip("FTRACK_INTEROP=off: the comparison with the official clients was switched off on purpose")


@pytest.fixture
def python_peer(official_python: Path, tmp_path: Path) -> Iterator[Callable[..., Peer]]:
    """Starts users of the official Python client: `python_peer(url, credentials)`."""
    command = [str(official_python), "-W", "ignore", str(HERE / "official_peer.py")]
    with contextlib.ExitStack() as stack:
        yield lambda url, who: stack.enter_context(_started(command, url, who, tmp_path, {}))


@pytest.fixture
def javascript_peer(node_folder: Path, tmp_path: Path) -> Iterator[Callable[..., Peer]]:
    """Starts users of the official JavaScript client: `javascript_peer(url, credentials)`."""
    command = [str(shutil.which("node")), str(HERE / "javascript" / "peer.mjs")]
    with contextlib.ExitStack() as stack:
        yield lambda url, who: stack.enter_context(
            _started(command, url, who, tmp_path, {"FTRACK_NODE_FOLDER": str(node_folder)})
        )


@contextlib.contextmanager
def _started(command: list[str], url: str, who: dict[str, str], folder: Path, more: dict[str, str]) -> Iterator[Peer]:
    log_file = folder / f"peer-{len(list(folder.glob('peer-*.log')))}.log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FTRACK_", "PYTHON", "NODE_"))}
    with (
        log_file.open("w", encoding="utf-8") as log,
        subprocess.Popen(
            [*command, url, who["username"], who["api_key"]],
            env={**kept, **more},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            encoding="utf-8",
        ) as process,
    ):
        peer = Peer(process, log_file)
        listening = threading.Thread(target=peer.listen, daemon=True)
        listening.start()
        try:
            yield peer
        finally:
            process.kill()
            listening.join()
