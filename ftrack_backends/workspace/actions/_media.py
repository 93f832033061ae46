"""Media: `encode_media` makes a picture that browsers show of one that they may not, and says what it cannot do.

Of a picture it makes a smaller one, upright, as JPEG or PNG, in the location `ftrack.server`; with a version it
belongs to that and becomes its thumbnail. Nothing plays: a workspace has no encoder for moving pictures, and the job
of such a component is `failed` and says so, as is that of a component whose file is not here.

The job is over when the reply comes. The batch is committed first, as `running`, so that nobody waits while a picture
is made smaller; what comes of it is a second batch, in the caller's name.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends.workspace._faults import Fault, FileFault
from ftrack_backends.workspace._file_routes import component_file, opened
from ftrack_backends.workspace.actions import _fields as fields
from ftrack_backends.workspace.files import UploadOrder
from ftrack_backends.workspace.files._pictures import NoPicture, Picture, fitted

if TYPE_CHECKING:
    from ftrack_backends.workspace.actions._turn import Action, Turn

__all__ = ["MEDIA"]

_SIZE = 2048
_NAME = "ftrackreview-image"
_SERVER = "3a372bde-05bc-11e4-8908-20c9d081909b"
_NOTHING_DONE = "nothing was transcoded, and the original is kept"
_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png"}


@attrs.frozen
class _Encoding:
    """What was asked for."""

    job_id: str
    component_id: str
    version_id: str | None
    keep_original: bool
    name: str


def encode_media(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Make a component visible in browsers, as far as that goes."""
    component_id = fields.text(operation, "component_id")
    component = turn.found("Component", component_id, "name", "file_type", field="component_id")
    version_id = fields.optional_text(operation, "version_id")
    if version_id is not None:
        turn.found("AssetVersion", version_id, field="version_id")
    keep_original = fields.flag(operation, "keep_original", default=True)
    name = f"{component['name']}{component['file_type'] or ''}"
    encoding = _Encoding(str(uuid.uuid4()), component_id, version_id, keep_original, name)
    values = {"id": encoding.job_id, "type": "encode_media", "status": "running", "data": _told(encoding, [])}
    turn.writing.create({"entity_type": "Job", "entity_data": values})
    turn.committed.append(lambda: _encode(turn, encoding))
    return {"job_id": encoding.job_id}


def _encode(turn: Turn, encoding: _Encoding) -> None:
    """Do it, and write down what came of it."""
    try:
        picture = _picture(turn, encoding)
    except FileFault:
        _end(turn, encoding, f"the component has no file here; {_NOTHING_DONE}")
        return
    except NoPicture as error:
        _end(turn, encoding, f"this workspace has no encoder for it: {error}; {_NOTHING_DONE}")
        return
    output_id = str(uuid.uuid4())
    try:
        _keep(turn, picture, output_id)
        _run(turn, _outcome(encoding, picture, output_id))
    except (Fault, OSError) as error:  # as when somebody deleted the version meanwhile, or the disk is full
        turn.services.files.remove(output_id)
        _end(turn, encoding, error.content if isinstance(error, Fault) else "the workspace's disk refused the picture")


def _picture(turn: Turn, encoding: _Encoding) -> Picture:
    with opened(turn.services, component_file(turn.services, encoding.component_id)) as content:
        return fitted(content, _SIZE)


def _keep(turn: Turn, picture: Picture, output_id: str) -> None:
    order = UploadOrder(output_id, _NAME + _SUFFIXES[picture.media_type], len(picture.data))
    reception = turn.services.files.receive(order)
    try:
        reception.write(picture.data)
        reception.finish()
    finally:
        reception.abandon()


def _outcome(encoding: _Encoding, picture: Picture, output_id: str) -> list[dict[str, Any]]:
    """The batch that brings a picture to where it belongs."""
    component = {"id": output_id, "name": _NAME, "file_type": _SUFFIXES[picture.media_type], "size": len(picture.data)}
    place = {"component_id": output_id, "resource_identifier": output_id, "location_id": _SERVER}
    facts = {"format": "image", "width": picture.width, "height": picture.height}
    note = {"parent_id": output_id, "parent_type": "FileComponent", "key": "ftr_meta", "value": json.dumps(facts)}
    version: list[dict[str, Any]] = []
    if encoding.version_id is not None:
        component["version_id"] = encoding.version_id
        version = [_updated("AssetVersion", encoding.version_id, {"thumbnail_id": output_id})]
    original = [] if encoding.keep_original else [_deleted("Component", encoding.component_id)]
    output = [{"format": picture.media_type, "component_id": output_id}]
    return [
        _created("FileComponent", component),
        _created("ComponentLocation", place),
        _created("Metadata", note),
        *version,
        *original,
        _updated("Job", encoding.job_id, {"status": "done", "data": _told(encoding, output)}),
    ]


def _end(turn: Turn, encoding: _Encoding, error: str) -> None:
    told = _told(encoding, [], error)
    _run(turn, [_updated("Job", encoding.job_id, {"status": "failed", "data": told})])


def _run(turn: Turn, operations: list[dict[str, Any]]) -> None:
    from ftrack_backends.workspace.actions import run_batch  # it knows every action, this one too

    run_batch(turn.services, turn.caller, operations, turn.address)


def _told(encoding: _Encoding, output: list[dict[str, str]], error: str = "") -> str:
    description = f"Encode {encoding.name}"
    return json.dumps(
        {
            "source_component_id": encoding.component_id,
            "version_id": encoding.version_id,
            "keep_original": encoding.keep_original,
            "output": output,
            "description": f"{description}: {error}" if error else description,
            **({"error": error} if error else {}),
        }
    )


def _created(entity_type: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"action": "create", "entity_type": entity_type, "entity_data": {"__entity_type__": entity_type, **data}}


def _updated(entity_type: str, key: str, data: dict[str, Any]) -> dict[str, Any]:
    told = {"__entity_type__": entity_type, **data}
    return {"action": "update", "entity_type": entity_type, "entity_key": [key], "entity_data": told}


def _deleted(entity_type: str, key: str) -> dict[str, Any]:
    return {"action": "delete", "entity_type": entity_type, "entity_key": [key]}


MEDIA: dict[str, Action] = {"encode_media": encode_media}
