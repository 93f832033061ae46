"""How fast a workspace is with 100,000 tasks, and how that grew from 1,000: in process and over HTTP.

    make bench BENCH=workspace
    python tests/benchmarks/workspace.py --tasks 1000 100000 --repeat 7

For each size a workspace in a file is filled through the API. Each figure is the best of several runs, over HTTP with
`requests` on a kept connection, and without a client's own work on top. Nothing is asserted about time.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import requests

from ftrack_backends.workspace import Workspace, front
from ftrack_core.values import Request

TASKS_OF_A_SHOT, SHOTS_OF_A_SEQUENCE = 4, 50
PAGE = "select name, status.name, type.name, parent.name, project.name from Task"
WORK = {
    "a page of 500, five relations": f"{PAGE} order by name offset 200 limit 500",
    "a page of 500 in the middle": f"{PAGE} offset {{half}} limit 500",
    "a page of 500, ids alone": "select id from Task limit 500",
    "filter: name of the parent": 'Task where parent.name is "sh00007" and name is "task2"',
    "filter: status and sequence": 'Task where status.name is "Approved" and parent.parent.name is "sq00001"',
    "filter: assigned to somebody": 'Task where assignments any (resource.username is "user")',
    "filter: name like, no index": 'Task where name like "%ask3" and parent.name like "%00011"',
    "filter: below a sequence": 'Task where ancestors any (name is "sq00002") limit 500',
    "one by its id": 'Task where id is "{id}"',
}

Post = Callable[[list[dict[str, Any]]], Any]


@attrs.frozen
class Filled:
    """A workspace with so many tasks."""

    tasks: int
    folder: str

    @contextlib.contextmanager
    def opened(self) -> Iterator[Workspace]:
        """Fill it, and open it as on the morning after."""
        path = Path(self.folder, f"{self.tasks}.sqlite")
        with Workspace.open(path, seed="empty") as workspace:
            _fill(workspace, self.tasks)
        with Workspace.open(path) as workspace:
            yield workspace


def main() -> int:
    """Measure and print."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        columns: dict[str, dict[str, float]] = {}
        for tasks in options.tasks:
            started = time.perf_counter()
            with Filled(tasks, folder).opened() as workspace:
                print(f"{tasks:,} tasks made in {time.perf_counter() - started:.1f} s", flush=True)
                columns[f"{tasks:,} in process"] = _measured(_in_process(workspace), tasks, options.repeat)
                with front.serve(workspace) as server, requests.Session() as session:
                    post = _over_http(workspace, server.url, session)
                    columns[f"{tasks:,} over HTTP"] = _measured(post, tasks, options.repeat)
        _print(columns, options.tasks)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--repeat", type=int, default=7, help="runs of each; the best counts")
    return parser.parse_args()


def _headers(workspace: Workspace) -> dict[str, str]:
    user = workspace.users[0]
    return {"ftrack-user": user.username, "ftrack-api-key": user.api_key}


def _in_process(workspace: Workspace) -> Post:
    headers = _headers(workspace)

    def post(batch: list[dict[str, Any]]) -> Any:
        return json.loads(workspace.exchange(Request("POST", "/api", headers, json.dumps(batch).encode())).body)

    return post


def _over_http(workspace: Workspace, url: str, session: requests.Session) -> Post:
    session.headers.update(_headers(workspace))

    def post(batch: list[dict[str, Any]]) -> Any:
        return session.post(f"{url}/api", data=json.dumps(batch), timeout=600).json()

    return post


def _rows(post: Post, expression: str) -> list[Any]:
    reply = post([{"action": "query", "expression": expression}])
    assert isinstance(reply, list), reply
    rows: list[Any] = reply[0]["data"]
    return rows


def _fill(workspace: Workspace, tasks: int) -> None:
    """Make the tree through the API, some thousand rows a batch."""
    post = _in_process(workspace)
    schema, user = _rows(post, "ProjectSchema")[0]["id"], _rows(post, "User")[0]["id"]
    statuses = [each["id"] for each in _rows(post, 'Status where name in ("Not started", "In progress", "Approved")')]
    batch = [_create("Project", id="show", name="show", project_schema_id=schema)]
    for number in range(tasks):
        shot, sequence = number // TASKS_OF_A_SHOT, number // (TASKS_OF_A_SHOT * SHOTS_OF_A_SEQUENCE)
        if number % (TASKS_OF_A_SHOT * SHOTS_OF_A_SEQUENCE) == 0:
            batch.append(_create("Sequence", id=f"sq{sequence}", name=f"sq{sequence:05}", parent_id="show"))
        if number % TASKS_OF_A_SHOT == 0:
            batch.append(_create("Shot", id=f"sh{shot}", name=f"sh{shot:05}", parent_id=f"sq{sequence}"))
        name = f"task{number % TASKS_OF_A_SHOT}"
        status = statuses[number % len(statuses)]
        batch.append(_create("Task", id=f"t{number}", name=name, parent_id=f"sh{shot}", status_id=status))
        if number < 40:
            batch.append(_create("Appointment", context_id=f"t{number}", resource_id=user, type="assignment"))
        if len(batch) > 4_000:
            _done(post, batch)
            batch = []
    _done(post, batch)


def _done(post: Post, batch: list[dict[str, Any]]) -> Any:
    reply = post(batch)
    assert isinstance(reply, list), reply
    return reply


def _create(kind: str, **data: Any) -> dict[str, Any]:
    return {"action": "create", "entity_type": kind, "entity_data": {"__entity_type__": kind, **data}}


def _update(key: str, **data: Any) -> dict[str, Any]:
    changed = {"__entity_type__": "Task", **data}
    return {"action": "update", "entity_type": "Task", "entity_key": [key], "entity_data": changed}


def _measured(post: Post, tasks: int, repeat: int) -> dict[str, float]:
    """Best time of everything, in seconds."""
    times = {}
    for name, expression in WORK.items():
        text = expression.format(half=tasks // 2, id=f"t{tasks // 2}")
        times[name] = _best(repeat, lambda text=text: _rows(post, text))  # type: ignore[misc]
    turn = itertools.count()
    keys = [f"t{tasks // 2 + place}" for place in range(10)]
    shot = f"sh{tasks // TASKS_OF_A_SHOT // 2}"
    sequence = "sq0"
    status = _rows(post, 'Status where name is "Revise"')[0]["id"]
    approved = _rows(post, 'Status where name is "Approved"')[0]["id"]
    times["commit: 10 updates"] = _best(
        repeat, lambda: _done(post, [_update(key, description=f"{next(turn)}") for key in keys])
    )
    times["commit: 10 changes of status"] = _best(
        repeat, lambda: _done(post, [_update(key, status_id=(status, approved)[next(turn) % 2]) for key in keys])
    )
    times["commit: a task below a shot"] = _best(
        repeat, lambda: _done(post, [_create("Task", name=f"{time.time_ns()}", parent_id=shot)])
    )
    times["commit: a shot in a sequence"] = _best(
        repeat, lambda: _done(post, [_create("Shot", name=f"{time.time_ns()}", parent_id=sequence)])
    )
    return times


def _best(repeat: int, work: Callable[[], Any]) -> float:
    best = float("inf")
    for _ in range(repeat):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    return best


def _print(columns: dict[str, dict[str, float]], sizes: list[int]) -> None:
    ways = ("in process", "over HTTP")
    print(f"\n{'milliseconds, best':32}" + "".join(f"{name:>22}" for name in columns) + f"{'growth':>10}{'HTTP':>8}")
    for row in next(iter(columns.values())):
        times = {name: column[row] * 1000 for name, column in columns.items()}
        first, last = (times[f"{size:,} {ways[0]}"] for size in (sizes[0], sizes[-1]))
        http = times[f"{sizes[-1]:,} {ways[1]}"] / last
        print(
            f"{row:32}" + "".join(f"{value:22.2f}" for value in times.values()) + f"{last / first:9.2f}x{http:7.2f}x"
        )


if __name__ == "__main__":
    sys.exit(main())
