"""The `string` key maker, beyond its contract."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ftrack_backends.key_makers._string import StringKeyMaker
from ftrack_core.values import EntityIdentity

KEY = StringKeyMaker().key

ITEMS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("a,\\:1bteü", max_size=4)
    | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple)
    | st.dictionaries(st.text("a,\\", max_size=2), inner, max_size=2),
    max_leaves=6,
)  # fmt: skip


def exact(item: Any) -> Any:
    """An item as a value that equals another one only if both are the same, types included."""
    if isinstance(item, (list, tuple)):
        return type(item).__name__, [exact(each) for each in item]
    if isinstance(item, dict):
        return "dict", {name: exact(value) for name, value in item.items()}
    return type(item).__name__, item


def test_plain_text_stays_as_it_is() -> None:
    """Nobody could read what a cache holds, or clear it by type."""
    assert KEY("Shot", "0bc9e8") == "Shot,0bc9e8"
    assert KEY("Shot", "a,b") == "Shot,a\\,b"
    assert KEY("Shot", 5, None, ("a",)) == "Shot,\\i5,\\n,\\t1:a"


def test_an_identity_has_the_key_of_its_parts_in_order() -> None:
    """A key made of an identity would not be found by its type."""
    assert KEY(*EntityIdentity("Shot", ("a",))) == "Shot,\\t1:a"


@given(st.lists(ITEMS, min_size=1, max_size=3), st.lists(ITEMS, min_size=1, max_size=3))
def test_keys_are_equal_exactly_if_the_items_are(one: list[Any], other: list[Any]) -> None:
    """One entity's record would be served for another's."""
    assert (KEY(*one) == KEY(*other)) == (exact(one) == exact(other))


def test_text_of_a_subclass_is_the_text() -> None:
    """An enumeration's member would have another key than the text that it equals."""

    class Text(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "something else"

    assert KEY(Text("a"), Text("b,")) == KEY("a", "b,")
