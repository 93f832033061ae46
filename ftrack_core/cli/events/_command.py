"""The command: what can be asked for."""

from __future__ import annotations

import argparse
from typing import Any

import attrs
from zope.interface import implementer

from ftrack_core.cli._arguments import count
from ftrack_core.cli.events import _arguments
from ftrack_core.interfaces import ICommand

__all__ = ["EventsCommand", "command"]

_LISTENING = """\
Hear events as they come, until Ctrl+C, SIGTERM, --count or --for. A terminal gets them readable; a pipe or a file gets
one line of JSON each, with the keys topic, id, data, source, target, in_reply_to_event and sent. What becomes of the
connection is told on standard error: that it stands, that it was lost, and for how long nothing could be heard.

Exit status: 0 as asked; 1 for an error, or when --for is over before --count came; 2 for a wrong command line; 130
after Ctrl+C; 143 after SIGTERM."""
_PUBLISHING = """\
Publish an event. A terminal is told its id; a pipe or a file gets one line of JSON: the event, or, with
--wait-for-reply, each reply.

Exit status: 0 as asked; 1 for an error, or when fewer replies came than wanted; 2 for a wrong command line."""
_CREDENTIALS = """\
The API key is never typed on the command line, where shells and process lists keep it: it comes from FTRACK_API_KEY,
the profile, or --key-file."""


@implementer(ICommand)
@attrs.frozen
class EventsCommand:
    """Listens to events and publishes them."""

    name: str = "events"
    summary: str = "listen to events, and publish them"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        below = parser.add_subparsers(dest="events_command", metavar="listen|publish", required=True)
        _configure_listening(_below(below, "listen", "hear events as they come", _LISTENING))
        _configure_publishing(_below(below, "publish", "publish an event", _PUBLISHING))

    def run(self, arguments: argparse.Namespace) -> int:
        """Listen, or publish; the exit status is what their help says."""
        if arguments.events_command == "listen":
            from ftrack_core.cli.events._listening import listen

            return listen(arguments)
        from ftrack_core.cli.events._publishing import publish

        return publish(arguments)


def _below(parsers: Any, name: str, summary: str, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = parsers.add_parser(
        name,
        help=summary,
        description=text,
        epilog=_CREDENTIALS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def _configure_listening(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "expression",
        nargs="*",
        type=_arguments.expression,
        metavar="EXPRESSION",
        help="what to hear, as 'topic=ftrack.update'; several are joined by or; without one, every event",
    )
    add("--count", type=count, metavar="N", help="end after so many events")
    add("--for", type=_arguments.seconds, metavar="SECONDS", dest="seconds", help="end after so long")
    add("--subscriber", type=_arguments.json_object, default={}, metavar="JSON", help=_arguments.SUBSCRIBER)
    _arguments.add_common(parser)


def _configure_publishing(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("topic", type=_arguments.topic, metavar="TOPIC", help="what happened, as studio.published")
    add(
        "--data",
        type=_arguments.json_object,
        default={},
        metavar="JSON",
        help="what there is to tell, a JSON object; @FILE reads it from a file, - from standard input",
    )
    add("--target", type=_arguments.target, default="", metavar="EXPRESSION", help=_arguments.TARGET)
    add("--source", type=_arguments.json_object, default={}, metavar="JSON", help=_arguments.SOURCE)
    add(
        "--acknowledged",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="end only when the server says that it has the event, which is the default",
    )
    add("--wait-for-reply", action="store_true", help="print what subscribers answer")
    add("--count", type=count, default=1, metavar="N", help="how many replies to wait for; 1 without it")
    add("--for", type=_arguments.seconds, default=30.0, metavar="SECONDS", dest="seconds", help=_arguments.PATIENCE)
    _arguments.add_common(parser)


command = EventsCommand()
