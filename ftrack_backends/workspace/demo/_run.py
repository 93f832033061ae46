"""Opens the stage, plays every part, adds up."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import attrs

from ftrack_backends.workspace.demo import _screen as screen
from ftrack_backends.workspace.demo._backends import go_in_process, put_a_cache_below
from ftrack_backends.workspace.demo._listening import listen
from ftrack_backends.workspace.demo._publishing import publish
from ftrack_backends.workspace.demo._reading import look, open_show
from ftrack_backends.workspace.demo._refusals import be_refused, mistype
from ftrack_backends.workspace.demo._stage import Act, Cost, Stage
from ftrack_core.errors import BrokenBackendError

if TYPE_CHECKING:
    from ftrack_backends.workspace import Workspace
    from ftrack_backends.workspace.front._server import RunningServer

__all__ = ["Choices", "run"]

_PARTS: tuple[tuple[str, Callable[[Stage, Act], None]], ...] = (
    ("A workspace with a show in it", open_show),
    ("A supervisor looks at the show", look),
    ("An artist publishes", publish),
    ("A listener is told", listen),
    ("A commit that the server refuses", be_refused),
    ("Slips of the keyboard", mistype),
    ("The same program in process", go_in_process),
    ("Another backend, by config", put_a_cache_below),
)
_LOOK_SECONDS = 1.0  # Windows wakes no waiting thread for Ctrl+C, so the wait is cut in pieces


@attrs.frozen
class Choices:
    """What was asked for.

    Attributes:
        database: File to keep the show in; None for memory.
        keep: Whether to leave the server running afterwards.
    """

    database: Path | None = None
    keep: bool = False


def run(choices: Choices) -> None:
    """Tell the story.

    Raises:
        Error: A step did not do what it says, or the workspace cannot be opened.
    """
    started = time.perf_counter()
    with contextlib.ExitStack() as opened:
        url = _address(choices.database)
        workspace = _workspace(url, opened)
        planted_in = Cost(seconds=time.perf_counter() - started)
        server = _front(workspace, opened)
        with tempfile.TemporaryDirectory(prefix="ftrack-demo-") as folder:
            stage = Stage(workspace, server.url if server else None, url, folder, planted_in)
            _play(stage)
        _add_up(stage, time.perf_counter() - started)
        if choices.keep:
            _keep(stage, server)


def _play(stage: Stage) -> None:
    for number, (title, play) in enumerate(_PARTS, 1):
        screen.part(number, title)
        with stage.act(title) as act:
            play(stage, act)
        sys.stdout.flush()


def _workspace(url: str, opened: contextlib.ExitStack) -> Workspace:
    """The workspace of an address, which sessions of this process join by the same address."""
    from ftrack_backends.workspace._address import Address
    from ftrack_backends.workspace._registry import OPEN_WORKSPACES

    return opened.enter_context(contextlib.closing(OPEN_WORKSPACES.lease(Address.parse(url), seed="demo"))).workspace


def _address(database: Path | None) -> str:
    if database is None:
        return "embedded:harbour"
    path = Path(os.path.abspath(database)).as_posix()  # noqa: PTH100 - resolve() would follow links
    return f"embedded:///{quote(path.lstrip('/'))}"


def _front(workspace: Workspace, opened: contextlib.ExitStack) -> RunningServer | None:
    """The front; None where the `server` extra is not installed, which is said."""
    from ftrack_backends.workspace.front import serve

    try:
        return opened.enter_context(serve(workspace))
    except BrokenBackendError as error:
        screen.refusal(error)
        screen.say("Without it, every session of this demo works in process.")
        return None


def _add_up(stage: Stage, seconds: float) -> None:
    screen.part(len(_PARTS) + 1, "Added up")
    rows: list[tuple[object, ...]] = [
        (number, act.title, act.cost.calls, act.rows, f"{act.cost.seconds:.2f}")
        for number, act in enumerate(stage.acts, 1)
    ]
    calls, entities = sum(act.cost.calls for act in stage.acts), sum(act.rows for act in stage.acts)
    screen.table(
        ("", "part", "server calls", "entities", "s"), [*rows, ("", "all", calls, entities, f"{seconds:.2f}")]
    )
    stage.expect(calls == stage.workspace.requests.count(), "calls were made that no part counted")
    screen.good(f"{len(stage.acts)} parts, and each did what it says")
    screen.say(
        "\nWhat next: `ftrack serve` to try your own tools against such a workspace, `ftrack backends` for what\n"
        "stands behind each seam, and in README.md the sections `Ten lines` and `Backends`."
    )


def _keep(stage: Stage, server: RunningServer | None) -> None:
    """Leave the server running until Ctrl+C."""
    if server is None:
        screen.say("\nThere is no server that could be left running; the first lines say what to install.")
        return
    screen.say(f"\nThe server stays at {server.url}. To try it, paste:\n")
    user = stage.supervisor
    for name, value in (
        ("FTRACK_SERVER", server.url),
        ("FTRACK_API_USER", user.username),
        ("FTRACK_API_KEY", user.api_key),
    ):
        screen.say(f'$env:{name} = "{value}"' if sys.platform == "win32" else f"export {name}={shlex.quote(value)}")
    screen.say("\nCtrl+C stops it.")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        while not server.wait(_LOOK_SECONDS):
            pass
