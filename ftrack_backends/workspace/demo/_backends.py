"""Parts seven and eight: other backends below the same program."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace.demo import _screen as screen
from ftrack_backends.workspace.demo import _snippets as snippets
from ftrack_backends.workspace.demo._stage import Cost

if TYPE_CHECKING:
    from ftrack_backends.workspace.demo._stage import Act, Stage
    from ftrack_core.entity import Entity
    from ftrack_core.session import Session

__all__ = ["go_in_process", "put_a_cache_below"]

_TIMES = 3
_SMALL_QUERIES = 20
_JOBS = 4
_CACHED = {"cache": "memory", "freshness": {"Status": "1d"}}


def go_in_process(stage: Stage, act: Act) -> None:
    """Part seven: the function of part two again, without HTTP."""
    screen.say("overview(session), the function of part 2, and nothing in it changes:")
    ways: dict[str, Callable[[], Session]] = {stage.in_process_url: lambda: stage.session_in_process(stage.supervisor)}
    if stage.url:
        ways = {stage.url: lambda: stage.session(stage.supervisor), **ways}
    rows, answers = [], []
    for url, opened in ways.items():
        opened().close()  # so that schemas are at hand in both ways, as from the second start of a tool on
        with stage.measured() as start:
            session = opened()
        with session:
            overview, shots = _best_overview(stage, session)
            single = _single_call(stage, session)
        answers.append(shots)
        act.rows += _TIMES * len(shots) + _SMALL_QUERIES
        rows.append((url, len(shots), start.milliseconds, overview.milliseconds, f"{single:.2f}"))
    screen.table(("server_url", "shots", "to open, ms", f"overview, best of {_TIMES}, ms", "small query, ms"), rows)
    stage.expect(all(answer == answers[0] for answer in answers), "HTTP and in process give different answers")
    screen.good("the same answer from the same workspace" if stage.url else "it answers in process")


def _best_overview(stage: Stage, session: Session) -> tuple[Cost, list[Any]]:
    """The shortest of several times, since the machine does other things too; and what the last one gave."""
    costs = []
    for _ in range(_TIMES):
        with stage.measured() as cost:
            shots = snippets.overview(session)
        costs.append(cost)
    return min(costs, key=lambda cost: cost.seconds), [_told(shot) for shot in shots]


def _single_call(stage: Stage, session: Session) -> float:
    """Milliseconds that a query for one row takes, on average."""
    with stage.measured() as cost:
        for _ in range(_SMALL_QUERIES):
            session.query("select name from Project").first()
    stage.expect(cost.calls == _SMALL_QUERIES, f"{_SMALL_QUERIES} queries took {cost.calls} calls")
    return cost.seconds * 1000 / _SMALL_QUERIES


def _told(shot: Entity) -> tuple[Any, ...]:
    """What an overview says of a shot, to compare."""
    tasks = ((task["name"], task["type"]["name"], task["status"]["name"]) for task in shot["children"])
    return shot["parent"]["name"], shot["name"], shot["status"]["name"], *sorted(tasks)


def put_a_cache_below(stage: Stage, act: Act) -> None:
    """Part eight: two lines of config, and a long-running tool asks less often."""
    screen.code(snippets.names_of)
    screen.say(
        f"A tool that runs for weeks does this for {_JOBS} jobs and resets its session after each,\n"
        "first as it is, then with two lines in its profile:\n"
    )
    screen.printed("[profiles.tool]\n" + "\n".join(f"{name} = {_toml(value)}" for name, value in _CACHED.items()))
    with stage.session(stage.supervisor) as session:
        ids = sorted({task["status_id"] for task in session.query("select status_id from Task")})
    rows, answers = [], []
    for title, settings in (("nothing set", {}), ("with these two lines", _CACHED)):
        cost, names = _jobs(stage, settings, ids)
        answers.append(names)
        act.rows += _JOBS * len(names)
        rows.append((title, _JOBS * len(ids), cost.calls, cost.milliseconds))
    stage.expect(answers[0] == answers[1], "the cache gives other names than the server")
    plain, cached = rows[0][2], rows[1][2]
    stage.expect(cached * _JOBS == plain, f"{cached} calls with the cache, and {plain} without it for {_JOBS} jobs")
    screen.table(("config", "statuses read", "calls made", "ms"), rows)
    screen.good(
        f"{plain - cached} of {plain} server calls saved. A status may be a day old then; everything else is as before"
    )


def _jobs(stage: Stage, settings: dict[str, Any], ids: list[str]) -> tuple[Cost, list[str]]:
    names: list[str] = []
    with stage.session(stage.supervisor, **settings) as session, stage.measured() as cost:
        for _ in range(_JOBS):
            names = snippets.names_of(session, ids)
            session.reset()
    return cost, names


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + " }"
    return f'"{value}"'
