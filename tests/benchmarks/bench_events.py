"""Load on the event server: many connections, a burst, and subscribers that do not keep up.

    python tests/benchmarks/bench_events.py [--connections 200] [--events 10000] [--steady-seconds 0]

`ftrack serve` runs in a process of its own. Every connection subscribes to the burst; one more publishes it; one
subscriber is dead (its socket takes nothing) and one slow. Printed are what was lost, doubled or out of order, how
long it took, the CPU time of the server, and its memory before, at the most, and after. With `--steady-seconds 120` a
session then publishes once a second while another waits. The exit status says whether everything arrived.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--steady-seconds", type=int, default=0)
    arguments = parser.parse_args()
    command = [sys.executable, "-m", "ftrack_core.cli", "serve", "--json", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            facts = json.loads(server.stdout.readline())
            return asyncio.run(Load(facts, server.pid).run(arguments))
        finally:
            server.send_signal(signal.SIGTERM)


class Load:
    """One run against one server."""

    def __init__(self, facts: dict[str, Any], pid: int) -> None:
        self.facts, self.pid = facts, pid

    async def run(self, arguments: argparse.Namespace) -> int:
        """Burst, then perhaps a steady beat."""
        faults = await self.burst(arguments.connections, arguments.events)
        if arguments.steady_seconds:
            faults += await self.steady(arguments.steady_seconds)
        return 1 if faults else 0

    async def burst(self, connections: int, events: int) -> int:
        """Give how many subscribers missed something."""
        subscribers = [await self.subscribed("burst") for _ in range(connections)]
        dead, slow, publisher = await self.subscribed("burst"), await self.subscribed("burst"), await self.open()
        dead.transport.pause_reading()
        before, used, started = self.memory("VmRSS"), self.cpu(), time.perf_counter()
        dawdling = asyncio.ensure_future(_dawdle(slow))
        hearing = asyncio.gather(*(_numbers(one, events) for one in subscribers))
        reading = asyncio.ensure_future(_acknowledgements(publisher))
        for number in range(events):
            await publisher.send(_frame("burst", {"n": number, "text": "x" * 200}, number))
        heard = await hearing
        seconds = time.perf_counter() - started
        wrong = sum(numbers != list(range(events)) for numbers in heard)
        for task in (dawdling, reading):
            task.cancel()
        await asyncio.gather(*(one.close() for one in subscribers))
        deliveries = connections * events
        print(f"{connections} connections, {events} events: {deliveries} deliveries in {seconds:.1f} s")
        print(f"  {deliveries / seconds:,.0f} a second; server CPU {self.cpu() - used:.1f} s")
        print(f"  subscribers that lost, doubled or reordered something: {wrong}")
        print(f"  server memory: {before} MB before, {self.memory('VmHWM')} at most, {self.memory('VmRSS')} after")
        return wrong

    async def steady(self, seconds: int) -> int:
        """One event a second; gives how many are missing."""
        waiting, publisher = await self.subscribed("steady"), await self.open()
        hearing = asyncio.ensure_future(_numbers(waiting, seconds))
        reading = asyncio.ensure_future(_acknowledgements(publisher))
        for number in range(seconds):
            await publisher.send(_frame("steady", {"n": number}, number))
            await asyncio.sleep(1)
        heard = await asyncio.wait_for(hearing, 30)
        reading.cancel()
        wrong = len(set(range(seconds)) ^ set(heard)) + len(heard) - len(set(heard))
        print(f"one event a second for {seconds} s: {wrong} lost or doubled")
        return wrong

    async def open(self) -> Any:
        """Shake hands and open a socket."""
        from websockets.asyncio.client import connect

        user = self.facts["users"][0]
        headers = {"ftrack-user": user["username"], "ftrack-api-key": user["api_key"]}
        reply = await asyncio.to_thread(requests.get, f"{self.facts['url']}/socket.io/1/", headers=headers, timeout=30)
        address = self.facts["url"].replace("http://", "ws://")
        sid = reply.text.split(":")[0]
        one = await connect(
            f"{address}/socket.io/1/websocket/{sid}",
            compression=None,
            proxy=None,
            max_size=None,
            max_queue=None,
            ping_interval=None,
        )
        await one.recv()
        return one

    async def subscribed(self, topic: str) -> Any:
        """Open a socket that wants a topic."""
        one = await self.open()
        data = {"subscriber": {"id": "a"}, "subscription": f"topic={topic}"}
        await one.send(_frame("ftrack.meta.subscribe", data, 1))
        await one.recv()
        return one

    def memory(self, name: str) -> int:
        """Megabytes of the server's process."""
        text = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(name)) // 1024

    def cpu(self) -> float:
        """Seconds of CPU that the server used."""
        parts = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / float(os.sysconf("SC_CLK_TCK"))


def _frame(topic: str, data: Any, number: int) -> str:
    return f"5:{number}+::" + json.dumps({"name": "ftrack.event", "args": [{"topic": topic, "data": data}]})


async def _next(one: Any) -> str:
    """The next frame that is not a heartbeat; those are answered."""
    while (frame := str(await one.recv())).startswith("2:"):
        await one.send("2::")
    return frame


async def _numbers(one: Any, count: int) -> list[int]:
    return [json.loads((await _next(one))[4:])["args"][0]["data"]["n"] for _ in range(count)]


async def _acknowledgements(one: Any) -> None:
    while True:
        assert (await _next(one)).startswith("6:")


async def _dawdle(one: Any) -> None:
    """Take an event now and then."""
    while True:
        one.transport.resume_reading()
        await asyncio.sleep(0.05)
        one.transport.pause_reading()
        await asyncio.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
