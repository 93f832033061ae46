"""`ftrack backends`: what is installed behind every seam, and what can be set on it."""

from __future__ import annotations

import argparse
import json
from typing import Any

import attrs
from zope.interface import implementer

from ftrack_core.cli import _output
from ftrack_core.interfaces import ICommand
from ftrack_core.plugins import SEAMS, InstalledBackend, Registry, Seam

__all__ = ["BackendsCommand", "command"]


@implementer(ICommand)
@attrs.frozen
class BackendsCommand:
    """Lists backends: seam, name, distribution, state, and options with type, default and help.

    Attributes:
        registry: Finds backends.
    """

    registry: Registry = attrs.field(factory=Registry)
    name: str = "backends"
    summary: str = "list the installed backends and their options"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("seam", nargs="?", choices=[seam.setting for seam in SEAMS], help="only this seam")
        parser.add_argument("--json", action="store_true", help="print JSON, for programs")

    def run(self, arguments: argparse.Namespace) -> int:
        """Print the list. The exit status is 1 when a backend is broken."""
        seams = [seam for seam in SEAMS if arguments.seam in (None, seam.setting)]
        found = {seam: self.registry.installed(seam.group) for seam in seams}
        if arguments.json:
            _output.say(json.dumps([self._as_json(backend) for of in found.values() for backend in of], indent=2))
        else:
            self._print(found)
        return int(any(backend.state == "broken" for of in found.values() for backend in of))

    def _print(self, found: dict[Seam, list[InstalledBackend]]) -> None:
        for seam, backends in found.items():
            _output.heading(f"{seam.label} (setting {seam.setting}, group {seam.group})")
            _output.table(("name", "state", "from", "what it is"), [_row(backend) for backend in backends])
            for backend in backends:
                options = self._options(backend)
                if options:
                    _output.say()
                    rows = [(option["name"], option["type"], option["default"], option["help"]) for option in options]
                    _output.table(("option", "type", "default", "help"), rows, title=f"options of {backend.name}")

    def _as_json(self, backend: InstalledBackend) -> dict[str, Any]:
        return {**attrs.asdict(backend), "options": self._options(backend)}

    def _options(self, backend: InstalledBackend) -> list[dict[str, str]]:
        if backend.state == "broken":
            return []
        options_class = self.registry.factory(backend.group, backend.name).options
        return [_option(field) for field in attrs.fields(options_class) if field.init]


def _row(backend: InstalledBackend) -> tuple[str, ...]:
    distribution = f"{backend.distribution} {backend.version}".strip() or "this process"
    return (backend.name, backend.state, distribution, backend.reason or backend.summary)


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
