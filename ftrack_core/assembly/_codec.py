"""JSON: the standard library's, or orjson's decoder where the `fast` extra is installed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ftrack_core.errors import InvalidValueError

__all__ = ["decoder", "encode"]


def decoder(environment: Mapping[str, str]) -> Callable[[bytes], Any]:
    """The function that decodes JSON, chosen once.

    What orjson refuses and the standard library takes (NaN, half surrogates) goes to the standard library. A whole
    number beyond 64 bits is a float with orjson.

    Args:
        environment: `FTRACK_JSON=stdlib` in it leaves orjson alone.
    """
    if environment.get("FTRACK_JSON") == "stdlib":
        return json.loads
    try:
        import orjson
    except ImportError:
        return json.loads
    return _fast_decoder(orjson.loads, orjson.JSONDecodeError)


def encode(value: Any) -> bytes:
    """A value as JSON.

    Always the standard library's encoder: orjson would turn NaN into null without a word, and what is sent is small.

    Raises:
        InvalidValueError: It holds NaN or an infinite number, or itself.
        TypeError: It holds something that JSON cannot say.
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except ValueError as error:
        raise InvalidValueError(f"this cannot be sent as JSON: {error}") from error


def _fast_decoder(loads: Callable[[bytes], Any], refused: type[Exception]) -> Callable[[bytes], Any]:
    def decode(body: bytes) -> Any:
        try:
            return loads(body)
        except refused:
            return json.loads(body)

    return decode
