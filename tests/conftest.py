"""What tests of several packages share."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import hypothesis
import pytest

# A loaded machine is slow at making examples; that says nothing about the code. Every run tries other examples, but in
# continuous integration the same, so that red means a change; `make unit PYTEST=--hypothesis-profile=deep` tries many.
_PATIENT: dict[str, Any] = {
    "deadline": None,
    "derandomize": bool(os.environ.get("CI")),
    "suppress_health_check": [hypothesis.HealthCheck.too_slow],
}
hypothesis.settings.register_profile("project", max_examples=60, **_PATIENT)
hypothesis.settings.register_profile("deep", max_examples=2000, **_PATIENT)
hypothesis.settings.load_profile("project")


# A shell that starts the tests in the background has them ignore Ctrl+C, and so would every process that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first: at the end of a run one worker would be busy with it alone."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """What collecting made stays to the end: no search for garbage need look through it, as many tests have done."""
    gc.freeze()


@attrs.define(eq=False)
class Served:
    """`ftrack serve` in a process of its own.

    Attributes:
        facts: What it printed with `--json` once it was ready.
        log_file: Where its standard error goes.
    """

    process: subprocess.Popen[str]
    facts: dict[str, Any]
    log_file: Path

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self.facts["url"])

    @property
    def users(self) -> list[dict[str, str]]:
        """Names and keys."""
        return list(self.facts["users"])

    def log(self) -> str:
        """What it has written so far; a request's line is there by the time that its reply is."""
        return self.log_file.read_text(encoding="utf-8")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it in order, and give its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)


@pytest.fixture
def serve(tmp_path: Path) -> Callable[..., contextlib.AbstractContextManager[Served]]:
    """Starts `ftrack serve --json` with more arguments; on a free port of this machine."""
    return _serving(tmp_path)


@pytest.fixture(scope="module")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demo show, served to all tests of a module: for those that do not mind what others do in it."""
    with _serving(tmp_path_factory.mktemp("demo"))("--seed", "demo") as server:
        yield server
        assert "Traceback" not in server.log()


def _serving(folder: Path) -> Callable[..., contextlib.AbstractContextManager[Served]]:
    @contextlib.contextmanager
    def started(*arguments: str) -> Iterator[Served]:
        log_file = folder / f"serve-{len(list(folder.glob('serve-*.log')))}.log"
        with log_file.open("w", encoding="utf-8") as log, _process(arguments, log) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                assert line, f"ftrack serve ended before it was ready:\n{log_file.read_text(encoding='utf-8')}"
                yield Served(process, json.loads(line), log_file)
            finally:
                process.kill()

    return started


def _process(arguments: tuple[str, ...], log: Any) -> subprocess.Popen[str]:
    script = Path(sys.executable).with_name("ftrack.exe" if sys.platform == "win32" else "ftrack")
    return subprocess.Popen(
        [str(script), "serve", "--json", *arguments],
        env={name: value for name, value in os.environ.items() if not name.startswith("FTRACK_")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
