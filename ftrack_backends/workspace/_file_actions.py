"""What requests for files are called."""

from __future__ import annotations

__all__ = ["FILE_ACTIONS"]

FILE_ACTIONS = {
    ("PUT", "/component/put"): "upload",
    ("GET", "/component/get"): "download",
    ("HEAD", "/component/get"): "download",
    ("GET", "/component/thumbnail"): "thumbnail",
    ("HEAD", "/component/thumbnail"): "thumbnail",
    ("GET", "/component/remove"): "remove",
}
"""What requests for files are called, where they are counted and where failures are ordered for them."""
