"""The soak of event hubs, in a short version."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOAK = Path(__file__).with_name("soak_events.py")


def test_a_listener_does_not_grow() -> None:
    """A service that runs for months would be killed for its memory, or run out of descriptors."""
    command = [sys.executable, str(SOAK), "--seconds", "1", "--reconnects", "25"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost 0, came twice 0" in done.stdout
