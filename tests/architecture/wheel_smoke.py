"""Run by the interpreter of an environment that has the built wheel and nothing else: does a base install stand?

Not a test module: `make wheel` builds the wheel, makes the environment and runs this in it. Prints what it found and
exits with 1 when anything is wrong.
"""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

MOST = 13
TOOLS = {"pip", "setuptools", "wheel"}
EXPECTED_DATA = ("ftrack_core/py.typed", "ftrack_backends/py.typed")


def distributions() -> list[str]:
    """Everything installed but the installing tools."""
    return sorted(
        {distribution.metadata["Name"].lower() for distribution in importlib.metadata.distributions()} - TOOLS
    )


def faults() -> list[str]:
    """What is wrong with this install, a line each."""
    installed = distributions()
    found = [f"{len(installed)} distributions, at most {MOST} are allowed"] if len(installed) > MOST else []
    found += _import_faults()
    found += _data_faults()
    return found + _entry_point_faults()


def _import_faults() -> list[str]:
    import ftrack_core

    inside = Path(ftrack_core.__file__).resolve().is_relative_to(Path(sys.prefix).resolve())
    return [] if inside else [f"ftrack_core was imported from {ftrack_core.__file__}, not from the wheel"]


def _data_faults() -> list[str]:
    names = {str(file).replace("\\", "/") for file in importlib.metadata.files("ftrack-core") or ()}
    missing = [f"the wheel lacks {name}" for name in EXPECTED_DATA if name not in names]
    strays = [f"the wheel holds {name}" for name in sorted(names) if name.startswith(("tests/", "docs/", "contrib/"))]
    return missing + strays


def _entry_point_faults() -> list[str]:
    """Each entry point must load in a base install: it names a light object, which needs no extra.

    pytest's own are left to pytest, which is there when it loads them.
    """
    points = importlib.metadata.distribution("ftrack-core").entry_points
    ours = [point for point in points if point.group != "pytest11"]
    found = [fault for fault in map(_entry_point_fault, ours) if fault]
    return found if len(points) > 1 else ["the wheel declares no entry points"]


def _entry_point_fault(point: importlib.metadata.EntryPoint) -> str:
    try:
        point.load()
    except (ImportError, AttributeError) as error:
        return f"entry point {point.group}:{point.name} = {point.value} does not load: {error}"
    return ""


def main() -> int:
    """Print the verdict; 0 when the install stands."""
    print(f"base install: {len(distributions())} distributions: {', '.join(distributions())}")
    wrong = faults()
    for line in wrong:
        print(f"fault: {line}")
    print("the wheel stands" if not wrong else f"{len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
