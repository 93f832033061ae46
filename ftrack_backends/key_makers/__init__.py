"""Key makers: several items in, one cache key out."""

from __future__ import annotations

from typing import Any

from ftrack_backends._factories import BackendFactory, NoOptions
from ftrack_core.interfaces import IBackendContext, IKeyMaker, IStableKeyMaker

__all__ = ["string"]


def _make_string(_options: NoOptions, _context: IBackendContext) -> Any:
    from ftrack_backends.key_makers._string import StringKeyMaker

    return StringKeyMaker()


string = BackendFactory(
    group="ftrack.key_maker",
    name="string",
    summary="Readable text keys, as `Shot,0bc9e8`, equal in every process and Python version.",
    options=NoOptions,
    provides=(IKeyMaker, IStableKeyMaker),
    make=_make_string,
)
