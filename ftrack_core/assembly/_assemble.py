"""From settings to backends."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ftrack_core.assembly._backends import Backends
from ftrack_core.assembly._clock import SystemClock
from ftrack_core.assembly._codec import decoder, encode
from ftrack_core.assembly._context import AssemblyContext, close_all
from ftrack_core.assembly._defaults import DefaultBackends, default_backends, normalised_url, url_faults
from ftrack_core.assembly._inboxes import InboxMaker, inbox_setting
from ftrack_core.assembly._plans import Plan, Problems, plans_of
from ftrack_core.config import Settings
from ftrack_core.interfaces import ICache, IClock
from ftrack_core.plugins import SEAMS, Registry

__all__ = ["assemble"]

_SHARED_WITH_EVENT_HUB = (
    "proxies",
    "use_environment",
    "ca_bundle",
    "verify",
    "client_certificate",
    "cookies",
    "connect_seconds",
)
"""Options of a transport that hold for the event hub too, where they are given in a table."""


def assemble(
    settings: Settings,
    *,
    registry: Registry | None = None,
    clock: IClock | None = None,
    environment: Mapping[str, str] | None = None,
) -> Backends:
    """Make the backends that the settings ask for.

    Everything is looked up and checked before anything is made. What is handed in as an instance is verified and
    stays its owner's; what is made here is closed by `Backends.close`.

    Args:
        settings: As `resolve` gives them.
        registry: Finds backends; None for what is installed.
        clock: The clock of the assembly; None for the machine's.
        environment: Environment variables; None takes those of the process.

    Returns:
        The backends, verified.

    Raises:
        ConfigurationError: Settings or options are wrong; `faults` has every one.
        BackendNotFoundError: A backend is not installed.
        BrokenBackendError: A backend cannot be imported or made.
        WrongBackendError: A backend does not keep its contract.
    """
    registry = registry or Registry()
    environment = os.environ if environment is None else environment
    plans = _planned(settings, registry, environment)
    context = AssemblyContext(normalised_url(settings["server_url"]), clock or SystemClock())
    try:
        make_inbox = InboxMaker(settings.setting("event_inbox"), registry, context, environment).make
        return _made(plans, context, registry, environment, make_inbox)
    except BaseException:
        close_all(context.owned)
        raise


def _planned(settings: Settings, registry: Registry, environment: Mapping[str, str]) -> dict[str, list[Plan]]:
    """The plans for each seam, by its setting, with everything checked that can be checked before making.

    That of an event inbox is checked with the others, and made when a listener asks for it.
    """
    problems = Problems([*settings.faults, *url_faults(settings)])
    defaults = default_backends(settings)
    plans = {}
    for seam in SEAMS:
        default = getattr(defaults, seam.setting)
        setting = settings.setting(seam.setting)
        if seam.setting == "event_inbox":
            setting = inbox_setting(setting, registry)
        found = plans_of(seam, setting, default, registry, problems)
        offers = _offers(settings).get(seam.setting, {})
        plans[seam.setting] = [plan.completed(offers, environment) for plan in found]
    if _schema_cache_is_off(settings, defaults):
        plans["schema_cache"] = []
    problems.faults += [fault for found in plans.values() for plan in found for fault in plan.faults()]
    problems.tell()
    return plans


def _schema_cache_is_off(settings: Settings, defaults: DefaultBackends) -> bool:
    if settings["schema_cache_path"] is False and settings.given("schema_cache_path"):
        return True
    return defaults.schema_cache is None and not settings.given("schema_cache")


def _offers(settings: Settings) -> dict[str, dict[str, Any]]:
    """Options that follow from other settings, by the setting of the seam; given options win over them."""
    timeout = settings["timeout"]
    connect, read = timeout if isinstance(timeout, (tuple, list)) else (None, timeout)
    user = settings["api_user"]
    path = settings["schema_cache_path"]
    folder = os.fspath(path) if path else None
    cookies = settings["cookies"] or None
    transport = settings["transport"]
    shared = transport if isinstance(transport, Mapping) else {}
    hub = {name: shared[name] for name in _SHARED_WITH_EVENT_HUB if name in shared}
    return {
        "event_hub": {"cookies": cookies, "headers": settings["headers"] or None, "connect_seconds": connect, **hub},
        "transport": {"connect_seconds": connect, "read_seconds": read, "cookies": cookies},
        "authenticator": {"user": user, "api_user": user, "api_key": settings["api_key"]},
        "schema_cache": {"folder": folder, "path": folder},
    }


def _made(
    plans: Mapping[str, list[Plan]],
    context: AssemblyContext,
    registry: Registry,
    environment: Mapping[str, str],
    make_inbox: Callable[[Any], Any],
) -> Backends:
    def make(setting: str) -> Any:
        return next(iter(_make_all(plans[setting], context)), None)

    context.transport = make("transport")
    context.authenticator = make("authenticator")
    layered = _layering(registry, context)
    return Backends(
        server_url=context.server_url,
        transport=context.transport,
        authenticator=context.authenticator,
        cache=_lower_cache(_make_all(plans["cache"], context), layered, context),
        key_maker=make("cache_key_maker"),
        schema_cache=make("schema_cache"),
        event_hub=make("event_hub"),
        scope=context.scope,
        decode=decoder(environment),
        encode=encode,
        layered=layered,
        make_inbox=make_inbox,
        owned=context.owned,
    )


def _make_all(plans: Sequence[Plan], context: AssemblyContext) -> list[Any]:
    backends = []
    for plan in plans:
        made = plan.make(context)
        if made.owned:
            context.owned.append(made.backend)
        backends.append(made.backend)
    return backends


def _layering(registry: Registry, context: AssemblyContext) -> Callable[[Sequence[ICache]], ICache]:
    def layered(layers: Sequence[ICache]) -> ICache:
        factory = registry.factory("ftrack.cache", "layered")
        cache: ICache = factory.create(factory.options(layers=tuple(layers)), context)
        return cache

    return layered


def _lower_cache(
    layers: Sequence[ICache], layered: Callable[[Sequence[ICache]], ICache], context: AssemblyContext
) -> ICache | None:
    if len(layers) < 2:
        return layers[0] if layers else None
    cache = layered(layers)
    context.owned.append(cache)
    return cache
