"""Multi-part uploads that are under way: which parts of them are here."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping

import attrs

from ftrack_backends.workspace._faults import FileFault, ValidationFault

__all__ = ["Part", "UploadOrder", "Uploads", "joined_etag"]


@attrs.frozen
class UploadOrder:
    """What an upload may bring, as its signed URL says.

    Attributes:
        component_id: For which component.
        name: Name of the file.
        size: Bytes of the whole file; None where nobody has said.
        checksum: MD5 of what comes, in hexadecimal; empty where nobody has said.
        upload_id: Multi-part upload that it belongs to; empty for a file that comes whole.
        part_number: Which part, from 1; 0 for a file that comes whole.
        parts: How many there will be.
    """

    component_id: str
    name: str = ""
    size: int | None = None
    checksum: str = ""
    upload_id: str = ""
    part_number: int = 0
    parts: int = 0


@attrs.frozen
class Part:
    """A part that is here: the piece that holds it, its size, and its checksum in hexadecimal."""

    piece: str
    size: int
    etag: str


@attrs.define
class _Upload:
    order: UploadOrder
    ends_at: float
    received: dict[int, Part] = attrs.field(factory=dict)


@attrs.define(eq=False)
class Uploads:
    """The multi-part uploads of one workspace. Thread safety: every method may be called by many threads."""

    _open: dict[str, _Upload] = attrs.field(factory=dict, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def add(self, order: UploadOrder, part: Part, ends_at: float) -> Part | None:
        """Note that a part has come; one of the same number takes the place of the earlier.

        Returns:
            The earlier one.

        Raises:
            FileFault: All parts together would be larger than the file.
        """
        with self._lock:
            upload = self._open.get(order.upload_id) or _Upload(order, ends_at)
            others = sum(one.size for number, one in upload.received.items() if number != order.part_number)
            if order.size is not None and others + part.size > order.size:
                raise FileFault(
                    f"With part {order.part_number} the file would have {others + part.size} bytes, and {order.size} "
                    "were announced.",
                    "wrong_length",
                )
            self._open[order.upload_id] = upload
            earlier = upload.received.get(order.part_number)
            upload.received[order.part_number] = part
            return earlier

    def complete(self, upload_id: str, component_id: str, told: Mapping[int, str]) -> tuple[UploadOrder, list[Part]]:
        """Give the parts of an upload in order, once it is sure that all are here and are what the client sent.

        Args:
            upload_id: Which upload.
            component_id: For which component.
            told: What the client says it sent: checksum by number.

        Raises:
            ValidationFault: There is no such upload, parts are missing, or one is another than the client says.
        """
        with self._lock:
            upload = self._open.get(upload_id)
            if upload is None or upload.order.component_id != component_id:
                raise ValidationFault(
                    f"There is no upload {upload_id!r} of the component {component_id!r} with parts sent; ask for "
                    "another with get_upload_metadata.",
                    "upload_not_found",
                    "upload_id",
                )
            received = dict(upload.received)
        _demand_all(upload.order, received, told)
        return upload.order, [received[number] for number in sorted(received)]

    def end(self, upload_id: str) -> None:
        """Forget an upload; its parts are a file's now."""
        with self._lock:
            self._open.pop(upload_id, None)

    def expired(self, now: float) -> list[Part]:
        """Forget the uploads whose URLs have ended, and give the parts they leave."""
        with self._lock:
            over = [upload_id for upload_id, one in self._open.items() if one.ends_at <= now]
            return [part for upload_id in over for part in self._open.pop(upload_id).received.values()]

    def pieces(self) -> set[str]:
        """Names of the pieces of all parts."""
        with self._lock:
            return {part.piece for one in self._open.values() for part in one.received.values()}


def joined_etag(parts: Iterable[Part]) -> str:
    """What tells a file of several parts from others: a checksum over theirs, with their number."""
    digests = [bytes.fromhex(part.etag) for part in parts]
    return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(digests)}"


def _demand_all(order: UploadOrder, received: Mapping[int, Part], told: Mapping[int, str]) -> None:
    strangers = sorted(number for number in told if not 1 <= number <= order.parts)
    missing = [number for number in range(1, order.parts + 1) if number not in received or number not in told]
    wrong = sorted(number for number in told if number in received and told[number] != received[number].etag)
    faults = [
        f"{fault}: {', '.join(map(str, numbers[:20]))}"
        for fault, numbers in (
            (f"of {order.parts} parts there is no number", strangers),
            ("these are missing", missing),
            ("these are other than was sent", wrong),
        )
        if numbers
    ]
    size = sum(part.size for part in received.values())
    if not faults and order.size is not None and size != order.size:
        faults.append(f"the parts have {size} bytes together, and {order.size} were announced")
    if faults:
        raise ValidationFault(f"The upload is not complete: {'; '.join(faults)}.", "upload_incomplete", "parts")
