"""What tests of several packages share."""

from __future__ import annotations

import contextlib
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

# A loaded machine is slow at making examples; that says nothing about the code.
hypothesis.settings.register_profile("project", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("project")


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

    @contextlib.contextmanager
    def started(*arguments: str) -> Iterator[Served]:
        log_file = tmp_path / f"serve-{len(list(tmp_path.glob('serve-*.log')))}.log"
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
