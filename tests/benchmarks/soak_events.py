"""A listener for months, in minutes: does anything grow?

    python tests/benchmarks/soak_events.py [--seconds 300] [--reconnects 200]

`ftrack serve` runs in a process of its own; a publishing and a listening hub in this one, both behind a proxy. Rounds
of 1,000 events, with a request, a subscription that comes and goes and callbacks for replies in each, go on until the
time is over; then the lines are cut so many times. Printed are the events a second, the memory of this process (by the
system, and by Python's own count) for each 1,000 events, threads and descriptors before and after the cuts, and what
was lost or came twice. The exit status says whether all of it is flat.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from unruly_proxy import UnrulyProxy

from ftrack_core.assembly import assemble
from ftrack_core.config import resolve
from ftrack_core.values import Event

ROUND = 1000
WARM_ROUNDS = 3
KILOBYTES_PER_ROUND = 24.0
"""More than that for each 1,000 events, and it is growth."""
LONG_ROUNDS = 50
"""From so many rounds on, what the system counts says something too."""
PATIENCE_SECONDS = 60.0


class Soak:
    """Two hubs of one server, and what they heard."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.proxy = UnrulyProxy(facts["url"])
        self.made: list[Any] = []
        user, hub = (
            facts["users"][0],
            {"backend": "socketio", "reconnect_seconds": 0.02, "max_reconnect_seconds": 0.05},
        )
        self.given = {"server_url": self.proxy.url, "api_key": user["api_key"], "api_user": user["username"]}
        self.given |= {"schema_cache_path": False, "event_hub": {**hub, "reply_seconds": 1.0}}
        self.listening, self.publishing = self.hub(), self.hub()
        self.heard: list[int] = []
        self.lost = self.doubled = self.rounds = 0
        self.listening.subscribe("topic=soak.tick", lambda event: self.heard.append(event["data"]["n"]))
        self.listening.subscribe("topic=soak.ask", lambda event: {"answer": event["data"]["n"]})
        self.listening.publish_acknowledged(Event("soak.ready"))
        threading.Thread(target=self.listening.run, daemon=True).start()

    def hub(self) -> Any:
        """A hub as a session gets it."""
        self.made.append(assemble(resolve(self.given, environment={})))
        self.made[-1].event_hub.connect()
        return self.made[-1].event_hub

    def round(self) -> None:
        """Everything that a listener and a tool do, many times."""
        for n in range(ROUND):
            expecting = {"on_reply": print} if n % 100 == 0 else {}
            self.publishing.publish(Event("soak.tick", data={"n": n, "text": "x" * 200}), **expecting)
        self.until(lambda: len(self.heard) >= ROUND)
        counted = Counter(self.heard)
        self.lost += len(set(range(ROUND)) - set(counted))
        self.doubled += sum(counted.values()) - len(counted)
        self.heard.clear()
        assert self.publishing.request(Event("soak.ask", data={"n": 7}), 30.0).data == {"answer": 7}
        self.listening.unsubscribe(self.listening.subscribe("topic=soak.other", print))
        self.publishing.wait(0)
        self.rounds += 1

    def cut(self) -> None:
        """Break both lines off, and wait until all is well."""
        before = self.proxy.opened
        self.proxy.cut()
        self.until(lambda: self.proxy.opened >= before + 2)
        for hub in (self.listening, self.publishing):
            assert hub.wait_until_connected(PATIENCE_SECONDS)
            hub.publish_acknowledged(Event("soak.back"), PATIENCE_SECONDS)
        self.publishing.wait(0)

    def until(self, done: Callable[[], bool]) -> None:
        """Wait for something."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            assert time.monotonic() < deadline, f"nothing more after {self.rounds} rounds; {len(self.heard)} heard"
            time.sleep(0.002)

    def close(self) -> None:
        """End it."""
        for backends in self.made:
            backends.close()
        self.proxy.close()


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--reconnects", type=int, default=200)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)  # two lines for each cut
    command = [sys.executable, "-m", "ftrack_core.cli", "serve", "--json", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            soak = Soak(json.loads(server.stdout.readline()))
            good = _events(soak, arguments.seconds)
            good = _reconnects(soak, arguments.reconnects) and good
            soak.close()
        finally:
            server.terminate()
    print("flat" if good else "NOT FLAT")
    return 0 if good else 1


def _events(soak: Soak, seconds: float) -> bool:
    for _ in range(WARM_ROUNDS):
        soak.round()
    began, first, rss = time.monotonic(), soak.rounds, _resident()
    counted = _counted()
    took = 0.0
    while took < seconds or soak.rounds < first + WARM_ROUNDS:
        soak.round()
        took = time.monotonic() - began
    rounds = soak.rounds - first
    grown, more = (_resident() - rss) / rounds, (_counted() - counted) / rounds
    print(f"{rounds * ROUND:,} events in {took:.0f} s, {rounds * ROUND / took:,.0f} a second")
    print(f"  lost {soak.lost}, came twice {soak.doubled}")
    print(f"  resident {rss:,.0f} kB after the first {first} rounds, {_resident():,.0f} kB at the end")
    print(f"  for each 1,000 events: {grown:+.2f} kB resident, {more:+.2f} kB by Python's count")
    settled = rounds < LONG_ROUNDS or grown < KILOBYTES_PER_ROUND
    return not soak.lost and not soak.doubled and settled and more < KILOBYTES_PER_ROUND


def _reconnects(soak: Soak, count: int) -> bool:
    for _ in range(3):
        soak.cut()
    before = (threading.active_count(), _descriptors(), _counted())
    for _ in range(count):
        soak.cut()
    soak.round()
    after = (threading.active_count(), _descriptors(), _counted())
    each = (after[2] - before[2]) / max(1, count)
    print(
        f"{count} reconnects of two hubs: threads {before[0]} and {after[0]}, descriptors {before[1]} and {after[1]}"
    )
    print(f"  for each: {each:+.2f} kB by Python's count")
    return after[0] <= before[0] + 1 and after[1] <= before[1] + 2 and each < KILOBYTES_PER_ROUND


def _counted() -> float:
    """Kilobytes of all containers of this process, by Python's own count."""
    gc.collect()
    return sum(map(sys.getsizeof, gc.get_objects())) / 1024


def _resident() -> float:
    """Kilobytes of this process, as the system counts; 0 where it does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(one for one in status.read_text(encoding="utf-8").splitlines() if one.startswith("VmRSS"))
    return float(line.split()[1])


def _descriptors() -> int:
    """How many descriptors are open; 0 where the system does not tell."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


if __name__ == "__main__":
    sys.exit(main())
