"""From settings to backends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ftrack_core.assembly._backends import Backends
from ftrack_core.assembly._clock import SystemClock
from ftrack_core.assembly._codec import decoder, encode
from ftrack_core.assembly._context import AssemblyContext, close_all
from ftrack_core.assembly._defaults import DefaultBackends, default_backends, normalised_url, url_faults
from ftrack_core.assembly._deferred import Deferred
from ftrack_core.assembly._plans import Plan, Problems, plans_of
from ftrack_core.config import Settings
from ftrack_core.interfaces import ICache, IClock, IEventInbox
from ftrack_core.plugins import SEAMS, Registry, Seam

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
_LATE = ("cache_key_maker", "event_hub")
"""What is made when it is first asked for, unless a setting chose it: most programs ask for neither."""


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
    environment = os.environ if environment is None else environment
    planning = _Planning(settings, registry or Registry(), environment)
    plans = planning.plans()
    context = AssemblyContext(normalised_url(settings["server_url"]), clock or SystemClock())
    try:
        return _made(plans, context, planning)
    except BaseException:
        close_all(context.owned)
        raise


class _Planning:
    """From what the settings say to plans: everything is checked that can be checked before making.

    Args:
        settings: As `assemble` has them, and so with what follows.
        registry: Finds backends.
        environment: Environment variables.
    """

    __slots__ = ("defaults", "environment", "registry", "settings")

    def __init__(self, settings: Settings, registry: Registry, environment: Mapping[str, str]) -> None:
        self.settings = settings
        self.registry = registry
        self.environment = environment
        self.defaults = default_backends(settings)

    def plans(self) -> dict[str, list[Plan]]:
        """The plans by setting, for each seam whose backend is made at the start, or was chosen.

        That of an event inbox is checked with the others, and made when a listener asks for it.
        """
        problems = Problems([*self.settings.faults, *url_faults(self.settings)])
        wanted = [seam for seam in SEAMS if seam.setting not in _LATE or self.settings.given(seam.setting)]
        plans = {seam.setting: self._plans(seam, problems) for seam in wanted}
        if _schema_cache_is_off(self.settings, self.defaults):
            plans["schema_cache"] = []
        _tell_faults(problems, (plan for found in plans.values() for plan in found))
        return plans

    def plans_later(self, setting: str) -> list[Plan]:
        """The plans for one seam that nobody chose a backend for."""
        problems = Problems()
        plans = self._plans(next(seam for seam in SEAMS if seam.setting == setting), problems)
        _tell_faults(problems, plans)
        return plans

    def _plans(self, seam: Seam, problems: Problems) -> list[Plan]:
        setting = self.settings.setting(seam.setting)
        if seam.setting == "event_inbox" and setting.value is not None:
            from ftrack_core.assembly._inboxes import inbox_setting

            setting = inbox_setting(setting, self.registry)
        found = plans_of(seam, setting, getattr(self.defaults, seam.setting), self.registry, problems)
        offers = _offers(self.settings).get(seam.setting, {})
        return [plan.completed(offers, self.environment) for plan in found]


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


def _tell_faults(problems: Problems, plans: Iterable[Plan]) -> None:
    problems.faults += [fault for plan in plans for fault in plan.faults()]
    problems.tell()


def _made(plans: Mapping[str, list[Plan]], context: AssemblyContext, planning: _Planning) -> Backends:
    def make(setting: str) -> Any:
        return next(iter(_make_all(plans[setting], context)), None)

    def late(setting: str) -> Deferred[Any]:
        if setting in plans:
            return Deferred.standing(make(setting))
        return Deferred(lambda: _make_all(planning.plans_later(setting), context)[0])

    context.transport = make("transport")
    context.authenticator = make("authenticator")
    layered = _layering(planning.registry, context)
    return Backends(
        server_url=context.server_url,
        transport=context.transport,
        authenticator=context.authenticator,
        cache=_lower_cache(_make_all(plans["cache"], context), layered, context),
        key_maker=late("cache_key_maker"),
        schema_cache=make("schema_cache"),
        event_hub=late("event_hub"),
        scope=context.scope,
        decode=decoder(planning.environment),
        encode=encode,
        layered=layered,
        make_inbox=_inbox_making(planning, context),
        owned=context.owned,
    )


def _inbox_making(planning: _Planning, context: AssemblyContext) -> Callable[[Any], IEventInbox | None]:
    """Makes event inboxes; what that takes is imported by those who want one."""

    def make(told: Any) -> IEventInbox | None:
        from ftrack_core.assembly._inboxes import InboxMaker

        setting = planning.settings.setting("event_inbox")
        return InboxMaker(setting, planning.registry, context, planning.environment).make(told)

    return make


def _make_all(plans: Sequence[Plan], context: AssemblyContext) -> list[Any]:
    backends = []
    for plan in plans:
        made = plan.make(context)
        if made.owned:
            context.keep(made.backend)
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
