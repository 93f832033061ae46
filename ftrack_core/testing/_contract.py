"""Whether an object provides an interface, to the names of its parameters."""

from __future__ import annotations

import inspect
from typing import Any

from ftrack_core.plugins import contract_faults

__all__ = ["assert_provides"]


def assert_provides(interface: Any, instance: object) -> None:
    """Check that an object keeps the shape of a contract: members, signatures and the names of parameters.

    Args:
        interface: The contract, as `ICache`.
        instance: What should provide it.

    Raises:
        AssertionError: It does not; the message names every fault and shows what was found and what was wanted.
    """
    faults = contract_faults(interface, instance)
    if not faults:
        return
    kind = type(instance)
    lines = [
        f"{kind.__module__}.{kind.__qualname__} does not keep {interface.__name__}:",
        *(f"  - {fault}" for fault in faults),
        *_definitions(interface, instance, faults),
        f"write its methods as {interface.__module__} defines them; callers pass arguments by name",
    ]
    raise AssertionError("\n".join(lines))


def _definitions(interface: Any, instance: object, faults: list[str]) -> list[str]:
    """For each method that a fault names: how it is, and how it should be."""
    lines = []
    for name, description in sorted(interface.namesAndDescriptions(all=True)):
        if hasattr(description, "getSignatureString") and any(repr(name) in fault for fault in faults):
            lines += [f"    wanted: {name}{description.getSignatureString()}", f"    found:  {_found(instance, name)}"]
    return lines


def _found(instance: object, name: str) -> str:
    try:
        return f"{name}{inspect.signature(getattr(instance, name))}"
    except (AttributeError, TypeError, ValueError):
        return "nothing that can be called"
