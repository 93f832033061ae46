"""`ftrack backends`: what is installed behind every seam, and what can be set on it."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from typing import Any

import attrs
from zope.interface import implementer

from ftrack_core.cli import _output
from ftrack_core.errors import BackendError
from ftrack_core.interfaces import ICommand
from ftrack_core.plugins import (
    COMMAND_GROUP,
    MIXIN_GROUP,
    PLUGIN_GROUP,
    SEAMS,
    InstalledBackend,
    Registry,
    Seam,
    distribution_of,
)

__all__ = ["BackendsCommand", "command"]

_EXTENSIONS: Mapping[str, str] = {
    "plugin": PLUGIN_GROUP,
    "entity_mixin": MIXIN_GROUP,
    "config": "ftrack.config",
    "command": COMMAND_GROUP,
}
"""Groups of entry points that hold no backends, by the word they are asked for by."""
_SERVERS = {"https": "https://ftrack.invalid", "embedded": "embedded:"}
"""An address of each kind of server that has defaults of its own."""


@implementer(ICommand)
@attrs.frozen
class BackendsCommand:
    """Lists backends: seam, name, distribution, state, for which servers it is the default, powers, and options.

    Attributes:
        registry: Finds backends.
    """

    registry: Registry = attrs.field(factory=Registry)
    name: str = "backends"
    summary: str = "list the installed backends, their powers and their options"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        choices = [*(seam.setting for seam in SEAMS), *_EXTENSIONS]
        parser.add_argument("seam", nargs="?", choices=choices, help="only this seam, or this group of extensions")
        parser.add_argument("--json", action="store_true", help="print JSON, for programs")

    def run(self, arguments: argparse.Namespace) -> int:
        """Print the list. The exit status is 1 when something in it is broken."""
        seams = [seam for seam in SEAMS if arguments.seam in {None, seam.setting}]
        found = {seam: self.registry.installed(seam.group) for seam in seams}
        extensions = {
            word: self._extensions(group) for word, group in _EXTENSIONS.items() if arguments.seam in {None, word}
        }
        defaults = _defaults()
        if arguments.json:
            listed = [self._as_json(seam, backend, defaults) for seam, of in found.items() for backend in of]
            listed += [{**attrs.asdict(each), "seam": ""} for of in extensions.values() for each in of]
            _output.say(json.dumps(listed, indent=2))
        else:
            self._print(found, defaults)
            _print_extensions(extensions)
        everything = [*found.values(), *extensions.values()]
        return int(any(each.state == "broken" for of in everything for each in of))

    def _print(self, found: Mapping[Seam, list[InstalledBackend]], defaults: Mapping[str, Mapping[str, str]]) -> None:
        for seam, backends in found.items():
            _output.heading(f"{seam.label} (setting {seam.setting}, group {seam.group})")
            rows = [
                (*_row(backend), ", ".join(_default_for(seam, backend, defaults)), ", ".join(self._powers(backend)))
                for backend in backends
            ]
            _output.table(("name", "state", "from", "what it is", "default for", "powers"), rows)
            for backend in backends:
                options = self._options(backend)
                if options:
                    _output.say()
                    cells = [(option["name"], option["type"], option["default"], option["help"]) for option in options]
                    _output.table(("option", "type", "default", "help"), cells, title=f"options of {backend.name}")

    def _as_json(
        self, seam: Seam, backend: InstalledBackend, defaults: Mapping[str, Mapping[str, str]]
    ) -> dict[str, Any]:
        return {
            **attrs.asdict(backend),
            "seam": seam.setting,
            "default_for": _default_for(seam, backend, defaults),
            "powers": self._powers(backend),
            "options": self._options(backend),
        }

    def _powers(self, backend: InstalledBackend) -> list[str]:
        """What it offers beyond the contract of its seam, as the names of interfaces."""
        if backend.state == "broken":
            return []
        every = {each.__name__ for each in self.registry.factory(backend.group, backend.name).provides}
        return sorted(every - {seam.interface.__name__ for seam in SEAMS})

    def _options(self, backend: InstalledBackend) -> list[dict[str, str]]:
        if backend.state == "broken":
            return []
        options_class = self.registry.factory(backend.group, backend.name).options
        return [_option(field) for field in attrs.fields(options_class) if field.init]

    def _extensions(self, group: str) -> list[InstalledBackend]:
        """What is installed in a group without backends. Plug-ins are not imported: that is their session's turn."""
        found = []
        for point in self.registry.scan(group):
            distribution, version = distribution_of(group, point)
            reason = "" if group == PLUGIN_GROUP else self._fault(group, point.name)
            each = InstalledBackend(point.name, group, distribution, version, point.target, "ok")
            found.append(attrs.evolve(each, state="broken", reason=reason) if reason else each)
        return found

    def _fault(self, group: str, name: str) -> str:
        """Why what a group has under a name cannot be had; two may share the name of an entity type."""
        errors = [each for _, each in self.registry.load_all(group, [name]) if isinstance(each, BackendError)]
        return "; ".join(error.message.partition(" is broken: ")[2] or error.message for error in errors)


def _defaults() -> Mapping[str, Mapping[str, str]]:
    """The backends that nobody needs to choose: by kind of server, the name for each setting."""
    from ftrack_core.assembly import default_backends
    from ftrack_core.config import resolve

    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith("FTRACK_")}
    found = {}
    for kind, url in _SERVERS.items():
        told = {"server_url": url} if kind == "embedded" else {"server_url": url, "api_key": "key", "api_user": "user"}
        settings = resolve(told, config={"profiles": {}}, environment=environment)
        chosen = default_backends(settings)
        found[kind] = {seam.setting: str(getattr(chosen, seam.setting, None) or "") for seam in SEAMS}
    return found


def _default_for(seam: Seam, backend: InstalledBackend, defaults: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [kind for kind, chosen in defaults.items() if chosen[seam.setting] == backend.name]


def _print_extensions(extensions: Mapping[str, list[InstalledBackend]]) -> None:
    for word, found in extensions.items():
        if found:
            _output.heading(f"{word} (group {found[0].group})")
            rows = [(each.name, each.state, _from(each), each.reason or each.target) for each in found]
            _output.table(("name", "state", "from", "what it is"), rows)


def _row(backend: InstalledBackend) -> tuple[str, ...]:
    return (backend.name, backend.state, _from(backend), backend.reason or backend.summary)


def _from(backend: InstalledBackend) -> str:
    return f"{backend.distribution} {backend.version}".strip() or "this process"


def _option(field: attrs.Attribute[Any]) -> dict[str, str]:
    variable = field.metadata.get("environment")
    text = str(field.metadata.get("help", ""))
    return {
        "name": field.alias or field.name,
        "type": field.type if isinstance(field.type, str) else getattr(field.type, "__name__", str(field.type)),
        "default": _default(field),
        "help": f"{text} ({variable})" if variable else text,
    }


def _default(field: attrs.Attribute[Any]) -> str:
    if field.default is attrs.NOTHING:
        return "required"
    if field.metadata.get("secret"):
        return "secret"
    return "computed" if isinstance(field.default, attrs.Factory) else repr(field.default)  # type: ignore[arg-type]


command = BackendsCommand()
