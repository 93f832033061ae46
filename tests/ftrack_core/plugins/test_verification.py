"""Whether an object keeps a contract."""

from __future__ import annotations

from typing import Any

import pytest
from zope.interface import Attribute, Interface, implementer

from ftrack_core.plugins import contract_faults


class IDoor(Interface):
    """A contract for these tests."""

    width: int = Attribute("How wide")

    def open(angle: float, speed: float = 1.0) -> None:  # noqa: N805 - interface methods have no self
        """Open it."""

    def close(*hands: str) -> None:
        """Close it."""


class _Door:
    width = 3

    def open(self, angle: float, speed: float = 1.0) -> None:
        """Open it."""

    def close(self, *hands: str) -> None:
        """Close it."""


@implementer(IDoor)
class _Good(_Door):
    """Keeps the contract."""


@implementer(IDoor)
class _Wider(_Door):
    """Keeps the contract, and offers more."""

    def open(self, angle: float, speed: float = 1.0, *, quietly: bool = False) -> None:
        """Open it."""


@implementer(IDoor)
class _Passing(_Door):
    """Passes everything on."""

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Open it."""


@pytest.mark.parametrize("door", [_Good, _Wider, _Passing])
def test_a_contract_that_is_kept_has_no_faults(door: type[Any]) -> None:
    """A good backend would be refused."""
    assert contract_faults(IDoor, door()) == []


def test_a_renamed_argument_is_a_fault() -> None:
    """A call by name would fail at run time, in the middle of a commit."""

    @implementer(IDoor)
    class Renamed(_Door):
        def open(self, degrees: float, speed: float = 1.0) -> None:
            """Open it."""

    (fault,) = contract_faults(IDoor, Renamed())
    assert fault == "method 'open' takes (degrees, speed) where the contract says (angle, speed)"


def test_a_required_keyword_only_argument_is_a_fault() -> None:
    """No caller would pass it."""

    @implementer(IDoor)
    class Demanding(_Door):
        def open(self, angle: float, speed: float = 1.0, *, key: str) -> None:
            """Open it."""

    (fault,) = contract_faults(IDoor, Demanding())
    assert "requires the keyword argument 'key'" in fault


def test_an_argument_that_has_no_name_is_a_fault() -> None:
    """A call by name would fail at run time."""

    @implementer(IDoor)
    class Nameless(_Door):
        def open(self, angle: float, speed: float = 1.0, /) -> None:
            """Open it."""

    assert "method 'open' does not accept argument 'angle' by name" in contract_faults(IDoor, Nameless())


def test_all_faults_come_at_once() -> None:
    """An author would find them one by one."""

    @implementer(IDoor)
    class Poor:  # type: ignore[misc]
        def open(self) -> None:
            """Open it."""

    faults = contract_faults(IDoor, Poor())
    assert "attribute 'width' of IDoor is missing" in faults
    assert "method 'close' of IDoor is missing" in faults
    assert any("method 'open'" in fault for fault in faults)


def test_a_class_that_declares_nothing_is_a_fault() -> None:
    """Powers are asked for by interface, so an undeclared one would not be used."""
    assert contract_faults(IDoor, _Door()) == ["its class does not declare @implementer(IDoor)"]


def test_a_member_that_raises_is_a_fault() -> None:
    """A diagnosis would die of the patient."""

    @implementer(IDoor)
    class Raising(_Door):
        @property
        def width(self) -> int:  # type: ignore[override]
            """Raise."""
            raise RuntimeError("no")

    assert any("RuntimeError: no" in fault for fault in contract_faults(IDoor, Raising()))
