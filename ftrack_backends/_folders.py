"""What can be found out about a folder in which something is kept: shared ground that knows no seam."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ftrack_core.values import Finding

__all__ = ["database_finding", "folder_finding"]

_LITTLE_BYTES = 100 * 1024 * 1024


def folder_finding(folder: Path, files: Iterable[Path], now: float) -> Finding:
    """How a folder is: whether it can be written, on what it lies, and what is in it.

    Args:
        folder: The folder, which need not exist yet.
        files: The files in it that count.
        now: The time, in seconds since the epoch.
    """
    standing = _standing(folder)
    facts: dict[str, Any] = {"path": str(folder), "exists": folder.is_dir(), **_place(standing)}
    trouble = _trouble(folder, standing)
    if trouble:
        advice = "make it a folder that this user may write, or name another one"
        return Finding("folder", "failed", trouble, advice, facts=facts)
    if not folder.is_dir():
        return Finding("folder", "ok", f"{folder} is not there yet, and can be made", facts=facts)
    facts.update(_content(files, now))
    text = f"{folder} can be written; {facts['files']} files, {facts['bytes']:,} bytes{_age(facts)}"
    if facts["free_bytes"] < _LITTLE_BYTES:
        left = f"{text}; only {facts['free_bytes']:,} bytes are free on its disk"
        return Finding("folder", "warning", left, "make room on it", facts=facts)
    return Finding("folder", "ok", f"{text}; on {facts['file_system']}", facts=facts)


def database_finding(file: Path, now: float) -> Finding:
    """How the folder of a SQLite file is; what counts is the file, its log, and what was moved aside of it.

    Args:
        file: The file, which need not exist yet.
        now: The time, in seconds since the epoch.
    """
    names = f"{glob.escape(file.name)}*"
    return folder_finding(file.parent, sorted(file.parent.glob(names)) if file.parent.is_dir() else [], now)


def _trouble(folder: Path, standing: Path) -> str:
    if not standing.is_dir():
        return f"{standing} is a file, where a folder should be"
    if not os.access(standing, os.W_OK | os.X_OK):
        return f"{standing} cannot be written by this user"
    if folder.is_dir() and not os.access(folder, os.R_OK):
        return f"{folder} cannot be read by this user"
    return ""


def _standing(folder: Path) -> Path:
    """The folder, or what there is of the way to it."""
    for each in (folder, *folder.parents):
        if os.path.lexists(each):
            return each
    return folder


def _place(standing: Path) -> dict[str, Any]:
    from ftrack_backends.sqlite_files import network_file_system

    kind = network_file_system(standing)
    try:
        free = shutil.disk_usage(standing).free
    except OSError:
        free = 0
    return {"file_system": f"a network file system ({kind})" if kind else "a local disk", "free_bytes": free}


def _content(files: Iterable[Path], now: float) -> dict[str, Any]:
    sizes, times = [], []
    for path in files:
        try:
            found = path.stat()
        except OSError:
            continue  # gone meanwhile
        sizes.append(found.st_size)
        times.append(found.st_mtime)
    ages = {"newest_seconds": round(now - max(times)), "oldest_seconds": round(now - min(times))} if times else {}
    return {"files": len(sizes), "bytes": sum(sizes), **ages}


def _age(facts: dict[str, Any]) -> str:
    seconds = facts.get("newest_seconds")
    if seconds is None:
        return ""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f", the newest {seconds // length} {unit} old"
    return f", the newest {max(seconds, 0)} s old"
