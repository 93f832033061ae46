"""What an inbox does, in SQL; each function works on the connection of a transaction. Stages are told in `_layout`."""

# ruff: noqa: S608 - statements are made of constants of this package; whatever comes from outside is bound

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ftrack_backends.event_inboxes._layout import ASIDE, BEHIND, CLAIMED, DONE, LATER, READY
from ftrack_backends.event_inboxes._rows import COLUMNS
from ftrack_core.values import DeliveryState

__all__ = [
    "acknowledge",
    "claim",
    "counts",
    "first_ready",
    "give_back",
    "is_held",
    "listed",
    "make_due_ready",
    "mark",
    "marked",
    "next_due",
    "prune",
    "remove",
    "renew",
    "replay",
    "set_aside",
    "store",
    "used_bytes",
]

_OF_ORDER = "handler = ? AND ordering = ? AND ordering <> ''"
"""The deliveries of a handler and an order, in the words of their index."""
_STATES: tuple[DeliveryState, ...] = ("waiting", "waiting", "waiting", "claimed", "done", "set aside")
_STAGES: Mapping[DeliveryState, str] = {
    "waiting": f"(d.stage < {CLAIMED} OR (d.stage = {CLAIMED} AND d.due_at <= :now))",
    "claimed": f"d.stage = {CLAIMED} AND d.due_at > :now",
    "done": f"d.stage = {DONE}",
    "set aside": f"d.stage = {ASIDE}",
}


def store(connection: sqlite3.Connection, event_id: str, content: str, handlers: Mapping[str, str], now: float) -> int:
    """Keep an event for handlers; gives how many deliveries are new."""
    connection.execute("INSERT OR IGNORE INTO event (id, content) VALUES (?, ?)", (event_id, content))
    event = connection.execute("SELECT key FROM event WHERE id = ?", (event_id,)).fetchone()[0]
    new = 0
    for handler, order in handlers.items():
        stage = BEHIND if order and _is_any_open(connection, handler, order) else READY
        new += connection.execute(
            "INSERT OR IGNORE INTO delivery (event, handler, ordering, stage, stored_at, due_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (event, handler, order, stage, now, now),
        ).rowcount
    return new


def make_due_ready(connection: sqlite3.Connection, now: float) -> None:
    """Make ready what was given back and is due now, and what was claimed for a time that is over."""
    connection.execute(
        f"UPDATE delivery INDEXED BY delivery_by_due SET stage = {READY} WHERE stage IN (1, 3) AND due_at <= ?", (now,)
    )


def first_ready(connection: sqlite3.Connection, handlers: Collection[str]) -> int | None:
    """The key of the oldest delivery that is ready for one of the handlers."""
    found = [row[0] for row in _each_first_ready(connection, handlers)]
    return min(found, default=None)


def next_due(connection: sqlite3.Connection, handlers: Collection[str], now: float) -> float | None:
    """When the next delivery of handlers can be claimed; what is ready can be now, whenever it was stored."""
    ready = [row[1] for row in _each_first_ready(connection, handlers)]
    if ready:
        return float(min(*ready, now))
    wanted = set(handlers)
    later = connection.execute(
        "SELECT due_at, handler FROM delivery INDEXED BY delivery_by_due WHERE stage IN (1, 3) ORDER BY due_at"
    )
    return next((float(due_at) for due_at, handler in later if handler in wanted), None)


def claim(connection: sqlite3.Connection, key: int, worker: str, until: float) -> Sequence[Any]:
    """Claim a delivery; gives its row."""
    connection.execute(
        f"UPDATE delivery SET stage = {CLAIMED}, claims = claims + 1, attempt = attempt + 1, worker = ?, due_at = ? "
        "WHERE key = ?",
        (worker, until, key),
    )
    row: Sequence[Any] = connection.execute(f"{COLUMNS} WHERE d.key = ?", (key,)).fetchone()
    return row


def is_held(connection: sqlite3.Connection, key: int, claims: int) -> bool:
    """Whether a claim is held: nobody has claimed the delivery since, nor has its claim been answered."""
    found = connection.execute(
        "SELECT 1 FROM delivery WHERE key = ? AND claims = ? AND claims > 0 AND stage IN (0, 3)", (key, claims)
    )
    return found.fetchone() is not None


def renew(connection: sqlite3.Connection, key: int, until: float) -> None:
    """Have a claim hold until a moment; one that had run out unseen holds again."""
    connection.execute(f"UPDATE delivery SET stage = {CLAIMED}, due_at = ? WHERE key = ?", (until, key))


def acknowledge(connection: sqlite3.Connection, key: int, now: float) -> None:
    """End a delivery as done."""
    _end(connection, key, DONE, "", now)


def set_aside(connection: sqlite3.Connection, key: int, error: str, now: float) -> None:
    """End a delivery as set aside."""
    _end(connection, key, ASIDE, error, now)


def give_back(connection: sqlite3.Connection, key: int, error: str, now: float, due_at: float) -> None:
    """Have a delivery wait again."""
    stage = LATER if due_at > now else READY
    connection.execute(
        "UPDATE delivery SET stage = ?, claims = claims + 1, error = ?, due_at = ? WHERE key = ?",
        (stage, error, due_at, key),
    )
    _let_the_first_go(connection, key, now)


def replay(connection: sqlite3.Connection, key: int, now: float) -> bool:
    """Have a delivery that has ended wait again; False if it has not ended or is not there."""
    changed = connection.execute(
        f"UPDATE delivery SET stage = {READY}, claims = claims + 1, attempt = 0, due_at = ?, ended_at = NULL "
        "WHERE key = ? AND stage >= 4",
        (now, key),
    ).rowcount
    if changed:
        _let_the_first_go(connection, key, now)
    return bool(changed)


def remove(connection: sqlite3.Connection, keys: Collection[int]) -> int:
    """Forget deliveries that have ended, with their events where nobody else wants them; gives how many."""
    return sum(_forgotten(connection, "key = ? AND stage >= 4", (key,)) for key in keys)


def prune(connection: sqlite3.Connection, before: float, limit: int) -> None:
    """Forget some of the deliveries that were done before a moment."""
    _forgotten(connection, "stage = 4 AND ended_at < ? LIMIT ?", (before, limit), "INDEXED BY delivery_by_end")


def listed(
    connection: sqlite3.Connection, state: DeliveryState, handler: str, limit: int, now: float
) -> list[Sequence[Any]]:
    """The rows of deliveries in a state, the oldest first; of one handler, or of all."""
    of_handler = "AND d.handler = :handler" if handler else ""
    return connection.execute(
        f"{COLUMNS} WHERE {_STAGES[state]} {of_handler} ORDER BY d.key LIMIT :limit",
        {"now": now, "handler": handler, "limit": limit},
    ).fetchall()


def counts(connection: sqlite3.Connection, now: float) -> Iterator[tuple[str, DeliveryState, int]]:
    """Handler, state and number, several times where several stages are one state."""
    grouped = connection.execute("SELECT handler, stage, count(*) FROM delivery GROUP BY stage, handler").fetchall()
    run_out = connection.execute(
        "SELECT handler, count(*) FROM delivery INDEXED BY delivery_by_due "
        f"WHERE stage IN (1, 3) AND due_at <= ? AND stage = {CLAIMED} GROUP BY handler",
        (now,),
    ).fetchall()
    yield from ((handler, _STATES[stage], count) for handler, stage, count in grouped)
    for handler, count in run_out:
        yield handler, "claimed", -count
        yield handler, "waiting", count


def mark(connection: sqlite3.Connection, name: str, at: float) -> None:
    """Note a moment; a mark is never set back."""
    connection.execute(
        "INSERT INTO mark VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = max(at, excluded.at)", (name, at)
    )


def marked(connection: sqlite3.Connection, name: str) -> float | None:
    """The moment noted under a name."""
    row = connection.execute("SELECT at FROM mark WHERE name = ?", (name,)).fetchone()
    return None if row is None else float(row[0])


def used_bytes(connection: sqlite3.Connection) -> int:
    """How much of the file is in use."""
    pages, free, page_bytes = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * page_bytes)


def _each_first_ready(connection: sqlite3.Connection, handlers: Collection[str]) -> list[tuple[int, float]]:
    query = f"SELECT key, due_at FROM delivery WHERE stage = {READY} AND handler = ? ORDER BY key LIMIT 1"
    rows = (connection.execute(query, (handler,)).fetchone() for handler in handlers)
    return [row for row in rows if row is not None]


def _is_any_open(connection: sqlite3.Connection, handler: str, order: str) -> bool:
    found = connection.execute(
        f"SELECT 1 FROM delivery WHERE {_OF_ORDER} AND stage < {DONE} LIMIT 1", (handler, order)
    )
    return found.fetchone() is not None


def _end(connection: sqlite3.Connection, key: int, stage: int, error: str, now: float) -> None:
    connection.execute(
        "UPDATE delivery SET stage = ?, claims = claims + 1, error = ?, ended_at = ? WHERE key = ?",
        (stage, error, now, key),
    )
    _let_the_first_go(connection, key, now)


def _let_the_first_go(connection: sqlite3.Connection, key: int, now: float) -> None:
    """Put the oldest open delivery of an order in front, unless one of them is claimed; the others wait behind it.

    What was never claimed is due, whatever the clock said when it was stored.
    """
    of_order = connection.execute("SELECT handler, ordering FROM delivery WHERE key = ?", (key,)).fetchone()
    if not of_order[1]:
        return
    connection.execute(f"UPDATE delivery SET stage = {BEHIND} WHERE {_OF_ORDER} AND stage IN (0, 1)", of_order)
    claimed = connection.execute(f"SELECT 1 FROM delivery WHERE {_OF_ORDER} AND stage = {CLAIMED}", of_order)
    if claimed.fetchone() is None:
        first = f"SELECT min(key) FROM delivery WHERE {_OF_ORDER} AND stage = {BEHIND}"
        connection.execute(
            f"UPDATE delivery SET stage = (attempt > 0 AND due_at > ?) WHERE key = ({first})", (now, *of_order)
        )


def _forgotten(connection: sqlite3.Connection, which: str, values: Sequence[Any], by: str = "") -> int:
    rows = connection.execute(f"SELECT key, event FROM delivery {by} WHERE {which}", values).fetchall()
    connection.executemany("DELETE FROM delivery WHERE key = ?", [(key,) for key, _ in rows])
    connection.executemany(
        "DELETE FROM event WHERE key = ? AND NOT EXISTS (SELECT 1 FROM delivery WHERE event = event.key)",
        [(event,) for event in {event for _, event in rows}],
    )
    return len(rows)
