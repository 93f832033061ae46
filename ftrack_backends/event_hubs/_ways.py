"""How to get to the event server: its address, the proxy, the certificates."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import attrs

from ftrack_core.errors import EventHubConnectionError

__all__ = ["Way", "way_to"]

_PROXY_PORTS: Final = {"http": 80, "https": 443}
_SOCKS_PORT: Final = 1080


_NO_PROXY: Final = {"http_proxy_host": "none.invalid", "http_proxy_port": 9, "http_no_proxy": ["*"]}
"""The library heeds the last one only beside the first; without these it asks the environment for a proxy itself."""


@attrs.frozen
class Way:
    """The way to one server.

    Attributes:
        http_root: Scheme, host and port of the server.
        socket_root: The same for a WebSocket.
        proxy: URL of the proxy; empty for none.
        context: How to encrypt; None for not at all.
    """

    http_root: str
    socket_root: str
    proxy: str = attrs.field(default="", repr=False)
    context: ssl.SSLContext | None = attrs.field(default=None, repr=False)

    def arguments(self) -> dict[str, Any]:
        """Arguments for the library that opens WebSockets. It must not look for a proxy itself.

        Raises:
            EventHubConnectionError: The proxy speaks SOCKS, and the library for that is missing.
        """
        found: dict[str, Any] = {} if self.context is None else {"sslopt": {"context": self.context}}
        if not self.proxy:
            return {**found, **_NO_PROXY}
        parts = urlsplit(self.proxy if "://" in self.proxy else f"http://{self.proxy}")
        if parts.scheme.startswith("socks"):
            _refuse_without_socks(f"{parts.scheme}://{parts.hostname}")
        found |= {
            "http_proxy_host": parts.hostname,
            "http_proxy_port": parts.port or _PROXY_PORTS.get(parts.scheme, _SOCKS_PORT),
            "proxy_type": "http" if parts.scheme == "https" else parts.scheme,
            "http_no_proxy": ["-"],  # decided already
        }
        if parts.username:
            found["http_proxy_auth"] = (unquote(parts.username), unquote(parts.password or ""))
        return found


def way_to(server_url: str, options: Any) -> Way:
    """The way to a server.

    Args:
        server_url: Its URL; what stands behind host and port does not count.
        options: `proxies`, `use_environment`, `ca_bundle`, `verify` and `client_certificate`, as a transport has them.

    Raises:
        EventHubConnectionError: The URL is none of HTTP, or a certificate cannot be read.
    """
    parts = urlsplit(server_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise EventHubConnectionError(
            f"the event server is at the host of an http:// or https:// URL, and {server_url!r} is none"
        )
    place = parts.netloc.rpartition("@")[2]
    secure = parts.scheme == "https"
    proxy = _proxy(parts.scheme, parts.hostname, place, options)
    return Way(
        f"{parts.scheme}://{place}",
        f"{'wss' if secure else 'ws'}://{place}",
        proxy,
        _trust(options) if secure else None,
    )


def _proxy(scheme: str, host: str, place: str, options: Any) -> str:
    if options.proxies is not None:
        given: Mapping[str, str] = options.proxies
        return next((given[name] for name in (f"{scheme}://{host}", scheme, "all") if given.get(name)), "")
    if not options.use_environment or proxy_bypass(place) or proxy_bypass(host):
        return ""
    found = getproxies()
    return found.get(scheme) or found.get("all") or ""


def _refuse_without_socks(proxy: str) -> None:
    import importlib.util

    if importlib.util.find_spec("python_socks") is None:
        raise EventHubConnectionError(
            f"the way to the event server goes through the SOCKS proxy {proxy}, and python-socks, which speaks "
            "that, is not installed; pip install 'ftrack-core[socks]'"
        )


def _trust(options: Any) -> ssl.SSLContext:
    try:
        return _context(options)
    except (OSError, ValueError) as error:
        raise EventHubConnectionError(
            f"the certificates for the event server cannot be read ({type(error).__name__}); see ca_bundle and "
            "client_certificate of the transport"
        ) from error


def _context(options: Any) -> ssl.SSLContext:
    environment = os.environ if options.use_environment else {}
    bundle = options.ca_bundle or environment.get("REQUESTS_CA_BUNDLE") or environment.get("CURL_CA_BUNDLE")
    if bundle and Path(bundle).is_dir():
        context = ssl.create_default_context(capath=bundle)
    else:
        context = ssl.create_default_context(cafile=bundle or _shipped_bundle())
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    certificate = options.client_certificate
    if certificate is not None:
        context.load_cert_chain(*([certificate] if isinstance(certificate, str) else certificate))
    return context


def _shipped_bundle() -> str | None:
    """The authorities that the `requests` transport trusts, where it is there."""
    try:
        import certifi
    except ImportError:
        return None
    return certifi.where()
