"""JSON with and without the `fast` extra."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from ftrack_core.assembly._codec import decoder, encode
from ftrack_core.errors import InvalidValueError


@pytest.mark.parametrize("environment", [{}, {"FTRACK_JSON": "stdlib"}])
@pytest.mark.parametrize(
    "text", ['{"a": [1, 2.5, "é", null, true]}', "NaN", '"\\ud800"', "18446744073709551615", "1e999", "\ufeff{}"]
)
def test_both_decoders_mean_the_same(environment: dict[str, str], text: str) -> None:
    """Installing the `fast` extra would change what a program sees."""
    decoded, wanted = decoder(environment)(text.encode()), json.loads(text.encode())
    assert decoded == wanted or (math.isnan(decoded) and math.isnan(wanted))


@pytest.mark.parametrize("environment", [{}, {"FTRACK_JSON": "stdlib"}])
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"\xff"])
def test_what_is_no_json_is_a_value_error(environment: dict[str, str], body: bytes) -> None:
    """A server that answers HTML would end the program with an error of a library."""
    with pytest.raises(ValueError):  # noqa: PT011 - each decoder has its own text
        decoder(environment)(body)


def test_the_standard_library_can_be_asked_for() -> None:
    """A studio that distrusts a compiled library could not leave it alone."""
    assert decoder({"FTRACK_JSON": "stdlib"}) is json.loads


def test_what_json_cannot_say_is_refused() -> None:
    """A NaN in an attribute would become null on the server, or break its parser."""
    with pytest.raises(InvalidValueError):
        encode({"fps": float("nan")})
    with pytest.raises(TypeError):
        encode(object())


@pytest.mark.parametrize("value", [{"name": "é 映画"}, ["\ud800"], {}])
def test_what_is_encoded_decodes_to_itself(value: Any) -> None:
    """A name in another script would arrive garbled."""
    assert json.loads(encode(value)) == value
