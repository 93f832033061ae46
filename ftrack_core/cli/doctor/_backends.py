"""The backends that are installed, and those that a session would get."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ftrack_core.assembly import Backends, assemble
from ftrack_core.cli.doctor._limits import of_error
from ftrack_core.errors import BackendError, ConfigurationError, Error
from ftrack_core.plugins import SEAMS, Registry
from ftrack_core.values import Finding

if TYPE_CHECKING:
    from ftrack_core.cli.doctor._examination import Examination

__all__ = ["check"]


def check(examination: Examination) -> Iterator[Finding]:
    """Broken ones that are installed, and whether those that the settings ask for can be made."""
    yield from _installed(examination.registry)
    settings = examination.settings
    if settings is None or examination.missing:
        yield Finding("assembly", "skipped", "no backend was made, since the settings are not complete")
        return
    began = time.monotonic()
    seconds = examination.timeout_seconds
    try:
        impatient = settings if settings.faults else settings.replaced(timeout=(seconds, seconds))
        backends = assemble(impatient, registry=examination.registry, environment=examination.environment)
    except ConfigurationError as error:
        for fault in error.faults:
            if fault not in {str(each) for each in settings.faults}:  # those were told with the settings
                yield Finding("assembly", "failed", fault, facts={"code": error.code})
    except Error as error:
        advice = "`ftrack backends` lists what is installed" if isinstance(error, BackendError) else ""
        yield of_error("assembly", error, advice)
    else:
        examination.backends = backends
        yield _made(backends, time.monotonic() - began)


def _installed(registry: Registry) -> Iterator[Finding]:
    found = [backend for seam in SEAMS for backend in registry.installed(seam.group)]
    broken = [backend for backend in found if backend.state == "broken"]
    for backend in broken:
        by = f" of {backend.distribution} {backend.version}" if backend.distribution else ""
        text = f"{backend.group} {backend.name!r}{by} is installed and broken: {backend.reason}"
        advice = "repair or uninstall the package that brings it; nothing else is affected"
        yield Finding("installed", "warning", text, advice, facts={"group": backend.group, "name": backend.name})
    if not broken:
        yield Finding("installed", "ok", f"{len(found)} backends, none of them broken", facts={"count": len(found)})


def _made(backends: Backends, seconds: float) -> Finding:
    parts = {
        "transport": backends.transport,
        "authenticator": backends.authenticator,
        "cache": backends.cache,
        "key maker": backends.key_maker,
        "schema cache": backends.schema_cache,
        "event hub": backends.event_hub,
    }
    facts = {name: type(part).__name__ if part is not None else None for name, part in parts.items()}
    text = ", ".join(f"{name} {kind or 'none'}" for name, kind in facts.items())
    return Finding("assembly", "ok", text, seconds=seconds, facts=facts)
