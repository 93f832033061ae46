"""The examination: its checks one after the other, and what each learns for the next."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs

from ftrack_core.assembly import Backends
from ftrack_core.cli.doctor import (
    _backends,
    _caches,
    _environment,
    _event_hub,
    _plugins,
    _schema_cache,
    _server,
    _settings,
    _versions,
)
from ftrack_core.cli.doctor._limits import Log, limited
from ftrack_core.cli.doctor._mask import Mask
from ftrack_core.config import Settings
from ftrack_core.plugins import Registry
from ftrack_core.values import Finding

__all__ = ["Examination", "findings"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Examination:
    """What the checks share.

    Attributes:
        registry: Finds backends.
        environment: Environment variables.
        server_url: The server to examine, where it was said.
        profile: The profile to examine, where it was said.
        config: The config file, where it was said.
        offline: Whether nothing may be sent.
        timeout_seconds: How long a step may take.
        mask: Knows the secrets.
        log: What is logged meanwhile.
        settings: The settings, once they could be had, whatever is wrong with them.
        missing: Names of the credentials that are not there; stand-ins are in the settings.
        backends: The backends, once they stand.
        information: What the server told of itself, once it did.
    """

    registry: Registry
    environment: Mapping[str, str]
    server_url: str | None = None
    profile: str | None = None
    config: str | None = None
    offline: bool = False
    timeout_seconds: float = 10.0
    mask: Mask = attrs.field(factory=Mask)
    log: Log = attrs.field(factory=Log)
    settings: Settings | None = None
    missing: tuple[str, ...] = ()
    backends: Backends | None = None
    information: Mapping[str, Any] | None = None


_Check = Callable[[Examination], Iterable[Finding]]
_CHECKS: Mapping[str, _Check] = {
    "versions": _versions.check,
    "environment": _environment.check,
    "settings": _settings.check,
    "backends": _backends.check,
    "server": _server.check,
    "credentials": _server.check_credentials,
    "schema cache": _schema_cache.check,
    "caches": _caches.check,
    "events": _event_hub.check,
    "plug-ins": _plugins.check,
}
_MOST_TIMES = 3
"""A step may take its time-out for connecting, once for each of a server's addresses, and for waiting."""
_SPARE_SECONDS = 2.0
"""What it has beyond that to tell that it was late."""


def findings(examination: Examination) -> Iterator[tuple[str, Finding]]:
    """Everything that is found, with the name of its group, as it is found, and without secrets.

    What anybody prints meanwhile goes to standard error.
    """
    mask = examination.mask
    mask.learn_environment(examination.environment)
    found = _all(examination)
    with examination.log.listening(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while True:
            with contextlib.redirect_stdout(sys.stderr):
                group, finding = next(found, ("", None))
            if finding is None:
                return
            yield group, mask.finding(finding)


def _all(examination: Examination) -> Iterator[tuple[str, Finding]]:
    seconds = _MOST_TIMES * examination.timeout_seconds + _SPARE_SECONDS
    for group, check in _CHECKS.items():
        for finding in limited(group, lambda check=check: check(examination), seconds):  # type: ignore[misc]
            yield group, finding
        for line in examination.log.lines():
            yield group, Finding("log", "warning", f"it was logged: {line}")
    backends = examination.backends
    if backends is not None:
        for finding in limited("closing", lambda: _closed(backends), seconds):
            yield "backends", finding


def _closed(backends: Backends) -> Iterable[Finding]:
    backends.close()
    return ()
