"""Backends that are wrong on purpose: each must turn its suite red, at the test of the guarantee that it breaks."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ftrack_core.interfaces import (
    IBatchCache,
    ICache,
    IExpiringCache,
    IKeyMaker,
    IPersistentCache,
    ISharedCache,
    IStableKeyMaker,
)
from ftrack_core.testing.suites import CacheContract, KeyMakerContract

PLANTED = Path(__file__).parent / "planted"

CACHES = {
    "DropsExpiry": "c10", "ServesExpired": "c10", "ListsExpired": "c10", "ExpiryStays": "c10", "Aliases": "c2",
    "Coerces": "c1", "NoneForMissing": "c1", "KeysAlike": "c1", "FirstWins": "c3", "RemovesNothing": "c4",
    "AlwaysRemoved": "c4", "ClearsFromTheStart": "c5", "ClearsAll": "c5", "ForeignError": "c5", "LiveKeys": "c6",
    "StaysOpen": "c8", "HalfBatch": "c9", "BatchWithHoles": "c9", "CountsTwice": "c9", "Torn": "many_threads",
    "NonAtomic": "c13", "LosesOnClose": "c12", "Private": "c11", "ServesDamaged": "c7", "LogsAlways": "c7",
    "DamageComesBack": "c7",
}  # fmt: skip
KEY_MAKERS = {
    "Hashes": "c4", "Process": "c4", "OneIsTrue": "c2_and_c3", "NestedOneIsTrue": "c2_and_c3", "Unordered": "c1",
    "ListsAreTuples": "c2_and_c3", "TwoZeros": "c1", "Joins": "c2_and_c3", "TextIsBytes": "c2_and_c3",
    "TwoTypes": "keys_are_not_empty_and_always_of_one_type", "Addresses": "an_item_that_cannot", "Counts": "c1",
}  # fmt: skip


@functools.cache
def failed(name: str) -> dict[str, set[str]]:
    """The tests that failed, by planted backend, of one run of a file."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", "-c", os.devnull]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        more = [f"--junitxml={report}", "-o", "junit_family=xunit2", str(PLANTED / f"{name}.py")]
        subprocess.run([*command, *more], check=False, capture_output=True, env=environment, cwd=folder)
        cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314 - our own report
        found: dict[str, set[str]] = defaultdict(set)
        for case in cases:
            bad = case.find("failure") is not None or case.find("error") is not None
            kind = case.get("classname", "").rpartition(".")[2].removeprefix("Test")
            found[kind].update([case.get("name", "")] if bad else [])
    return dict(found)


@pytest.mark.parametrize(("planted", "guarantee"), CACHES.items(), ids=CACHES)
def test_a_wrong_cache_turns_its_suite_red(planted: str, guarantee: str) -> None:
    """The author of a cache would ship the fault with a green suite."""
    assert any(re.match(rf"test_{guarantee}(_|$)", name) for name in failed("caches")[planted]), failed("caches")


@pytest.mark.parametrize(("planted", "guarantee"), KEY_MAKERS.items(), ids=KEY_MAKERS)
def test_a_wrong_key_maker_turns_its_suite_red(planted: str, guarantee: str) -> None:
    """The author of a key maker would ship the fault with a green suite."""
    assert any(name.startswith(f"test_{guarantee}") for name in failed("key_makers")[planted]), failed("key_makers")


def test_the_right_ones_are_green() -> None:
    """Everything would turn the suite red, and the tests above would mean nothing."""
    assert failed("caches")["RightInMemory"] == failed("caches")["RightInFolder"] == set()
    assert failed("key_makers")["Right"] == set()


def test_every_planted_backend_is_looked_at() -> None:
    """A wrong backend could be planted that nobody looks at."""
    assert failed("caches").keys() == {*CACHES, "RightInMemory", "RightInFolder"}
    assert failed("key_makers").keys() == {*KEY_MAKERS, "Right"}


@pytest.mark.parametrize(
    ("suite", "interfaces"),
    [
        (CacheContract, [ICache, IBatchCache, IExpiringCache, ISharedCache, IPersistentCache]),
        (KeyMakerContract, [IKeyMaker, IStableKeyMaker]),
    ],
    ids=["cache", "key maker"],
)
def test_each_guarantee_is_named_by_a_test_that_holds_it(suite: Any, interfaces: list[Any]) -> None:
    """A guarantee would stand in the documentation, and nothing would hold it."""
    promised = {number for each in interfaces for number in re.findall(r"^ *- C(\d+):", each.__doc__, re.MULTILINE)}
    tests = [*vars(suite), *suite._conditional]
    held = {number for name in tests if name.startswith("test_") for number in re.findall(r"_c(\d+)(?=_)", name)}
    assert promised == held
