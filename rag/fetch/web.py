"""One address over the network, with every hop checked and time and size bounded. No proxies, no cookies."""

from __future__ import annotations

import http
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpcore

from rag.errors import SourceError
from rag.fetch.address import clean_address, path_of, shown
from rag.fetch.guard import PublicBackend, UnreachableError
from rag.fetch.robots import AGENT, Robots

MAX_REDIRECTS: Final = 5
MAX_ROBOTS: Final = 2**20  # bytes
_REDIRECTS = frozenset([301, 302, 303, 307, 308])


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of fetching; times in seconds."""

    connect: float = 10.0
    read: float = 30.0  # without a single byte
    total: float = 300.0  # for one address with its redirects
    size: int | None = None  # bytes after unpacking; None: what the loader of its type takes
    delay: float = 1.0  # between the pages of one site, at least
    pages: int = 500  # of one sitemap


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. ``url`` is where redirects ended, names of ``fields`` are lower case, ``body`` is that of a 200."""

    status: int
    url: str
    fields: Mapping[str, str]
    body: bytes = b""


Limit = Callable[[str, Mapping[str, str]], int]  # url and header fields -> most bytes; raises SourceError to refuse


class Web:
    """Gets addresses one after another, asking each site's robots.txt first and resting between requests.

    ``trusted`` is the one host that may be private, "" for none.
    """

    def __init__(self, trusted: str, limits: Limits) -> None:
        self._trusted, self._limits = trusted, limits
        self._robots: dict[str, Robots] = {}
        self._next = 0.0  # earliest time of the next request

    def get(self, url: str, *, limit: Limit, conditions: dict[str, str] | None = None) -> Reply:
        """What a clean address gives in the end, whatever its status. Every hop is checked like the first.

        Raises :class:`SourceError` if robots.txt or a bound forbids it, and if it cannot be reached.
        """
        rules = self._allowing(url)
        time.sleep(max(0.0, self._next - time.monotonic()))
        deadline = time.monotonic() + self._limits.total
        try:
            return self._follow(url, deadline, limit, conditions or {}, obey=True)
        finally:
            self._next = time.monotonic() + max(self._limits.delay, rules.delay)

    def _follow(self, url: str, deadline: float, limit: Limit, headers: dict[str, str], *, obey: bool) -> Reply:
        hops = [url]
        while True:
            reply = self._once(hops[-1], deadline, limit, headers)
            target = reply.fields.get("location", "")
            if reply.status not in _REDIRECTS or not target:
                return reply
            hops.append(clean_address(_joined(reply.url, target)))
            if hops[-1] in hops[:-1] or len(hops) > MAX_REDIRECTS + 1:
                why = "it redirects in a circle" if hops[-1] in hops[:-1] else f"more than {MAX_REDIRECTS} redirects"
                raise SourceError(f"{url} cannot be fetched", why=why, fix="open it in a browser and save the page")
            if obey:
                self._allowing(hops[-1])

    def _once(self, url: str, deadline: float, limit: Limit, headers: dict[str, str]) -> Reply:
        asked = {"Host": urlsplit(url).netloc, "User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"}
        waits = {"connect": self._limits.connect, "read": self._limits.read, "write": self._limits.read}
        backend = PublicBackend(self._trusted, deadline)
        try:
            with (
                httpcore.ConnectionPool(network_backend=backend, max_keepalive_connections=0) as pool,
                pool.stream(
                    "GET", url, headers=list((asked | headers).items()), extensions={"timeout": waits}
                ) as response,
            ):
                fields = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                if response.status != http.HTTPStatus.OK:
                    return Reply(response.status, url, fields)
                return Reply(response.status, url, fields, _body(response, fields, url, limit(url, fields)))
        except httpcore.TimeoutException:
            raise UnreachableError(f"{url} cannot be fetched", why="it takes too long", fix="try later") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            why = shown(str(error)) or "the connection broke"
            raise UnreachableError(f"{url} cannot be fetched", why=why, fix="check the address and network") from None

    def _allowing(self, url: str) -> Robots:
        """The rules of the site, if they allow the address; :class:`SourceError` is raised if they do not.

        A missing robots.txt allows everything, one that cannot be had nothing (RFC 9309, 2.3.1).
        """
        site = urljoin(url, "/")
        if site not in self._robots:
            deadline = time.monotonic() + self._limits.total
            reply = self._follow(f"{site}robots.txt", deadline, lambda *_: MAX_ROBOTS, {}, obey=False)
            if reply.status != http.HTTPStatus.OK and (reply.status == 429 or not 400 <= reply.status < 500):
                why = f"its robots.txt answers {status_line(reply.status)}"
                raise UnreachableError(f"{url} was not fetched", why=why, fix="try later")
            self._robots[site] = Robots(reply.body.decode("utf-8-sig", errors="replace"))
        if not self._robots[site].allows(path_of(url)):
            fix = "ask its owner, or save the page as a file"
            raise SourceError(f"{url} was not fetched", why="the site's robots.txt disallows it", fix=fix)
        return self._robots[site]


def status_line(status: int) -> str:
    """A status as people know it; the words are ours, not the server's."""
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _joined(url: str, target: str) -> str:
    with suppress(UnicodeDecodeError):  # some servers send the letters of an address as they are
        target = target.encode("latin-1").decode("utf-8")
    try:
        return urljoin(url, target)
    except ValueError:  # an unclosed bracket
        return target


def _body(response: httpcore.Response, fields: Mapping[str, str], url: str, limit: int) -> bytes:
    """The body, never more than ``limit`` bytes of it, neither packed nor unpacked."""
    too_large = SourceError(
        f"{url} is too large", why=f"the limit is {limit:,} bytes", fix="save a part of it as a file"
    )
    if int(fields.get("content-length", "0")) > limit:  # h11 has made sure that it is a number
        raise too_large
    coding = fields.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise SourceError(f"{url} cannot be fetched", why="its coding was not asked for", fix="save the page as a file")
    chunks: Iterable[bytes] = response.iter_stream()
    body = bytearray()  # not a list of pieces: they may be a byte each
    for part in _unpacked(chunks, url, limit) if "gzip" in coding else chunks:
        body += part
        if len(body) > limit:
            raise too_large
    return bytes(body)


def _unpacked(chunks: Iterable[bytes], url: str, limit: int) -> Iterator[bytes]:
    """The content of a gzip stream, piece by piece, each at most one byte over the limit."""
    stream = zlib.decompressobj(wbits=31)
    packed = 0
    try:
        for chunk in chunks:
            packed += len(chunk)
            yield stream.decompress(chunk, limit + 1)
            if stream.unused_data or packed > limit + 2**16:  # empty blocks can go on for ever
                raise zlib.error("the compressed data does not end where it should")
    except zlib.error as error:
        raise SourceError(f"{url} is damaged", why=str(error), fix="save the page as a file") from None
    if packed and not stream.eof:
        raise SourceError(f"{url} is damaged", why="the compressed data ends too early", fix="try again")
