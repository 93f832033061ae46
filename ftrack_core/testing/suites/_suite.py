"""What all suites have in common: powers decide which tests there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import attrs
from zope.interface.interface import InterfaceClass

from ftrack_core.interfaces import IDiagnosed, IMeasured
from ftrack_core.testing._contract import assert_provides
from ftrack_core.values import Finding

__all__ = ["ContractSuite", "check_diagnosis", "needs"]

_F = TypeVar("_F", bound=Callable[..., Any])


def needs(*powers: object) -> Callable[[_F], _F]:
    """Mark a test of a suite as one for backends that have certain powers.

    Args:
        *powers: Interfaces, or names that the suite explains; the backend needs all of them.

    Returns:
        A decorator.
    """

    def mark(test: _F) -> _F:
        test.needed_powers = frozenset(powers)  # type: ignore[attr-defined]
        return test

    return mark


def check_diagnosis(instance: Any) -> None:
    """Check what a backend of any seam says of itself, where it says something (`IDiagnosed`, `IMeasured`).

    Raises:
        AssertionError: It does not keep the shape, or says something that is no plain value.
    """
    if IDiagnosed.providedBy(instance):
        assert_provides(IDiagnosed, instance)
        for finding in instance.diagnose(timeout_seconds=1.0):
            assert isinstance(finding, Finding), f"diagnose() gave {finding!r}; it gives findings"
            json.dumps(dict(finding.facts))
    if IMeasured.providedBy(instance):
        assert_provides(IMeasured, instance)
        counted = instance.statistics()
        for part in counted if isinstance(counted, tuple) else (counted,):
            assert attrs.has(type(part)), f"statistics() gave {part!r}; it gives attrs values"
            json.dumps(attrs.asdict(part))


class ContractSuite:
    """Base of the suites.

    Attributes:
        interface: The seam's contract.
        powers: Every power that a backend of the seam can have: interfaces, and names.
        capabilities: Those that the backend under test has; a subclass says so.
    """

    interface: ClassVar[Any] = None
    powers: ClassVar[frozenset[Any]] = frozenset()
    capabilities: ClassVar[frozenset[Any]] = frozenset()
    _conditional: ClassVar[dict[str, Callable[..., Any]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = {name: member for name, member in vars(cls).items() if hasattr(member, "needed_powers")}
        cls._conditional = {**cls._conditional, **own}
        for name, test in cls._conditional.items():
            applies = test.needed_powers <= cls.capabilities  # type: ignore[attr-defined]
            if name in own or name not in vars(cls):
                setattr(cls, name, test if applies else None)

    def check_shape(self, instance: object) -> None:
        """Check an instance's members, parameters and powers.

        Raises:
            AssertionError: Something is missing, misnamed, or a power was gained or lost without saying so.
        """
        assert_provides(self.interface, instance)
        unknown = self.capabilities - self.powers
        assert not unknown, f"capabilities names {unknown}, which this suite has no tests for"
        for power in self.powers:
            if isinstance(power, InterfaceClass):
                self._check_power(power, instance)
        check_diagnosis(instance)

    def _check_power(self, power: Any, instance: object) -> None:
        provided, said = power.providedBy(instance), power in self.capabilities
        name = power.__name__
        assert provided == said, (
            f"{type(instance).__name__} {'provides' if provided else 'does not provide'} {name}, and the capabilities "
            f"of {type(self).__name__} {'name' if said else 'do not name'} it"
        )
        if provided:
            assert_provides(power, instance)
