"""The shell of the `ftrack` command: finds sub-commands, runs one, tells errors in one way."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

from ftrack_core.cli import _output
from ftrack_core.errors import BackendError, Error, WrongBackendError
from ftrack_core.interfaces import ICommand
from ftrack_core.plugins import COMMAND_GROUP, Registry, contract_faults

__all__ = ["main"]

_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None, registry: Registry | None = None) -> int:
    """Run the `ftrack` command.

    Args:
        argv: What was typed after `ftrack`; None for what this process was started with.
        registry: Finds sub-commands; None for what is installed.

    Returns:
        The exit status: 0 when it went well, 1 for an error, 2 for a wrong command line, 130 when interrupted.
    """
    _have_streams()
    try:
        return _understood(list(sys.argv[1:] if argv is None else argv), registry or Registry())
    except KeyboardInterrupt:
        return _INTERRUPTED


def _understood(typed: list[str], registry: Registry) -> int:
    """Run what was typed; gives the exit status."""
    commands, broken = _commands(registry)
    if typed and typed[0] in broken:
        return _told(broken[typed[0]], debug="--debug" in typed)
    try:
        arguments = _parser(commands, broken).parse_args(typed)
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else 2
    return _run(commands[arguments.command], arguments)


def _run(command: Any, arguments: argparse.Namespace) -> int:
    try:
        status = command.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        return _left_alone()
    except Error as error:
        return _told(error, arguments.debug)
    except OSError as error:
        return _not_written(error, arguments.debug)
    return int(status or 0)


def _commands(registry: Registry) -> tuple[dict[str, Any], dict[str, Error]]:
    """The sub-commands that can be had, and the errors of those that cannot, by name."""
    commands: dict[str, Any] = {}
    broken: dict[str, Error] = {}
    for name in registry.names(COMMAND_GROUP):
        command = _command(registry, name)
        if isinstance(command, Error):
            broken[name] = command
        else:
            commands[name] = command
    return commands, broken


def _command(registry: Registry, name: str) -> Any:
    """The sub-command of a name, or the error that it gives: one that is broken leaves the others alone."""
    try:
        command = registry.load(COMMAND_GROUP, name)
    except BackendError as error:
        return error
    faults = contract_faults(ICommand, command)
    return WrongBackendError(f"command {name!r} is no ICommand: {'; '.join(faults)}") if faults else command


def _parser(commands: dict[str, Any], broken: dict[str, Error]) -> argparse.ArgumentParser:
    note = f"Broken, and each says why when it is called: {', '.join(broken)}." if broken else None
    parser = argparse.ArgumentParser(prog="ftrack", description="Tools around the ftrack session.", epilog=note)
    parser.add_argument("--version", action="version", version=f"ftrack-core {_version()}")
    below = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in sorted(commands.items()):
        of_command = below.add_parser(name, help=command.summary, description=command.summary)
        of_command.add_argument("--debug", action="store_true", help="show the traceback of an error")
        command.configure(of_command)
    return parser


def _version() -> str:
    try:
        return importlib.metadata.version("ftrack-core")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def _have_streams() -> None:
    """Write into the void where somebody started us with closed streams."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - it stays open


def _told(error: Error, debug: bool) -> int:
    _trace(error, debug)
    _output.error(f"ftrack: {error.code}: {error}")
    return 1


def _not_written(error: OSError, debug: bool) -> int:
    """What the system refused: in most cases our output, as on a full disk."""
    _trace(error, debug)
    _output.error(f"ftrack: {error}")
    _left_alone()
    return 1


def _trace(error: Exception, debug: bool) -> None:
    if debug:
        _output.error("".join(traceback.format_exception(error)).rstrip())


def _left_alone() -> int:
    """Whoever read our output has gone: stop in silence, and keep the interpreter from flushing into the void."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
