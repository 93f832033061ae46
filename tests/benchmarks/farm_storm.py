"""A farm storm: many sessions read the same shots, with and without caches that they share; calls and bytes counted.

    python tests/benchmarks/farm_storm.py                                  200 sessions, 50 shots, 4 processes
    python tests/benchmarks/farm_storm.py --sessions 12 --shots 5 --json   small, for programs
    python tests/benchmarks/farm_storm.py --cache redis --option url=redis://127.0.0.1:6379/0

Each session is a farm job: it starts, gets the shots by their ids, reads name, name of the status and the frame range
of each, and ends. Nothing of a session is left for the next one but what the caches keep. `none` with `own` schemas is
a farm without any cache; `cold` begins with an empty schema cache and an empty record cache, which all sessions share;
`warm` comes after one session that filled both. What is counted, the sessions count themselves (`statistics()`).

Prints a line for each cache; 1 when sessions read different values. Times say little: the server and the
sessions share the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import attrs

import ftrack_core
from ftrack_backends.workspace import seeds

CACHES = ("none", "sqlite", "disk", "memory+sqlite")
SCHEMAS = ("own", "cold", "warm")
FRAMES = {"frame_start": 1001, "frame_end": 1100, "handles": 8}
FRESHNESS = dict.fromkeys(("Shot", "Status", "CustomAttributeConfiguration", "ContextCustomAttributeValue"), "1h")
"""What may be as old as that. Without it nothing is read from a cache."""


@attrs.frozen
class Job:
    """What a session is told.

    Attributes:
        who: Server, API key and user.
        shots: Ids of the shots that it reads.
        config: Its configuration.
    """

    who: tuple[str, str, str]
    shots: Sequence[str]
    config: Mapping[str, Any]

    def run(self) -> dict[str, Any]:
        """Do it, and tell what it cost and a short name of what was read."""
        url, key, user = self.who
        with ftrack_core.Session(url, key, user, plugin_paths=[], config=dict(self.config)) as session:
            started = session.statistics().calls
            shots = session.get_many("Shot", self.shots)
            read: list[Any] = [[shot["name"], shot["status"]["name"]] for shot in shots if shot is not None]
            seen = session.statistics().calls
            read += [[shot["custom_attributes"][name] for name in FRAMES] for shot in shots if shot is not None]
            counts = attrs.asdict(session.statistics())
        parts = {"start": started, "shots": seen - started, "custom": counts["calls"] - seen}
        return {**counts, **parts, "values": hashlib.sha256(json.dumps(read).encode()).hexdigest()}


def main() -> int:
    """Count and print."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder)) as who, _farm(options.processes) as farm:
        ids = _shots(who, folder, options.shots)
        rows = [
            _storm(farm, options, who, ids, cache, schemas, Path(folder, f"{cache}-{schemas}".replace("+", "-")))
            for cache in options.cache or CACHES
            for schemas in (SCHEMAS if cache == "none" else SCHEMAS[1:])
        ]
    print(json.dumps(rows) if options.json else "\n".join(_table(rows)))
    return 0 if len({value for row in rows for value in row["values"]}) == 1 else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--shots", type=int, default=50, help="at most 120")
    parser.add_argument("--processes", type=int, default=4, help="how many sessions there are at a time")
    parser.add_argument(
        "--cache", action="append", metavar="NAME", help=f"a cache's name, or names joined by +; else {CACHES}"
    )
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="of the last cache named")
    parser.add_argument("--json", action="store_true", help="all counts of each session")
    return parser.parse_args()


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[tuple[str, str, str]]:
    """A server of its own process, with the demo show and a frame range at each of its shots."""
    demo = (Path(seeds.__file__).with_name("demo.toml")).read_text(encoding="utf-8")
    line = '\n[[custom_attribute]]\nkey = "{}"\ntype = "number"\nof = "Shot"\ndefault = {}\n'
    seed = folder / "storm.toml"
    seed.write_text(demo + "".join(line.format(*each) for each in FRAMES.items()), encoding="utf-8")
    script = Path(sys.executable).with_name("ftrack.exe" if sys.platform == "win32" else "ftrack")
    command = [str(script), "serve", "--json", "--quiet", "--seed", str(seed)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as server:
        try:
            facts = json.loads(server.stdout.readline() if server.stdout else "")
            user = facts["users"][0]
            yield facts["url"], user["api_key"], user["username"]
        finally:
            server.kill()


def _shots(who: tuple[str, str, str], folder: str, count: int) -> list[str]:
    """Ids of the shots to read."""
    url, key, user = who
    config = {"schema_cache": {"backend": "json_file", "folder": f"{folder}/first"}}
    with ftrack_core.Session(url, key, user, plugin_paths=[], config=config) as session:
        return [shot["id"] for shot in session.query(f"select id from Shot order by id limit {count}")]


@contextlib.contextmanager
def _farm(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that run jobs, and have imported what those need."""
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_imported, range(processes)))
        yield pool


def _storm(
    farm: ProcessPoolExecutor,
    options: argparse.Namespace,
    who: tuple[str, str, str],
    ids: list[str],
    cache: str,
    schemas: str,
    folder: Path,
) -> dict[str, Any]:
    """One row: all sessions, with one cache and one state of it."""
    own = [folder / str(number) if schemas == "own" else folder for number in range(options.sessions)]
    jobs = [Job(who, ids, _config(cache, each, options.option)) for each in own]
    if schemas == "warm":
        jobs[0].run()
    began = time.monotonic()
    told = list(farm.map(Job.run, jobs))
    took = time.monotonic() - began
    values = sorted({each.pop("values") for each in told})
    return {"cache": cache, "schemas": schemas, "seconds": took, "values": values, "sessions": told}


def _config(cache: str, folder: Path, options: Sequence[str]) -> dict[str, Any]:
    """The configuration of a session whose caches lie in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    schema_cache = {"backend": "json_file", "folder": str(folder / "schemas"), "wait_seconds": 120.0}
    if cache == "none":
        return {"schema_cache": schema_cache}
    places = {"sqlite": {"path": str(folder / "records.sqlite")}, "disk": {"path": str(folder / "records")}}
    layers = [{"backend": name, **places.get(name, {})} for name in cache.split("+")]
    layers[-1].update({name: _value(text) for name, _, text in (each.partition("=") for each in options)})
    return {"schema_cache": schema_cache, "cache": layers, "freshness": FRESHNESS}


def _value(text: str) -> Any:
    """A number or switch where it reads as one, else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _imported(_: int) -> None:
    """So that the time of a row has no start of an interpreter in it."""
    time.sleep(0.2)


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| caches | schemas | calls | to start | for shots, statuses | for custom values | kB received | kB sent |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in rows:
        sums = {name: sum(each[name] for each in row["sessions"]) for name in row["sessions"][0]}
        received, sent = (sums[f"bytes_{name}"] / 1000 for name in ("received", "sent"))
        yield (
            f"| {row['cache']} | {row['schemas']} | {sums['calls']:,} | {sums['start']:,} | {sums['shots']:,} "
            f"| {sums['custom']:,} | {received:,.0f} | {sent:,.0f} |"
        )


if __name__ == "__main__":
    sys.exit(main())
