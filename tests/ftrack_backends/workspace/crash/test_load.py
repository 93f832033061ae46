"""Eight clients at once on one file: nothing lost, nothing half seen, nothing counted twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

CLIENTS, BATCHES = 8, 12

pytest.importorskip("uvicorn", reason="serving needs the `server` extra")


def test_eight_clients_lose_nothing_and_see_no_half_batch(
    serve: Callable[..., Any], writer: Any, tmp_path: Path
) -> None:
    """A farm writes while artists read: each reply tells a state that was true at one moment."""
    database = str(tmp_path / "show.sqlite")
    with serve("--database", database, "--quiet") as served:
        clients = [writer.of(served, f"writer{number}") for number in range(CLIENTS)]
        clients[0].prepare()
        for client in clients[1:]:
            client.prepare()

        def work(client: Any) -> None:
            for _ in range(BATCHES):
                client.write()
                seen = client.seen()
                assert set(client.acknowledged) <= set(seen), "a batch that was acknowledged is not there"

        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(work, clients))
        everything = {batch for client in clients for batch in client.acknowledged}
        assert len(everything) == CLIENTS * BATCHES
        assert set(clients[0].seen()) == everything
        assert served.stop() == 0
        assert served.log() == ""
    with serve("--database", database, "--quiet") as again:
        late = writer.of(again, "reader")
        assert set(late.seen()) == everything
        late.close()
    for client in clients:
        client.close()


def test_versions_that_many_publish_at_once_get_numbers_of_their_own(
    serve: Callable[..., Any], writer: Any, tmp_path: Path
) -> None:
    """Two artists who publish to one asset in the same second must not both get version 7."""
    with serve("--database", str(tmp_path / "show.sqlite"), "--quiet") as served:
        clients = [writer.of(served, f"writer{number}") for number in range(CLIENTS)]
        asset = _asset(clients[0])
        version = {
            "action": "create",
            "entity_type": "AssetVersion",
            "entity_data": {"__entity_type__": "AssetVersion", "asset_id": asset},
        }

        def publish(client: Any) -> list[int]:
            return [client.call(version)[0]["data"]["version"] for _ in range(10)]

        with ThreadPoolExecutor(CLIENTS) as pool:
            numbers = [number for each in pool.map(publish, clients) for number in each]
        latest = clients[0].rows(
            f'select version from AssetVersion where asset_id is "{asset}" and is_latest_version is True'
        )
        assert sorted(numbers) == list(range(1, CLIENTS * 10 + 1))
        assert [each["version"] for each in latest] == [CLIENTS * 10]
        for client in clients:
            client.close()


def _asset(client: Any) -> str:
    """A project with a shot with an asset, and the asset's id."""
    schema = client.rows("ProjectSchema")[0]["id"]
    made: list[str] = []
    for kind, values in (
        ("Project", {"name": "show", "project_schema_id": schema}),
        ("Shot", {"name": "sh010"}),
        ("Asset", {"name": "anim"}),
    ):
        above = {"Shot": "parent_id", "Asset": "context_id"}.get(kind)
        data = {"__entity_type__": kind, **values, **({above: made[-1]} if above else {})}
        made.append(client.call({"action": "create", "entity_type": kind, "entity_data": data})[0]["data"]["id"])
    return str(made[-1])
