"""The fast form of the msgpack codec: what takes it, what does not, and what a forger could make of it."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from typing import Any

import msgpack
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ftrack_backends.codecs import MsgpackRecordCodec
from ftrack_core.errors import CacheError
from ftrack_core.values import MISSING, EntityIdentity, EntityRecord, WireValue

CODEC = MsgpackRecordCodec()
TASK = EntityIdentity("Task", ("t",))
DATE: dict[str, WireValue] = {"__type__": "datetime", "value": "2024-05-06T07:08:09"}
LINK: list[WireValue] = [{"id": "p", "type": "Project", "name": "show"}, {"id": "t", "type": "Task", "name": "ani"}]
USUAL: dict[str, WireValue] = {
    "id": "t",
    "status": EntityIdentity("Status", ("s",)),
    "end": DATE,
    "link": LINK,
    "n": 1,
}
GOOD: list[Any] = [
    5.0, "id\0s\0d\0l\0n\n\0rs\0dd\0tl\0id\0type\0name\0on", "t\0k\0now\0\0\0t\0Status\0Task", [1], ["p\0Show\0x"],
]  # fmt: skip


class Text(str):
    """Text of a class of its own."""

    __slots__ = ()


def kept(values: dict[str, Any]) -> EntityRecord:
    """A record of these values."""
    return EntityRecord(TASK, 1.5, values)


def fields(entry: bytes) -> Any:
    """What stands in an entry."""
    return msgpack.unpackb(entry, ext_hook=msgpack.ExtType, unicode_errors="surrogatepass")[2]


def sealed(of: Any) -> bytes:
    """An entry with a right checksum around any fields."""
    data: bytes = b"\x94\xa6ftrack\x02" + msgpack.packb(of) + b"\xce"
    return data + zlib.crc32(data).to_bytes(4, "little")


TEXT = st.text("ab\0\n\ud83dü", max_size=3)
ROWS = st.fixed_dictionaries({"id": TEXT, "type": TEXT, "name": TEXT}) | st.dictionaries(TEXT, TEXT, max_size=3)
VALUES = (
    TEXT
    | st.none()
    | st.booleans()
    | st.integers(-(2**65), 2**65)
    | st.floats()
    | st.builds(EntityIdentity, TEXT, st.lists(TEXT, max_size=2).map(tuple))
    | st.fixed_dictionaries({"__type__": st.just("datetime") | TEXT, "value": TEXT | st.integers()})
    | st.fixed_dictionaries({"value": TEXT, "__type__": st.just("datetime")})
    | st.lists(ROWS, max_size=3)
    | st.dictionaries(TEXT, st.builds(EntityIdentity, TEXT, st.tuples(TEXT)), max_size=2)
)


@given(values=st.dictionaries(TEXT, VALUES, max_size=6))
@example({})
@example({"": ""})
@example({"a": {"kind": "datetime", "value": "x"}, "b": {"value": "datetime", "__type__": "datetime"}})
@example({"link": [{"id": "x\0y", "type": "", "name": ""}]})
@example({"a\0b": "x", "a": "\0", "b\nc": 1})
@example({"link": [{"a\0": "x", "b": "y", "c": "z"}]})
@example({"link": [{"a": "x", "b": "y", "c": "z"}, {"b": "x", "a": "y", "c": "z"}], "": [], "e": [{}]})
@example({"a": [LINK[0], 1], "b": [LINK[0], {"id": "x", "type": 1, "name": "y"}], "c": [1], "d": {}, "e": LINK})
def test_c1_every_mixture_comes_back_as_it_was(values: dict[str, Any]) -> None:
    """A value that looks like a date or a link, or has a separator in it, would come back as another."""
    assert repr(CODEC.decode(CODEC.encode(kept(values)))) == repr(kept(values))


def test_what_a_session_keeps_takes_the_fast_form() -> None:
    """The tests here would say nothing about it, and the cache would be slow again."""
    assert len(fields(CODEC.encode(kept(USUAL)))) == 5
    for slow in ({"a": "\0"}, {"a\n": "x"}, {"a": [TASK]}, {"a": EntityIdentity("T", ("x", "y"))}, {}):
        assert len(fields(CODEC.encode(kept({**slow})))) == 7
    assert len(fields(CODEC.encode(kept({f"name{n}": "x" for n in range(257)})))) == 7


def test_nothing_is_shared_between_records_or_with_the_caller() -> None:
    """Who changes what a cache gave would change what others get, by way of the shapes that are kept."""
    entry = CODEC.encode(kept(USUAL))
    first, second = CODEC.decode(entry), CODEC.decode(entry)
    assert isinstance(first, EntityRecord)
    assert isinstance(second, EntityRecord)
    found: Any = first.values
    found["link"][0]["name"] = found["end"]["value"] = "changed"
    found.clear()
    assert second == CODEC.decode(entry) == kept(USUAL)
    assert CODEC.encode(kept(USUAL)) == entry


@pytest.mark.parametrize(
    "wrong",
    [
        Text("x"), EntityIdentity("Shot", (Text("x"),)), EntityIdentity(Text("Shot"), ("x",)),
        EntityIdentity("Shot", ["x"]), OrderedDict(DATE), {**DATE, "value": Text("x")},  # type: ignore[arg-type]
        {"__type__": Text("datetime"), "value": "x"}, [{"id": "x", "type": "y", "name": Text("z")}],
        [OrderedDict({"id": "x", "type": "y", "name": "z"})], [{"id": "x", "type": "y", 3: "z"}], b"x", (1,),
        msgpack.Timestamp(1), msgpack.ExtType(1, b"x"),
    ],
    ids=repr,
)  # fmt: skip
def test_c4_what_no_wire_brings_is_refused_among_usual_values(wrong: Any) -> None:
    """Text of a subclass would come back as plain text, and only in the fast form."""
    for _ in range(2):  # the second time the shape may be known
        with pytest.raises(CacheError, match=r"cannot be kept: .*'(x|other)'"):
            CODEC.encode(kept({**USUAL, "x": wrong, "other": 1}))


def test_c2_the_forgery_of_this_test_is_read_where_it_is_right() -> None:
    """The next test would pass whatever is forged."""
    values: dict[str, WireValue] = {"id": "t", "s": EntityIdentity("Status", ("k",)), "d": {**DATE, "value": "now"}}
    link: list[WireValue] = [{"id": "p", "type": "Show", "name": "x"}]
    assert CODEC.decode(sealed(GOOD)) == EntityRecord(TASK, 5.0, {**values, "l": link, "n": 1})


@pytest.mark.parametrize(
    "forgery",
    [
        GOOD[:4], [*GOOD, 1], "fives", [None] * 5, {n: n for n in "abcde"}, ["now", *GOOD[1:]], [True, *GOOD[1:]],
        [5.0, b"id", *GOOD[2:]], [5.0, "id", *GOOD[2:]], [5.0, "id\n\n", "t\0t\0T", [], []],
        [5.0, "id\n\0rx", "t\0t\0S\0T", [], []], [5.0, "id\n\0rid\0rid", "t\0t\0S\0S\0T", [], []],
        [5.0, "id\n\0zid", "t\0t\0T", [], []], [5.0, "id\n\0", "t\0t\0T", [], []],
        [5.0, "id\n\0tid\0a", "t\0t\0T", [], ["a"]],
        [5.0, "id\n\0tid", "t\0t\0T", [], ["a"]], [5.0, "id\n\0\0rid", "t\0t\0S\0T", [], []],
        [5.0, "id\0id\n", "t\0t\0t\0T", [], []], [*GOOD[:2], "t\0k", *GOOD[3:]],
        [*GOOD[:2], GOOD[2] + "\0", *GOOD[3:]],
        [*GOOD[:2], GOOD[2].split("\0"), *GOOD[3:]], [*GOOD[:3], [], GOOD[4]], [*GOOD[:3], [1, 2], GOOD[4]],
        [*GOOD[:3], [b"x"], GOOD[4]], [*GOOD[:3], [{5: 1}], GOOD[4]], [*GOOD[:3], [{b"x": 1}], GOOD[4]],
        [*GOOD[:3], [msgpack.Timestamp(1)], GOOD[4]], [*GOOD[:3], [msgpack.ExtType(5, b"")], GOOD[4]],
        [*GOOD[:4], []], [*GOOD[:4], ["a\0b"]], [*GOOD[:4], ["a\0b\0c\0d"]], [*GOOD[:4], [["a", "b", "c"]]],
        [*GOOD[:4], 5],
    ],
    ids=repr,
)  # fmt: skip
def test_c2_a_forgery_is_missing(forgery: Any) -> None:
    """An entry by somebody hostile would raise, or bring values that nothing expects."""
    assert CODEC.decode(sealed(forgery)) is MISSING


@pytest.mark.parametrize(("place", "other"), [(3, "1"), (3, {1: 1}), (4, {"p\0Show\0x": 1}), (4, ("p\0Show\0x",))])
def test_c2_what_is_no_list_of_values_or_rows_is_missing(place: int, other: Any) -> None:
    """What was never written would be read."""
    forged: list[Any] = [*GOOD]
    forged[place] = other
    entry = sealed(forged)
    assert (CODEC.decode(entry) is MISSING) == (not isinstance(other, tuple))  # which msgpack writes as a list


def test_c2_depth_counts_in_this_form_too() -> None:
    """An entry by somebody hostile would exhaust the stack; a strict codec would read what it may not write."""
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    assert CODEC.decode(sealed([*GOOD[:3], [deep], GOOD[4]])) is MISSING
    assert MsgpackRecordCodec(max_depth=2).decode(CODEC.encode(kept(USUAL))) is MISSING
    for depth in (1, 2):
        with pytest.raises(CacheError, match="too deep"):
            MsgpackRecordCodec(max_depth=depth).encode(kept(USUAL))
    three = MsgpackRecordCodec(max_depth=3)
    assert three.decode(three.encode(kept(USUAL))) == kept(USUAL)


def test_c4_a_plan_of_before_lets_nothing_through_that_no_wire_brings() -> None:
    """Rows without names would be written, and be a miss for everybody, depending on what was written before."""
    CODEC.encode(kept({"a": {}, "b": {}, "c": [1]}))
    with pytest.raises(CacheError):
        CODEC.encode(kept({"a": DATE, "b": DATE, "c": [{0: "p", 1: "q", 2: "r"}]}))


def test_c3_names_that_are_equal_to_others_change_nothing_for_these() -> None:
    """A program with names of a class of its own would rename the values of every other."""

    class Blind(str):
        """Text that is equal to what is written in other letters."""

        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            return isinstance(other, str) and self.lower() == other.lower()

        def __hash__(self) -> int:
            return hash(self.lower())

    CODEC.encode(kept({Blind("Naming"): "v"}))
    assert CODEC.decode(CODEC.encode(kept({"naming": "v"}))) == kept({"naming": "v"})


@pytest.mark.parametrize("nothing", [None, 1, "text", memoryview(b"x"), [b"x"]])
def test_c2_what_is_no_bytes_is_missing(nothing: Any) -> None:
    """What a foreign store gives back would end the session's read."""
    assert CODEC.decode(nothing) is MISSING
