"""`ftrack stubs`: types for editors and type checkers, made from what a server has."""

from __future__ import annotations

from ftrack_core.cli.stubs._command import StubsCommand, command

__all__ = ["StubsCommand", "command"]
