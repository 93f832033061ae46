"""The subscription language."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrack_core.errors import ParseError
from ftrack_core.events import Expression


def matches(text: str, candidate: dict[str, Any]) -> bool:
    """Whether an expression holds."""
    return Expression.parse(text).matches(candidate)


# What ftrack-python-api 3.1.0 was seen to do.
@pytest.mark.parametrize(
    ("text", "candidate", "expected"),
    [
        ("topic=a.b", {"topic": "a.b"}, True),
        ("topic = a.b", {"topic": "a.b"}, True),
        ("topic=a.*", {"topic": "a.b"}, True),
        ("topic=a.*", {"topic": "my.a.x"}, True),
        ('topic="a.*"', {"topic": "my.a.x"}, True),
        ("topic=*", {"topic": "anything"}, True),
        ("topic!=a*", {"topic": "abc"}, True),
        ("topic=a*b", {"topic": "axb"}, False),
        ("a=x*", {"a": ["x", "y"]}, True),
        ("a=x*", {"a": ["xy"]}, False),
        ("a!=b", {}, False),
        ("a!=b", {"a": "xbx"}, True),
        ("not a=b", {}, True),
        ("not a=b and c=d", {"c": "d"}, True),
        ("not (a=b or c=d)", {"c": "d"}, False),
        ("NOT a=b OR c=d AND e=f", {"a": "b"}, False),
        ("a=b or c=d and e=f", {"a": "b"}, True),
        ("not not a=b", {"a": "b"}, True),
        ("not(a=b)", {"a": "c"}, True),
        ("a=b and(c=d)", {"a": "b", "c": "d"}, True),
        ("(a=b)and(c=d)", {"a": "b", "c": "d"}, True),
        ('a="b"and c=d', {"a": "b", "c": "d"}, True),
        ("a=b\nand c=d", {"a": "b", "c": "d"}, True),
        ("not=b", {"not": "b"}, True),
        ("and=x", {"and": "x"}, True),
        ("a=and", {"a": "and"}, True),
        ("a=not", {"a": "not"}, True),
        ("notx=1", {"notx": "1"}, True),
        ("a.b=c", {"a": {"b": "c"}}, True),
        ("a.b=c", {"a": "x"}, False),
        ("a.b=c", {"a": None}, False),
        ("a.b=c", {"a": ["x"]}, False),
        ("a..b=c", {"a": {"": {"b": "c"}}}, True),
        ("a='it\\'s'", {"a": "it\\'s"}, True),
        ('a="x""y"', {"a": 'x""y'}, True),
        ("a='b c = (d)'", {"a": "b c = (d)"}, True),
        ("a>b", {"a": "c"}, True),
        ("a>1", {"a": "2"}, True),
        ("a=x@y-z_0,/*+", {"a": "x@y-z_0,/*+"}, True),
    ],
)
def test_it_means_what_the_official_client_takes_it_for(text: str, candidate: dict[str, Any], expected: bool) -> None:
    """A subscription that works with the official client would get other events with ours."""
    assert matches(text, candidate) is expected


@pytest.mark.parametrize(
    ("text", "candidate", "expected"),
    [
        ("n=5", {"n": 5}, True),
        ("n=5", {"n": 5.0}, True),
        ("n=5.0", {"n": 5}, True),
        ("n=5", {"n": 6}, False),
        ("n!=5", {"n": 5}, False),
        ("n=5", {"n": "5"}, True),
        ("n=05", {"n": "5"}, False),
        ("n>5", {"n": 10}, True),
        ("n>5", {"n": "10"}, True),
        ("n<-1.5e3", {"n": -2000}, True),
        ("n>=5", {"n": 5}, True),
        ("n<=5", {"n": 5.5}, False),
        ("n>x", {"n": 5}, False),
        ("n>5", {"n": None}, False),
        ("n>5", {"n": {}}, False),
        ("n=x*", {"n": 5}, False),
        ("n=true", {"n": True}, True),
        ("n=False", {"n": False}, True),
        ("n=1", {"n": True}, False),
        ("n>0", {"n": True}, False),
        ("n=None", {"n": None}, False),
        ('n=""', {"n": ""}, True),
        ("n>" + "9" * 5000, {"n": 1}, False),
    ],
)
def test_numbers_and_odd_values_are_compared_and_never_raise(
    text: str, candidate: dict[str, Any], expected: bool
) -> None:
    """A number in an event's data would match nothing, or end the listener."""
    assert matches(text, candidate) is expected


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0), ("   ", 0), ("a", 1), ("a=", 2), ("a=b c=d", 4), ("a=b and", 7), ("a=b and or c=d", 11), ("a-b=c", 0),
        ("a=b$", 3), ("(a=b", 4), ("a=b)", 3), ("a==b", 2), ("a=ü", 2), ("a=(b)", 2), ('a="b', 2), ("not", 3),
        ("a=b andc=d", 4), ("()", 1), ("=b", 0), ('"a"=b', 0), ("a=b \x00", 4), ("and and", 4),
    ],
)  # fmt: skip
def test_what_is_not_of_the_language_is_a_parse_error_with_its_place(text: str, position: int) -> None:
    """A person would have to guess what is wrong, or the first event would tell."""
    with pytest.raises(ParseError) as caught:
        Expression.parse(text)
    assert (caught.value.text, caught.value.position) == (text, position)
    assert "subscription expression" in str(caught.value)


@pytest.mark.parametrize("text", ["(" * 5000 + "a=b" + ")" * 5000, "not " * 5000 + "a=b"])
def test_nesting_without_end_is_a_parse_error(text: str) -> None:
    """A target that came over the wire would end the listener with a RecursionError."""
    with pytest.raises(ParseError, match="nested deeper"):
        Expression.parse(text)


def test_a_long_expression_is_fine() -> None:
    """A list of a thousand ids in a target would be refused."""
    text = " or ".join(f"id={n}" for n in range(1000))
    assert matches(text, {"id": "999"})


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("topic=a", "a"),
        ("topic='a b'", "a b"),
        ("topic=a and x=y", "a"),
        ("x=y and (topic=a or topic=a and z=z)", "a"),
        ("topic=a or topic=b", None),
        ("topic=a or x=y", None),
        ("not topic=a", None),
        ("topic!=a", None),
        ("topic=a*", None),
        ("topic>a", None),
        ("data.topic=a", None),
    ],
)
def test_it_tells_the_one_topic_that_it_requires(text: str, topic: str | None) -> None:
    """Each event would be tried against every subscription, or miss one."""
    assert Expression.parse(text).required_topic() == topic


WORDS = st.sampled_from(
    ["a", "topic", "x.y", "=", "!=", ">", "<=", "and", "or", "not", "(", ")", "5", "'q'", "b*", "$", '"']
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "x", "y"]), inner, max_size=2),
    max_leaves=5,
)


@given(st.lists(WORDS, max_size=9).map(" ".join), st.dictionaries(st.sampled_from(["a", "topic", "x"]), VALUES))
def test_any_text_is_parsed_or_refused_and_any_candidate_answered(text: str, candidate: dict[str, Any]) -> None:
    """Somebody else's event would end the listener."""
    try:
        expression = Expression.parse(text)
    except ParseError:
        return
    found = expression.matches(candidate)
    topic = expression.required_topic()
    assert not found or topic is None or candidate["topic"] in (topic, 5)


@given(st.text(max_size=20))
def test_any_characters_at_all_are_parsed_or_refused(text: str) -> None:
    """A packet of garbage would end the listener."""
    with contextlib.suppress(ParseError):
        assert Expression.parse(text).text == text
