"""The caches below a session's memory: each layer by itself, since a layered cache hides what is broken."""

from __future__ import annotations

import functools
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_core.assembly import Backends
from ftrack_core.cli.doctor._limits import limited, of_error
from ftrack_core.errors import ConfigurationError
from ftrack_core.interfaces import ICache, IDiagnosed, IMeasured
from ftrack_core.values import MISSING, EntityIdentity, EntityRecord, Finding

if TYPE_CHECKING:
    from ftrack_core.cli.doctor._examination import Examination

__all__ = ["check"]

_TYPE = "FtrackDoctor"
_ADVICE = "see to what it stands on (folder, disk, service); sessions go on without it and are slower"


def check(examination: Examination) -> Iterator[Finding]:
    """Each layer's own word, a probe through it, and whether a session would use it at all."""
    backends = examination.backends
    if backends is None:
        yield Finding("caches", "skipped", "there are no backends to ask; see above")
        return
    if backends.cache is None:
        yield Finding("caches", "ok", "none is set: a session keeps what it knows in its own memory")
        return
    yield from _unused(examination)
    layers = _layers(backends.cache)
    for index, layer in enumerate(layers):
        name = type(layer).__name__ if len(layers) == 1 else f"{type(layer).__name__} [{index}]"
        look = functools.partial(_layer, name, layer, backends, examination)
        yield from limited(name, look, examination.timeout_seconds)


def _layer(name: str, layer: ICache, backends: Backends, examination: Examination) -> Iterator[Finding]:
    """One layer: its own word, and a probe."""
    if IDiagnosed.providedBy(layer):
        for finding in layer.diagnose(examination.timeout_seconds):
            yield attrs.evolve(finding, check=f"{name}: {finding.check}")
    yield _probed(name, layer, backends, examination)


def _unused(examination: Examination) -> Iterator[Finding]:
    """Whether the policy lets a session use the cache at all, and whether it is one."""
    from ftrack_core.session.freshness._policy import read_freshness

    policy = examination.settings["freshness"] if examination.settings is not None else {}
    try:
        kept = any(seconds > 0 for seconds in read_freshness(policy).values())
    except ConfigurationError as error:
        yield from (Finding("freshness", "failed", fault, facts={"code": error.code}) for fault in error.faults)
        return
    if not kept:
        text = "a cache is set, and no session uses it: freshness says for no type how long it may be kept"
        yield Finding("freshness", "warning", text, "name types and ages in freshness, as { Status = '1d' }")


def _layers(cache: ICache) -> Sequence[ICache]:
    layers = getattr(cache, "layers", ())
    return tuple(layers) if layers else (cache,)


def _probed(name: str, layer: ICache, backends: Backends, examination: Examination) -> Finding:
    """Write, read and remove one entry, each timed."""
    identity = EntityIdentity(_TYPE, (str(uuid.uuid4()),))
    record = EntityRecord(identity, time.time(), {"id": identity.key[0], "name": "probe"})
    key = backends.key_maker.key(backends.scope, _TYPE, *identity.key)
    times: dict[str, float] = {}
    try:
        trouble = _tried(layer, key, record, times)
    except Exception as error:  # noqa: BLE001 - a cache is somebody's code and may raise anything
        return of_error(name, error, _ADVICE)
    logged = examination.log.lines()
    facts = {"milliseconds": {step: round(took * 1000, 3) for step, took in times.items()}, **_measured(layer)}
    if trouble:
        return Finding(name, "failed", "; ".join([trouble, *logged]), _ADVICE, sum(times.values()), facts)
    held = _in_words(facts.get("statistics"))
    text = f"a probe was written, read and removed{f'; it holds {held}' if held else ''}"
    return Finding(name, "warning" if logged else "ok", "; ".join([text, *logged]), "", sum(times.values()), facts)


def _tried(layer: ICache, key: str | bytes, record: EntityRecord, times: dict[str, float]) -> str:
    """What is wrong with the layer, or nothing."""
    steps: dict[str, Callable[[], Any]] = {
        "write": lambda: layer.set(key, record),
        "read": lambda: layer.get(key),
        "remove": lambda: layer.remove(key),
        "read again": lambda: layer.get(key),
    }
    found: dict[str, Any] = {}
    for step, act in steps.items():
        began = time.monotonic()
        found[step] = act()
        times[step] = time.monotonic() - began
    if found["read"] is MISSING:
        return "what was written was not found again"
    if found["read"] != record:
        return "what was read is not what was written"
    if found["read again"] is not MISSING:
        return "what was removed is still there"
    return ""


def _measured(layer: ICache) -> dict[str, Any]:
    """What the layer counts, where it does."""
    if not IMeasured.providedBy(layer):
        return {}
    measured: Any = layer
    counted = measured.statistics()
    return {"statistics": attrs.asdict(counted)} if attrs.has(type(counted)) else {}


def _in_words(statistics: Any) -> str:
    if not isinstance(statistics, dict):
        return ""
    said = [f"{statistics[name]:,} {name}" for name in ("records", "bytes") if isinstance(statistics.get(name), int)]
    return ", ".join(said)
