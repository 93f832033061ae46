"""Ids of new entities are what every other tool takes for one."""

from __future__ import annotations

import uuid

from ftrack_core.session.commits._identifiers import new_id


def test_an_id_is_a_random_uuid_as_it_is_usually_written() -> None:
    """A server, or a tool that reads its database, takes nothing else."""
    for _ in range(500):
        made = new_id()
        read = uuid.UUID(made)
        assert str(read) == made
        assert (read.version, read.variant) == (4, uuid.RFC_4122)


def test_no_id_comes_twice() -> None:
    """Two entities under one id would be one."""
    assert len({new_id() for _ in range(5_000)}) == 5_000
