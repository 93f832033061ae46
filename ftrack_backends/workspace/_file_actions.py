"""What requests for files are called."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["FILE_ACTIONS", "UPLOAD_PATH", "path_of"]

UPLOAD_PATH = "/component/put"

FILE_ACTIONS = {
    ("PUT", UPLOAD_PATH): "upload",
    ("GET", "/component/get"): "download",
    ("HEAD", "/component/get"): "download",
    ("GET", "/component/thumbnail"): "thumbnail",
    ("HEAD", "/component/thumbnail"): "thumbnail",
    ("GET", "/component/remove"): "remove",
}
"""What requests for files are called, where they are counted and where failures are ordered for them."""


def path_of(url: str) -> str:
    """Give the path of an address, absolute or not; `/` for what is none."""
    try:
        return urlsplit(url).path
    except ValueError:  # as for "http://["
        return "/"
