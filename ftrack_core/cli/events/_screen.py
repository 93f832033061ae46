"""How events look: a line of JSON for programs, some lines of text for people."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
from collections.abc import Mapping
from typing import Any, Final

import attrs

from ftrack_core.cli import _output

__all__ = ["Printer", "given_up", "moment", "note"]

_SHORT: Final = 72


@attrs.frozen
class Printer:
    """Prints events, each whole and at once.

    Attributes:
        as_json: Whether as lines of JSON.
    """

    as_json: bool

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Printer:
        """What was asked for; without a word, JSON is for whatever is no terminal."""
        return cls(arguments.json or (not arguments.text and not sys.stdout.isatty()))

    def event(self, event: Mapping[str, Any]) -> None:
        """Print an event.

        Raises:
            OSError: Nobody reads any more, or the disk is full.
        """
        if self.as_json:
            sys.stdout.write(json.dumps(dict(event), default=str) + "\n")
        else:
            _print_readable(event)
        sys.stdout.flush()


def note(text: str) -> None:
    """Say something about the connection, which is no event."""
    _output.error(f"ftrack events: {text}")


def given_up(error: OSError) -> int:
    """Take note that standard output takes no more; gives the exit status.

    Raises:
        BrokenPipeError: Whoever read it has gone, which is nobody's fault.
    """
    if isinstance(error, BrokenPipeError):
        raise error
    note(f"standard output takes no more: {error.strerror or error}")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left in the buffer would raise again
    return 1


def moment(seconds: float) -> str:
    """A point in time, as a clock on the wall shows it."""
    return datetime.datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _print_readable(event: Mapping[str, Any]) -> None:
    now = datetime.datetime.now().astimezone().strftime("%H:%M:%S")
    _output.styled((f"{now}  ", "dim"), (_output.clean(event["topic"]), "bold cyan"), (_sender(event), ""))
    if event["target"]:
        _output.styled(("  to ", "dim"), (_output.clean(event["target"]), ""))
    if event["in_reply_to_event"]:
        _output.styled(("  in reply to ", "dim"), (_output.clean(event["in_reply_to_event"]), ""))
    if event["data"]:
        _output.styled((_indented(event["data"]), ""))


def _sender(event: Mapping[str, Any]) -> str:
    source = event["source"]
    user = source.get("user")
    found = (user.get("username") or user.get("name")) if isinstance(user, Mapping) else user
    parts = [f"{word} {_output.clean(value)}" for word, value in (("by", found), ("on", source.get("host"))) if value]
    return "".join(f"  {part}" for part in parts) + f"  ({_output.clean(event['id'])})"


def _indented(data: object) -> str:
    """Data in one line where it is short, else in several."""
    short = json.dumps(data, ensure_ascii=False, default=str)
    text = short if len(short) <= _SHORT else json.dumps(data, ensure_ascii=False, default=str, indent=2)
    return "\n".join(f"  {_output.clean(line)}" for line in text.split("\n"))
