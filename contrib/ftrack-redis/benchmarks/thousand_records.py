"""What 1,000 records cost through the cache, and raw: `python benchmarks/thousand_records.py redis://...`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import redis
from ftrack_redis import RedisCacheOptions, cache

from ftrack_backends.codecs import MsgpackRecordCodec
from ftrack_core.testing import FakeBackendContext
from ftrack_core.values import EntityIdentity, EntityRecord, WireValue

ROUNDS = 40


def task(number: int) -> EntityRecord:
    """A task as a session keeps it."""
    key = f"{number:08x}-0000-4000-8000-000000000000"
    values: dict[str, WireValue] = {
        "id": key, "name": f"task {number}", "description": "keep the hair out of the fire, please", "bid": 28800.0,
        "priority": EntityIdentity("Priority", ("p",)), "status": EntityIdentity("Status", ("s",)),
        "type": EntityIdentity("Type", ("t",)), "parent": EntityIdentity("Shot", ("sh",)), "sort": 1.0,
        "start_date": {"__type__": "datetime", "value": "2026-10-10T10:12:09"}, "end_date": None, "is_open": True,
        "link": [{"id": "p", "name": "show", "type": "Project"}, {"id": "s", "name": "sh010", "type": "TypedContext"}],
    }  # fmt: skip
    return EntityRecord(EntityIdentity("Task", (key,)), 1.0, values)


def seconds(work: Callable[[], object]) -> float:
    """How long something takes, the middle of many times."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return median(taken)


def main(url: str) -> None:
    """Measure and print."""
    kept = cache.create(RedisCacheOptions(url=url, prefix="bench", timeout_seconds=30.0), FakeBackendContext())
    client = redis.Redis.from_url(url, protocol=2)
    records = {f"server|ann|{number}|Task": task(number) for number in range(1000)}
    codec = MsgpackRecordCodec()
    raw = {f"raw:{key}": codec.encode(record) for key, record in records.items()}

    def raw_write() -> None:
        pipeline = client.pipeline(transaction=False)
        for name, data in raw.items():
            pipeline.set(name, data, px=604_800_000)
        pipeline.execute()

    def raw_read() -> None:
        pipeline = client.pipeline(transaction=False)
        for name in raw:
            pipeline.get(name)
        pipeline.execute()

    rows = {
        "write": (seconds(lambda: kept.set_many(records)), seconds(raw_write)),
        "read": (seconds(lambda: kept.get_many(records)), seconds(raw_read)),
        "read, of it the codec": (seconds(lambda: [codec.decode(data) for data in raw.values()]), 0.0),
        "read, raw MGET": (seconds(lambda: client.mget(list(raw))), 0.0),
    }
    print(f"1,000 records of {sum(map(len, raw.values())) / 1000:.0f} bytes, redis-py {redis.__version__}")
    for name, (ours, floor) in rows.items():
        print(
            f"{name:24} {ours * 1000:7.2f} ms"
            + (f"   raw {floor * 1000:7.2f} ms   {ours / floor:.2f} x" if floor else "")
        )
    kept.clear()
    kept.close()
    client.delete(*raw)


if __name__ == "__main__":
    main(sys.argv[1])
