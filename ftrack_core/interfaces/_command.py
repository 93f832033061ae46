"""The seam of the command line: sub-commands of `ftrack`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    import argparse

__all__ = ["ICommand"]


class ICommand(Interface):
    """One sub-command of the `ftrack` command. It is what an entry point of group `ftrack.command` names.

    Importing its module must be cheap: every run of `ftrack --help` does it for every command. What the command needs
    is imported by `run`.

    Thread safety: used by one thread.

    Guarantees:

    - C1: `configure` adds arguments and does nothing else.
    - C2: `run` writes results to standard output and everything else to standard error.
    - C3: `run` lets errors of our tree out: the shell prints them, with their code, in one way for all commands.
    """

    name: str = Attribute("What a person types after `ftrack`; the name of the entry point")
    summary: str = Attribute("What it does, in one line")

    def configure(parser: argparse.ArgumentParser) -> None:
        """Declare the arguments.

        Args:
            parser: The parser of this sub-command.
        """

    def run(arguments: argparse.Namespace) -> int:
        """Do it.

        Args:
            arguments: What was typed, parsed.

        Returns:
            The exit status of the process: 0 when it went well.

        Raises:
            Error: It could not be done.
        """
