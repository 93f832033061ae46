"""What is at `/component/...`: files come, go and are looked at.

Whoever asks has credentials, in headers or as the parameters `username` and `apiKey`, or a URL that authenticates
itself. Each client gets the HTTP status of a refusal here: a program that fetches a file reads nothing else.
"""

from __future__ import annotations

import base64
import binascii
import errno
import mimetypes
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, unquote_plus

from ftrack_backends.workspace._faults import CredentialsFault, FileFault, PermissionFault
from ftrack_backends.workspace.files import Streamed, UploadOrder, wanted_range
from ftrack_core.query import quote as quoted
from ftrack_core.values import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

    from ftrack_backends.workspace._accounts import Caller
    from ftrack_backends.workspace.actions import Services
    from ftrack_backends.workspace.files import StoredFile

__all__ = ["announced_checksum", "caller_of", "component_file", "disk_fault", "removed", "upload_order"]

_SHOWN = ("image/", "video/", "audio/")
_ACTIVE = "image/svg"
_NAMES = (("username", "apiKey"), ("api_user", "api_key"))


def caller_of(services: Services, headers: Mapping[str, str], query: str) -> Caller:
    """Find out who asks for a file.

    Some clients write user and key into the URL as they are, so a `+` may be a space or a plus; each way is tried.

    Raises:
        CredentialsFault: There are none, or they are not valid.
    """
    pairs = [_decoded(query, decode) for decode in (unquote_plus, unquote, str)]
    tried = [(one.get(name, ""), one.get(key, "")) for one in pairs for name, key in _NAMES]
    tried.insert(0, (headers.get("ftrack-user", ""), headers.get("ftrack-api-key", "")))
    asked = dict.fromkeys(pair for pair in tried if all(pair))
    fault = CredentialsFault(
        "Credentials are missing: send the headers 'ftrack-user' and 'ftrack-api-key', or the parameters 'username' "
        "and 'apiKey'."
    )
    for username, api_key in asked:
        try:
            return services.accounts.caller(username, api_key)
        except CredentialsFault as refused:  # noqa: PERF203 - at most three are tried
            fault = refused
    raise fault


def upload_order(parameters: Mapping[str, str], length: str) -> UploadOrder:
    """Read what an upload may bring from the parameters of its signed URL.

    Args:
        parameters: Verified ones.
        length: Header `Content-Length`; empty where the body comes in chunks.

    Raises:
        FileFault: The length that is announced now is another.
    """
    size = int(parameters["size"]) if "size" in parameters else None
    order = UploadOrder(
        parameters["id"],
        parameters.get("name", ""),
        size,
        parameters.get("md5", ""),
        parameters.get("upload", ""),
        int(parameters.get("part", 0)),
        int(parameters.get("parts", 0)),
    )
    coming = int(length) if length.isdecimal() else None
    if coming is None or size is None or coming == size or (order.part_number and coming < size):
        return order
    raise FileFault(f"{coming} bytes are to come, and {size} were announced; nothing was kept.", "wrong_length")


def announced_checksum(headers: Mapping[str, str]) -> str:
    """Read the header `Content-MD5`, as hexadecimal; empty where there is none.

    Raises:
        FileFault: It is none.
    """
    header = headers.get("content-md5", "").strip()
    if not header:
        return ""
    return checksum_of(header)


def checksum_of(text: str) -> str:
    """Give a checksum in hexadecimal that is written in base64.

    Raises:
        FileFault: It is no MD5 in base64.
    """
    try:
        digest = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        digest = b""
    if len(digest) != 16:
        raise FileFault(f"{text!r:.80} is no checksum: it must be an MD5 in base64.", "malformed_checksum")
    return digest.hex()


def component_file(services: Services, component_id: str) -> StoredFile:
    """Find a component's file.

    Raises:
        FileFault: There is none.
    """
    file = services.files.find(component_id)
    if file is None:
        raise FileFault(f"There is no file of a component {component_id!r:.80} here.", "no_such_file", 404)
    return file


def served(services: Services, file: StoredFile, headers: Mapping[str, str], *, with_body: bool) -> Streamed:
    """Give a file, or the range of it that is asked for.

    Raises:
        FileFault: There is no such range, or the data is gone.
    """
    told = _facts(file)
    known = {one.strip() for one in headers.get("if-none-match", "").split(",")}
    if known & {told["etag"], "*"}:
        return Streamed.of(Response(304, {name: told[name] for name in ("etag", "last-modified")}))
    try:
        wanted = wanted_range(_still_valid(headers, told), file.size)
    except ValueError as error:
        raise FileFault(
            f"The range {headers['range']!r:.80} of a file of {file.size} bytes: {error}.",
            "range_not_satisfiable",
            416,
            {"content-range": f"bytes */{file.size}"},
        ) from error
    start, stop = wanted or (0, file.size)
    told["content-length"] = str(stop - start)
    if wanted:
        told["content-range"] = f"bytes {start}-{stop - 1}/{file.size}"
    body = opened(services, file)
    body.seek(start)
    return Streamed(206 if wanted else 200, told, body, stop - start if with_body else 0)


def opened(services: Services, file: StoredFile) -> BinaryIO:
    """Open a file.

    Raises:
        FileFault: Its data is gone from the disk.
    """
    try:
        return services.files.open(file)
    except FileNotFoundError as error:
        fault = f"The data of component {file.component_id} is gone from the workspace's disk."
        raise FileFault(fault, "file_data_gone", 404) from error


def removed(services: Services, caller: Caller, component_id: str) -> Response:
    """Remove a component's file; the component itself stays.

    Raises:
        PermissionFault: The key may only read.
        FileFault: There is neither a file nor a component.
    """
    if caller.read_only:
        raise PermissionFault("This API key may only read; use a key whose role may write to remove a file.")
    if not services.files.remove(component_id):
        rows = services.reader.query(f"select id from Component where id is {quoted(component_id)}").rows  # noqa: S608
        if not rows:
            component_file(services, component_id)
    return Response(200, {"content-type": "application/json"}, b'{"removed":true}')


def disk_fault(error: OSError) -> FileFault | None:
    """Give what a client is told when the disk is full; None for any other trouble with it."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return FileFault("The workspace's disk is full; nothing was kept.", "disk_full", 507)
    return None


def _facts(file: StoredFile) -> dict[str, str]:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    shown = kind.startswith(_SHOWN) and not kind.startswith(_ACTIVE)
    return {
        "content-type": kind,
        "content-disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(file.name, safe='')}",
        "etag": f'"{file.etag}"',
        "last-modified": formatdate(file.stored_at, usegmt=True),
        "accept-ranges": "bytes",
        "cache-control": "private, no-cache",
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
    }


def _still_valid(headers: Mapping[str, str], told: Mapping[str, str]) -> str:
    """The range that is asked for; none where it was meant for another content."""
    condition = headers.get("if-range", "").strip()
    if condition and condition not in {told["etag"], told["last-modified"]}:
        return ""
    return headers.get("range", "")


def _decoded(query: str, decode: Callable[[str], str]) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in query.split("&"))
    return {decode(name): decode(value) for name, _, value in pairs}
