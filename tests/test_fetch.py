"""Fetching, against a real server on this machine: nothing here leaves it."""

from __future__ import annotations

import gzip
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
import urllib.robotparser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.config import Settings
from rag.errors import SourceError
from rag.fetch import MAX_SILENT, Fetched, Limits, fetch
from rag.fetch.address import clean_address
from rag.fetch.guard import is_public
from rag.fetch.robots import Robots
from rag.ingest import IngestReport, Source, add_address, ingest
from rag.store import Library
from rag.types import Encoder

PATIENT = Limits(delay=0)
Answer = tuple[int, dict[str, str], bytes]
HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGE = (
    b"<html><head><title>Chips</title></head><body><main><p>Chips are small. Fabs are large.</p></main></body></html>"
)


class Site:
    """A web server on a free port; ``pages`` maps paths to answers or to functions of the request."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer | Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.times: list[float] = []
        self.done = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers)))
                site.times.append(time.monotonic())
                answer = site.pages.get(self.path, (404, {}, b"no"))
                if callable(answer):
                    answer(self)
                    return
                status, fields, body = answer
                if fields.get("ETag") and fields["ETag"] == self.headers["If-None-Match"]:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **fields}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:
                pass  # the client went away, as it should

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    made.thread.start()
    yield made
    made.done.set()
    made.server.shutdown()
    made.thread.join()
    made.server.server_close()


def get(address: str, *, limits: Limits = PATIENT, known: dict[str, str] | None = None) -> list[Fetched]:
    return list(fetch(address, known=known, allow_private=True, limits=limits))


def one(address: str, *, limits: Limits = PATIENT) -> Fetched:
    (page,) = get(address, limits=limits)
    return page


def failure(address: str, *, limits: Limits = PATIENT) -> str:
    with pytest.raises(SourceError) as caught:
        one(address, limits=limits).read()
    assert caught.value.why and caught.value.fix
    return str(caught.value)


@contextmanager
def given_up_after(seconds: int) -> Iterator[None]:
    def hung(*_: object) -> None:
        raise AssertionError("this takes longer than anyone waits")

    before = signal.signal(signal.SIGALRM, hung)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def named(hosts: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names that exist for this test only: each look-up takes the next address, the last one stays. Gives the log."""
    real = socket.getaddrinfo
    looked: list[str] = []

    def lookup(host: str, *rest: Any, **options: Any) -> Any:
        if host in hosts:
            looked.append(host)
            left = hosts[host]
            return real(left.pop(0) if len(left) > 1 else left[0], *rest, **options)
        return real(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return looked


def test_a_page_comes_with_its_bytes_and_a_name_that_tells_its_format(site: Site) -> None:
    site.pages["/a/index.php?id=1"] = (200, HTML, PAGE)
    page = one(f"{site.url}/a/index.php?id=1#top")
    assert (page.uri, page.name, page.read()) == (f"{site.url}/a/index.php?id=1", "index.php.html", PAGE)
    assert site.paths() == ["/robots.txt", "/a/index.php?id=1"]
    assert site.asked[1][1]["User-Agent"] == "Pullquote"


def test_what_the_robots_file_disallows_is_not_asked_for(site: Site) -> None:
    site.pages["/robots.txt"] = (
        200,
        {},
        b"User-agent: *\nDisallow: /private\n\nUser-agent: pullquote\nDisallow: /*.pdf$\n",
    )
    site.pages["/private"] = (200, HTML, PAGE)
    site.pages["/from"] = (302, {"Location": "/b.pdf"}, b"")
    assert "robots.txt disallows" in failure(f"{site.url}/a.pdf")
    assert "robots.txt disallows" in failure(f"{site.url}/from")
    assert one(f"{site.url}/private").read() == PAGE
    assert not {"/a.pdf", "/b.pdf"} & set(site.paths())


@pytest.mark.parametrize("status", [429, 503])
def test_nothing_is_asked_of_a_site_whose_robots_file_cannot_be_had(site: Site, status: int) -> None:
    site.pages["/robots.txt"] = (status, {}, b"")
    site.pages["/a"] = (200, HTML, PAGE)
    assert str(status) in failure(f"{site.url}/a")
    assert site.paths() == ["/robots.txt"]


@given(st.lists(st.tuples(st.sampled_from(["Allow", "Disallow"]), st.from_regex(r"/[ab]{0,3}", fullmatch=True))))
def test_rules_without_wildcards_agree_with_the_standard_library(rules: list[tuple[str, str]]) -> None:
    longest_first = sorted({path: key for key, path in rules}.items(), key=lambda rule: -len(rule[0]))
    text = "User-agent: *\n" + "\n".join(f"{key}: {path}" for path, key in longest_first)
    oracle = urllib.robotparser.RobotFileParser()
    oracle.parse(text.splitlines())
    for path in ("/", "/a", "/ab", "/abba", "/b/a"):
        assert Robots(text).allows(path) == oracle.can_fetch("Pullquote", f"http://host{path}")


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("user-agent: *\ndisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nAllow: /\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /*?id=", "/a?id=1", False),
        ("User-agent: *\nDisallow: /a$", "/ab", True),
        ("User-agent: *\nDisallow: /a*b$", "/a1b2", True),
        ("User-agent: *\nDisallow: /%7Ejoe", "/~joe/x", False),
        ("User-agent: Pullquote/2.0\nUser-agent: Other\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/a", False),
        ("User-agent: Pullquote\nDisallow: /a\nUser-agent: *\nDisallow: /b", "/b", True),
        ("User-agent: Pullquote\nDisallow: /a\nUser-agent: X\nUser-agent: pullquote\nDisallow: /b", "/b", False),
        ("Disallow: /", "/a", True),
    ],
)
def test_robots_rules(rules: str, path: str, allowed: bool) -> None:
    assert Robots(rules).allows(path) is allowed


def test_a_malicious_robots_rule_takes_no_time() -> None:
    with given_up_after(60):  # one that backtracks would need years
        assert Robots("User-agent: *\nDisallow: /" + "a*" * 2000 + "b").allows("/" + "a" * 5000)


def test_a_private_address_is_refused_without_a_connection(site: Site) -> None:
    site.pages["/a"] = (200, HTML, PAGE)
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
        (page,) = fetch(f"http://{host}:{site.port}/a", limits=PATIENT)
        with pytest.raises(SourceError, match="private network or of this machine.*--allow-private"):
            page.read()
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    "0.0.0.0 10.0.0.1 100.64.0.1 127.1.2.3 169.254.169.254 172.16.0.1 192.168.1.1 224.0.0.1 240.0.0.1 255.255.255.255 "
    ":: ::1 fe80::1 fc00::1 fec0::1 ff02::1 ::ffff:10.0.0.1 ::10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 2001::1".split(),
)
def test_addresses_that_are_not_of_the_open_internet(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", "1.1.1.1 8.8.8.8 2606:4700::1111 64:ff9b::808:808 ::ffff:8.8.8.8".split())
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(ip_address(address))


def test_a_redirect_to_another_private_host_is_refused(site: Site) -> None:
    site.pages["/secret"] = (200, HTML, PAGE)
    site.pages["/away"] = (302, {"Location": f"http://localhost:{site.port}/secret"}, b"")
    site.pages["/file"] = (302, {"Location": "file:///etc/passwd"}, b"")
    site.pages["/login"] = (302, {"Location": "http://joe:geheim@127.0.0.1/"}, b"")
    assert "private network" in failure(f"{site.url}/away")
    assert "needs http://" in failure(f"{site.url}/file")
    message = failure(f"{site.url}/login")
    assert "password" in message and "geheim" not in message
    assert site.paths().count("/robots.txt") == 3 and "/secret" not in site.paths()


def test_redirects_are_followed_five_times_and_never_in_a_circle(site: Site) -> None:
    for number in range(7):
        site.pages[f"/{number}"] = (301, {"Location": str(number + 1)}, b"")
    site.pages["/7"] = (200, HTML, PAGE)
    site.pages["/x"], site.pages["/y"] = (307, {"Location": "/y"}, b""), (308, {"Location": "/x"}, b"")
    page = one(f"{site.url}/2")
    assert page.read() == PAGE and page.uri == f"{site.url}/2"
    assert "more than 5 redirects" in failure(f"{site.url}/1")
    assert "circle" in failure(f"{site.url}/x") and site.paths().count("/x") == 1


def test_a_redirect_may_write_letters_as_they_are(site: Site) -> None:
    def moved(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write("HTTP/1.1 301 Moved\r\nLocation: /wiki/Łódź\r\nContent-Length: 0\r\n\r\n".encode())

    site.pages["/old"] = moved
    site.pages[clean_address(f"{site.url}/wiki/Łódź").removeprefix(site.url)] = (200, HTML, PAGE)
    assert one(f"{site.url}/old").read() == PAGE


def test_a_name_is_looked_up_once_for_a_connection(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were it looked up again after the check, the second connection would go to the other address."""
    site.pages["/a"] = (200, HTML, PAGE)
    looked = named({"rebind.test": ["127.0.0.1", "127.0.0.1", "192.0.2.1"]}, monkeypatch)
    assert one(f"http://rebind.test:{site.port}/a").read() == PAGE
    assert looked == ["rebind.test"] * 2 and len(site.asked) == 2  # robots.txt and the page
    assert site.asked[1][1]["Host"] == f"rebind.test:{site.port}"


def test_the_certificate_is_checked_for_the_name(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=quote.test"
    command += f" -addext subjectAltName=DNS:quote.test -keyout {key} -out {certificate}"
    subprocess.run(command.split(), check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    names: list[str] = []
    context.sni_callback = lambda _, name, __: names.append(name or "")
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
    site.pages["/a"] = (200, HTML, PAGE)
    named({"quote.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]}, monkeypatch)
    assert "CERTIFICATE_VERIFY_FAILED" in failure(f"https://quote.test:{site.port}/a")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert one(f"https://quote.test:{site.port}/a").read() == PAGE
    assert "other.test" in failure(f"https://other.test:{site.port}/a")
    assert set(names) == {"quote.test", "other.test"}


def test_a_body_over_the_limit_is_not_read(site: Site) -> None:
    sent = 0

    def endless(request: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while not site.done.is_set():
            sent += request.wfile.write(b"x" * 10_000)

    site.pages["/said"] = (200, HTML | {"Content-Length": "99999999999"}, b"")
    site.pages["/endless"] = endless
    assert "too large" in failure(f"{site.url}/said")
    assert "limit is 50,000 bytes" in failure(f"{site.url}/endless", limits=Limits(delay=0, size=50_000))
    assert sent < 20 * 2**20  # the rest were buffers of the system


def test_a_packed_body_is_bounded_after_unpacking(site: Site) -> None:
    packed = HTML | {"Content-Encoding": "gzip"}
    site.pages["/bomb"] = (200, packed, gzip.compress(b"<p>" + b"\0" * 40_000_000))
    site.pages["/cut"] = (200, packed, gzip.compress(PAGE)[:-9])
    site.pages["/tail"] = (200, packed, gzip.compress(PAGE) + b"more")
    site.pages["/good.html.gz"] = (200, packed, gzip.compress(PAGE))
    site.pages["/brotli"] = (200, HTML | {"Content-Encoding": "br"}, b"..")
    tracemalloc.start()
    assert "limit is 50,000 bytes" in failure(f"{site.url}/bomb", limits=Limits(delay=0, size=50_000))
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    assert "ends too early" in failure(f"{site.url}/cut")
    assert "does not end" in failure(f"{site.url}/tail")
    assert "not asked for" in failure(f"{site.url}/brotli")
    page = one(f"{site.url}/good.html.gz")
    assert (page.name, page.read()) == ("good.html", PAGE)


def test_neither_silence_nor_dripping_holds_us_up(site: Site) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not site.done.wait(0.05):
            request.wfile.write(b"X-More: 1\r\n")

    site.pages["/silent"] = lambda request: site.done.wait() and None
    site.pages["/drip"] = drip
    with given_up_after(60):
        for path, read, total in (("/silent", 0.3, 300), ("/silent", 300, 0.6), ("/drip", 300, 0.6)):
            assert "takes too long" in failure(f"{site.url}{path}", limits=Limits(read=read, total=total, delay=0))


def test_a_type_without_a_reader_is_refused(site: Site) -> None:
    site.pages["/a.png"] = (200, {"Content-Type": "image/png"}, b"\x89PNG")
    site.pages["/a.exe"] = (200, {"Content-Type": "application/octet-stream"}, b"MZ")
    assert "no reader for image/png" in failure(f"{site.url}/a.png")
    assert "no reader for application/octet-stream" in failure(f"{site.url}/a.exe")


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("/", "text/html", "127.0.0.1.html"),
        ("/a.csv", "text/plain", "a.csv"),
        ("/LICENSE", "text/plain; charset=utf-8", "LICENSE.txt"),
        ("/a.py", "text/plain", "a.py.txt"),
        ("/a.pdf", "application/octet-stream", "a.pdf"),
        ("/a.csv", "text/html", "a.csv.html"),
        ("/feed/", "application/rss+xml", "feed.rss"),
        ("/pdf?id=3", "application/pdf", "pdf.pdf"),
        ("/a%0Ab%1B%2Fc", "text/html", "a b c.html"),
        ("/none", "", "none"),
        ("/a.csv", "application/vnd.ms-excel", "a.csv"),
        ("/a.pdf", "application/force-download", "a.pdf"),
    ],
)
def test_names(site: Site, path: str, kind: str, name: str) -> None:
    site.pages[path] = (200, {"Content-Type": kind} if kind else {}, b"text")
    assert one(site.url + path).name == name


def test_an_encoding_that_only_the_header_names_is_used(site: Site) -> None:
    site.pages["/a"] = (200, {"Content-Type": 'text/html; charset="ISO-8859-2"'}, "<p>Łódź</p>".encode("iso8859-2"))
    site.pages["/b"] = (200, {"Content-Type": "text/html; charset=latin-1"}, "<p>Łódź</p>".encode())
    site.pages["/c"] = (200, {"Content-Type": "text/html; charset=punycode"}, b"<p>\xff</p>")
    assert one(f"{site.url}/a").read().decode("utf-8-sig") == "<p>Łódź</p>"
    assert one(f"{site.url}/b").read().decode() == "<p>Łódź</p>"
    site.pages["/d"] = (200, {"Content-Type": "text/plain; charset=iso-2022-jp"}, "東京".encode("iso2022_jp"))
    assert one(f"{site.url}/c").read() == b"<p>\xff</p>"
    assert one(f"{site.url}/d").read().decode("utf-8-sig") == "東京"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://joe:geheim@example.com/a", "password"),
        ("ftp://joe:geheim@example.com/a", "needs http"),
        ("file:///etc/passwd", "needs http"),
        ("http://", "needs http"),
        ("http://exa mple.com/", "needs http"),
        ("http://[::1", "cannot be read"),
        ("http://host:99999/", "cannot be read"),
        ("http://" + "a" * 70 + ".com/", "cannot be read"),
    ],
)
def test_addresses_that_are_none(address: str, why: str) -> None:
    message = failure(address)
    assert why in message and "geheim" not in message
    assert "geheim" not in one(address).uri


def test_an_address_has_one_spelling() -> None:
    assert clean_address(" HTTPS://Bücher.Example:443/ä?q=ö x#y ") == (
        "https://xn--bcher-kva.example/%C3%A4?q=%C3%B6%20x"
    )
    assert clean_address("http://[2606:4700::1]:8080") == "http://[2606:4700::1]:8080/"
    assert clean_address("http://host?q") == "http://host/?q"


def listing(kind: str, *addresses: str) -> Answer:
    inner = "sitemap" if kind == "sitemapindex" else "url"
    entries = "".join(f"<{inner}><loc> {address} </loc></{inner}>" for address in addresses)
    xml = f'<?xml version="1.0"?><{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{kind}>'
    return 200, {"Content-Type": "application/xml"}, xml.encode()


def test_a_sitemap_gives_its_pages_and_a_broken_one_costs_itself(site: Site) -> None:
    site.pages["/sitemap.xml"] = listing("urlset", f"{site.url}/a", f"{site.url}/broken", f"{site.url}/b")
    site.pages["/a"] = site.pages["/b"] = (200, HTML, PAGE)
    site.pages["/broken"] = (500, {}, b"")
    first, broken, last = get(f"{site.url}/sitemap.xml")
    assert (first.uri, first.read(), last.uri, last.read()) == (f"{site.url}/a", PAGE, f"{site.url}/b", PAGE)
    with pytest.raises(SourceError, match="500 Internal Server Error"):
        broken.read()


def test_an_index_of_packed_sitemaps(site: Site) -> None:
    inner = gzip.compress(listing("urlset", f"{site.url}/a")[2])
    site.pages["/index.xml"] = listing(
        "sitemapindex", f"{site.url}/1.xml.gz", f"{site.url}/2.xml.gz", f"{site.url}/index.xml", f"{site.url}/gone.xml"
    )
    site.pages["/1.xml.gz"] = (200, {"Content-Type": "application/gzip"}, inner)
    site.pages["/2.xml.gz"] = (200, {"Content-Type": "text/xml", "Content-Encoding": "gzip"}, inner)
    site.pages["/a"] = (200, HTML, PAGE)
    page, rest = get(f"{site.url}/index.xml")
    assert page.uri == f"{site.url}/a" and page.read() == PAGE
    with pytest.raises(SourceError, match=r"in part.*gone\.xml.*404 Not Found"):
        rest.read()


def test_a_sitemap_stays_on_its_host_and_within_bounds(site: Site) -> None:
    outside = ("http://example.com/x", "file:///etc/passwd", "http://joe:geheim@127.0.0.1/")
    site.pages["/sitemap.xml"] = listing("urlset", *outside, *(f"{site.url}/{number}" for number in range(5)))
    for number in range(5):
        site.pages[f"/{number}"] = (200, HTML, PAGE)
    *pages, rest = get(f"{site.url}/sitemap.xml", limits=Limits(delay=0.05, pages=3))
    assert [page.uri for page in pages] == [f"{site.url}/{number}" for number in range(3)]
    with pytest.raises(SourceError, match=r"3 of its addresses.*example\.com.*lists 5 pages, the first 3") as caught:
        rest.read()
    assert "geheim" not in str(caught.value)
    gaps = [later - earlier for earlier, later in zip(site.times[1:], site.times[2:], strict=False)]
    assert len(gaps) == 3 and min(gaps) > 0.045


def test_entities_of_a_sitemap_are_not_expanded(site: Site, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{site.url}/leak")
    entities = f'<!DOCTYPE urlset [<!ENTITY e SYSTEM "file://{tmp_path}/secret"><!ENTITY f "{site.url}/f">]>'
    body = f"{entities}<urlset><url><loc>&e;</loc></url><url><loc>&f;</loc></url></urlset>".encode()
    site.pages["/sitemap.xml"] = (200, {"Content-Type": "application/xml"}, body)
    get(f"{site.url}/sitemap.xml")
    assert site.paths() == ["/robots.txt", "/sitemap.xml"]


def test_a_site_that_falls_silent_is_left_alone(site: Site) -> None:
    site.pages["/sitemap.xml"] = listing("urlset", *(f"{site.url}/{number}" for number in range(9)))
    for number in range(9):
        site.pages[f"/{number}"] = (503, {}, b"")
    pages = get(f"{site.url}/sitemap.xml")
    assert len(pages) == 9 and len(site.asked) == 2 + MAX_SILENT
    with pytest.raises(SourceError, match="was not asked for"):
        pages[-1].read()


def test_an_unchanged_page_is_no_work(site: Site, library: Library, encoder: Encoder, settings: Settings) -> None:
    def add() -> tuple[list[str], list[str], list[str], list[tuple[str, str]]]:
        known = {uri: state.stamp for uri, state in library.sources().items()}
        pages = get(f"{site.url}/a", known=known) + get(f"{site.url}/b", known=known)
        sources = [Source(page.uri, page.name, page.stamp, page.read) for page in pages]
        report = ingest(library, sources, encoder=encoder, settings=settings)
        return report.added, report.changed, report.unchanged, report.failed

    a, b = f"{site.url}/a", f"{site.url}/b"
    site.pages["/a"] = (200, HTML | {"ETag": '"1"'}, PAGE)
    site.pages["/b"] = (200, HTML, PAGE.replace(b"small", b"tiny"))
    assert add() == ([a, b], [], [], [])
    assert [document.link for document in library.documents()] == [a, b]
    assert add() == ([], [], [a, b], [])
    assert site.asked[-3][1]["If-None-Match"] == '"1"'
    site.pages["/a"] = (200, HTML | {"ETag": '"2"'}, PAGE)  # another tag, the same bytes
    assert add() == ([], [], [a, b], [])
    site.pages["/a"] = (200, HTML | {"ETag": '"3"'}, PAGE.replace(b"large", b"huge"))
    assert add() == ([], [a], [b], [])
    site.pages["/a"] = (410, {}, b"")
    assert add()[2:] == ([b], [(a, f"{a} cannot be fetched: the server answers 410 Gone. Fix: check the address")])
    assert len(library.documents()) == 2


def test_an_unchanged_table_keeps_its_columns(
    site: Site, library: Library, encoder: Encoder, settings: Settings
) -> None:
    def add(*columns: tuple[str, str]) -> IngestReport:
        address = f"{site.url}/export"
        return add_address(library, address, encoder=encoder, settings=settings, allow_private=True, columns=columns)

    site.pages["/export"] = (200, {"Content-Type": "text/csv", "ETag": '"1"'}, b"id,body\n7,It rained.\n")
    assert len(add(("text", "body")).added) == 1
    for columns in [(("text", "body"),), ()]:
        report = add(*columns)
        assert (len(report.unchanged), report.failed) == (1, [])
        assert site.asked[-1][1]["If-None-Match"] == '"1"'
    changed = add(("text", "id"))
    assert (len(changed.changed), library.document(library.documents()[0].id).text) == (1, "7")
