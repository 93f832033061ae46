"""Backends that are wrong on purpose: each must turn its suite red, at the test of the guarantee that it breaks."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ftrack_core.interfaces import (
    IAuthenticator,
    IBatchCache,
    IBatchEventInbox,
    ICache,
    IClearableSchemaCache,
    IEventHub,
    IEventInbox,
    IExpiringCache,
    IKeyMaker,
    IPersistentCache,
    IRemoteEventHub,
    ISchemaCache,
    ISharedCache,
    ISingleFlightSchemaCache,
    IStableKeyMaker,
    IStreamingTransport,
    ITransport,
)
from ftrack_core.testing import suites
from ftrack_core.testing.suites import (
    AuthenticatorContract,
    CacheContract,
    EventInboxContract,
    KeyMakerContract,
    RemoteEventHubContract,
    SchemaCacheContract,
    TransportContract,
)

PLANTED = Path(__file__).parent / "planted"

WRONG = {
    "caches": {
        "DropsExpiry": "c10", "ServesExpired": "c10", "ListsExpired": "c10", "ExpiryStays": "c10", "Aliases": "c2",
        "Coerces": "c1", "NoneForMissing": "c1", "KeysAlike": "c1", "FirstWins": "c3", "RemovesNothing": "c4",
        "AlwaysRemoved": "c4", "ClearsFromTheStart": "c5", "ClearsAll": "c5", "ForeignError": "c5", "LiveKeys": "c6",
        "StaysOpen": "c8", "HalfBatch": "c9", "BatchWithHoles": "c9", "CountsTwice": "c9", "Torn": "many_threads",
        "NonAtomic": "c13", "LosesOnClose": "c12", "Private": "c11", "ServesDamaged": "c7", "LogsAlways": "c7",
        "DamageComesBack": "c7", "RefusesDiagnosis": "d1", "ForgetsWhenAsked": "d3",
    },
    "key_makers": {
        "Hashes": "c4", "Process": "c4", "OneIsTrue": "c2_and_c3", "NestedOneIsTrue": "c2_and_c3", "Unordered": "c1",
        "ListsAreTuples": "c2_and_c3", "TwoZeros": "c1", "Joins": "c2_and_c3", "TextIsBytes": "c2_and_c3",
        "TwoTypes": "keys_are_not_empty_and_always_of_one_type", "Addresses": "an_item_that_cannot", "Counts": "c1",
    },
    "schema_caches": {
        "OfAnyHash": "c1", "Trims": "c1", "OfAnyServer": "c2", "InHalves": "c3", "RaisesForDamage": "c4",
        "SilentAboutDamage": "c4", "KeepsDamage": "c4", "RaisesForRefusal": "c5", "SilentAboutRefusal": "c5",
        "WithoutHash": "c6", "EachFetches": "c7", "LeavesItsClaim": "c8", "NeedsAPlace": "c8", "ClearsAll": "c9",
        "ClearsNothing": "c9",
    },
    "authenticators": {
        "NoGenerator": "c1", "AsksFirst": "c1", "WithoutCredentials": "c2", "LosesTheBody": "c2",
        "SomethingAfterIt": "c2", "OneForAll": "c2", "ShowsItself": "c3", "LogsItself": "c3", "ChangesIt": "c4",
    },
    "transports": {
        "StatusIsError": "c1", "NeverSent": "c2", "AlwaysLost": "c2", "TakesHalf": "c2", "NamesAsTheyCame": "c3",
        "TouchesHeaders": "c3", "StaysOpen": "c4", "LogsHeaders": "c5", "ShowsAddresses": "c5", "Repeats": "c2",
        "FollowsAnything": "c6", "ReadsAll": "c7",
    },
    "event_hubs": {
        "Backwards": "c1", "StopsAtErrors": "c2", "Unstoppable": "c3", "OnlyResults": "c4", "NeverLeaves": "c5",
        "PublishesClosed": "c6", "DeafToLate": "c7", "DeafAfterwards": "c10", "LosesEarly": "c8", "LastFirst": "c8",
        "AlwaysConnected": "c9", "GivesUp": "c10", "Doubles": "c10", "TellsNobody": "c11", "SendsTwice": "c12",
        "BelievesInAll": "c12", "LeavesAtOnce": "c13", "WaitsOn": "c13", "TapsAfterwards": "c14",
        "QueuesAll": "c15",
    },
}  # fmt: skip
"""By file: what is wrong, and how the test begins that must see it."""
SUITES: dict[str, tuple[Any, list[Any]]] = {
    "caches": (CacheContract, [ICache, IBatchCache, IExpiringCache, ISharedCache, IPersistentCache]),
    "key_makers": (KeyMakerContract, [IKeyMaker, IStableKeyMaker]),
    "schema_caches": (SchemaCacheContract, [ISchemaCache, ISingleFlightSchemaCache, IClearableSchemaCache]),
    "authenticators": (AuthenticatorContract, [IAuthenticator]),
    "transports": (TransportContract, [ITransport, IStreamingTransport]),
    "event_hubs": (RemoteEventHubContract, [IEventHub, IRemoteEventHub]),
    "event_inboxes": (EventInboxContract, [IEventInbox, IBatchEventInbox]),
}
"""By file: the suite, and the contracts that it holds. The wrong inboxes are in `test_inbox_suite.py`."""


def failed(seam: str) -> dict[str, set[str]]:
    """The tests that failed, by backend, of one run of a file: all for right ones, for others those that must see."""
    chosen = " or ".join(["TestRight", *(f"(Test{name} and {_chosen(what)})" for name, what in WRONG[seam].items())])
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", "-c", os.devnull]
        command += ["--noconftest"]  # the one in `tests` would have its folders found in place of our packages
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        more = [f"--junitxml={report}", "-o", "junit_family=xunit2", "-k", chosen, str(PLANTED / f"{seam}.py")]
        subprocess.run([*command, *more], check=False, capture_output=True, env=environment, cwd=folder, timeout=300)
        cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314 - our own report
        found: dict[str, set[str]] = defaultdict(set)
        for case in cases:
            bad = case.find("failure") is not None or case.find("error") is not None
            kind = case.get("classname", "").rpartition(".")[2].removeprefix("Test")
            found[kind].update([case.get("name", "")] if bad else [])
    return dict(found)


def _chosen(what: str) -> str:
    return f"test_{what}_" if re.fullmatch(r"c\d+", what) else f"test_{what}"


@pytest.mark.slow
@pytest.mark.parametrize("seam", WRONG)
def test_each_wrong_backend_turns_its_suite_red_and_right_ones_are_green(seam: str) -> None:
    """The author of a backend would ship the fault with a green suite, or could not ship at all."""
    found = failed(seam)  # one run for all: several would cost several times as much in parallel workers
    right = {name: tests for name, tests in found.items() if name.startswith("Right")}
    assert right
    assert not any(right.values()), right
    unseen = {
        name: what
        for name, what in WRONG[seam].items()
        if not any(re.match(rf"test_{what}(_|$)", test) for test in found.get(name, ()))
    }
    assert not unseen, found


@pytest.mark.parametrize("seam", WRONG)
def test_every_planted_backend_is_looked_at(seam: str) -> None:
    """A wrong backend could be planted that nobody looks at."""
    planted = {name.removeprefix("Test") for name in runpy.run_path(str(PLANTED / f"{seam}.py")) if _is_suite(name)}
    assert {name for name in planted if not name.startswith("Right")} == WRONG[seam].keys()


def _is_suite(name: str) -> bool:
    return name.startswith("Test")


def promised(interfaces: list[Any]) -> set[int]:
    """The numbers of all guarantees."""
    return {int(one) for each in interfaces for one in re.findall(r"^ *- C(\d+):", each.__doc__, re.MULTILINE)}


@pytest.mark.parametrize("seam", SUITES)
def test_each_guarantee_is_named_by_a_test_that_holds_it(seam: str) -> None:
    """A guarantee would stand in the documentation, and nothing would hold it."""
    suite, interfaces = SUITES[seam]
    tests = [*dir(suite), *suite._conditional]
    held = {int(one) for name in tests if name.startswith("test_") for one in re.findall(r"_c(\d+)(?=_)", name)}
    assert promised(interfaces) == held


@pytest.mark.parametrize("seam", WRONG)
def test_each_guarantee_is_broken_by_a_planted_backend(seam: str) -> None:
    """A test could hold a guarantee by its name only."""
    broken = {int(number) for what in WRONG[seam].values() for number in re.findall(r"(?:^|_)c(\d+)", what)}
    assert promised(SUITES[seam][1]) == broken


def test_every_suite_is_among_them() -> None:
    """A suite could be shipped whose tests nobody has seen fail."""
    known = {suite.__name__ for suite, _ in SUITES.values()} | {"EventHubContract"}
    assert {name for name in suites.__all__ if name.endswith("Contract")} == known
