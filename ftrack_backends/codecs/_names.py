"""Codecs by name."""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import Any

from ftrack_backends.codecs._interface import IRecordCodec
from ftrack_core.config import did_you_mean
from ftrack_core.errors import ConfigurationError

__all__ = ["RECORD_CODECS", "record_codec"]

RECORD_CODECS = MappingProxyType({"json": ("_json", "JsonRecordCodec"), "msgpack": ("_msgpack", "MsgpackRecordCodec")})
"""The names of the codecs."""


def record_codec(codec: Any = "msgpack", **limits: int) -> IRecordCodec:
    """The codec of a name, or the one that was handed in.

    Args:
        codec: `msgpack`, `json`, or an instance that keeps `IRecordCodec`.
        **limits: `max_bytes` and `max_depth` for one that is named.

    Returns:
        The codec.

    Raises:
        ConfigurationError: There is none of that name, or what was handed in is none.
    """
    if IRecordCodec.providedBy(codec):
        return codec
    found = RECORD_CODECS.get(codec) if isinstance(codec, str) else None
    if found is None:
        raise ConfigurationError(
            f"the record codec {codec!r} is not known; known: {', '.join(sorted(RECORD_CODECS))}; or hand in an "
            f"object that implements IRecordCodec{did_you_mean(str(codec), sorted(RECORD_CODECS))}"
        )
    module, name = found
    kind: Any = getattr(importlib.import_module(f"ftrack_backends.codecs.{module}"), name)
    made: IRecordCodec = kind(**limits)
    return made
