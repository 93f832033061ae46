"""What `clear(pattern)` means, for every cache."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["found_in"]


def found_in(pattern: str | None) -> Callable[[str | bytes], bool]:
    """A function that tells whether a pattern is found in a key.

    Args:
        pattern: A regular expression; None for one that is found in every key.

    Returns:
        The function. Keys of bytes are searched in their UTF-8 text.

    Raises:
        ValueError: The pattern is not a regular expression.
    """
    if pattern is None:
        return lambda key: True  # noqa: ARG005 - every key, whatever it is
    try:
        search = re.compile(pattern).search
    except re.error as error:
        message = f"the pattern {pattern!r} is not a regular expression: {error}"
        raise ValueError(message) from error
    return lambda key: search(_text(key)) is not None


def _text(key: str | bytes) -> str:
    return key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else key
