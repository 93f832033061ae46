"""Which backends stand where nobody chose any: a matter of the server's URL."""

from __future__ import annotations

from urllib.parse import urlsplit

import attrs

from ftrack_core.config import Fault, Settings, is_embedded, nearest, place

__all__ = ["DefaultBackends", "default_backends", "normalised_url", "url_faults"]


@attrs.frozen(eq=False, repr=False)
class DefaultBackends:
    """Names of the backends for one kind of server; None for no backend."""

    transport: str = "requests"
    authenticator: str = "api_key"
    cache: str | None = None
    cache_key_maker: str = "string"
    schema_cache: str | None = "json_file"
    event_hub: str = "socketio"
    event_inbox: str | None = None


def default_backends(settings: Settings) -> DefaultBackends:
    """The backends for what the settings say."""
    if not is_embedded(settings["server_url"]):
        return DefaultBackends(schema_cache="json_file" if settings["schema_cache_path"] else None)
    return DefaultBackends(
        transport="embedded",
        authenticator="api_key" if settings.given("api_key") else "embedded",
        schema_cache="json_file" if settings.given("schema_cache_path") and settings["schema_cache_path"] else None,
        event_hub="embedded",
    )


def normalised_url(server_url: str) -> str:
    """The URL without slashes at its end; that of a workspace as it is, since it may hold a path."""
    return server_url if is_embedded(server_url) else server_url.rstrip("/")


def url_faults(settings: Settings) -> list[Fault]:
    """What is wrong with the server's URL. A transport that was chosen may have schemes of its own."""
    url = settings["server_url"]
    if not url:
        return []  # that it is missing is told already
    if is_embedded(url) or settings.given("transport"):
        return []
    where = place(settings.setting("server_url"))
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError as error:
        return [Fault(f"{where} is no URL that can be read, {url!r}: {error}")]
    if parts.scheme in {"http", "https"} and parts.netloc:
        return []
    text = f"should begin with https://, http:// or embedded:, and {url!r} does not name such a server{_guess(url)}"
    return [Fault(f"{where} {text}")]


def _guess(url: str) -> str:
    scheme, colon, rest = url.partition(":")
    if colon and (near := nearest(scheme, ("http", "https", "embedded"))):
        return f"; did you mean {near + colon + rest!r}?"
    return f"; did you mean 'https://{url}'?" if "://" not in url and "." in url else ""
