"""Key makers: several items in, one cache key out.

How to read it: `_items` says what all of them take; `_string`, `_object` and `_msgpack` are the three of them.
"""

from __future__ import annotations

from typing import Any

from ftrack_backends._factories import BackendFactory, NoOptions
from ftrack_core.interfaces import IBackendContext, IKeyMaker, IStableKeyMaker

__all__ = ["msgpack", "object_keys", "string"]


def _make_string(_options: NoOptions, _context: IBackendContext) -> Any:
    from ftrack_backends.key_makers._string import StringKeyMaker

    return StringKeyMaker()


def _make_object(_options: NoOptions, _context: IBackendContext) -> Any:
    from ftrack_backends.key_makers._object import ObjectKeyMaker

    return ObjectKeyMaker()


def _make_msgpack(_options: NoOptions, _context: IBackendContext) -> Any:
    from ftrack_backends.key_makers._msgpack import MsgpackKeyMaker

    return MsgpackKeyMaker()


string = BackendFactory(
    group="ftrack.key_maker",
    name="string",
    summary="Readable text keys, as `Shot,0bc9e8`, equal in every process and Python version.",
    options=NoOptions,
    provides=(IKeyMaker, IStableKeyMaker),
    make=_make_string,
)
object_keys = BackendFactory(
    group="ftrack.key_maker",
    name="object",
    summary="Keys of bytes that say what each item is; takes dates, paths, sets and enumerations too.",
    options=NoOptions,
    provides=(IKeyMaker, IStableKeyMaker),
    make=_make_object,
)
msgpack = BackendFactory(
    group="ftrack.key_maker",
    name="msgpack",
    summary="Short keys of bytes, as canonical msgpack.",
    options=NoOptions,
    provides=(IKeyMaker, IStableKeyMaker),
    make=_make_msgpack,
    requirement_hint="pip install msgpack",
)
