"""The plug-ins that a session would load; none of them is run here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ftrack_core.plugins import found_plugins
from ftrack_core.values import Finding

if TYPE_CHECKING:
    from ftrack_core.cli.doctor._examination import Examination

__all__ = ["check"]


def check(examination: Examination) -> Iterator[Finding]:
    """What is found in folders and packages, and folders that are not there."""
    settings = examination.settings
    if settings is None:
        yield Finding("plug-ins", "skipped", "the settings could not be had; see above")
        return
    plugins = found_plugins(settings["plugin_paths"], settings["installed_plugins"], examination.registry)
    failed = [plugin for plugin in plugins if plugin.state == "failed"]
    for plugin in failed:
        text = f"{plugin.origin or plugin.name}: {plugin.reason}"
        advice = f"correct plugin_paths ({settings.origin('plugin_paths')}), or make the folder"
        yield Finding("plug-in folder", "failed", text, advice, facts={"path": plugin.path})
    found = [plugin for plugin in plugins if plugin.state == "found"]
    rows = [{"plug-in": plugin.name, "from": plugin.origin} for plugin in found]
    text = f"{len(found)} would be loaded; `ftrack plugins --load` tries them" if found else "there are none"
    if found or not failed:
        yield Finding("plug-ins", "ok", text, facts={"plugins": rows})
