"""Dates on the wire."""

from __future__ import annotations

import datetime

import pytest

from ftrack_core.errors import MalformedReplyError
from ftrack_core.protocol import encode_date, is_date, parse_date

UTC = datetime.timezone.utc


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2022-10-10T10:12:09", datetime.datetime(2022, 10, 10, 10, 12, 9, tzinfo=UTC)),
        ("2022-10-10 10:12:09", datetime.datetime(2022, 10, 10, 10, 12, 9, tzinfo=UTC)),
        ("2022-10-10T10:12:09Z", datetime.datetime(2022, 10, 10, 10, 12, 9, tzinfo=UTC)),
        ("2022-10-10T10:12:09.678Z", datetime.datetime(2022, 10, 10, 10, 12, 9, 678000, tzinfo=UTC)),
        ("2022-10-10T10:12:09.123456789", datetime.datetime(2022, 10, 10, 10, 12, 9, 123456, tzinfo=UTC)),
        ("2022-10-10T12:12:09+02:00", datetime.datetime(2022, 10, 10, 10, 12, 9, tzinfo=UTC)),
        ("2022-10-10", datetime.datetime(2022, 10, 10, tzinfo=UTC)),
    ],
)
def test_every_form_the_server_writes_is_an_aware_moment(text: str, moment: datetime.datetime) -> None:
    """Dates compare with each other on every Python, whatever their form."""
    assert parse_date(text) == moment
    assert parse_date(text).tzinfo is not None


@pytest.mark.parametrize("text", ["", "yesterday", "2022-13-01T00:00:00", "10:12"])
def test_a_date_that_is_none_is_an_error_of_ours(text: str) -> None:
    """A broken value tells itself apart from a broken program."""
    with pytest.raises(MalformedReplyError):
        parse_date(text)


def test_anything_with_isoformat_is_tagged_as_datetime() -> None:
    """A plain date is sent the way the server expects it."""
    assert encode_date(datetime.date(2022, 1, 2)) == {"__type__": "datetime", "value": "2022-01-02"}
    assert is_date(encode_date(datetime.datetime(2022, 1, 2, tzinfo=UTC)))
