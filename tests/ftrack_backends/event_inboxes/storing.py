"""Run by tests in a process of its own: stores or handles events of an inbox, and tells what it did line by line.

python storing.py store FILE FIRST STEP      stores events FIRST, FIRST + STEP and so on, until it is killed
python storing.py work FILE SECONDS          claims and acknowledges until there is nothing more to claim
"""

from __future__ import annotations

import itertools
import os
import sys
import time

from ftrack_backends.event_inboxes._sqlite import SqliteEventInbox
from ftrack_core.assembly import SystemClock
from ftrack_core.values import Event


def store(inbox: SqliteEventInbox, first: int, step: int) -> None:
    """Store for ever; each number is told once its event is kept."""
    for number in itertools.count(first, step):
        inbox.store(Event(topic="ftrack.update", id=f"{number:032x}", data={"n": number}), {"sync": str(number % 5)})
        print(number, flush=True)


def work(inbox: SqliteEventInbox, seconds: float) -> None:
    """Handle what there is: tell when each begins and, once it is acknowledged, that it is done."""
    worker = f"process {os.getpid()}"
    while inbox.next_due(["sync"]) is not None:
        delivery = inbox.claim(["sync"], worker, seconds)
        if delivery is None:
            time.sleep(0.005)
            continue
        begun = delivery.due_at - seconds  # when it was claimed: this process may have stood still since
        print("begin", delivery.event.data["n"], begun, flush=True)
        time.sleep(0.001)
        ended = time.time()
        if inbox.acknowledge(delivery):
            print("done", delivery.event.data["n"], ended, flush=True)


def main() -> None:
    """Do what was asked."""
    inbox = SqliteEventInbox.open(
        sys.argv[2], SystemClock(), keep_done_seconds=86400, max_bytes=1 << 30, busy_seconds=30
    )
    if sys.argv[1] == "store":
        store(inbox, int(sys.argv[3]), int(sys.argv[4]))
    else:
        work(inbox, float(sys.argv[3]))
    inbox.close()


if __name__ == "__main__":
    main()
