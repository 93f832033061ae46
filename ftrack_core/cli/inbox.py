"""`ftrack inbox`: what waits in an event inbox, what was set aside and why, and what to do with it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

import attrs
from zope.interface import implementer

from ftrack_core.assembly import standing_inbox
from ftrack_core.cli import _arguments, _output
from ftrack_core.errors import NotFoundError
from ftrack_core.interfaces import ICommand, IEventInbox
from ftrack_core.plugins import Registry
from ftrack_core.values import Delivery, DeliveryState

__all__ = ["InboxCommand", "command"]

_STATES: tuple[DeliveryState, ...] = ("set aside", "waiting", "claimed", "done")
_MANY = 100_000


@implementer(ICommand)
@attrs.frozen
class InboxCommand:
    """Shows the deliveries of an inbox, and has those that have ended wait again or be forgotten.

    Attributes:
        registry: Finds backends.
    """

    registry: Registry = attrs.field(factory=Registry)
    name: str = "inbox"
    summary: str = "show what waits in an event inbox or was set aside, replay it or remove it"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("inbox", help="its file, the name of a backend, or package.module:object")
        parser.add_argument(
            "action", nargs="?", choices=["list", "show", "replay", "remove"], default="list", help="list by default"
        )
        parser.add_argument("ids", nargs="*", metavar="ID", help="deliveries, by the ids that list prints")
        parser.add_argument("--all", action="store_true", help="replay or remove all that were set aside")
        parser.add_argument("--handler", default="", help="only deliveries of this handler")
        parser.add_argument(
            "--state", type=_state, default="set aside", help=f"what to list: {', '.join(map(_word, _STATES))}"
        )
        parser.add_argument("--limit", type=_arguments.count, default=100, help="how many to list at most (100)")
        parser.add_argument("--json", action="store_true", help="print JSON, for programs")

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it. The exit status is 1 when one of the ids could not be replayed or removed."""
        inbox = standing_inbox(arguments.inbox, self.registry)
        try:
            if arguments.action == "list":
                return _list(inbox, arguments)
            if arguments.action == "show":
                return _show(inbox, arguments)
            return _change(inbox, arguments)
        finally:
            inbox.close()


def _list(inbox: IEventInbox, arguments: argparse.Namespace) -> int:
    counts = {handler: of for handler, of in inbox.counts().items() if arguments.handler in {"", handler}}
    found = inbox.deliveries(arguments.state, arguments.handler, arguments.limit)
    if arguments.json:
        _output.say(json.dumps({"counts": counts, "deliveries": [attrs.asdict(each) for each in found]}, indent=2))
        return 0
    _output.table(
        ("handler", *_STATES), [(name, *(of[each] for each in _STATES)) for name, of in sorted(counts.items())]
    )
    _output.heading(f"{arguments.state}: {_how_many(found, arguments.limit)}")
    if found:
        _output.table(("id", "handler", "topic", "attempts", "stored", "error"), [_row(each) for each in found])
    return 0


def _show(inbox: IEventInbox, arguments: argparse.Namespace) -> int:
    wanted = set(arguments.ids)
    found = [
        each for state in _STATES for each in inbox.deliveries(state, arguments.handler, _MANY) if each.id in wanted
    ]
    if not found:
        raise NotFoundError(
            f"{arguments.inbox} has no delivery {' or '.join(arguments.ids) or '(no id was given)'}; "
            f"`ftrack inbox {arguments.inbox} list` prints the ids of what was set aside"
        )
    shown = [attrs.asdict(each) for each in found]
    if arguments.json:
        _output.say(json.dumps(shown, indent=2))
        return 0
    for each, fields in zip(found, shown, strict=True):
        _output.heading(f"delivery {each.id}: {each.state}")
        event, error = json.dumps(fields.pop("event"), indent=2), fields.pop("error")
        times = {"stored_at": _time(each.stored_at), "due_at": _time(each.due_at)}
        _output.table(("what", "value"), [(name, value) for name, value in {**fields, **times}.items() if value != ""])
        _output.say("\n".join(map(_output.clean, error.splitlines())))
        _output.say(event)
    return 0


def _change(inbox: IEventInbox, arguments: argparse.Namespace) -> int:
    ids = arguments.ids
    if arguments.all:
        ids = [each.id for each in inbox.deliveries("set aside", arguments.handler, _MANY)]
    elif not ids:
        raise NotFoundError(f"which deliveries to {arguments.action} was not said: give their ids, or --all")
    changed = (inbox.replay if arguments.action == "replay" else inbox.remove)(ids)
    done = "replayed" if arguments.action == "replay" else "removed"
    if arguments.json:
        _output.say(json.dumps({done: changed, "asked": len(ids)}))
    else:
        missing = "" if changed == len(ids) else f" of {len(ids)}; the others have not ended, or are not there"
        _output.say(f"{done} {changed}{missing}")
    return int(changed < len(ids))


def _state(text: str) -> str:
    """A state as it is typed: `set-aside` is one word."""
    state = text.replace("-", " ")
    if state not in _STATES:
        raise argparse.ArgumentTypeError(f"it is one of {', '.join(map(_word, _STATES))}")
    return state


def _word(state: str) -> str:
    return state.replace(" ", "-")


def _how_many(found: Sequence[Delivery], limit: int) -> str:
    return f"the oldest {limit}" if len(found) == limit else str(len(found) or "none")


def _row(delivery: Delivery) -> tuple[Any, ...]:
    last = delivery.error.strip().rpartition("\n")[2]
    topic = delivery.event.topic or "(unreadable)"
    return (delivery.id, delivery.handler, topic, delivery.attempt, _time(delivery.stored_at), last)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(sep=" ", timespec="seconds")


command = InboxCommand()
