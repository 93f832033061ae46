"""The schema cache: where it lies, whether a session finds what it needs there, and whether it can be written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ftrack_core.cli.doctor._limits import of_error
from ftrack_core.errors import Error
from ftrack_core.interfaces import IClearableSchemaCache, IDiagnosed, ISchemaCache
from ftrack_core.values import MISSING, Finding

if TYPE_CHECKING:
    from ftrack_core.cli.doctor._examination import Examination

__all__ = ["check"]

_PROBE_SERVER = "https://doctor.invalid"
_PROBE = [{"id": "Probe", "properties": {}}]
_ADVICE = "see to the folder's permissions and space, or set schema_cache_path to another one"


def check(examination: Examination) -> Iterator[Finding]:
    """What the cache says of itself, whether it knows the server's schemas, and whether a probe comes back."""
    backends = examination.backends
    if backends is None:
        yield Finding("schema cache", "skipped", "there are no backends to ask; see above")
        return
    cache = backends.schema_cache
    if cache is None:
        yield Finding("schema cache", "ok", "it is off: every session asks the server for its schemas")
        return
    if IDiagnosed.providedBy(cache):
        yield from cache.diagnose(examination.timeout_seconds)
    yield _probed(cache, examination)
    yield _known(cache, examination)


def _known(cache: ISchemaCache, examination: Examination) -> Finding:
    """Whether the next session finds the server's schemas."""
    information, backends = examination.information, examination.backends
    if information is None or backends is None:
        return Finding("schemas", "skipped", "the server's schema hash is not known, so there is nothing to look for")
    schema_hash = str(information.get("schema_hash") or "")
    if not schema_hash:
        text = "the server tells no schema hash, so nothing can be kept"
        return Finding("schemas", "ok", text, facts={"hit": False})
    began = time.monotonic()
    found = cache.load(backends.server_url, schema_hash)
    seconds = time.monotonic() - began
    logged = examination.log.lines()
    if logged:
        advice = "the next session replaces it; remove it by hand if it stays"
        return Finding("schemas", "warning", "; ".join(logged), advice, seconds, {"hit": False})
    if found is MISSING:
        text = "a miss: the schemas of this server, as they are now, are not in it; the next session fetches them"
        return Finding("schemas", "ok", text, seconds=seconds, facts={"hit": False})
    text = f"a hit: {len(found)} schemas of this server, as they are now"
    return Finding("schemas", "ok", text, seconds=seconds, facts={"hit": True, "schemas": len(found)})


def _probed(cache: ISchemaCache, examination: Examination) -> Finding:
    """Whether something that is saved can be loaded; what cannot be taken away again is not left there."""
    if not IClearableSchemaCache.providedBy(cache):
        text = f"{type(cache).__name__} cannot take a probe away again, so none was written"
        return Finding("probe", "skipped", text)
    began = time.monotonic()
    cache.save(_PROBE_SERVER, "probe", _PROBE)
    found = cache.load(_PROBE_SERVER, "probe")
    seconds = time.monotonic() - began
    try:
        cache.clear(_PROBE_SERVER)
    except Error as error:
        return of_error("probe", error, _ADVICE, seconds)
    if found is MISSING or list(found) != _PROBE:
        why = "; ".join(examination.log.lines()) or "what was saved was not found again"
        return Finding("probe", "failed", why, _ADVICE, seconds)
    return Finding("probe", "ok", "a probe was written, read and removed", seconds=seconds)
