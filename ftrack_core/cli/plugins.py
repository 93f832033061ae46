"""`ftrack plugins`: which plug-ins a session loads, from where, and what becomes of each."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
from zope.interface import implementer

from ftrack_core.cli import _output
from ftrack_core.interfaces import ICommand

if TYPE_CHECKING:
    from ftrack_core.plugins import Plugin

__all__ = ["PluginsCommand", "command"]


@implementer(ICommand)
@attrs.frozen
class PluginsCommand:
    """Lists plug-ins: without a server what would be loaded, or, with `--load`, what a session made of them."""

    name: str = "plugins"
    summary: str = "list the plug-ins that a session loads"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        add = parser.add_argument
        add("paths", nargs="*", metavar="DIR", help="plug-in folders; default: as sessions find them")
        add("--load", action="store_true", help="start a session, let them register, and tell how it went")
        add("--server", metavar="URL", help="server of that session; default: as sessions find it")
        add("--profile", metavar="NAME", help="profile of the config file")
        add("--config", metavar="FILE", help="config file in place of the usual one")
        add("--json", action="store_true", help="print JSON, for programs")

    def run(self, arguments: argparse.Namespace) -> int:
        """Print the list. The exit status is 1 when a plug-in failed, or cannot be found where it should be."""
        plugins = _loaded(arguments) if arguments.load else _found(arguments)
        if arguments.json:
            _output.say(json.dumps([_as_json(plugin) for plugin in plugins], indent=2))
        elif plugins:
            _output.table(("", "plug-in", "state", "seconds", "from", "reason"), [_row(plugin) for plugin in plugins])
        else:
            _output.say(
                "There are no plug-ins: FTRACK_EVENT_PLUGIN_PATH and plugin_paths name none, and no package has any."
            )
        return int(any(plugin.state == "failed" for plugin in plugins))


def _found(arguments: argparse.Namespace) -> Sequence[Plugin]:
    """What the settings name. Who has no credentials wants to know too, so none are asked for."""
    from ftrack_core.config import resolve
    from ftrack_core.plugins import Registry, found_plugins

    given = {"server_url": "embedded:", "plugin_paths": arguments.paths or None}
    studio = Registry().studio(os.environ)
    settings = resolve(given, profile=arguments.profile, config=arguments.config, studio=studio)
    return found_plugins(settings["plugin_paths"], settings["installed_plugins"])


def _loaded(arguments: argparse.Namespace) -> Sequence[Plugin]:
    """What became of the plug-ins of a session; what they print does not stand among the results."""
    from ftrack_core.errors import PluginError
    from ftrack_core.session import Session

    given = {"server_url": arguments.server, "plugin_paths": arguments.paths or None}
    try:
        with (
            contextlib.redirect_stdout(sys.stderr),
            Session(
                **{name: value for name, value in given.items() if value is not None},
                auto_connect_event_hub=False,
                profile=arguments.profile,
                config=arguments.config,
            ) as session,
        ):
            return session.plugins
    except PluginError as error:  # strict_plugins is set
        if not error.failures:
            raise
        return error.details["plugins"]  # type: ignore[return-value]


def _row(plugin: Plugin) -> tuple[object, ...]:
    seconds = f"{plugin.seconds:.3f}" if plugin.state in {"loaded", "failed"} and plugin.seconds else ""
    return (plugin.order, plugin.name, plugin.state, seconds, plugin.origin, plugin.reason)


def _as_json(plugin: Plugin) -> dict[str, Any]:
    names = ("order", "name", "state", "reason", "seconds", "path", "target", "distribution", "traceback")
    return {name: getattr(plugin, name) for name in names}


command = PluginsCommand()
