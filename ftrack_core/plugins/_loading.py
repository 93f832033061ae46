"""A session's plug-ins: found, imported, registered one after the other, and what became of each."""

from __future__ import annotations

import contextlib
import logging
import os
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any

import attrs

from ftrack_core.config import did_you_mean
from ftrack_core.errors import Error, PluginError
from ftrack_core.events import Unsubscribe, subscriptions_remembered
from ftrack_core.plugins._folders import plugins_in
from ftrack_core.plugins._modules import PluginModules
from ftrack_core.plugins._paths import import_target
from ftrack_core.plugins._plugin import Plugin
from ftrack_core.plugins._registering import call_of
from ftrack_core.plugins._registry import Registry
from ftrack_core.plugins._seams import PLUGIN_GROUP

__all__ = ["SessionPlugins", "found_plugins"]

_log = logging.getLogger(__name__)
_BUSY: ContextVar[str] = ContextVar("ftrack_plugin_at_work", default="")
"""The plug-in that is imported or registered just now, in this thread."""


def found_plugins(
    paths: Sequence[str | os.PathLike[str]], installed: bool = True, registry: Registry | None = None
) -> tuple[Plugin, ...]:
    """What a session would load, in order: what packages bring, by name, then folders. Nothing is imported.

    Args:
        paths: Plug-in folders.
        installed: Whether plug-ins of installed packages count.
        registry: Finds these; None for what is installed.
    """
    points = (registry or Registry()).scan(PLUGIN_GROUP) if installed else ()
    found = [*(Plugin(point.name, target=point.target) for point in points), *plugins_in(paths)]
    return tuple(attrs.evolve(plugin, order=order) for order, plugin in enumerate(found, 1))


@attrs.define(eq=False)
class SessionPlugins:
    """The plug-ins of one session.

    Thread safety: `load` is called once, by the thread that makes the session; `listed` may be read by all.
    Lifetime: until `forget`, or until the session is gone.

    Attributes:
        listed: All plug-ins in order; those whose turn has not come are `found`.
    """

    listed: tuple[Plugin, ...]
    _modules: PluginModules = attrs.field(factory=PluginModules, init=False)
    _subscribed: list[Unsubscribe] = attrs.field(factory=list, init=False)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> SessionPlugins:
        """What the settings name; nothing is imported yet."""
        return cls(found_plugins(settings["plugin_paths"], settings["installed_plugins"]))

    def load(self, session: Any, arguments: Mapping[str, Any], *, strict: bool = False) -> None:
        """Import each plug-in, and have it register; one that fails is told in the log, and the others go on.

        What a failing plug-in had subscribed to is unsubscribed. A session that a plug-in makes while it is imported
        or registered loads none, since it would make another one in turn.

        Args:
            session: The session.
            arguments: What is offered to `register`.
            strict: Whether failures are raised, all at once, when each plug-in had its turn.

        Raises:
            PluginError: `strict`, and some failed.
        """
        weakref.finalize(session, self._modules.forget).atexit = False
        if _BUSY.get():
            reason = f"the session was made by {_BUSY.get()} while that was loaded itself"
            self.listed = tuple(attrs.evolve(each, state="skipped", reason=reason) for each in self.listed)
            return
        for place, plugin in enumerate(self.listed):
            done = self._tried(plugin, session, arguments)
            self.listed = (*self.listed[:place], done, *self.listed[place + 1 :])
        failures = [plugin for plugin in self.listed if plugin.state == "failed"]
        if failures and strict:
            raise _refusal(failures, self.listed) from next((each.error for each in failures if each.error), None)

    def forget(self, *, unsubscribe: bool) -> None:
        """Take the modules of plug-in files out of `sys.modules`.

        Args:
            unsubscribe: Whether to end what plug-ins subscribed to while they registered, on a hub that goes on.
        """
        self._modules.forget()
        if unsubscribe:
            _undo(self._subscribed)

    def _tried(self, plugin: Plugin, session: Any, arguments: Mapping[str, Any]) -> Plugin:
        """A plug-in after its turn; whatever it does but Ctrl+C is caught."""
        if plugin.state != "found":
            return _told(plugin)
        began = time.perf_counter()
        try:
            with _busy(plugin.origin):
                done = self._registered(plugin, session, arguments)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code may raise anything
            done = _failed(plugin, error)
        return _told(attrs.evolve(done, seconds=time.perf_counter() - began))

    def _registered(self, plugin: Plugin, session: Any, arguments: Mapping[str, Any]) -> Plugin:
        given = import_target(plugin.target) if plugin.target else self._modules.load(plugin.path, plugin.package)
        register = _register_of(given, plugin)
        if register is None:
            return attrs.evolve(plugin, state="skipped", reason="it has no register, as helpers have none")
        call = call_of(register, session, arguments)
        if call.culled:
            _log.debug("Plug-in %s takes no argument %s.", plugin.origin, ", ".join(map(repr, call.culled)))
        with _undone_if_it_fails() as subscribed:
            register(*call.arguments, **call.keywords)
        self._subscribed += subscribed
        return attrs.evolve(plugin, state="loaded")


def _register_of(given: Any, plugin: Plugin) -> Callable[..., object] | None:
    """The function to call; None for a module that is there for others to import."""
    register = getattr(given, "register", given if plugin.target and callable(given) else None)
    if callable(register):
        return register  # type: ignore[no-any-return]
    if register is not None:
        raise PluginError(f"its register is {register!r}, which cannot be called: write def register(session)")
    if plugin.path and (plugin.package or Path(plugin.path).name.startswith("_")):
        return None
    near = did_you_mean("register", [name for name in dir(given) if not name.startswith("__")])
    hint = near or "; where it only helps others, let its name begin with an underscore"
    raise PluginError(f"it has no function register(session){hint}")


@contextlib.contextmanager
def _busy(origin: str) -> Iterator[None]:
    token = _BUSY.set(origin)
    try:
        yield
    finally:
        _BUSY.reset(token)


@contextlib.contextmanager
def _undone_if_it_fails() -> Iterator[list[Unsubscribe]]:
    """Take back what was subscribed to within a block that raises."""
    with subscriptions_remembered() as remembered:
        try:
            yield remembered
        except BaseException:
            _undo(remembered)
            raise


def _undo(subscribed: Iterable[Unsubscribe]) -> None:
    for unsubscribe in subscribed:
        with contextlib.suppress(Error):  # it is unsubscribed already
            unsubscribe()


def _failed(plugin: Plugin, error: BaseException) -> Plugin:
    error.__traceback__ = _of_the_plugin(error.__traceback__)
    return attrs.evolve(plugin, state="failed", reason=_reason(error), error=error)


def _reason(error: BaseException) -> str:
    """What was raised, in a line; never raises, whatever a stranger's exception does when it is printed."""
    if isinstance(error, SystemExit):
        return f"it wanted to end the process: SystemExit({error.code!r})"
    try:
        text = str(error)
    except Exception as unprintable:  # noqa: BLE001 - a stranger's code may raise anything
        text = f"it cannot be printed ({type(unprintable).__name__})"
    return text if isinstance(error, Error) else f"{type(error).__name__}: {text}".removesuffix(": ")


def _of_the_plugin(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback from where the plug-in's own code begins; nothing if it never ran."""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if not file.startswith(("<frozen importlib", str(Path(__file__).parent))):
            break
        traceback = traceback.tb_next
    return traceback


def _told(plugin: Plugin) -> Plugin:
    """Tell the log of a plug-in: as an error, with its traceback, where its own code raised."""
    if plugin.state == "failed":
        raised = None if isinstance(plugin.error, PluginError) else plugin.error
        level = logging.WARNING if raised is None else logging.ERROR
        message = "Plug-in %s failed, and the session goes on without it: %s"
        _log.log(level, message, plugin.origin, plugin.reason, exc_info=raised)
    elif plugin.state == "skipped":
        _log.debug("Plug-in %s is skipped: %s", plugin.origin, plugin.reason)
    else:
        _log.debug("Plug-in %s was registered in %.3f s.", plugin.origin, plugin.seconds)
    return plugin


def _refusal(failures: Sequence[Plugin], listed: tuple[Plugin, ...]) -> PluginError:
    lines = "".join(f"\n- {each.origin}: {each.reason}" for each in failures)
    what = "1 plug-in" if len(failures) == 1 else f"{len(failures)} plug-ins"
    return PluginError(
        f"{what} failed, and strict_plugins is set:{lines}\nMend or remove them; without strict_plugins the session "
        "starts without them",
        {"plugins": listed},
        failures=failures,
    )
