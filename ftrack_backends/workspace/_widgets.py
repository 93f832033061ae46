"""Widgets: the pages behind the URLs of `get_widget_url`.

The real server shows a piece of its web interface there. A workspace has none; the page says what would be shown and
to whom, so that a tool that embeds it, and its test, have something to look at.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from ftrack_core.values import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["WIDGETS", "WIDGET_PATH", "widget_page"]

WIDGET_PATH = "/widget"
WIDGETS = ("info", "tasks", "tasks_browser")
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'",
}
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<body><h1>{title}</h1><dl>{rows}</dl></body></html>
"""


def widget_page(parameters: Mapping[str, str]) -> Response:
    """Make the page of a widget from the parameters of its URL, whose signature has been verified."""
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in parameters.items())
    page = _PAGE.format(title=f"Widget {html.escape(parameters.get('name', ''))}", rows=rows)
    return Response(200, _HEADERS, page.encode())
