"""One process asks the server, and the others that start at the same time wait for what it keeps.

Who makes the claim's file has the claim: that is one step on every file system, those of a network too. A claim is
given up by removing the file. Who died with one leaves a file that soon is too old to count. Nothing depends on it
but how often the server is asked.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from ftrack_core.values import MISSING, Missing

__all__ = ["fetch_once"]

Schemas: TypeAlias = "Sequence[Mapping[str, Any]]"
_SHORTEST_LOOK_SECONDS: Final = 0.01
_LONGEST_LOOK_SECONDS: Final = 0.1


def fetch_once(
    load: Callable[[], Schemas | Missing],
    fetch: Callable[[], Schemas],
    save: Callable[[Schemas], None],
    claim: Path,
    wait_seconds: float,
) -> Schemas:
    """What is fetched now, here or by another process, and kept; for what is not kept yet.

    Args:
        load: What is kept, or `MISSING`.
        fetch: Asks the server.
        save: Keeps it.
        claim: The file of the claim.
        wait_seconds: How long to wait for another process at most, and how old a claim may be.
    """
    known = MISSING if _has_claimed(claim) else _wait(load, claim, wait_seconds)
    if known is not MISSING:
        return known
    try:
        known = load()  # another one may have kept it since
        if known is MISSING:
            known = fetch()
            save(known)
        return known
    finally:
        _remove(claim)


def _wait(load: Callable[[], Schemas | Missing], claim: Path, wait_seconds: float) -> Schemas | Missing:
    """What another process has kept; `MISSING` when it is for this one to ask the server."""
    until = time.monotonic() + wait_seconds
    pause, turn = _SHORTEST_LOOK_SECONDS, _turn(claim)
    while time.monotonic() < until and not _is_too_old(turn, wait_seconds):
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_LOOK_SECONDS)
        found, turn = turn, _turn(claim)
        if turn != found and (known := load()) is not MISSING:
            return known
        if turn is None and _has_claimed(claim):
            break
    return MISSING


def _has_claimed(claim: Path) -> bool:
    """Whether this process has the claim now; so it has where none can be made."""
    try:
        with contextlib.suppress(OSError):
            claim.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(claim, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    except OSError:
        return True
    return True


def _turn(claim: Path) -> tuple[int, float] | None:
    """What tells a claim from the next one, and when it was made; None if there is none."""
    try:
        found = claim.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime


def _is_too_old(turn: tuple[int, float] | None, wait_seconds: float) -> bool:
    return turn is not None and time.time() - turn[1] > wait_seconds


def _remove(claim: Path) -> None:
    with contextlib.suppress(OSError):
        claim.unlink()
