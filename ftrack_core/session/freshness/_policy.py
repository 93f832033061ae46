"""The `freshness` setting: how old a record in a cache may be that is served."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from ftrack_core.errors import ConfigurationError
from ftrack_core.schema import Schemas

__all__ = ["EVERY_TYPE", "policy_of", "read_freshness"]

EVERY_TYPE: Final = "*"
"""The name that stands for all types that no other name of the setting is nearer to."""
_AGE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])\Z")
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def read_freshness(policy: Mapping[str, Any]) -> dict[str, float]:
    """For how many seconds records of each type may be served from a cache.

    Args:
        policy: By type name: an age as `30s`, `10m`, `2h` or `1d`, a number of seconds, `keep`, or `off`.

    Returns:
        Seconds by type name; 0 for types that are off.

    Raises:
        ConfigurationError: Something in it is no age; all faults are told at once.
    """
    read: dict[str, float] = {}
    faults: list[str] = []
    for name, told in policy.items():
        age = _age(told)
        if age is None:
            faults.append(f"freshness.{name} is {told!r}; it must be an age as '10m' or '1d', 'keep' or 'off'.")
        else:
            read[name] = max(0.0, age)
    if faults:
        raise ConfigurationError(" ".join(faults), faults=faults)
    return read


def _age(told: Any) -> float | None:
    if told in {"off", "keep"}:
        return 0.0 if told == "off" else math.inf
    if isinstance(told, (int, float)) and not isinstance(told, bool):
        return float(told)
    found = _AGE.match(told.strip()) if isinstance(told, str) else None
    return float(found[1]) * _SECONDS[found[2]] if found else None


def policy_of(read: Mapping[str, float], schemas: Schemas) -> dict[str, float]:
    """For how many seconds records of each of a server's types may be served.

    A type that is not named itself has what its nearest base type has, else what `*` has.

    Args:
        read: What `read_freshness` gave.
        schemas: The server's schemas.

    Returns:
        Seconds by type name; types of which nothing is kept are absent.

    Raises:
        ConfigurationError: A name is that of no type; all of them are told at once.
    """
    if not read:
        return {}
    unknown = [_unknown(name, schemas) for name in read if name != EVERY_TYPE and name not in schemas]
    if unknown:
        raise ConfigurationError(" ".join(unknown), faults=unknown)
    ages = {name: _nearest(read, schemas.supertypes(name)) for name in schemas}
    return {name: age for name, age in ages.items() if age > 0}


def _nearest(read: Mapping[str, float], names: tuple[str, ...]) -> float:
    return next((read[name] for name in (*names, EVERY_TYPE) if name in read), 0.0)


def _unknown(name: str, schemas: Schemas) -> str:
    import difflib  # for errors only

    near = difflib.get_close_matches(name, schemas, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "`*` stands for all types."
    return f"freshness.{name} names no entity type of this server; {hint}"
