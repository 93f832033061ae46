"""Which files of plug-in folders are plug-ins, and in which order. Nothing is imported by looking."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from ftrack_core.plugins._plugin import Plugin

__all__ = ["INIT_FILE", "plugins_in"]

INIT_FILE = "__init__.py"


def plugins_in(paths: Iterable[str | os.PathLike[str]]) -> list[Plugin]:
    """The plug-ins of folders, in the order in which they are loaded.

    The folders come in the order given; in each the files in order of name, a package's `__init__.py` first, then the
    folders within. Hidden files and folders and `__pycache__` are not looked at; links to folders are not followed,
    and a file that is reached twice is one plug-in.

    Args:
        paths: Folders; a blank one is nothing.

    Returns:
        What was found; and what cannot be used, as `failed` or `skipped`.
    """
    seen: dict[str, str] = {}
    roots = [Path(os.path.abspath(path)) for path in paths if os.fspath(path).strip()]  # noqa: PTH100 - links stay
    return [_once(found, seen) for root in roots for found in _below(root)]


def _below(root: Path) -> Iterator[Plugin]:
    if root.is_dir():
        yield from _within(root, root, "")
    else:
        what = "it is a file: name the folder that holds it" if root.exists() else "there is no such folder"
        yield Plugin(root.name, str(root), state="failed", reason=what)


def _within(folder: Path, root: Path, package: str) -> Iterator[Plugin]:
    """The plug-ins of a folder, and then of those in it; `package` is the `__init__.py` of the one around it."""
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        yield Plugin(_name(folder, root), str(folder), state="failed", reason=f"it cannot be read: {error.strerror}")
        return
    folders = [entry for entry in entries if entry.is_dir()]
    files = [entry for entry in entries if entry.suffix == ".py" and entry not in folders]
    init_file = folder / INIT_FILE
    own = str(init_file) if init_file in files else ""
    if own:
        yield _plugin(init_file, root, package)
    yield from (_plugin(file, root, own) for file in files if file != init_file)
    for inner in folders:
        if inner.name != "__pycache__":
            yield from _folder(inner, root, own)


def _folder(folder: Path, root: Path, package: str) -> Iterator[Plugin]:
    if folder.is_symlink():
        reason = "links to folders are not followed: name the folder itself in plugin_paths"
        yield Plugin(_name(folder, root), str(folder), state="skipped", reason=reason)
    else:
        yield from _within(folder, root, package)


def _plugin(file: Path, root: Path, package: str) -> Plugin:
    name = _name(file.parent if file.name == INIT_FILE else file.with_suffix(""), root)
    if file.is_file():
        return Plugin(name, str(file), package=package)
    what = "it is no file" if file.exists() else "it is a link to nothing"
    return Plugin(name, str(file), state="failed", reason=what)


def _name(path: Path, root: Path) -> str:
    """What a file or folder is called below its plug-in folder; that one goes by its own name."""
    return root.name if path == root else path.relative_to(root).as_posix()


def _once(plugin: Plugin, seen: dict[str, str]) -> Plugin:
    """A plug-in, skipped if its file came before: on two paths, or by a link."""
    if plugin.state != "found":
        return plugin
    before = seen.setdefault(os.path.realpath(plugin.path), plugin.path)
    if before is plugin.path:
        return plugin
    where = "its folder was named before" if before == plugin.path else f"it is the same file as {before}"
    return attrs.evolve(plugin, state="skipped", reason=where)
