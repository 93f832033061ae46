"""Files as modules under names of their own, so that equal file names do not clash."""

from __future__ import annotations

import importlib.util
import itertools
import os
import re
import sys
import zlib
from pathlib import Path
from types import ModuleType

import attrs

from ftrack_core.plugins._folders import INIT_FILE

__all__ = ["PluginModules"]


@attrs.define(eq=False, repr=False)
class PluginModules:
    """The modules that were made of one session's plug-in files.

    Each stands in `sys.modules` until `forget`, so that pickling, dataclasses and annotations find it. Its name is
    made of the file's name and place: another process that loads the same file has it by the same name. Where several
    sessions load a file, each has a module of its own; names of later ones end in a number.

    Thread safety: one thread; several objects may work at once.
    """

    _names: dict[str, str] = attrs.field(factory=dict, init=False)

    def load(self, path: str, package: str) -> ModuleType:
        """Import a file, as a module of its package where that could be imported.

        Args:
            path: The file.
            package: The `__init__.py` of its package, or nothing.

        Raises:
            BaseException: Whatever the file raises; nothing of it stays in `sys.modules` then.
        """
        parent, own = self._names.get(package, ""), _stem(path).replace(".", "_")
        if not parent:
            name = _reserved(path)
        elif (name := f"{parent}.{own}") in sys.modules:  # the package, or a module of it, imported it
            self._names[path] = name
            return sys.modules[name]
        module = _executed(name, path)
        self._names[path] = name
        if parent in sys.modules:
            setattr(sys.modules[parent], own, module)
        return module

    def forget(self) -> None:
        """Take the modules out of `sys.modules`; functions of them that somebody holds go on working."""
        _drop(*self._names.values())
        self._names.clear()


def _executed(name: str, path: str) -> ModuleType:
    file = Path(path)
    folder = [str(file.parent)] if file.name == INIT_FILE else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=folder)
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 - the file ends in .py
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        _drop(name)
        raise
    return module


def _reserved(path: str) -> str:
    """A name in `sys.modules` that nothing else has, in any thread."""
    readable = re.sub(r"\W", "_", _stem(path))
    stem = f"ftrack_plugin_{readable}_{zlib.crc32(os.fsencode(path)):08x}"
    names = itertools.chain([stem], (f"{stem}_{number}" for number in itertools.count(2)))
    placeholder = ModuleType(stem)
    return next(name for name in names if sys.modules.setdefault(name, placeholder) is placeholder)


def _drop(*names: str) -> None:
    """Take modules, and whatever they have below them, out of `sys.modules`."""
    below = tuple(f"{name}." for name in names)
    for each in [each for each in list(sys.modules) if each in names or each.startswith(below)]:
        sys.modules.pop(each, None)


def _stem(path: str) -> str:
    file = Path(path)
    return file.parent.name if file.name == INIT_FILE else file.stem
