"""What stands on the command line: checked before anything is opened, and how a session is made of it."""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ftrack_core.errors import ParseError

if TYPE_CHECKING:
    from ftrack_core.session import Session

__all__ = ["add_common", "expression", "json_object", "object_of", "opened", "seconds", "target", "topic"]

SUBSCRIBER: Final = 'who we are for events with a target, a JSON object, as \'{"applicationId": "nuke"}\'; or @FILE'
TARGET: Final = "who should hear it, over what subscribers said of themselves, as applicationId=nuke; without it, all"
SOURCE: Final = 'more about who publishes, a JSON object, as \'{"applicationId": "farm"}\'; or @FILE'
PATIENCE: Final = "how long to wait for the acknowledgement, and for replies; 30 without it"


def add_common(parser: argparse.ArgumentParser) -> None:
    """Declare what to connect to, and how to print."""
    add = parser.add_argument
    add("--server", metavar="URL", help="server to talk to; default: as sessions find it, `FTRACK_SERVER` first")
    add("--user", metavar="NAME", help="user to act as; default: `FTRACK_API_USER`, then the system's user")
    add("--key-file", metavar="FILE", help="file that holds the API key; default: `FTRACK_API_KEY`, or the profile")
    add("--profile", metavar="NAME", help="profile of the config file")
    add("--config", metavar="FILE", help="config file in place of the usual one")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print a line of JSON each, on a terminal too")
    form.add_argument("--text", action="store_true", help="print it readable, into a pipe or a file too")
    add("--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an error")


def opened(arguments: argparse.Namespace) -> Session:
    """A session of its own, as its arguments, the environment and the profile say."""
    from ftrack_core.session import Session

    given: dict[str, Any] = {"server_url": arguments.server, "api_user": arguments.user}
    if arguments.key_file is not None:
        given["api_key"] = {"file": arguments.key_file}
    return Session(
        **{name: value for name, value in given.items() if value is not None},
        plugin_paths=[],
        auto_connect_event_hub=False,
        profile=arguments.profile,
        config=arguments.config,
    )


def expression(text: str) -> str:
    """An expression of the subscription language."""
    from ftrack_core.events import Expression

    try:
        return Expression.parse(text).text
    except ParseError as error:
        raise argparse.ArgumentTypeError(f"{error.code}: {error}") from error


def target(text: str) -> str:
    """An expression, or nothing for everybody."""
    return expression(text) if text.strip() else ""


def topic(text: str) -> str:
    """A topic."""
    if not text.strip() or "=" in text:
        raise argparse.ArgumentTypeError(f"a topic is a name, as studio.published, and not {text!r}")
    return text


def seconds(text: str) -> float:
    """A length of time."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 < found < math.inf:
        raise argparse.ArgumentTypeError(f"a number of seconds, as 30 or 0.5, and not {text!r}")
    return found


def json_object(text: str) -> dict[str, Any] | None:
    """A JSON object as it was typed, or of a file; None where it comes from standard input, which is read later."""
    if text == "-":
        return None
    if not text.startswith("@"):
        return object_of(text, "this")
    path = Path(text[1:]).expanduser()
    try:
        return object_of(path.read_text("utf-8"), f"the file {path}")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise argparse.ArgumentTypeError(f"the file {path} cannot be read: {reason}") from error


def object_of(text: str, where: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        argparse.ArgumentTypeError: It is none; the message says where it goes wrong.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f'{where} is no JSON: {error}; as \'{{"name": "sh010"}}\'') from error
    if not isinstance(found, dict):
        kind = type(found).__name__
        raise argparse.ArgumentTypeError(f'{where} is JSON, and no object but {kind}; as \'{{"name": "sh010"}}\'')
    return found


def standard_input() -> dict[str, Any]:
    """The JSON object that comes by standard input."""
    return object_of(sys.stdin.read(), "standard input")
