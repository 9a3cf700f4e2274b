"""Where a connection may lead and how long it may last: the network back end that httpcore is given.

Each name is looked up once, what it stands for is checked, and the connection goes to that very address, so that a
second look-up cannot change it (DNS rebinding). The Host header and the certificate are still those of the name.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore

from rag.errors import SourceError
from rag.fetch.address import shown

_NAT64 = IPv6Network("64:ff9b::/96")


class UnreachableError(SourceError):
    """The host does not answer, or asks to be left alone for now."""


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the open Internet, also if it is IPv4 written as IPv6.

    >>> [is_public(ip_address(a)) for a in ("1.1.1.1", "10.1.2.3", "::1", "::ffff:127.0.0.1", "64:ff9b::a00:1")]
    [True, False, False, False, False]
    """
    if isinstance(ip, IPv6Address):
        inner = IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip.ipv4_mapped or ip.sixtofour
        if inner is not None:
            return is_public(inner)
        if ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


class PublicBackend(httpcore.SyncBackend):
    """Connects to public addresses only, and within the time that is left."""

    def __init__(self, trusted: str, deadline: float) -> None:
        self._trusted, self._deadline = trusted, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A stream to the first address that answers. Raises :class:`SourceError` if one of them is private."""
        failure: Exception = httpcore.ConnectError("no address")
        for ip in _resolved(host, port, private=host == self._trusted):
            wait = _left(self._deadline, timeout)
            try:
                return _Timed(super().connect_tcp(ip, port, wait, local_address, socket_options), self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _Timed(httpcore.NetworkStream):
    """A stream on which no single wait goes beyond the deadline of the whole."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait = _left(self._deadline, timeout)
        return _Timed(self._inner.start_tls(ssl_context, server_hostname, wait), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time is over")
    return left if timeout is None else min(left, timeout)


def _resolved(host: str, port: int, *, private: bool) -> list[str]:
    """The addresses of a host. Raises :class:`SourceError` if one is private and that is not allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        why = shown(getattr(error, "strerror", None) or str(error))
        raise UnreachableError(f"{host} cannot be found", why=why, fix="check the address and the network") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not private and not is_public(ip_address(address)):
            why = f"{address} is an address of a private network or of this machine"
            fix = "if you trust it: pullquote add ADDRESS --allow-private"
            raise SourceError(f"{host} was not asked", why=why, fix=fix)
    return addresses
