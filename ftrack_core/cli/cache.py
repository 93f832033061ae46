"""`ftrack cache`: what the configured caches hold, and clearing them."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

import attrs
from zope.interface import implementer

from ftrack_core.interfaces import ICommand
from ftrack_core.plugins import Registry

if TYPE_CHECKING:
    from ftrack_core.assembly import Backends

__all__ = ["CacheCommand", "command"]


@implementer(ICommand)
@attrs.frozen
class CacheCommand:
    """Counts or clears what is in the caches that a session would use, without a word to the server.

    Attributes:
        registry: Finds backends.
    """

    registry: Registry = attrs.field(factory=Registry)
    name: str = "cache"
    summary: str = "count what the configured caches hold, or clear them"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        add = parser.add_argument
        add("action", choices=["stats", "clear"], help="count, or clear")
        add("--type", metavar="TYPE", action="append", default=[], help="only records of this entity type; repeatable")
        add("--layer", metavar="LAYER", help="only this layer: its number or class in stats, or 'schema'")
        add("--pattern", metavar="REGEX", help="only entries in whose key this is found")
        add("--all-scopes", action="store_true", help="those of other servers, users and keys too")
        add("--yes", action="store_true", help="clear without asking")
        add("--server", metavar="URL", help="server whose caches they are; default: as sessions find it")
        add("--profile", metavar="NAME", help="profile of the config file")
        add("--config", metavar="FILE", help="config file in place of the usual one")
        add("--json", action="store_true", help="print JSON, for programs")

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it. The exit status is 1 when a layer could not be read or cleared, or nobody said yes."""
        from ftrack_core.cli._caches import clear, show

        backends = self._backends(arguments)
        try:
            return show(backends, arguments) if arguments.action == "stats" else clear(backends, arguments)
        finally:
            backends.close()

    def _backends(self, arguments: argparse.Namespace) -> Backends:
        from ftrack_core.assembly import assemble
        from ftrack_core.config import resolve

        settings = resolve(
            {"server_url": arguments.server},
            profile=arguments.profile,
            config=arguments.config,
            studio=self.registry.studio(os.environ),
            defer_faults=True,
        )
        return assemble(settings, registry=self.registry)


command = CacheCommand()
