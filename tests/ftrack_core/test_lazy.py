"""Names that packages import when they are first asked for."""

from __future__ import annotations

import importlib

import pytest

from ftrack_core._lazy import names_on_demand

LAZY = ("ftrack_core", "ftrack_core.events", "ftrack_core.query", "ftrack_core.session", "ftrack_core.unit_of_work")


@pytest.mark.parametrize("package", LAZY)
def test_a_name_that_is_not_there_is_an_attribute_error_as_ever(package: str) -> None:
    """`hasattr`, `getattr` with a default and `from ... import` all rest on it."""
    module = importlib.import_module(package)
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nonsense'"):
        module.nonsense  # noqa: B018 - reading it is the test


@pytest.mark.parametrize("package", LAZY)
def test_every_public_name_can_be_asked_for(package: str) -> None:
    """A name in a table with the wrong module would only fail in the program that uses it."""
    module = importlib.import_module(package)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_a_name_is_the_same_object_each_time() -> None:
    """Classes that came twice would fail every `isinstance`."""
    from ftrack_core import query
    from ftrack_core.query._builder import Selection

    ask = names_on_demand("ftrack_core.query", {"Selection": "_builder"})
    assert ask("Selection") is Selection is query.Selection
