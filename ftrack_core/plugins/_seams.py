"""The seams: which group of entry points keeps which contract, and which setting names its backend."""

from __future__ import annotations

import attrs
from zope.interface.interface import InterfaceClass

from ftrack_core.interfaces import (
    IAuthenticator,
    ICache,
    IEventHub,
    IEventInbox,
    IKeyMaker,
    ISchemaCache,
    ITransport,
)
from ftrack_core.values import ByValue

__all__ = ["COMMAND_GROUP", "CONFIG_GROUP", "MIXIN_GROUP", "PLUGIN_GROUP", "SEAMS", "Seam", "label_of", "seam_of"]

COMMAND_GROUP = "ftrack.command"
"""Group of the sub-commands of the `ftrack` command."""

CONFIG_GROUP = "ftrack.config"
"""Group of the studio's package, of which there is one at most: its entry point names what holds the defaults."""

MIXIN_GROUP = "ftrack.entity_mixin"
"""Group of plain classes that are mixed into entity types; an entry point's name is that of the type."""

PLUGIN_GROUP = "ftrack.plugin"
"""Group of the plug-ins of sessions: each entry point names a module or another object that has `register`, or that
function itself."""


@attrs.frozen(eq=False, repr=False)
class Seam(ByValue):
    """One place where backends differ.

    Attributes:
        group: Group of its entry points.
        setting: Name of the setting that chooses its backend.
        label: What one of its backends is called in messages.
        interface: What its backends provide.
    """

    group: str
    setting: str
    label: str
    interface: InterfaceClass


SEAMS = (
    Seam("ftrack.transport", "transport", "transport", ITransport),
    Seam("ftrack.authenticator", "authenticator", "authenticator", IAuthenticator),
    Seam("ftrack.cache", "cache", "cache", ICache),
    Seam("ftrack.key_maker", "cache_key_maker", "key maker", IKeyMaker),
    Seam("ftrack.schema_cache", "schema_cache", "schema cache", ISchemaCache),
    Seam("ftrack.event_hub", "event_hub", "event hub", IEventHub),
    Seam("ftrack.event_inbox", "event_inbox", "event inbox", IEventInbox),
)
"""All seams, in the order in which an assembly makes their backends."""


def seam_of(group: str) -> Seam | None:
    """The seam whose backends a group holds; None for a group of another kind."""
    return next((seam for seam in SEAMS if seam.group == group), None)


def label_of(group: str) -> str:
    """What a member of a group is called in messages: `cache backend`, `command`."""
    seam = seam_of(group)
    return f"{seam.label} backend" if seam else group.rpartition(".")[2]
