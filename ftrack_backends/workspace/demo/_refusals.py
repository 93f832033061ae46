"""Parts five and six: what happens when something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace.demo import _screen as screen
from ftrack_core.errors import (
    BackendNotFoundError,
    ConfigurationError,
    Error,
    InvalidCredentialsError,
    ServerError,
    UnknownAttributeError,
    UnknownNameError,
    UnrecognisedEntityTypeError,
)

if TYPE_CHECKING:
    from ftrack_backends.workspace.demo._stage import Act, Stage
    from ftrack_core.entity import Entity
    from ftrack_core.session import Session

__all__ = ["be_refused", "mistype"]


def be_refused(stage: Stage, act: Act) -> None:
    """Part five: the server refuses a batch; nothing is lost, and nothing of it has happened."""
    with stage.session(stage.artist) as session:
        shot = session.query("select name, parent.name from Shot order by parent.name, name")[0]
        act.rows += 1
        double = _refused(stage, session, shot)
        shots = len(session.query("select id from Shot"))
        double["name"] = f"{shot['name']}_alt_{shots}"
        session.commit()
        stage.expect(not session.recorded_operations, "operations are left after the commit")
        screen.good(f"mended and committed again: the new shot is {double['name']}")
        _rolled_back(stage, session, shot)


def _refused(stage: Stage, session: Session, shot: Entity) -> Entity:
    name, sequence = shot["name"], shot["parent"]
    before = len(session.query("select id from Task"))
    screen.say(f"A second shot {name!r} in {sequence['name']!r}, with a task; then commit:")
    double = session.create("Shot", {"name": name, "parent": sequence})
    session.create("Task", {"name": "roto", "parent": double})
    recorded = len(session.recorded_operations)
    _shown_refusal(stage, session.commit, ServerError)
    stage.expect(len(session.recorded_operations) == recorded, "operations were lost in a refused commit")
    stage.expect(len(session.query("select id from Task")) == before, "half of a refused batch was carried out")
    screen.good(f"nothing of the batch happened, and all {recorded} operations are still recorded")
    return double


def _rolled_back(stage: Stage, session: Session, shot: Entity) -> None:
    name = shot["name"]
    shot["name"] = "a slip of the hand"
    session.create("Task", {"name": "never", "parent": shot})
    with stage.measured() as cost:
        session.rollback()
    stage.expect(shot["name"] == name, f"after rollback the shot is {shot['name']!r}, not {name!r}")
    stage.expect(not session.recorded_operations and not session.created, "something is left after rollback")
    stage.expect(cost.calls == 0, f"rollback took {cost.calls} server calls")
    screen.good(f"a change and a new task, rolled back: the shot is {shot['name']} again, without a server call")


def mistype(stage: Stage, act: Act) -> None:
    """Part six: names that are not quite right fail before anything is sent, and say what was meant."""
    with stage.session(stage.artist) as session, stage.measured() as cost:
        task = session.query("select name from Task")[0]
        act.rows += 1
        slips = _slips(stage, session, task)
        for slip in slips:
            screen.say(f"\n{slip.typed}")
            told = _shown_refusal(stage, slip.attempt, slip.kind)
            stage.expect(f"did you mean '{slip.meant}'?" in str(told), f"the error does not name {slip.meant!r}")
    stage.expect(cost.calls == 1, f"{cost.calls - 1} server calls for names that do not exist")
    screen.good(f"{len(slips)} slips, {len(slips)} answers, and nothing was sent to the server")
    _wrong_key(stage)


@attrs.frozen
class _Slip:
    """Something mistyped: what, the error that it gives, and what was meant."""

    typed: str
    attempt: Callable[[], object]
    kind: type[Error]
    meant: str


def _slips(stage: Stage, session: Session, task: Entity) -> tuple[_Slip, ...]:
    query = "Task where status.nam is 'Approved'"
    artist = stage.artist
    return (
        _Slip('task["staus"]', lambda: task["staus"], UnknownAttributeError, "status"),
        _Slip(f'session.query("{query}")', lambda: session.query(query), UnknownNameError, "name"),
        _Slip(
            'session.create("AssetVerison")',
            lambda: session.create("AssetVerison"),
            UnrecognisedEntityTypeError,
            "AssetVersion",
        ),
        _Slip('cache = "memroy"', lambda: stage.session(artist, cache="memroy"), BackendNotFoundError, "memory"),
        _Slip("tiemout = 5", lambda: stage.session(artist, tiemout=5), ConfigurationError, "timeout"),
    )


def _wrong_key(stage: Stage) -> None:
    screen.say("\nSession(..., api_key='not-this-one')")
    impostor = attrs.evolve(stage.artist, api_key="not-this-one")
    _shown_refusal(stage, lambda: stage.session(impostor), InvalidCredentialsError)
    screen.good("a wrong key is refused")


def _shown_refusal(stage: Stage, attempt: Callable[[], object], kind: type[Error]) -> Error:
    """Attempt something that must fail, and show the error."""
    try:
        attempt()
    except kind as error:
        screen.refusal(error)
        return error
    return stage.fail(f"no {kind.__name__} was raised")
