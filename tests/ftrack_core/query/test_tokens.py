"""Tokens: every character is accounted for, and quoting is exact."""

from __future__ import annotations

import pytest

from ftrack_core import errors
from ftrack_core.query import Comparison, Value, parse, quote
from ftrack_core.query._tokens import END, STRING, SYMBOL, WORD, tokens


def comparison(text: str) -> Comparison:
    """Return the comparison that is the whole condition of *text*."""
    condition = parse(text).condition
    assert isinstance(condition, Comparison)
    return condition


def test_tokens_keep_their_places() -> None:
    """Positions are what carets, and the removal of a page, stand on."""
    text = " name>=5and(x[Y].z != 'a b')"
    found = [(token.kind, token.text) for token in tokens(text)]
    assert found == [
        (WORD, "name"), (SYMBOL, ">="), (WORD, "5and"), (SYMBOL, "("), (WORD, "x"), (SYMBOL, "["), (WORD, "Y"),
        (SYMBOL, "]"), (WORD, ".z"), (SYMBOL, "!="), (STRING, "'a b'"), (SYMBOL, ")"), (END, ""),
    ]  # fmt: skip
    assert all(text[token.start : token.end] == token.text for token in tokens(text))


@pytest.mark.parametrize(
    "word",
    [
        "6c1fe1a0-1b6a-11ef-9d11-0242ac120002", "ann-marie.o+test@example.co.uk", "NOT_STARTED", "2015-06-01T10:00:00",
        "-1.5e+3", "räksmörgås", "%sh?t%", "a!b", "//server/share", "C:\\temp",
    ],
)  # fmt: skip
def test_a_bare_value_is_one_word(word: str) -> None:
    """Ids, addresses, dates and numbers need no quotes, as programs send them without."""
    assert comparison(f"Task where a is {word}").value == Value(word, quoted=False)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"a"', "a"),
        (r'"say \"hi\""', 'say "hi"'),
        (r'"it\'s"', "it's"),
        (r"'it\'s'", "it's"),
        (r"'say \"hi\"'", 'say "hi"'),
        (r'"%\%"', r"%\%"),
        (r'"a\_b"', r"a\_b"),
        (r'"C:\temp\new"', r"C:\temp\new"),
        (r'"\\server\share"', r"\\server\share"),
        (r'"C:\temp\\"', "C:\\temp\\"),
        (r'"\\\""', '\\"'),
        ('"two\nlines"', "two\nlines"),
        ('"two\\\nlines"', "two\\\nlines"),
        ('""', ""),
    ],
)
def test_backslashes_mean_something_only_at_a_quote(written: str, meant: str) -> None:
    """Paths of Windows, which no client escapes, and wildcard escapes must arrive as they were written."""
    assert comparison(f"Task where a is {written}").value == Value(meant, quoted=True)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a", '"a"'),
        ('say "hi"', r'"say \"hi\""'),
        ("it's", '"it\'s"'),
        ("C:\\", r'"C:\\"'),
        ('\\"', r'"\\\""'),
        ("\\'", '"\\\\\'"'),
        (r"\\server\a", r'"\\server\a"'),
        ('" or id is_not "', r'"\" or id is_not \""'),
    ],
)
def test_quoting_escapes_no_more_than_needed(value: str, written: str) -> None:
    """A value must never end its quotes, and a server that knows fewer escapes still reads the common ones."""
    assert quote(value) == written
    assert comparison(f"Task where a is {written}").value.text == value


def test_a_quote_that_is_never_closed_is_pointed_at() -> None:
    """In a long query the opening quote is what the user must find."""
    with pytest.raises(errors.ParseError, match="never closed") as caught:
        list(tokens("Task where a is   'x and b is 5"))
    assert caught.value.position == 18
