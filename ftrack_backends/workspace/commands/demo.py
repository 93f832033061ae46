"""`ftrack demo`: real sessions doing a pipeline's work, before your eyes."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import attrs
from zope.interface import implementer

from ftrack_core.interfaces import ICommand

__all__ = ["DemoCommand", "command"]


@implementer(ICommand)
@attrs.frozen
class DemoCommand:
    """Starts a workspace with a small show and lets sessions work on it.

    It needs no account and reads no settings of the user's: neither `FTRACK_` variables nor a config file. Every
    number it prints was measured in that run. Exit status 0 says that each step did what it says.
    """

    name: str = "demo"
    summary: str = "watch real sessions do pipeline work on a show of the demo's own"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        add = parser.add_argument
        add("--database", type=Path, metavar="FILE", help="SQLite file to keep the show in; without it, in memory")
        add("--keep", action="store_true", help="leave the server running afterwards, until Ctrl+C")
        add("--plain", action="store_true", help="no colour, on a terminal too")

    def run(self, arguments: argparse.Namespace) -> int:
        """Run it. The exit status is 0 when every step did what it says."""
        from ftrack_backends.workspace.demo import Choices, run

        with _without_colour() if arguments.plain else contextlib.nullcontext():
            run(Choices(arguments.database, keep=arguments.keep))
        return 0


@contextlib.contextmanager
def _without_colour() -> Iterator[None]:
    """`NO_COLOR` for as long as the command runs: everything that prints heeds it."""
    before = os.environ.get("NO_COLOR")
    os.environ["NO_COLOR"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["NO_COLOR"]
        else:
            os.environ["NO_COLOR"] = before


command = DemoCommand()
