"""`ftrack events`: hear events as they come, and publish some, from a shell."""

from __future__ import annotations

from ftrack_core.cli.events._command import EventsCommand, command

__all__ = ["EventsCommand", "command"]
