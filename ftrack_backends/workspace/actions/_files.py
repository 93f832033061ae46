"""Files come in two steps: `get_upload_metadata`, PUT, and for a large one `complete_multipart_upload`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace._faults import FileFault, PermissionFault, ValidationFault
from ftrack_backends.workspace._file_routes import checksum_of
from ftrack_backends.workspace.actions import _fields as fields
from ftrack_backends.workspace.files import UPLOAD_SECONDS
from ftrack_core.query import quote

if TYPE_CHECKING:
    from ftrack_backends.workspace.actions._turn import Action, Turn

__all__ = ["READING_FILES", "WRITING_FILES"]

_MOST_PARTS = 10_000
_LONGEST_NAME = 255
_PATH = "/component/put"


def get_upload_metadata(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Give the URL that a component's file is sent to, or one for each part; the component need not exist yet."""
    if turn.caller.read_only:
        raise PermissionFault("This API key may only read; use a key whose role may write to send a file.")
    component_id = _component_id(operation)
    known = _component(turn, component_id)
    name = fields.optional_text(operation, "file_name") or _name_of(known) or component_id
    name = name[-_LONGEST_NAME:]
    size = fields.number(operation, "file_size")
    if size is None:
        size = known.get("size") or None  # nobody says 0 of a file that is still to come
    parts = fields.number(operation, "parts")
    _demand_possible(turn, size, parts)
    signed = {"id": component_id, "name": name} | ({} if size is None else {"size": str(size)})
    if parts:
        return _multipart(turn, signed, parts)
    checksum = fields.optional_text(operation, "checksum")
    headers = {"Content-Type": "application/octet-stream"}
    if checksum:
        signed["md5"] = _checksum(checksum)
        headers["Content-MD5"] = checksum.strip()
    return {"url": _url(turn, signed), "headers": headers, "component_id": component_id}


def complete_multipart_upload(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Make the parts that were sent a component's file."""
    component_id = _component_id(operation)
    upload_id = fields.text(operation, "upload_id")
    told = _parts(operation)
    turn.services.files.complete(turn.writing.connection, upload_id, component_id, told)
    turn.committed.append(lambda: turn.services.files.settled(upload_id))
    url = turn.services.signer.signed("GET", "/component/get", {"id": component_id}, lifetime_seconds=3600)
    return {"action": "complete_multipart_upload", "component_id": component_id, "url": turn.address + url}


def _component_id(operation: Mapping[str, Any]) -> str:
    text = fields.text(operation, "component_id")
    try:
        return str(uuid.UUID(text)) if len(text) == 36 else _no_id(text)
    except ValueError:
        return _no_id(text)


def _no_id(text: str) -> str:
    raise ValidationFault(
        f"{text!r:.80} is no id of a component: it must be a UUID, as clients make them.",
        "malformed_id",
        "component_id",
    )


def _component(turn: Turn, component_id: str) -> Mapping[str, Any]:
    """What is known of a component; nothing of one that does not exist yet."""
    if turn.batch is not None:
        turn.batch.settle()
    query = f"select name, file_type, size from Component where id is {quote(component_id)}"  # noqa: S608
    rows = turn.services.reader.query(query).rows
    if rows and rows[0]["__entity_type__"] != "FileComponent":
        kind = rows[0]["__entity_type__"]
        raise ValidationFault(
            f"{component_id} is a {kind}, which has no file of its own; send those of its members.",
            "no_file_component",
            "component_id",
        )
    return rows[0] if rows else {}


def _name_of(known: Mapping[str, Any]) -> str:
    return f"{known['name']}{known['file_type'] or ''}" if known else ""


def _demand_possible(turn: Turn, size: int | None, parts: int | None) -> None:
    if parts and parts > _MOST_PARTS:
        raise ValidationFault(f"A file comes in {_MOST_PARTS} parts at most, not in {parts}.", field="parts")
    try:
        turn.services.files.demand_room(size or 0)
    except FileFault as fault:
        raise ValidationFault(fault.content, fault.error_code, "file_size") from fault


def _checksum(text: str) -> str:
    try:
        return checksum_of(text.strip())
    except FileFault as fault:
        raise ValidationFault(fault.content, fault.error_code, "checksum") from fault


def _multipart(turn: Turn, signed: Mapping[str, str], parts: int) -> dict[str, object]:
    upload_id = uuid.uuid4().hex
    urls = [
        {
            "part_number": number,
            "signed_url": _url(turn, {**signed, "upload": upload_id, "part": str(number), "parts": str(parts)}),
        }
        for number in range(1, parts + 1)
    ]
    return {"component_id": signed["id"], "upload_id": upload_id, "urls": urls}


def _url(turn: Turn, signed: Mapping[str, str]) -> str:
    return turn.address + turn.services.signer.signed("PUT", _PATH, signed, lifetime_seconds=UPLOAD_SECONDS)


def _parts(operation: Mapping[str, Any]) -> dict[int, str]:
    parts = operation.get("parts")
    told: dict[int, str] = {}
    for part in parts if isinstance(parts, list) else ():
        number, etag = (part.get("part_number"), part.get("e_tag")) if isinstance(part, dict) else (None, None)
        if not isinstance(number, int) or isinstance(number, bool) or not isinstance(etag, str) or number in told:
            raise ValidationFault(
                f"Each of 'parts' has a 'part_number' of its own, from 1, and an 'e_tag'; not {part!r:.100}.",
                "malformed_operation",
                "parts",
            )
        told[number] = etag.strip().strip('"')
    if not told:
        raise ValidationFault("'parts' must be a list of the parts that were sent.", "malformed_operation", "parts")
    return told


READING_FILES: dict[str, Action] = {"get_upload_metadata": get_upload_metadata}
WRITING_FILES: dict[str, Action] = {"complete_multipart_upload": complete_multipart_upload}
