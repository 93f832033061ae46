"""Event inboxes are made when a listener asks for one, not when a session starts."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

import attrs

from ftrack_core.assembly._clock import SystemClock
from ftrack_core.assembly._context import AssemblyContext
from ftrack_core.assembly._plans import Plan, Problems, plans_of
from ftrack_core.config import KNOWN, Fault, Setting, configuration_error, place
from ftrack_core.errors import NotFoundError
from ftrack_core.interfaces import IEventInbox
from ftrack_core.plugins import SEAMS, Registry

__all__ = ["InboxMaker", "inbox_setting", "standing_inbox"]

_GROUP = "ftrack.event_inbox"
_OF_FILES = "sqlite"
"""The backend that keeps a file, where only a file was named."""
_OBJECT = re.compile(r"[^\W\d][\w.]+:[^\W\d][\w.]*")
"""`package.module:object`; a single letter before the colon is a drive."""


@attrs.frozen(eq=False, repr=False)
class InboxMaker:
    """Makes the inboxes of one assembly.

    Attributes:
        setting: What the settings say, for who says nothing.
        registry: Finds backends.
        context: The assembly's, for the backends.
        environment: Environment variables that options may come from.
    """

    setting: Setting
    registry: Registry
    context: AssemblyContext
    environment: Mapping[str, str]

    def make(self, told: object = None) -> IEventInbox | None:
        """Make and verify an inbox, or verify one that was handed in; as `Backends.inbox` says."""
        setting = self.setting if told is None else _argument(told)
        inbox: IEventInbox | None = None
        for plan in self._planned(setting):
            made = plan.make(self.context)
            inbox = made.backend
            if made.owned:
                self.context.keep(inbox)
        return inbox

    def _planned(self, setting: Setting) -> list[Plan]:
        seam = next(each for each in SEAMS if each.group == _GROUP)
        problems = Problems()
        found = plans_of(seam, inbox_setting(setting, self.registry), None, self.registry, problems)
        plans = [plan.completed({}, self.environment) for plan in found]
        problems.faults += [fault for plan in plans for fault in plan.faults()]
        problems.tell()
        return plans


def standing_inbox(path: str | os.PathLike[str], registry: Registry | None = None) -> IEventInbox:
    """An inbox that is there already, without a session; for tools. The caller closes it.

    Args:
        path: A file, the name of a backend, or an object as `package.module:object`. A file is not made.
        registry: Finds backends; None for what is installed.

    Raises:
        Error: As `Backends.inbox` raises it; an EventInboxError where there is no such file.
    """
    registry = registry or Registry()
    setting = inbox_setting(Setting(path, "argument inbox", "inbox"), registry)
    told = {**setting.value, "create": False} if isinstance(setting.value, Mapping) else setting.value
    maker = InboxMaker(setting, registry, AssemblyContext("", SystemClock()), os.environ)
    inbox: IEventInbox | None = maker.make(told)
    if inbox is None:
        raise NotFoundError("no event inbox was named")
    return inbox


def inbox_setting(setting: Setting, registry: Registry) -> Setting:
    """What a setting says of an inbox, with a file that stands alone as a table of the backend that keeps files.

    A path object is a file, and so is a text that no backend is called by and that has a folder or an ending, as
    `events.sqlite`; `package.module:object` is none.
    """
    value = setting.value
    is_file = isinstance(value, os.PathLike) or (isinstance(value, str) and _is_file(value, registry))
    return attrs.evolve(setting, value={"backend": _OF_FILES, "path": os.fspath(value)}) if is_file else setting


def _argument(told: object) -> Setting:
    """What an argument says, as a setting.

    Raises:
        ConfigurationError: It is nothing that can name an inbox.
    """
    setting = Setting(told, "argument inbox", "inbox")
    wanted = KNOWN["event_inbox"].check(told)
    if wanted:
        raise configuration_error([Fault(f"{place(setting)} should be a file, {wanted}, not {told!r}", of_type=True)])
    return setting


def _is_file(text: str, registry: Registry) -> bool:
    if _OBJECT.fullmatch(text) or text in registry.names(_GROUP):
        return False
    return any(mark in text for mark in ("/", "\\", "."))
