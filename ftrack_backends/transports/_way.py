"""The way to a server, step by step: proxy, name, connection, encryption. For diagnosis only."""

from __future__ import annotations

import calendar
import os
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import attrs
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy

from ftrack_core.values import Finding

__all__ = ["Way"]

_SOON_SECONDS = 14 * 86400
_PORTS = {"https": 443, "http": 80}


@attrs.frozen(kw_only=True)
class Way:
    """How a transport gets to its server.

    Attributes:
        server_url: Where the server is.
        proxies: Proxies by scheme.
        from_environment: Whether these are the environment's.
        trusted: As requests takes it: whether to verify, or a bundle.
        certificate: Client certificate, if any.
    """

    server_url: str = attrs.field(repr=False)
    proxies: Mapping[str, str] = attrs.field(repr=False)
    from_environment: bool
    trusted: bool | str
    certificate: Any = attrs.field(default=None, repr=False)

    def findings(self, seconds: float) -> Iterator[Finding]:
        """Go there, and tell of each step; the first one that fails is the last."""
        server = urlsplit(self.server_url)
        proxy = urlsplit(select_proxy(self.server_url, self.proxies) or "")
        yield self._proxy(proxy)
        place = proxy if proxy.hostname else server
        addresses: list[str] = []
        yield _resolved(place, addresses)
        if not addresses or proxy.scheme.startswith("socks"):
            return
        connection: list[socket.socket] = []
        yield _connected(place, seconds, connection)
        for sock in connection:
            with sock:
                if server.scheme == "https" and not proxy.hostname:
                    yield self._encrypted(sock, str(server.hostname))

    def _proxy(self, proxy: SplitResult) -> Finding:
        if not proxy.hostname:
            return Finding("proxy", "ok", "none: requests go straight to the server", facts={"proxy": None})
        address = f"{proxy.scheme}://{proxy.hostname}:{_port(proxy)}"
        source = "the environment (HTTPS_PROXY and the like)" if self.from_environment else "option proxies"
        return Finding("proxy", "ok", f"requests go through {address}, by {source}", facts={"proxy": address})

    def _encrypted(self, connection: socket.socket, host: str) -> Finding:
        began = time.monotonic()
        try:
            with self._context().wrap_socket(connection, server_hostname=host) as wrapped:
                took = time.monotonic() - began
                return self._certificate_of(wrapped, took)
        except ssl.SSLCertVerificationError as error:
            text = f"the certificate of {host} is not trusted: {error.verify_message}"
            advice = "set ca_bundle of the transport (or REQUESTS_CA_BUNDLE) to the file of your studio's authority"
            return Finding("encryption", "failed", text, advice, time.monotonic() - began)
        except (OSError, ValueError) as error:
            text = f"the TLS handshake with {host} failed: {_words(error)}"
            advice = "is it https that is spoken at this port? is a proxy between?"
            return Finding("encryption", "failed", text, advice, time.monotonic() - began)

    def _certificate_of(self, wrapped: ssl.SSLSocket, seconds: float) -> Finding:
        version = wrapped.version()
        facts: dict[str, Any] = {"version": version, "verified": self.trusted is not False}
        if self.trusted is False:
            text = f"{version}, and the server's certificate is not verified"
            advice = "set verify = true, and ca_bundle if need be"
            return Finding("encryption", "warning", text, advice, seconds, facts)
        ends = str((wrapped.getpeercert() or {}).get("notAfter", ""))
        left = calendar.timegm(time.strptime(ends, "%b %d %H:%M:%S %Y %Z")) - time.time() if ends else _SOON_SECONDS
        facts["certificate_ends"] = ends
        if left < _SOON_SECONDS:
            text = f"{version}; the server's certificate ends on {ends}"
            return Finding("encryption", "warning", text, "have it renewed", seconds, facts)
        return Finding("encryption", "ok", f"{version}, with a trusted certificate until {ends}", "", seconds, facts)

    def _context(self) -> ssl.SSLContext:
        bundle = self.trusted if isinstance(self.trusted, str) else DEFAULT_CA_BUNDLE_PATH
        is_folder = Path(bundle).is_dir()
        context = ssl.create_default_context(
            cafile=None if is_folder else bundle, capath=os.fspath(bundle) if is_folder else None
        )
        if self.trusted is False:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.certificate:
            parts = [self.certificate] if isinstance(self.certificate, str) else list(self.certificate)
            context.load_cert_chain(*parts)
        return context


def _resolved(place: SplitResult, addresses: list[str]) -> Finding:
    host, began = str(place.hostname), time.monotonic()
    try:
        found = socket.getaddrinfo(host, _port(place), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        text = f"there is no address for {host!r}: {_words(error)}"
        advice = "check the spelling of the server's URL, and whether this machine's DNS or VPN is up"
        return Finding("name", "failed", text, advice, time.monotonic() - began, {"host": host})
    addresses += dict.fromkeys(str(each[4][0]) for each in found)
    text = f"{host} is {', '.join(addresses)}"
    return Finding("name", "ok", text, "", time.monotonic() - began, {"host": host, "addresses": list(addresses)})


def _connected(place: SplitResult, seconds: float, made: list[socket.socket]) -> Finding:
    host, port, began = str(place.hostname), _port(place), time.monotonic()
    try:
        made.append(socket.create_connection((host, port), timeout=seconds))
    except OSError as error:
        what = f"no answer within {seconds:g} s" if isinstance(error, TimeoutError) else _words(error)
        text = f"no connection to {host} at port {port}: {what}"
        advice = "is the port right, does the server run, is there a firewall between, or a proxy to be used?"
        return Finding("connection", "failed", text, advice, time.monotonic() - began, {"host": host, "port": port})
    took = time.monotonic() - began
    return Finding("connection", "ok", f"{host} takes connections at port {port}", "", took, {"port": port})


def _port(place: SplitResult) -> int:
    return place.port or _PORTS.get(place.scheme, 80)


def _words(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
