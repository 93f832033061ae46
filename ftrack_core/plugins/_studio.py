"""Finds what a studio's package says: by its entry point, or by what `FTRACK_STUDIO` names."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from ftrack_core.config import Fault, Studio, configuration_error, read_table, studio_of
from ftrack_core.errors import BackendError, ConfigurationError
from ftrack_core.plugins._paths import import_target, is_path, resolve_object
from ftrack_core.plugins._registry import Registry
from ftrack_core.plugins._scan import Found, distribution_of
from ftrack_core.plugins._seams import CONFIG_GROUP

__all__ = ["FILE_NAME", "find_studio"]

FILE_NAME = "studio.toml"
"""What the file of a package is called that is named without an object."""
_ESCAPE = "; FTRACK_STUDIO=off starts without it"


def find_studio(named: str | None, registry: Registry) -> Studio | None:
    """What the studio's package says.

    Args:
        named: What `FTRACK_STUDIO` holds: a path as `package:object`, the name of an entry point, or a TOML file; None
            for what is installed.
        registry: Finds entry points.

    Returns:
        What it says; None where no package is installed.

    Raises:
        ConfigurationError: Several packages claim to be the studio's, it is broken, or its document is wrong.
    """
    if named is None:
        found = registry.scan(CONFIG_GROUP)
        if len(found) > 1:
            raise _claimed_twice(found)
        return _installed(found[0]) if found else None
    if named.endswith(".toml"):
        return _read(Path(named), f"studio file {named} (from FTRACK_STUDIO)", asked_by="FTRACK_STUDIO")
    if is_path(named):
        return _at_path(named)
    return _installed(_of_name(named, registry))


def _of_name(name: str, registry: Registry) -> Found:
    found = [each for each in registry.scan(CONFIG_GROUP) if each.name == name]
    if len(found) > 1:
        raise _claimed_twice(found)
    if not found:
        names = ", ".join(registry.names(CONFIG_GROUP)) or "none"
        message = (
            f"studio package {name!r} (from FTRACK_STUDIO) is not installed; installed: {names}; name an object as "
            f"package.module:object, or a .toml file{_ESCAPE}"
        )
        raise ConfigurationError(message)
    return found[0]


def _claimed_twice(found: tuple[Found, ...] | list[Found]) -> ConfigurationError:
    claims = " and ".join(f"{each.name} = {each.target} of {_package(each)}" for each in found)
    message = (
        f"several packages claim to be the studio's (group {CONFIG_GROUP}): {claims}; uninstall all but one, or let "
        f"FTRACK_STUDIO name the one that counts, as FTRACK_STUDIO={found[0].target}"
    )
    return ConfigurationError(message)


def _installed(found: Found) -> Studio:
    origin = f"studio package {_package(found)}"
    try:
        given = import_target(found.target)
    except Exception as error:
        message = f"{origin} is broken: {found.target}: {type(error).__name__}: {error}{_ESCAPE}"
        raise ConfigurationError(message) from error
    return _said(given, found.target.partition(":")[0].strip(), origin)


def _at_path(path: str) -> Studio:
    try:
        given = resolve_object(path, "FTRACK_STUDIO")
    except BackendError as error:
        raise ConfigurationError(f"the studio's package cannot be had: {error.message}{_ESCAPE}") from error
    module = path.partition(":")[0]
    return _said(given, module, f"studio package {module} (from FTRACK_STUDIO)")


def _package(found: Found) -> str:
    name, version = distribution_of(CONFIG_GROUP, found)
    return f"{name} {version}" if name else found.target


def _said(given: Any, module: str, origin: str) -> Studio:
    """What an object says that stands for the package: a module, a file's path, a mapping, or a function for these."""
    folder = _folder(sys.modules[module])
    if isinstance(given, ModuleType):
        return _read(folder / FILE_NAME, origin, asked_by=origin)
    if callable(given) and not isinstance(given, Mapping):
        try:
            given = given()
        except Exception as error:
            message = f"{origin} is broken: {module} raised {type(error).__name__}: {error}{_ESCAPE}"
            raise ConfigurationError(message) from error
    if isinstance(given, Mapping):
        faults: list[Fault] = []
        return _checked(studio_of(given, origin, folder, faults), faults)
    if isinstance(given, (str, Path)):
        return _read(folder / given, origin, asked_by=origin)
    kind = type(given).__name__
    message = (
        f"{origin} is broken: {module} gives an object of type {kind}; it should give a mapping, a TOML file's path, "
        f"or a function for one of these{_ESCAPE}"
    )
    raise ConfigurationError(message)


def _read(path: Path, origin: str, asked_by: str) -> Studio:
    faults: list[Fault] = []
    path = path.expanduser()
    table = read_table(path, asked_by, faults)
    studio = studio_of(table or {}, origin, path.absolute().parent, faults)
    return _checked(studio, faults)


def _checked(studio: Studio, faults: list[Fault]) -> Studio:
    if faults:
        raise configuration_error([*faults[:-1], Fault(f"{faults[-1].text}{_ESCAPE}", faults[-1].of_type)])
    return studio


def _folder(module: ModuleType) -> Path:
    file = getattr(module, "__file__", None)
    return Path(file).parent if file else Path(next(iter(module.__path__)))
