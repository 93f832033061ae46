"""Every key maker: keys are equal exactly if the items are, here, in other processes and in other Pythons."""

from __future__ import annotations

import datetime
import decimal
import enum
import os
import pathlib
import shutil
import subprocess
import sys
import uuid
from collections import OrderedDict
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ftrack_backends.key_makers._msgpack import MsgpackKeyMaker
from ftrack_backends.key_makers._object import ObjectKeyMaker
from ftrack_backends.key_makers._string import StringKeyMaker
from ftrack_core import Session
from ftrack_core.entity import inspection
from ftrack_core.errors import CacheError, UnkeyableItemError
from ftrack_core.values import EntityIdentity

MAKERS = [StringKeyMaker(), ObjectKeyMaker(), MsgpackKeyMaker()]
makers = pytest.mark.parametrize("maker", MAKERS, ids=["string", "object", "msgpack"])
ROOT = pathlib.Path(__file__).parents[2]

FEW = st.sampled_from(
    [0, 1, -1, 2**63, 2**64, -(2**63), 1.0, 0.0, -0.0, 1.5, True, False, None, "", "1", "a", b"a", b""]
)
SCALARS = (
    FEW
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text("a,\\:1bteis\ud83dü", max_size=3)
    | st.binary(max_size=2)
)
NAMES = st.text("a,\\1", max_size=2) | st.sampled_from([0, 1, None, b"a", 1.5, ("a",), (1, "a")])
ITEMS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(NAMES, inner, max_size=3)
    ),
    max_leaves=6,
)


def exact(item: Any) -> Any:
    """An item as a value that equals another one only if both are the same, types included."""
    if isinstance(item, (list, tuple)):
        return type(item).__name__, [exact(each) for each in item]
    if isinstance(item, dict):
        return "dict", sorted((repr(exact(name)), repr(exact(value))) for name, value in item.items())
    return type(item).__name__, item + 0.0 if isinstance(item, float) else item


@makers
@given(one=st.lists(ITEMS, min_size=1, max_size=3), other=st.lists(ITEMS, min_size=1, max_size=3))
@example(one=[1], other=[True])
@example(one=[("a", "b")], other=[["a", "b"]])
@example(one=[{"a": 1, "b": 2}], other=[{"b": 2, "a": 1}])
@example(one=[{"a": {"b": 1}}], other=[{"a": {}, "b": 1}])
def test_keys_are_equal_exactly_if_the_items_are(maker: Any, one: list[Any], other: list[Any]) -> None:
    """One entity's record would be served for another's, or never be found."""
    assert (maker.key(*one) == maker.key(*other)) == (repr(exact(one)) == repr(exact(other)))


@makers
@given(item=st.dictionaries(NAMES, ITEMS, max_size=4))
def test_the_order_and_the_kind_of_a_mapping_do_not_count(maker: Any, item: dict[Any, Any]) -> None:
    """Keyword arguments in another order would be another call."""
    turned = OrderedDict(reversed(item.items()))
    assert maker.key(item) == maker.key(turned) == maker.key(MappingProxyType(turned))


@makers
@given(items=st.lists(ITEMS, min_size=1, max_size=4), cut=st.integers(0, 3))
def test_where_an_item_ends_matters(maker: Any, items: list[Any], cut: int) -> None:
    """Two calls with the same words, cut differently, would share a result."""
    assert maker.key(*items) != maker.key(*items, "")
    if items[:cut]:
        assert maker.key(tuple(items[:cut]), *items[cut:]) != maker.key(*items)


class Level(enum.IntEnum):
    """Whole numbers with names."""

    LOW = 1


class Word(str, enum.Enum):
    """Text with names."""

    SHOT = "Shot"


class Colour(enum.Enum):
    """Names."""

    RED = 1
    BLUE = 2


@makers
def test_an_instance_of_a_subclass_is_what_it_equals(maker: Any) -> None:
    """A member of an enumeration would have another key than the number that it is."""
    assert maker.key(Level.LOW) == maker.key(1)
    assert maker.key(Word.SHOT, "a,b") == maker.key("Shot", "a,b")
    assert maker.key(EntityIdentity("Shot", ("a",))) == maker.key(("Shot", ("a",)))


@makers
def test_not_a_number_is_an_item_like_any_other(maker: Any) -> None:
    """A memoised function would grow by an entry with each call."""
    nan = float("nan")
    assert maker.key(nan) == maker.key(-nan) == maker.key(float("nan"))
    assert maker.key(nan) not in {maker.key(0.0), maker.key("nan"), maker.key(float("inf"))}


@makers
def test_an_entity_stands_for_its_identity_and_loads_nothing(maker: Any) -> None:
    """Making a key would ask the server for all of an entity, and change when somebody renames it."""
    with Session(server_url="embedded:", config={"transport": {"seed": "demo"}}) as session:
        shot = session.query("Shot").first()
        calls = session.statistics().calls
        before = maker.key("f", shot)
        assert before == maker.key("f", inspection.identity(shot))
        shot["name"] = "renamed"
        assert maker.key("f", shot) == before
        assert session.statistics().calls == calls
        for live in (shot["children"], shot["metadata"]):
            with pytest.raises(UnkeyableItemError, match="key was asked for an item of type"):
                maker.key(live)


def holding_itself() -> list[Any]:
    """A list in itself."""
    items: list[Any] = []
    items.append(items)
    return items


def nested(depth: int) -> Any:
    """Lists in lists."""
    return [nested(depth - 1)] if depth > 1 else []


@makers
@pytest.mark.parametrize(
    "item",
    [object(), object, print, lambda: 1, (each for each in "a"), range(2), 1j, memoryview(b"a"), nested(65),
     holding_itself(), {"a": nested(64)}, ...],
    ids=lambda item: type(item).__name__,
)  # fmt: skip
def test_what_cannot_be_told_apart_reliably_is_refused(maker: Any, item: Any) -> None:
    """Two functions would share a key, or a key would hold an address in memory."""
    with pytest.raises(UnkeyableItemError, match="a key was asked for") as caught:
        maker.key("a", item)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, CacheError)


@makers
def test_what_is_just_deep_enough_has_a_key(maker: Any) -> None:
    """The limit would be somewhere else than it says."""
    assert maker.key(nested(64)) != maker.key(nested(63))


UTC, EAST = datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=2))
MOMENT = datetime.datetime(2024, 2, 29, 12, 0, 0, 5, tzinfo=UTC)
KINDS: list[Any] = [
    {1, "a"}, {"1", "a"}, set(), {(1, 2)}, MOMENT, MOMENT.replace(tzinfo=None), MOMENT.replace(microsecond=6),
    MOMENT.date(), MOMENT.time(), datetime.time(12, tzinfo=UTC), datetime.time(12), datetime.timedelta(1),
    datetime.timedelta(0, 1), datetime.timedelta(0, 0, 1), decimal.Decimal(1), decimal.Decimal("1.5"),
    decimal.Decimal("NaN"), decimal.Decimal("-Infinity"), decimal.Decimal(0), decimal.Decimal(-1), decimal.Decimal("1e5"),
    uuid.UUID(int=1), pathlib.PurePosixPath("/a"), pathlib.PureWindowsPath("/a"), Colour.RED, Colour.BLUE, "/a", 1,
    "2024-02-29", 1.5, b"a", "a", ("a",), ["a"],
]  # fmt: skip
EQUALS = [
    ({1, "a"}, frozenset(["a", 1])),
    (MOMENT, MOMENT.astimezone(EAST)),
    (datetime.time(12, tzinfo=UTC), datetime.time(14, tzinfo=EAST)),
    (decimal.Decimal("1.0"), decimal.Decimal("1.00")),
    (decimal.Decimal(100000), decimal.Decimal("1e5")),
    (decimal.Decimal(0), decimal.Decimal("-0.00")),
    (datetime.timedelta(hours=24), datetime.timedelta(1)),
    (MOMENT.replace(tzinfo=None), MOMENT.replace(tzinfo=None, fold=1)),
]


def test_object_keeps_all_its_kinds_apart() -> None:
    """A day and its text would share a key."""
    keys = [ObjectKeyMaker().key(item) for item in KINDS]
    assert len(set(keys)) == len(KINDS)


@pytest.mark.parametrize(("one", "other"), EQUALS, ids=repr)
def test_object_gives_equal_things_of_its_kinds_one_key(one: Any, other: Any) -> None:
    """The same moment, told in two time zones, would be asked for twice."""
    assert one == other
    assert ObjectKeyMaker().key("f", [one]) == ObjectKeyMaker().key("f", [other])


SOME = [
    ("Shot", "0bc9e8"), (1, 1.0, True, None, b"x"), ({"b": [1.5, -0.0], "a": (2**70, -5)},), ("ü\u2028\U0001f600",),
    ([[], {}, ()],), (1e300, 5e-324, float("inf"), float("nan")), ({"ü": 1, "a": 2, "B": 3},), (2**64, -(2**63) - 1),
]  # fmt: skip
PROGRAM = """
import sys, pathlib, datetime, decimal
from ftrack_backends.key_makers._string import StringKeyMaker
from ftrack_backends.key_makers._object import ObjectKeyMaker
from ftrack_backends.key_makers._msgpack import MsgpackKeyMaker
for maker in (StringKeyMaker(), ObjectKeyMaker(), MsgpackKeyMaker()):
    for items in SOME: print(ascii(maker.key(*items)))
print(ascii(ObjectKeyMaker().key({"c", "b", "a", 1, 2}, datetime.date(2024, 1, 2), decimal.Decimal("2.50"))))
"""


def _pythons() -> list[str]:
    """This Python, and every other version that this machine has."""
    found = [shutil.which(f"python3.{minor}") for minor in range(10, 16)]
    return [sys.executable, *(each for each in found if each and _runs(each))]


def _runs(python: str) -> bool:
    return subprocess.run([python, "-c", "import ctypes"], capture_output=True, check=False).returncode == 0


def _told(python: str, seed: str) -> list[str]:
    libraries = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(libraries)}
    program = f"inf = float('inf'); nan = float('nan'); SOME = {SOME!r}\n{PROGRAM}"
    command = [python, "-X", "utf8", "-c", program]
    ran = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8", env=environment)
    return ran.stdout.splitlines()


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_another_process_makes_the_same_keys(seed: str) -> None:
    """A shared cache would be empty for everybody but its writer."""
    told = _told(sys.executable, seed)
    assert told[:-1] == [ascii(maker.key(*items)) for maker in MAKERS for items in SOME]
    assert len(told) == 3 * len(SOME) + 1
    assert told == _told(sys.executable, "77")


def test_another_version_of_python_makes_the_same_keys() -> None:
    """Maya's Python and the farm's would each fill the cache anew."""
    here = _told(sys.executable, "1")
    assert {python: _told(python, "2") == here for python in _pythons()} == dict.fromkeys(_pythons(), True)
