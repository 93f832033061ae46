"""Records as bytes and back: the guarantees of `IRecordCodec`, for each codec."""

from __future__ import annotations

import json
import math
import os
import pickle
import subprocess
import sys
import threading
import zlib
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgpack
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ftrack_backends.codecs import IRecordCodec, JsonRecordCodec, MsgpackRecordCodec, record_codec
from ftrack_core.errors import CacheError, ConfigurationError
from ftrack_core.testing import assert_provides, record
from ftrack_core.values import MISSING, EntityIdentity, EntityRecord

CODECS = [MsgpackRecordCodec(), JsonRecordCodec()]
codecs = pytest.mark.parametrize("codec", CODECS, ids=["msgpack", "json"])

TEXT = st.text(max_size=6) | st.text("~\x00\\\"'aü\ud83d\ude00", max_size=4)
IDENTITIES = st.builds(EntityIdentity, TEXT, st.lists(TEXT, max_size=2).map(tuple))
NUMBERS = st.integers() | st.integers(-(2**66), 2**66) | st.floats()
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT | IDENTITIES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.builds(EntityRecord, IDENTITIES, NUMBERS, st.dictionaries(TEXT, VALUES, max_size=5))
SIMPLE = record("a", parent=EntityIdentity("Project", ("p",)), link=[{"id": "p"}], size=5, rate=1.0)


def nested(depth: int) -> Any:
    """Lists in lists."""
    return [nested(depth - 1)] if depth > 1 else []


@codecs
def test_it_keeps_its_interface(codec: Any) -> None:
    """A cache that passes arguments by name would meet a TypeError."""
    assert_provides(IRecordCodec, codec)


@codecs
@given(given_record=RECORDS)
@example(EntityRecord(EntityIdentity("", ()), 1, {"a": {"~": 1}, "b": {"~~": [EntityIdentity("x\0", ("\ud83d",))]}}))
@example(EntityRecord(EntityIdentity("S", ("a",)), 0.0, {"n": 10**400, "m": -(2**63) - 1, "q": 2**64, "z": -0.0}))
@example(EntityRecord(EntityIdentity("S", ("a",)), 0.0, {"nan": math.nan, "inf": math.inf, "pair": "\ud83d\ude00"}))
def test_c1_what_was_encoded_comes_back_as_it_was(codec: Any, given_record: EntityRecord) -> None:
    """A reference would become a list, or 1 would become True, on the way through a cache."""
    assert repr(codec.decode(codec.encode(given_record))) == repr(given_record)


@codecs
def test_c1_any_mapping_of_values_will_do(codec: Any) -> None:
    """A cache written by somebody else could not hand on its own read-only mappings."""
    given_record = EntityRecord(SIMPLE.identity, 1.0, MappingProxyType(dict(SIMPLE.values)))
    assert codec.decode(codec.encode(given_record)) == SIMPLE


@codecs
def test_c2_an_entry_with_one_damaged_byte_is_missing(codec: Any) -> None:
    """A bit that rotted in a cache file would show in a shot's name."""
    data = codec.encode(SIMPLE)
    for place in range(len(data)):
        for changed in {0, 1, 0x7F, 0x80, 0xFF, data[place] ^ 1} - {data[place]}:
            assert codec.decode(data[:place] + bytes([changed]) + data[place + 1 :]) is MISSING


@codecs
def test_c2_an_entry_that_was_cut_off_or_grew_is_missing(codec: Any) -> None:
    """Half a write would be served as a record."""
    data = codec.encode(SIMPLE)
    assert all(codec.decode(data[:size]) is MISSING for size in range(len(data)))
    assert codec.decode(data + b"\x00") is MISSING
    assert codec.decode(data + data) is MISSING


@codecs
@given(data=st.binary(max_size=40))
@example(b"")
@example(pickle.dumps({"a": 1}))
@example(json.dumps(["ftrack", 1, {}]).encode())
def test_c2_garbage_is_missing(codec: Any, data: bytes) -> None:
    """A foreign file in a cache folder would end the session."""
    assert codec.decode(data) is MISSING


def test_c2_the_entry_of_another_codec_is_missing() -> None:
    """A cache whose codec was changed in the config would raise on all it holds."""
    first, second = CODECS
    assert first.decode(second.encode(SIMPLE)) is MISSING
    assert second.decode(first.encode(SIMPLE)) is MISSING


def test_c2_an_entry_of_another_version_is_missing() -> None:
    """After an upgrade, or with two versions on one farm, old entries would be misread."""
    data = MsgpackRecordCodec().encode(SIMPLE)
    assert MsgpackRecordCodec().decode(sealed(data[:-5].replace(b"ftrack\x02", b"ftrack\x03", 1))) is MISSING
    assert MsgpackRecordCodec().decode(sealed(data[:-5])) != MISSING
    old = msgpack.packb(GOOD)
    assert MsgpackRecordCodec().decode(b"\x94\xa6ftrack\x01\xce" + zlib.crc32(old).to_bytes(4, "big") + old) is MISSING
    data = JsonRecordCodec().encode(SIMPLE)
    assert JsonRecordCodec().decode(data.replace(b'"ftrack",1', b'"ftrack",2', 1)) is MISSING


def sealed(data: bytes) -> bytes:
    """An entry of msgpack with its right checksum."""
    data += b"\xce"
    return data + zlib.crc32(data).to_bytes(4, "little")


def forged(codec: Any, fields: Any) -> bytes:
    """An entry with a right checksum around whatever is given."""
    if isinstance(codec, MsgpackRecordCodec):
        return sealed(b"\x94\xa6ftrack\x02" + msgpack.packb(fields))
    body = json.dumps(fields, default=str).encode()
    return b'["ftrack",1,"%08x",%b]' % (zlib.crc32(body), body)


GOOD: list[Any] = ["Shot", ["a"], 1.0, {"n": 1}, [], [], []]


@codecs
def test_c2_the_forgery_of_this_test_is_read_where_it_is_right(codec: Any) -> None:
    """The next test would pass whatever is forged."""
    assert codec.decode(forged(codec, GOOD)) == EntityRecord(EntityIdentity("Shot", ("a",)), 1.0, {"n": 1})


@codecs
@pytest.mark.parametrize(
    "fields",
    [
        None, 5, "Shotxxx", {}, [], GOOD[:-1], [*GOOD, 1], [1, *GOOD[1:]], ["Shot", "a", *GOOD[2:]],
        ["Shot", [1], *GOOD[2:]], ["Shot", ["a"], "now", *GOOD[3:]], ["Shot", ["a"], True, *GOOD[3:]],
        [*GOOD[:3], [], [], [], []], [*GOOD[:4], ["n"], [], []], [*GOOD[:4], ["x"], [], []],
        [*GOOD[:4], [], ["n"], []],
        [*GOOD[:4], [[]], [], []], [*GOOD[:3], {"r": ["Shot", "a"]}, ["r"], [], []],
        [*GOOD[:3], {"r": ["Shot", [5]]}, ["r"], [], []], [*GOOD[:3], {"r": [{"~": 5}]}, [], [], ["r"]],
        [*GOOD[:3], {"r": [{"~": []}]}, [], [], ["r"]], [*GOOD[:3], {"r": nested(200)}, [], [], []],
        [*GOOD[:3], {"r": nested(200)}, [], [], ["r"]], [*GOOD[:3], {"r": nested(900)}, [], [], []],
    ],
    ids=repr,
)  # fmt: skip
def test_c2_fields_that_make_no_record_are_missing(codec: Any, fields: Any) -> None:
    """An entry written by somebody hostile would raise far away from here, or exhaust the stack."""
    assert codec.decode(forged(codec, fields)) is MISSING


def test_c2_types_that_only_msgpack_has_are_missing() -> None:
    """An entry written by somebody hostile would bring values that nothing expects."""
    codec = MsgpackRecordCodec()
    for odd in (msgpack.ExtType(5, b"x"), b"bytes", msgpack.Timestamp(1), {5: 1}):
        assert codec.decode(forged(codec, [*GOOD[:3], {"n": odd}, [], [], []])) is MISSING
        assert codec.decode(forged(codec, [*GOOD[:3], {"n": [odd]}, [], [], ["n"]])) is MISSING


def test_c2_lists_that_open_without_end_are_missing() -> None:
    """A few kilobytes on a disk would end the process."""
    body = b"\x91" * 100_000
    assert MsgpackRecordCodec().decode(sealed(b"\x94\xa6ftrack\x02" + body)) is MISSING
    body = b"[" * 100_000
    assert JsonRecordCodec().decode(b'["ftrack",1,"%08x",%b]' % (zlib.crc32(body), body)) is MISSING


@codecs
def test_c2_an_entry_longer_than_the_limit_is_missing(codec: Any) -> None:
    """One entry could take all memory."""
    data = codec.encode(record("a", text="x" * 500))
    assert type(codec)(max_bytes=200).decode(data) is MISSING


def test_c3_another_process_makes_the_same_bytes() -> None:
    """Two machines of a farm could not tell that they hold the same."""
    program = (
        "from ftrack_backends.codecs import record_codec; from ftrack_core.testing import record\n"
        "for name in ('msgpack', 'json'): print(record_codec(name).encode(record('a', one=1, two=[2.5])).hex())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True, env=environment
    ).stdout
    assert told.split() == [codec.encode(record("a", one=1, two=[2.5])).hex() for codec in CODECS]


@codecs
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ((1, 2), r"values\['x'\] is of type tuple"),
        (b"x", r"values\['x'\] is of type bytes"),
        ([{"deep": {1, 2}}], r"values\['x'\]\[0\]\['deep'\] is of type set"),
        ({5: 1}, r"the name 5 in values\['x'\]"),
        (EntityIdentity("Shot", (5,)), r"values\['x'\] is of type EntityIdentity"),  # type: ignore[arg-type]
        (nested(40), r"stands too deep"),
        ([nested(40), EntityIdentity("Shot", ("a",))], r"stands too deep"),
    ],
    ids=repr,
)
def test_c4_what_no_wire_brings_is_refused_with_its_place(codec: Any, value: Any, told: str) -> None:
    """A tuple would come back as a list, and nobody would know why."""
    with pytest.raises(CacheError, match=told):
        codec.encode(record("a", x=value))


@codecs
def test_c4_a_record_that_holds_itself_is_refused(codec: Any) -> None:
    """A fault in a program would exhaust the stack."""
    values: list[Any] = []
    values.append(values)
    with pytest.raises(CacheError, match="too deep"):
        codec.encode(record("a", x=values))


@codecs
def test_c4_the_depth_of_the_limit_itself_is_kept(codec: Any) -> None:
    """What can be written could not be read."""
    kept = record("a", x=nested(31), y=[[EntityIdentity("Shot", ("a",))]])
    assert codec.decode(codec.encode(kept)) == kept
    small = type(codec)(max_depth=2)
    kept = record("a", x=[1], y=[EntityIdentity("Shot", ("a",)), 1])
    assert small.decode(small.encode(kept)) == kept
    with pytest.raises(CacheError, match="deep"):
        small.encode(record("a", x=[[1]]))


@codecs
def test_c4_a_record_over_the_limit_is_refused(codec: Any) -> None:
    """A record would be written that can never be read."""
    with pytest.raises(CacheError, match="the limit is 200"):
        type(codec)(max_bytes=200).encode(record("a", text="x" * 500))


@codecs
def test_many_threads_may_call_at_once(codec: Any) -> None:
    """A threaded host would mix up two records."""
    wrong: list[Any] = []

    def work(name: str) -> None:
        mine = record(name, text=name * 50)
        wrong.extend(found for _ in range(200) if (found := codec.decode(codec.encode(mine))) != mine)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_entries_are_plain_documents_of_their_format() -> None:
    """Nobody could look into a cache with the tools there are."""
    first, second = (codec.encode(SIMPLE) for codec in CODECS)
    assert msgpack.unpackb(first)[:2] == ["ftrack", 2]
    assert json.loads(second)[:2] == ["ftrack", 1]
    shape, texts, others = msgpack.unpackb(first)[2][1:4]
    assert (shape.split("\0")[0], texts.split("\0")[0], others[0]) == ("parent", "p", 5)
    assert json.loads(second)[3][3]["size"] == 5


def test_codecs_are_found_by_name_and_instances_are_taken_as_they_are() -> None:
    """A cache's option could not say which codec it wants."""
    assert isinstance(record_codec(), MsgpackRecordCodec)
    assert record_codec("json", max_bytes=100) == JsonRecordCodec(max_bytes=100)
    own = JsonRecordCodec()
    assert record_codec(own) is own
    for wrong in ("mgspack", "pickle", 5, MsgpackRecordCodec):
        with pytest.raises(ConfigurationError, match="known: json, msgpack"):
            record_codec(wrong)
    with pytest.raises(ConfigurationError, match="did you mean 'msgpack'"):
        record_codec("mgspack")


def test_the_json_codec_needs_no_msgpack(tmp_path: Path) -> None:
    """A host without compiled libraries could keep no records."""
    program = (
        "import sys; from ftrack_backends.codecs import record_codec; record_codec('json')\n"
        "print('msgpack' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(
        [sys.executable, "-c", program], check=False, cwd=tmp_path, capture_output=True, text=True, env=environment
    )
    assert told.stdout.strip() == "False", told.stderr
