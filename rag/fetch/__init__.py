"""Pages from the web, only when somebody asks for them by address: ``fetch("https://...")``.

An address gives itself, a sitemap gives the pages it lists. One that cannot be had costs that one: it comes with the
error. The bounds and checks are in ``web.py``, ``guard.py`` and ``robots.py``.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from rag.errors import SourceError
from rag.fetch.address import clean_address, host_of, shown
from rag.fetch.guard import UnreachableError
from rag.fetch.web import Limits, Web, status_line
from rag.loaders import ENDINGS, markup, media_type_of, size_limit
from rag.loaders.base import one_line
from rag.loaders.compressed import is_packed, unpacked

__all__ = ["Fetched", "Limits", "fetch", "is_address"]

MAX_SITEMAPS: Final = 50  # of one index
MAX_SILENT: Final = 5  # pages in a row that cannot be reached, before the others are left alone
_ENDINGS: Final[Mapping[str, str]] = {
    **ENDINGS,
    "application/xhtml+xml": ".html",
    "application/x-ndjson": ".jsonl",
    "text/xml": ".xml",
    "application/rss+xml": ".rss",
    "application/atom+xml": ".atom",
}
# Types that servers give to many things: a known ending of the name says more, as where the type is none of ours.
_VAGUE = frozenset(["text/plain", "application/xml", "text/xml", "application/zip"])
_ENCODINGS = re.compile(r"iso8859-\d+|cp\d+|koi8-.|shift_jis|euc_..|gbk?\d*|big5|iso2022_..")


_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Fetched:
    """One page. ``uri`` is the address as asked for, ``name`` a file name whose ending tells the format.

    ``stamp`` is opaque: given back as ``known``, it saves reading a page that has not changed. Such a page comes with
    that very stamp and, if the server itself said so, without ``data``.
    """

    uri: str
    name: str
    stamp: str = ""
    data: bytes = b""
    error: SourceError | None = None

    def read(self) -> bytes:
        """The bytes. Raises :class:`SourceError` if they could not be had."""
        if self.error is not None:
            raise self.error
        return self.data


def is_address(text: str) -> bool:
    """Whether an argument is an address rather than a path.

    >>> is_address("HTTPS://example.com"), is_address("notes/http.md")
    (True, False)
    """
    return text.lower().startswith(("http://", "https://"))


def fetch(
    address: str,
    *,
    known: Mapping[str, str] | None = None,
    allow_private: bool = False,
    limits: Limits = _LIMITS,
) -> Iterator[Fetched]:
    """The page at an address, or the pages that a sitemap lists, each as soon as it has come. Raises nothing.

    ``known`` holds stamps by uri. ``allow_private`` lets the host of this address be on a private network or on this
    machine, and no other one.
    """
    try:
        uri = clean_address(address)
    except SourceError as error:
        yield Fetched(shown(address), shown(address), error=error)
        return
    web = Web(host_of(uri) if allow_private else "", limits)
    first = _page(web, uri, known or {}, limits)
    root = _sitemap(first)
    if root is None:
        yield first
    else:
        yield from _pages(web, uri, root, known or {}, limits)


def _pages(web: Web, sitemap: str, root: Any, known: Mapping[str, str], limits: Limits) -> Iterator[Fetched]:
    """The pages of a sitemap or sitemap index, then what was wrong with it, as an error of its own."""
    pages, notes = _listed(web, sitemap, root, limits)
    silent = 0
    for uri in pages[: limits.pages]:
        if silent == MAX_SILENT:
            why = f"the {MAX_SILENT} pages before it could not be reached"
            yield Fetched(uri, uri, error=SourceError(f"{uri} was not asked for", why=why, fix="try later"))
            continue
        page = _page(web, uri, known, limits)
        silent = silent + 1 if isinstance(page.error, UnreachableError) else 0
        yield page
    if len(pages) > limits.pages:
        notes.append(f"it lists {len(pages):,} pages, the first {limits.pages} were asked for")
    if notes or not pages:
        fix = "add what is missing by its own address"
        why = "; ".join(notes) or "it lists no pages"
        yield Fetched(sitemap, sitemap, error=SourceError(f"{sitemap} was read in part", why=why, fix=fix))


def _listed(web: Web, sitemap: str, root: Any, limits: Limits) -> tuple[list[str], list[str]]:
    """The pages that a sitemap and those it leads to list, in order; and what was left out, in words."""
    pages: dict[str, None] = {}
    notes: list[str] = []
    strange: list[str] = []
    maps = [sitemap]
    for address in maps:  # grows while it is read
        page = _page(web, address, {}, limits) if maps[0] != address else None
        element = root if page is None else _sitemap(page)
        if element is None:
            notes.append(str(page and page.error or f"{address} is no sitemap"))
            continue
        found = _locations(element, sitemap, strange)
        if markup.local_name(element) == "urlset":
            pages.update(dict.fromkeys(found))
        else:
            maps += [uri for uri in dict.fromkeys(found) if uri not in maps]
        if len(maps) > MAX_SITEMAPS:
            notes.append(f"it leads to {len(maps):,} sitemaps, the first {MAX_SITEMAPS} were read")
            del maps[MAX_SITEMAPS:]
        if len(pages) > limits.pages:
            break
    if strange:
        notes.append(f"{len(strange):,} of its addresses are not of this host, the first is {strange[0]}")
    return list(pages), notes


def _sitemap(page: Fetched) -> Any:
    """The root element if the page is a sitemap or an index of sitemaps, else ``None``."""
    if page.error or media_type_of(page.name) != "application/xml":
        return None
    try:
        data = unpacked(page.data, uri=page.uri, limit=size_limit(page.name))
    except SourceError:
        return None
    root = markup.parse_xml(data.lstrip())
    return root if root is not None and markup.local_name(root) in ("urlset", "sitemapindex") else None


def _locations(root: Any, sitemap: str, strange: list[str]) -> list[str]:
    """The addresses that a sitemap names on its own host (with or without "www."); others go to ``strange``."""
    found = []
    for location in (child for entry in root for child in entry if markup.local_name(child) == "loc"):
        text = one_line(location.text or "")
        try:
            uri = clean_address(text)
        except SourceError:
            uri = ""
        if host_of(uri).removeprefix("www.") == host_of(sitemap).removeprefix("www."):
            found.append(uri)
        else:
            strange.append(shown(text))
    return found


def _page(web: Web, uri: str, known: Mapping[str, str], limits: Limits) -> Fetched:
    """One page, or the error that it costs."""
    stamp = known.get(uri, "")

    def limit(url: str, fields: Mapping[str, str]) -> int:
        return limits.size or size_limit(_name(url, fields.get("content-type", "")))

    try:
        reply = web.get(uri, limit=limit, conditions=_conditions(stamp))
        if reply.status == 304 and stamp:
            return Fetched(uri, uri, stamp)
        if reply.status != 200:
            raise _refused(uri, reply.status)
        kind = reply.fields.get("content-type", "")
        name = _name(reply.url, kind)
    except SourceError as error:
        return Fetched(uri, uri, error=error)
    if name.lower().endswith(".gz") and not is_packed(reply.body):  # unpacked on the way
        name = name[:-3]
    marks = (reply.fields.get("etag", ""), reply.fields.get("last-modified", ""))
    stamp = "\n".join([hashlib.sha256(reply.body).hexdigest()[:32], *marks])
    return Fetched(uri, name, stamp, _utf8(reply.body, kind))


def _conditions(stamp: str) -> dict[str, str]:
    """Header fields that ask for the page only if it is not the one with this stamp."""
    _, etag, modified = (stamp.split("\n") + ["", ""])[:3] if stamp else ("", "", "")
    fields = {"If-None-Match": etag, "If-Modified-Since": modified}
    return {name: value for name, value in fields.items() if value and value.isascii()}


def _refused(uri: str, status: int) -> SourceError:
    why = f"the server answers {status_line(status)}"
    if status in (429, 502, 503, 504):
        return UnreachableError(f"{uri} cannot be fetched", why=why, fix="try later")
    locked = status in (401, 402, 403, 407, 451)
    fix = "open it in a browser, save the page and add the file" if locked else "check the address"
    return SourceError(f"{uri} cannot be fetched", why=why, fix=fix)


def _name(url: str, content_type: str) -> str:
    """A file name whose ending tells the format. Raises :class:`SourceError` if there is no reader for it.

    >>> _name("http://host/a/index.php?x=1", "text/html; charset=utf-8"), _name("http://host/b.csv", "text/plain")
    ('index.php.html', 'b.csv')
    """
    kind = content_type.partition(";")[0].strip().lower()
    name = one_line(unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])).replace("/", " ") or host_of(url)
    told = media_type_of(name)
    if not kind or (told and (kind in _VAGUE or kind not in _ENDINGS)):
        return name
    if kind not in _ENDINGS:
        why = f"there is no reader for {shown(kind)}"
        raise SourceError(f"{url} cannot be read", why=why, fix="save it as text or PDF and add the file")
    return name if told == media_type_of(f"x{_ENDINGS[kind]}") else name + _ENDINGS[kind]


def _utf8(data: bytes, content_type: str) -> bytes:
    """Text in an older encoding that only the header names, as UTF-8; other bytes as they are."""
    kind, _, rest = content_type.lower().partition(";")
    if not kind.startswith("text/") or kind == "text/xml":
        return data
    try:
        name = codecs.lookup(rest.partition("charset=")[2].partition(";")[0].strip(" '\"")).name
        if _ENCODINGS.fullmatch(name) and (name.startswith("iso2022") or not _is_utf8(data)):  # ISO 2022 is all ASCII
            name = "cp1252" if name == "iso8859-1" else name  # as browsers take it
            return codecs.BOM_UTF8 + data.decode(name).encode()
    except (LookupError, ValueError):
        return data
    return data


def _is_utf8(data: bytes) -> bool:
    try:
        return data.decode("utf-8") is not None
    except UnicodeDecodeError:
        return False
