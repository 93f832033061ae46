"""Values on their way from the wire into the database and back."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ftrack_backends.workspace._faults import Fault
from ftrack_backends.workspace.model import Integer, Key, Moment, Number, Scalar, Text, Truth, Variable
from ftrack_backends.workspace.store import moment_text, to_storage, to_wire


@pytest.mark.parametrize(
    ("attribute", "wire", "stored"),
    [
        (Text("name"), "sh010", "sh010"),
        (Text("name"), "", ""),
        (Text("name"), 12, "12"),
        (Key("status_id", "Status"), "a-b", "a-b"),
        (Key("social_id", "Event", holds="integer"), "7", 7),
        (Truth("is_open"), True, 1),
        (Truth("is_open"), False, 0),
        (Truth("is_open"), "true", 1),
        (Integer("version"), 3, 3),
        (Integer("version"), 3.0, 3),
        (Integer("version"), "3", 3),
        (Number("bid"), 1.5, 1.5),
        (Number("bid"), 7, 7),
        (Moment("date"), {"__type__": "datetime", "value": "2022-10-10T10:12:09"}, "2022-10-10T10:12:09"),
        (Moment("date"), {"__type__": "date", "value": "2022-10-10"}, "2022-10-10T00:00:00"),
        (Moment("date"), "2020-01-02T03:04:05.678000+02:00", "2020-01-02T01:04:05"),
        (Variable("value"), 12, "12"),
        (Variable("value"), "12", '"12"'),
        (Variable("value"), ["a", "é"], '["a", "é"]'),
    ],
)
def test_a_wire_value_has_one_stored_form(attribute: Scalar, wire: object, stored: object) -> None:
    """Without it, the same value sent in two forms would be two values to a filter."""
    found = to_storage(attribute, wire)
    assert (found, type(found)) == (stored, type(stored))


@pytest.mark.parametrize("attribute", [Text("a"), Truth("a"), Integer("a"), Number("a"), Moment("a"), Variable("a")])
def test_nothing_is_nothing_everywhere(attribute: Scalar) -> None:
    """Without it, an emptied attribute would come back as false, zero or the text null."""
    assert to_storage(attribute, None) is None
    assert to_wire(attribute, None) is None


@pytest.mark.parametrize(
    ("attribute", "wire", "back"),
    [
        (Truth("a"), True, True),
        (Truth("a"), 0, False),
        (Moment("a"), "2022-10-10", {"__type__": "datetime", "value": "2022-10-10T00:00:00"}),
        (Variable("a"), {"x": [1, None]}, {"x": [1, None]}),
        (Variable("a"), False, False),
        (Number("a"), 2, 2),
        (Text("a"), "é", "é"),
    ],
)
def test_what_was_stored_comes_back_in_wire_form(attribute: Scalar, wire: object, back: object) -> None:
    """Without it, clients would read 1 for true or a text for a date."""
    found = to_wire(attribute, to_storage(attribute, wire))
    assert (found, type(found)) == (back, type(back))


@pytest.mark.parametrize(
    ("attribute", "wire"),
    [
        (Text("name"), ["sh010"]),
        (Text("name"), True),
        (Text("name"), "half \ud800"),
        (Variable("value"), ["half \ud800"]),
        (Truth("is_open"), "maybe"),
        (Truth("is_open"), 2),
        (Integer("version"), 1.5),
        (Integer("version"), "v001"),
        (Integer("version"), 2**80),
        (Number("bid"), float("nan")),
        (Number("bid"), {"a": 1}),
        (Moment("date"), "yesterday"),
        (Moment("date"), "2022-02-30"),
        (Moment("date"), "0001-01-01T00:00:00+02:00"),
        (Moment("date"), 5),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(attribute: Scalar, wire: object) -> None:
    """Without it, rubbish would be stored and break whoever reads it later."""
    with pytest.raises(Fault) as caught:
        to_storage(attribute, wire)
    assert caught.value.exception == "ValidationError"
    assert caught.value.content.startswith(f"{attribute.name} cannot be ")
    assert "{" not in caught.value.content


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2022-10-10", "2022-10-10T00:00:00"),
        ("2022-10-10 10:12", "2022-10-10T10:12:00"),
        ("2022-10-10T10:12:09Z", "2022-10-10T10:12:09"),
        ("2022-10-10T10:12:09.9", "2022-10-10T10:12:09"),
        ("2022-10-10T10:12:09-0330", "2022-10-10T13:42:09"),
        ("2022-10-10T10:12:09+02", "2022-10-10T08:12:09"),
        (" 2022-10-10T00:30:00+01:00 ", "2022-10-09T23:30:00"),
    ],
)
def test_moments_are_normalised_to_utc_seconds(text: str, stored: str) -> None:
    """Without it, a filter for a moment would miss rows that were written with an offset."""
    assert moment_text(text) == stored


def test_datetimes_of_python_are_taken_with_and_without_a_zone() -> None:
    """Without it, server code would have to format every default it fills in."""
    zone = timezone(timedelta(hours=2))
    assert to_storage(Moment("a"), datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=zone)) == "2020-01-02T01:04:05"
    assert to_storage(Moment("a"), datetime(2020, 1, 2, 3, 4, 5)) == "2020-01-02T03:04:05"  # noqa: DTZ001


def test_faults_hold_no_braces() -> None:
    """Without it, the official client fails with a KeyError where it should tell its user what was wrong."""
    assert Fault("ValidationError", "a {0} b").content == "a (0) b"
