"""What a record codec promises."""

from __future__ import annotations

from zope.interface import Interface

from ftrack_core.values import EntityRecord, Missing

__all__ = ["IRecordCodec"]


class IRecordCodec(Interface):
    """Turns entity records into bytes and back.

    Thread safety: called by many threads at once; it keeps nothing of a record but, at most, its names and types.
    Lifetime: nothing to close.

    Guarantees:

    - C1: what `decode` gives for what `encode` gave is the record, with every value of the type that it had: 1, 1.0
      and True, text with half surrogates, whole numbers of any size, references to entities.
    - C2: bytes that are no entry of this codec and version are `MISSING`: foreign, cut off, damaged, longer or deeper
      than the limits. `decode` raises nothing, whatever the bytes are, and runs no code that they name.
    - C3: equal records whose values stand in the same order give equal bytes in every process and Python version.
    - C4: a record that cannot be kept is refused by `encode`, never changed.
    """

    def encode(record: EntityRecord) -> bytes:
        """A record as bytes.

        Args:
            record: The record; it is not changed.

        Returns:
            The bytes: version, checksum and record.

        Raises:
            CacheError: A value in it is none that comes over the wire, or the record is larger or deeper than the
                limits.
        """

    def decode(data: bytes) -> EntityRecord | Missing:
        """The record in an entry.

        Args:
            data: What was read; anything.

        Returns:
            The record, or `MISSING` when the bytes are no entry of this codec and version.
        """
