"""Addresses as people type them and as pages name them, brought to one spelling."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

from rag.errors import SourceError

PORTS: Final = {"http": 80, "https": 443}
_SAFE = "/%:@!$&'()*+,;=~?"  # of a path or query; everything else is written as %XX


def clean_address(address: str) -> str:
    """The address in one spelling, without its fragment. No message repeats a password.

    >>> clean_address("HTTP://Example.com:80/a b#top")
    'http://example.com/a%20b'

    Raises :class:`SourceError` if it is not http or https, has no proper host, or holds a password.
    """
    try:
        parts = urlsplit(address.strip())
        host, port, scheme = (parts.hostname or "").encode("idna").decode(), parts.port, parts.scheme.lower()
        rest = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    except ValueError:
        raise SourceError(f"{shown(address)} is no address", why="it cannot be read", fix="check it") from None
    if scheme not in PORTS or not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", host):
        why = "it needs http:// or https:// and the name of a host"
        raise SourceError(f"{shown(address)} cannot be fetched", why=why, fix="check it, or save the page as a file")
    if "@" in parts.netloc:
        fix = "save the page as a file and add that"
        raise SourceError(f"{shown(address)} cannot be fetched", why="it holds a name or password", fix=fix)
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != PORTS[scheme]:
        netloc += f":{port}"
    return f"{scheme}://{netloc}{rest if rest.startswith('/') else '/' + rest}"


def shown(address: str) -> str:
    """The address as it may be printed and kept: without name and password, controls or endless length."""
    return re.sub(r"//[^/?#]*@", "//", "".join(filter(str.isprintable, address)))[:500]


def host_of(url: str) -> str:
    """The host of a clean address, without brackets."""
    return urlsplit(url).hostname or ""


def path_of(url: str) -> str:
    """The path of a clean address with its query."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
