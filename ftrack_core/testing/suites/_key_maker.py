"""The contract of key makers."""

from __future__ import annotations

import itertools
import subprocess
import sys
from typing import Any

import pytest

from ftrack_core.interfaces import IKeyMaker, IStableKeyMaker
from ftrack_core.testing.suites._suite import ContractSuite, needs

__all__ = ["KeyMakerContract"]

DIFFERENT: tuple[tuple[Any, ...], ...] = (
    ("Shot", "abc"), ("abc", "Shot"), ("Shotabc",), ("Shot", "a", "bc"), ("Shot", "ab", "c"), ("Shot", "", "abc"),
    ("Shot,abc",), ("Shot\\,abc",), ("Shot\\", "abc"), ("Shot\\\\", "abc"), ("",), ("", ""), (" ",), (",",), ("\\",),
    ("\\e",), ("1",), (1,), (1.0,), (True,), ("True",), (0,), (0.0,), (False,), (None,), ("None",), (b"",), (b"1",),
    ("\\i1",), ("\\n",), ("i1",), (-1,), ("-1",), (1.5,), (float("inf"),), (10**30,), (b"a,b",), (b"a", b"b"),
    ((),), ([],), ({},), (("a",),), (["a"],), ({"a": "a"},), (("a", "b"),), (("a",), "b"), (("a,b",),),
    ((("a",), "b"),), (("a", ("b",)),), ({"a": 1},), ({"a": True},), ({"a": "1"},), ({1: "a"},), ({"1": "a"},),
    ({"a": {"b": 1}},), ({"a": {}, "b": 1},), ({"a": "b", "c": "d"},), ({"a": "b,c", "d": ""},),
    (("\\t1:a",),), ("ü",), ("u\u0308",),
)  # fmt: skip
"""Items of which each has to have a key of its own."""


_KINDS = ("object", "function", "object in a list", "object in a mapping")


class KeyMakerContract(ContractSuite):
    """Subclass it and override `make`."""

    interface = IKeyMaker
    powers = frozenset({IStableKeyMaker})

    def make(self) -> Any:
        """A key maker."""
        raise AssertionError("override make() so that it gives a key maker")

    def expression(self) -> str:
        """A Python expression that makes the key maker in another process; override it if it takes arguments."""
        kind = type(self.make())
        return f"__import__({kind.__module__!r}, fromlist=['_']).{kind.__qualname__}()"

    def test_it_has_the_shape_and_the_powers_it_says(self) -> None:
        """A caller that passes arguments by name would meet a TypeError."""
        self.check_shape(self.make())

    def test_c1_equal_items_in_equal_order_give_equal_keys(self) -> None:
        """A cache would never find what it holds."""
        for items in DIFFERENT:
            assert self.make().key(*items) == self.make().key(*items), items
        assert self.make().key({"a": 1, "b": 2}) == self.make().key({"b": 2, "a": 1})
        assert self.make().key(0.0) == self.make().key(-0.0)

    def test_c2_and_c3_different_items_give_different_keys(self) -> None:
        """A cache would serve one entity's record for another."""
        keys = [self.make().key(*items) for items in DIFFERENT]
        for (one, first), (other, second) in itertools.combinations(zip(DIFFERENT, keys, strict=True), 2):
            assert first != second, f"{one!r} and {other!r} have the same key {first!r}"

    def test_keys_are_not_empty_and_always_of_one_type(self) -> None:
        """A store that takes text keys only would fail on some entities."""
        keys = [self.make().key(*items) for items in DIFFERENT]
        assert all(keys)
        assert len({type(key) for key in keys}) == 1
        assert isinstance(keys[0], (str, bytes))

    @pytest.mark.parametrize("item", [object(), print, ["a", object()], {"a": object()}], ids=_KINDS)
    def test_an_item_that_cannot_be_told_apart_is_a_type_error(self, item: object) -> None:
        """Two things that only look alike would share a key."""
        with pytest.raises(TypeError):
            self.make().key("a", item)

    def test_no_items_are_a_type_error(self) -> None:
        """Everything without items would share a key."""
        with pytest.raises(TypeError):
            self.make().key()

    @needs(IStableKeyMaker)
    def test_c4_another_process_makes_the_same_keys(self) -> None:
        """A shared cache would be empty for everybody but its writer."""
        program = f"maker = {self.expression()}\nfor items in {[*self._plain()]!r}: print(repr(maker.key(*items)))"
        command = [sys.executable, "-R", "-X", "utf8", "-c", program]
        told = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8").stdout  # noqa: S603
        assert told.splitlines() == [repr(self.make().key(*items)) for items in self._plain()]

    def _plain(self) -> list[tuple[Any, ...]]:
        return [items for items in DIFFERENT if items != (float("inf"),)]
