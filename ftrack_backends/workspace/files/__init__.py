"""Files: the bytes of components, beside the database file or in memory.

A file is one or several *pieces*; a piece is a run of bytes that never changes, under a name that the workspace makes
up. Which pieces are whose, a table of the workspace's own says, in the same transactions as everything else. So a
client's names never become paths, a multi-part upload is complete the moment its row is written, and what a process
that was killed leaves behind is a piece that no row names: the next who opens the workspace removes it.
"""

from __future__ import annotations

from ftrack_backends.workspace.files._files import FILE_LIMIT_BYTES, MEMORY_LIMIT_BYTES, UPLOAD_SECONDS, Files
from ftrack_backends.workspace.files._pieces import DiskPieces, MemoryPieces, Pieces
from ftrack_backends.workspace.files._ranges import wanted_range
from ftrack_backends.workspace.files._reception import Reception
from ftrack_backends.workspace.files._records import StoredFile, prepare_files
from ftrack_backends.workspace.files._streamed import Streamed
from ftrack_backends.workspace.files._uploads import Part, UploadOrder

__all__ = [
    "FILE_LIMIT_BYTES",
    "MEMORY_LIMIT_BYTES",
    "UPLOAD_SECONDS",
    "DiskPieces",
    "Files",
    "MemoryPieces",
    "Part",
    "Pieces",
    "Reception",
    "StoredFile",
    "Streamed",
    "UploadOrder",
    "prepare_files",
    "wanted_range",
]
