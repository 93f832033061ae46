"""`ftrack serve`: a workspace over HTTP, for any ftrack client."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import re
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
from zope.interface import implementer

from ftrack_core.cli import output
from ftrack_core.interfaces import ICommand

if TYPE_CHECKING:
    from ftrack_backends.workspace import Workspace
    from ftrack_backends.workspace.front._server import RunningServer

__all__ = ["ServeCommand", "command"]

_STOP_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
_LOOK_SECONDS = 1.0  # Windows wakes no waiting thread for Ctrl+C, so the wait is cut in pieces


@implementer(ICommand)
@attrs.frozen
class ServeCommand:
    """Serves a workspace until it is told to stop, and prints what a client needs to reach it."""

    name: str = "serve"
    summary: str = "serve an ftrack-compatible workspace over HTTP"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        add = parser.add_argument
        add("--database", type=Path, metavar="FILE", help="SQLite file to keep it in; without it, it lives in memory")
        add(
            "--seed",
            metavar="NAME|FILE",
            help="what a new workspace holds: empty (the default), demo, or a TOML or JSON file",
        )
        add("--port", type=int, default=0, metavar="N", help="port to listen on; 0, the default, takes a free one")
        add("--host", default="127.0.0.1", metavar="H", help="address to listen on; the default is this machine only")
        add(
            "--file-limit",
            type=_byte_count,
            metavar="SIZE",
            help="largest file of a component that is taken, as 500M or 16G; 16G without it, 1G in memory",
        )
        add("--json", action="store_true", help="print one line of JSON once it is ready, for programs")
        add("--quiet", action="store_true", help="write no line for each request")

    def run(self, arguments: argparse.Namespace) -> int:
        """Serve until a signal says stop. The exit status is 1 when the server ended by itself."""
        from ftrack_backends.workspace import Workspace
        from ftrack_backends.workspace.front import serve

        with (
            _logging_to_stderr(quiet=arguments.quiet),
            _stop_signals() as stop,
            contextlib.closing(
                Workspace.open(arguments.database, seed=arguments.seed, file_limit_bytes=arguments.file_limit)
            ) as workspace,
            serve(workspace, arguments.host, arguments.port) as server,
        ):
            _tell(arguments, workspace, server)
            return _wait(server, stop)


def _byte_count(text: str) -> int:
    """Read a number of bytes; K, M, G and T are powers of 1024."""
    found = re.fullmatch(r"(\d{1,15})([KMGT]?)", text.strip().upper())
    if found is None or int(found[1]) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write a number of bytes, as 500M or 16G")
    return int(found[1]) << 10 * " KMGT".index(found[2] or " ")


def _wait(server: RunningServer, stop: threading.Event) -> int:
    while not stop.wait(_LOOK_SECONDS):
        if not server.running:
            output.error("ftrack serve: the server ended by itself; the lines above say why")
            return 1
    return 0


@contextlib.contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that a signal to stop sets. The same signal again finds what stood there before, and ends at once."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in _STOP_SIGNALS}

    def set_stop(number: int, _frame: object) -> None:
        signal.signal(number, before[number])
        stop.set()

    for number in _STOP_SIGNALS:
        signal.signal(number, set_stop)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _logging_to_stderr(*, quiet: bool) -> Iterator[None]:
    """Warnings of everybody and, unless quiet, one line a request."""
    from ftrack_backends.workspace.front import ACCESS_LOGGER

    access = logging.getLogger(ACCESS_LOGGER)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    level = access.level
    logging.getLogger().addHandler(handler)
    access.setLevel(logging.WARNING if quiet else logging.INFO)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        access.setLevel(level)


def _tell(arguments: argparse.Namespace, workspace: Workspace, server: RunningServer) -> None:
    if not server.loopback_only:
        output.error(
            f"warning: listening on {arguments.host}, so other machines can reach this workspace, and its keys travel "
            "unencrypted; for this machine only, leave --host out"
        )
    if arguments.json:
        sys.stdout.write(json.dumps(_facts(arguments, workspace, server)) + "\n")
    else:
        _tell_people(arguments, workspace, server)
    sys.stdout.flush()


def _facts(arguments: argparse.Namespace, workspace: Workspace, server: RunningServer) -> dict[str, object]:
    return {
        "url": server.url,
        "workspace": workspace.id,
        "database": str(arguments.database) if arguments.database else None,
        "users": [{"username": user.username, "api_key": user.api_key} for user in workspace.users],
        "environment": _environment(workspace, server),
    }


def _tell_people(arguments: argparse.Namespace, workspace: Workspace, server: RunningServer) -> None:
    kept = f"kept in {arguments.database}" if arguments.database else "in memory, gone when this stops"
    output.heading(f"Workspace at {server.url}")
    output.say(f"It is {kept}. To use it, paste:\n")
    for name, value in _environment(workspace, server).items():
        output.say(_assignment(name, value))
    output.say()
    output.table(("user", "API key"), [(user.username, user.api_key) for user in workspace.users])
    output.say("\nCtrl+C stops it.")


def _environment(workspace: Workspace, server: RunningServer) -> dict[str, str]:
    """The variables that ftrack clients read, for the first user."""
    first = next(iter(workspace.users), None)
    credentials = {"FTRACK_API_USER": first.username, "FTRACK_API_KEY": first.api_key} if first else {}
    return {"FTRACK_SERVER": server.url, **credentials}


def _assignment(name: str, value: str) -> str:
    if sys.platform == "win32":
        return f'$env:{name} = "{value}"'
    return f"export {name}={shlex.quote(value)}"


command = ServeCommand()
