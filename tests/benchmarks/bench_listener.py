"""How fast a listener takes a burst of events, keeps them in a SQLite inbox, and handles them.

    python tests/benchmarks/bench_listener.py [--events 10000] [--workers 4] [--memory]

`ftrack serve` runs in a process of its own, and so does who publishes. The handler does nothing, so what is measured
is the listener. Printed are the seconds until all events were stored and until all were handled, and the memory of the
listener's process before, at the most and after. The exit status says whether each was handled exactly once.
"""

from __future__ import annotations

import argparse
import collections
import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ftrack_core import Session
from ftrack_core.values import Event

PUBLISHER = """
import sys
from ftrack_core import Session
from ftrack_core.values import Event

with Session(*sys.argv[1:4], schema_cache_path=False, plugin_paths=[]) as session:
    session.event_hub.connect()
    text = "x" * 500
    for number in range(int(sys.argv[4])):
        session.event_hub.publish(Event("burst", data={"n": number, "text": text}))
    session.event_hub.publish_acknowledged(Event("known"))
"""


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--memory", action="store_true", help="keep events in memory instead of a file")
    arguments = parser.parse_args()
    command = [sys.executable, "-m", "ftrack_core.cli", "serve", "--json", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            facts = json.loads(server.stdout.readline())
            user = facts["users"][0]
            return burst((facts["url"], user["api_key"], user["username"]), arguments)
        finally:
            server.send_signal(signal.SIGTERM)


def burst(who: tuple[str, str, str], arguments: argparse.Namespace) -> int:
    """Give how many events were not handled exactly once."""
    handled: collections.Counter[int] = collections.Counter()
    with tempfile.TemporaryDirectory() as folder, Session(*who, schema_cache_path=False, plugin_paths=[]) as session:
        inbox = None if arguments.memory else Path(folder) / "events.sqlite"
        listener = session.listener(inbox, workers=arguments.workers)
        listener.on("topic=burst", name="burst")(lambda event, _session: handled.update([event["data"]["n"]]))
        with listener:
            assert session.event_hub.wait_until_connected(30)
            session.event_hub.publish_acknowledged(Event("known"))
            before, began = memory("VmRSS"), time.perf_counter()
            with subprocess.Popen([sys.executable, "-c", PUBLISHER, *who, str(arguments.events)]):
                stored = _reached(listener, "stored", arguments.events) - began
                done = _reached(listener, "handled", arguments.events) - began
            print(f"{arguments.events} events, {arguments.workers} workers; problems: {listener.health().problems}")
            print(f"  stored in {stored:.1f} s, {arguments.events / stored:,.0f} a second, publishing included")
            print(f"  handled in {done:.1f} s, {arguments.events / done:,.0f} a second")
            print(f"  memory: {before} MB before, {memory('VmHWM')} at most, {memory('VmRSS')} after")
    wrong = sum(count != 1 for count in handled.values()) + arguments.events - len(handled)
    print(f"  lost or handled twice: {wrong}")
    return 1 if wrong else 0


def _reached(listener: Any, name: str, count: int) -> float:
    """Give when a count was reached; asks the listener's own counts, for its health also counts the inbox."""
    while listener._tally.counts[name] < count:
        time.sleep(0.02)
    return time.perf_counter()


def memory(name: str) -> int:
    """Megabytes of this process."""
    text = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(name)) // 1024


if __name__ == "__main__":
    sys.exit(main())
