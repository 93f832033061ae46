"""Parts one and two: the show, and a supervisor who looks at it."""

# ruff: noqa: S608 - queries in the tracker's language, made of names that stand here or came from the server

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ftrack_backends.workspace.demo import _screen as screen
from ftrack_backends.workspace.demo import _snippets as snippets

if TYPE_CHECKING:
    from ftrack_backends.workspace.demo._stage import Act, Stage
    from ftrack_core.entity import Entity
    from ftrack_core.session import Session

__all__ = ["look", "open_show"]

_COUNTED = ("Project", "Sequence", "Shot", "AssetBuild", "Task", "AssetVersion", "Note", "User")
_SHOWN_SHOTS = 3
_PAGE = 500


def open_show(stage: Stage, act: Act) -> None:
    """Part one: where the workspace is, and what is in it."""
    kept = stage.workspace.database
    opened = f"opened in {stage.planted_in.seconds:.1f} s"
    screen.say(f"A workspace that speaks ftrack's protocol, {f'kept in {kept}' if kept else 'in memory'}, {opened}.")
    if stage.url:
        screen.say(f"Its HTTP front listens at {stage.url}, for this machine only.")
    screen.say(f"Users: {', '.join(user.username for user in stage.workspace.users)}; each has an API key.")
    with stage.session(stage.supervisor) as session:
        counts = {name: len(session.query(f"select id from {name}")) for name in _COUNTED}
        types, version = len(session.types), session.server_information["version"]
    act.rows += sum(counts.values())
    stage.expect(counts["Shot"] and counts["Task"], "the show has neither shots nor tasks, so there is no story")
    screen.table(("entity type", "entities"), counts.items())
    screen.good(f"a session started, found {types} entity types on server {version} and counted what is there")


def look(stage: Stage, act: Act) -> None:
    """Part two: a nested query, and what server calls depend on."""
    screen.code(snippets.overview)
    with stage.session(stage.supervisor) as session:
        with stage.measured() as cost:
            shots = snippets.overview(session)
            lines, progress = _tasks_of(shots[:_SHOWN_SHOTS]), _progress(shots)
        tasks = sum(len(shot["children"]) for shot in shots)
        act.rows += len(shots) + tasks
        _show_overview(lines, progress, len(shots) - _SHOWN_SHOTS)
        pages = -(-len(shots) // _PAGE)
        stage.expect(cost.calls == pages, f"{cost.calls} server calls for {pages} pages of {len(shots)} shots")
        stage.expect(sum(row[2] for row in progress) == tasks, "the tasks by sequence are not all tasks")
        calls = "1 server call" if cost.calls == 1 else f"{cost.calls} server calls"
        screen.good(
            f"{len(shots)} shots with {tasks} tasks, statuses and assignees {stage.where}: "
            f"{calls}, {cost.milliseconds} ms, the tables above included"
        )
        first = shots[0]["parent"]["name"]
    _compare(stage, act, first)


def _show_overview(lines: Sequence[Sequence[object]], progress: Sequence[Sequence[object]], more: int) -> None:
    screen.table(("sequence", "shot", "shot is", "task", "task is", "who"), lines)
    screen.say(f"... and {more} more shots in the same reply. By sequence:")
    screen.table(("sequence", "shots", "tasks", "approved", "to review", "under way"), progress)


def _tasks_of(shots: Sequence[Entity]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for shot in shots:
        beginning: tuple[object, ...] = (shot["parent"]["name"], shot["name"], shot["status"]["name"])
        for task in shot["children"]:
            people = ", ".join(each["resource"]["username"] for each in task["assignments"])
            rows.append((*beginning, task["name"], task["status"]["name"], people))
            beginning = ("", "", "")
    return rows


def _progress(shots: Sequence[Entity]) -> list[tuple[str, int, int, int, int, int]]:
    """Sequence, shots, tasks, and tasks of three statuses."""
    shots_of = Counter(shot["parent"]["name"] for shot in shots)
    statuses = Counter((shot["parent"]["name"], task["status"]["name"]) for shot in shots for task in shot["children"])
    return [
        (
            name,
            count,
            sum(number for (sequence, _), number in statuses.items() if sequence == name),
            *(statuses[name, status] for status in ("Approved", "Pending review", "In progress")),
        )
        for name, count in shots_of.items()
    ]


def _compare(stage: Stage, act: Act, sequence: str) -> None:
    """The same answer in three ways, with the calls that each takes."""
    tasks = f'Task where parent.parent.name is "{sequence}" and name is "animation" order by id'
    screen.say("\nHow often a tool asks the server depends on how it asks. The same names, in three ways:")
    screen.code(snippets.named_one_by_one, snippets.named_afterwards, snippets.named_in_the_query)
    count, ways = _ways(stage, tasks)
    answers, rows = [], []
    for title, way, needed in ways:
        with stage.session(stage.supervisor) as session, stage.measured() as cost:
            answers.append(way(session, tasks))
        rows.append((title, cost.calls, needed, cost.milliseconds))
        stage.expect(cost.calls <= needed, f"{title}: {cost.calls} calls; the official client would need {needed}")
    act.rows += sum(map(len, answers))
    stage.expect(len(answers[0]) == count and answers[0] == answers[1] == answers[2], "the three answers differ")
    screen.table((f"{count} tasks of {sequence}", "calls made", "official would need", "ms"), rows)
    screen.say(
        f"`would need` is reckoned, not measured: the official client asks once a page of {_PAGE}, once for each\n"
        "unloaded reference of each entity, and once for each entity behind it whose name that did not bring."
    )
    screen.good("three ways, one answer")


def _ways(stage: Stage, tasks: str) -> tuple[int, tuple[tuple[str, Callable[[Session, str], list[str]], int], ...]]:
    """How many tasks there are; and the ways to ask for their names, with the calls that the official client needs."""
    with stage.session(stage.supervisor) as session:
        found = session.query(f"select type_id, status_id from {tasks}").all()
        named = {task[name] for task in found for name in ("type_id", "status_id")}
    pages = max(1, -(-len(found) // _PAGE))
    return len(found), (
        ("read unloaded, one by one", snippets.named_one_by_one, pages + 2 * len(found) + len(named)),
        ("populate, then read", snippets.named_afterwards, 2 * pages),
        ("named in the query", snippets.named_in_the_query, pages),
    )
