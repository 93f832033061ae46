"""Backends by name: what is installed, and what was registered in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import attrs

from ftrack_core.config import did_you_mean
from ftrack_core.errors import BackendError, BackendNotFoundError, BrokenBackendError, WrongBackendError
from ftrack_core.interfaces import IBackendFactory
from ftrack_core.plugins._paths import load
from ftrack_core.plugins._scan import Found, Scan, distribution_of, scan_group
from ftrack_core.plugins._seams import CONFIG_GROUP, label_of
from ftrack_core.plugins._verification import contract_faults
from ftrack_core.values import ByValue

if TYPE_CHECKING:
    from ftrack_core.config import Studio

__all__ = ["InstalledBackend", "Registry"]


@attrs.frozen(eq=False, repr=False)
class InstalledBackend(ByValue):
    """What a diagnosis tells of one backend.

    Attributes:
        name: Its name in its group.
        group: Group of its entry point.
        distribution: The distribution that brings it; empty when it was registered in this process.
        version: Version of that distribution.
        target: What the entry point names.
        state: Whether it can be had.
        reason: Why not, when it is broken.
        summary: What it is, in its own words.
    """

    name: str
    group: str
    distribution: str
    version: str
    target: str
    state: Literal["ok", "broken"]
    reason: str = ""
    summary: str = ""


@attrs.define(eq=False, repr=False)
class Registry:
    """Finds the factories of backends by group and name.

    Entry points are read once a process; what is registered here is known to this object only.

    Thread safety: looking up is safe in many threads; register before they start.

    Attributes:
        scan: Gives the entry points of a group; another one than ours is for tests.
    """

    scan: Scan = scan_group
    _registered: dict[tuple[str, str], Any] = attrs.field(factory=dict, init=False)

    def register(self, group: str, name: str, factory: Any) -> None:
        """Make a factory known under a name without installing anything; it wins over an installed one.

        Raises:
            WrongBackendError: It is not an `IBackendFactory`.
        """
        faults = contract_faults(IBackendFactory, factory)
        if faults:
            raise WrongBackendError(
                f"{type(factory).__name__} cannot be registered as {group} {name!r}, since it is no IBackendFactory: "
                + "; ".join(faults)
            )
        self._registered[group, name] = factory

    def names(self, group: str) -> tuple[str, ...]:
        """The names in a group, sorted; nothing is imported."""
        registered = {name for of_group, name in self._registered if of_group == group}
        return tuple(sorted(registered | {found.name for found in self.scan(group)}))

    def factory(self, group: str, name: str, origin: str = "") -> Any:
        """The factory of a name.

        Args:
            group: Group of entry points, as `ftrack.cache`.
            name: Name in that group.
            origin: Where the name came from, for messages.

        Returns:
            An `IBackendFactory`.

        Raises:
            BackendNotFoundError: Nothing of that name is installed.
            BrokenBackendError: It is installed and cannot be imported, or two distributions claim the name.
            WrongBackendError: What the entry point names is not an `IBackendFactory`.
        """
        registered = self._registered.get((group, name))
        if registered is not None:
            return registered
        found, factory = self._loaded(group, name, origin)
        faults = contract_faults(IBackendFactory, factory)
        if faults:
            raise WrongBackendError(
                f"{_asked(group, name, origin)} is {found.target}{_brought_by(group, found)}, "
                f"which is no IBackendFactory: {'; '.join(faults)}"
            )
        return factory

    def load(self, group: str, name: str, origin: str = "") -> Any:
        """What an entry point names, whatever that is; for groups that hold no backends.

        Raises:
            BackendNotFoundError: Nothing of that name is installed.
            BrokenBackendError: It is installed and cannot be imported, or two distributions claim the name.
        """
        return self._loaded(group, name, origin)[1]

    def load_all(self, group: str, names: Sequence[str]) -> list[tuple[Found, Any]]:
        """What all entry points of some names are, for groups in which several may share a name.

        Args:
            group: Group of entry points.
            names: Names in that group; an entry point of the first one comes first.

        Returns:
            Each entry point with what it names, or with the `BrokenBackendError` that tells why it cannot be had.
        """
        points = sorted(
            (found for found in self.scan(group) if found.name in names), key=lambda it: names.index(it.name)
        )
        return [(found, _alone(group, found)) for found in points]

    def studio(self, environment: Mapping[str, str]) -> Studio | None:
        """What the studio's package says, for `ftrack_core.config.resolve`; what reads it is imported if there is one.

        Args:
            environment: Variables; `FTRACK_STUDIO` names the package; where it is empty or `off`, there is none.

        Returns:
            What it says; None where there is no such package.

        Raises:
            ConfigurationError: Several packages claim to be the studio's, it is broken, or its document is wrong.
        """
        named = environment.get("FTRACK_STUDIO")
        if named in {"", "off"} or (named is None and not self.scan(CONFIG_GROUP)):
            return None
        from ftrack_core.plugins._studio import find_studio

        return find_studio(named, self)

    def installed(self, group: str) -> list[InstalledBackend]:
        """All of a group with their state, for diagnosis: every one is imported, and none can make this fail."""
        registered = [
            InstalledBackend(name, group, "", "", type(factory).__name__, "ok", "", factory.summary)
            for (of_group, name), factory in self._registered.items()
            if of_group == group
        ]
        points = [found for found in self.scan(group) if (group, found.name) not in self._registered]
        return sorted([*registered, *(self._diagnosed(group, found) for found in points)], key=lambda each: each.name)

    def _loaded(self, group: str, name: str, origin: str) -> tuple[Found, Any]:
        found = self._found(group, name, origin)

        def asked() -> str:
            return f"{_asked(group, name, origin)}{_brought_by(group, found)} is broken"

        module_name, _, attribute = found.target.partition(":")
        try:
            return found, load(module_name.strip(), attribute.partition("[")[0].strip(), asked)
        except BackendNotFoundError as error:
            raise BrokenBackendError(error.message, {"distribution": distribution_of(group, found)[0]}) from error
        except BrokenBackendError as error:
            error.details["distribution"] = distribution_of(group, found)[0]
            raise

    def _found(self, group: str, name: str, origin: str) -> Found:
        points = [found for found in self.scan(group) if found.name == name]
        if not points:
            raise self._not_found(group, name, origin)
        if len(points) > 1:
            claims = " and ".join(f"{found.target}{_brought_by(group, found)}" for found in points)
            raise BrokenBackendError(
                f"{_asked(group, name, origin)} is claimed twice, by {claims}; uninstall one of them, "
                "or name the one you mean by its path"
            )
        return points[0]

    def _not_found(self, group: str, name: str, origin: str) -> BackendNotFoundError:
        known = self.names(group)
        return BackendNotFoundError(
            f"{_asked(group, name, origin)} is not installed; installed: {', '.join(known) or 'none'}"
            f"{did_you_mean(name, known) or ';'} `ftrack backends` lists all; install the package that brings it, "
            "or name an object as package.module:object",
            {"group": group, "name": name, "installed": known},
        )

    def _diagnosed(self, group: str, found: Found) -> InstalledBackend:
        distribution, version = distribution_of(group, found)
        try:
            factory = self.factory(group, found.name)
        except BackendError as error:
            return InstalledBackend(
                found.name, group, distribution, version, found.target, "broken", reason=_reason(error)
            )
        return InstalledBackend(
            found.name, group, distribution, version, found.target, "ok", summary=str(factory.summary)
        )


def _alone(group: str, found: Found) -> Any:
    """What one entry point names, whoever else has its name; or the error that tells why it cannot be had."""
    try:
        return Registry(scan=lambda _group: (found,)).load(group, found.name)
    except BrokenBackendError as error:
        return error


def _reason(error: BackendError) -> str:
    """What a message says after naming the backend, which a diagnosis names anyway."""
    return error.message.partition(" is broken: ")[2] or error.message


def _asked(group: str, name: str, origin: str) -> str:
    return f"{label_of(group)} {name!r}{f' (from {origin})' if origin else ''}"


def _brought_by(group: str, found: Found) -> str:
    distribution, version = distribution_of(group, found)
    return f" of {distribution} {version}" if distribution else ""
