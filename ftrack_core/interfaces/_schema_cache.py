"""The seam that keeps a server's schemas between processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zope.interface import Interface

from ftrack_core.values import Missing

__all__ = ["IClearableSchemaCache", "ISchemaCache"]


class ISchemaCache(Interface):
    """Keeps the reply to `query_schemas`, so that a process starts without asking for it.

    Thread safety: every method is called by many threads, and by many processes on one store.
    Lifetime: that of the session.

    Guarantees:

    - C1: `load` gives back exactly what was saved for that server and hash, or `MISSING`.
    - C2: servers do not see each other's schemas, even with equal hashes.
    - C3: a reader sees a whole reply or none, whatever writers do and however they die.
    - C4: what cannot be read is `MISSING` and logged, never an error.
    - C5: what cannot be written is logged, never an error.
    - C6: without a hash from the server nothing is stored and nothing found.
    """

    def load(server: str, schema_hash: str) -> Sequence[Mapping[str, Any]] | Missing:
        """The schemas of a server.

        Args:
            server: What tells servers apart: the server's URL.
            schema_hash: The hash that the server tells with its information; empty when it tells none.

        Returns:
            The schemas, as the server's JSON says them, or `MISSING`.
        """

    def save(server: str, schema_hash: str, schemas: Sequence[Mapping[str, Any]]) -> None:
        """Keep the schemas of a server, in place of those it had before.

        Args:
            server: What tells servers apart: the server's URL.
            schema_hash: The hash that the server tells; empty stores nothing.
            schemas: The reply to `query_schemas`.
        """

    def close() -> None:
        """Let go of what is held open. Never raises."""


class IClearableSchemaCache(ISchemaCache):
    """A schema cache that can be told to forget.

    Guarantees, beyond those of `ISchemaCache`:

    - C7: after `clear`, `load` gives `MISSING` for what was cleared, in every process, and for nothing else.
    """

    def clear(server: str | None) -> int:
        """Forget the schemas of a server.

        Args:
            server: What tells servers apart, as for `load`; None for all of them.

        Returns:
            Of how many servers there were any.

        Raises:
            CacheError: They cannot be removed.
        """
