"""What stands before every request: where it comes from, who sends it, what they may do, and the security headers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil
from typing import Any
from urllib.parse import quote

import anyio

from rag.errors import SettingsError
from rag.ui.access import Account, Accounts, Limit, Sessions, Visitor
from rag.ui.markup import escape

COOKIE = "pullquote"
PUBLIC = ("/sign-in", "/static/style.css", "/static/access.css", "/static/icon.svg")  # seen without signing in
# Gradio needs inline styles and compiles its templates; nothing may come from, or go to, another origin.
_PAGE_CSP = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
_BOUNCE_CSP = "default-src 'none'; frame-ancestors 'none'"
_YEAR = 365 * 24 * 3600
# Of Gradio's endpoints only those that the page uses. What files they may name, and whose events, is for ``TabOwners``.
_GRADIO = re.compile(
    r"/gradio_api/(queue/join|queue/data|heartbeat/[\w-]{1,64}|upload|upload_progress|startup-events|app_id|theme\.css|info)/?"
)
_ASSETS = ("/assets/", "/static/", "/theme.css", "/gradio_api/theme.css")  # the same for everyone, and many at once
_MEGABYTE = 2**20
_MOST_BODY, _MOST_UPLOAD = _MEGABYTE, 512 * _MEGABYTE  # bytes of one request
_checking = anyio.CapacityLimiter(2)  # passwords at once: each takes 32 MB


class Doors:
    """How one gets in where there are accounts: a session, or name and password with each request."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts, self.sessions = accounts, Sessions(accounts)
        self._attempts = Limit(burst=10, seconds=30)  # by address
        self._guesses = Limit(burst=50, seconds=60)  # by name, from anywhere
        self._checked: dict[bytes, str] = {}  # sessions by the header that opened them, so that programs need not wait

    async def check(self, name: str, password: str, address: str) -> Account | float | None:
        """The account, None if that is not the password, or the seconds to wait after too many mistakes."""
        name = name.strip().lower()
        wait = self._attempts.take(address) or self._guesses.take(name)
        if wait:
            return wait
        account = await anyio.to_thread.run_sync(self.accounts.check, name, password, limiter=_checking)
        if account:
            self._attempts.give_back(address)
            self._guesses.give_back(name)
        return account

    async def basic(self, header: str, address: str) -> Account | float | None:
        """``check`` for an Authorization header; None if it is not Basic."""
        try:
            scheme, _, value = header.partition(" ")
            name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except ValueError:
            return None
        if scheme.lower() != "basic" or not colon:
            return None
        key = hashlib.sha256(header.encode()).digest()
        known = self.sessions.get(self._checked.get(key, ""))
        if known:
            return known
        account = await self.check(name, password, address)
        if isinstance(account, Account):
            if len(self._checked) > 999:
                self._checked.clear()
            self._checked[key] = self.sessions.start(account)
        return account


class Guard:
    """Passes on the requests that may be answered, each with its sender as ``request.user`` (a ``Visitor``).

    A page elsewhere whose name resolves to this machine (DNS rebinding) sends its own name as Host; a form elsewhere
    that posts here sends its own Origin. Both are refused. With ``doors`` any name will do, as a session belongs to
    the name that it was opened at; without them each browser is given a session of its own. ``bodies``: the most bytes
    of a request to paths that begin so.
    """

    def __init__(
        self, app: Any, hosts: Sequence[str], *, doors: Doors | None = None, uploads: bool = True,
        limit: Limit | None = None, bodies: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        self._app, self._hosts, self._doors = app, frozenset(host.lower() for host in hosts), doors
        self._uploads, self._limit = uploads, limit
        self._bodies = {"/gradio_api/upload": _MOST_UPLOAD, **(bodies or {})}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """One request (ASGI)."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        answer = self._elsewhere(headers, scope)
        visitor, cookie = None, ""
        if answer is None:
            try:
                visitor, cookie, answer = await self._visitor(headers, scope)
            except SettingsError as error:  # the file of accounts was damaged while we run: nobody comes in
                answer = _said(503, str(error))
        answer = answer or self._forbidden(visitor, headers, scope)
        keep = scope["path"].startswith(_ASSETS)

        async def sending(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _secured(message["headers"], cookie, keep=keep)}
            await send(message)

        if answer:
            await _reply(sending, *answer)
        else:
            await self._app({**scope, "user": visitor}, _bounded(receive, self._most(scope["path"])), sending)

    def _most(self, path: str) -> int:
        """Bytes that a request may have."""
        return next((most for start, most in self._bodies.items() if path.startswith(start)), _MOST_BODY)

    def _elsewhere(self, headers: Mapping[str, str], scope: Mapping[str, Any]) -> Answer | None:
        """The answer to a request that another site caused."""
        host, origin = headers.get("host", ""), headers.get("origin")
        named = _name(host)
        if not self._doors and named not in self._hosts and not _is_address(named):
            return _said(403, "This server does not go by this name: open it by its IP address.")
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return _said(403, "This server answers only its own pages.")
        if headers.get("sec-fetch-site") != "cross-site":
            return None
        if scope["method"] != "GET" or headers.get("sec-fetch-dest") != "document":
            return _said(403, "This server answers only its own pages.")
        # Who follows a link from elsewhere comes without the strict cookie; asked for by a page of ours it is sent.
        again = escape(_address(scope))
        page = f'<!doctype html><title>Pullquote</title><meta http-equiv="refresh" content="0;url={again}">'
        return 200, {"content-type": "text/html; charset=utf-8", "content-security-policy": _BOUNCE_CSP}, page

    async def _visitor(
        self, headers: Mapping[str, str], scope: Mapping[str, Any]
    ) -> tuple[Visitor | None, str, Answer | None]:
        """Who it is, the cookie to give them, and the answer if they cannot come in."""
        path, session = scope["path"], session_of(headers.get("cookie", ""))
        if not self._doors:
            fresh = "" if session else secrets.token_urlsafe(32)
            value = f"{COOKIE}={fresh}; Path=/; HttpOnly; SameSite=Strict; Max-Age={_YEAR}" if fresh else ""
            return Visitor(session or fresh, self._uploads), value, None
        account: Account | float | None = self._doors.sessions.get(session)
        for_programs = path == "/mcp" or path.startswith("/api/")
        if not account and for_programs and "authorization" in headers:
            account = await self._doors.basic(headers["authorization"], client_of(scope))
        if isinstance(account, Account):
            return account.visitor, "", None
        if isinstance(account, float):
            return None, "", _later(account)
        if path in PUBLIC:
            return None, "", None
        if "text/html" in headers.get("accept", ""):  # of a form only the way in, as it cannot be sent again
            to = quote(_address(scope), safe="/") if scope["method"] == "GET" else "/"
            return None, "", (303, {"location": f"/sign-in?to={to}"}, "")
        # A browser would ask for the password in a window of its own.
        challenge = {"www-authenticate": 'Basic realm="Pullquote", charset="UTF-8"'}
        asks = {} if "sec-fetch-mode" in headers else challenge
        return None, "", _said(401, "You are not signed in. Reload the page, or go to /sign-in.", asks)

    def _forbidden(
        self, visitor: Visitor | None, headers: Mapping[str, str], scope: Mapping[str, Any]
    ) -> Answer | None:
        """The answer to a request that this visitor may not make, or not so often, or not so big."""
        path = scope["path"]
        if path.startswith("/gradio_api") and not _GRADIO.fullmatch(path):
            return _said(404, "There is no such endpoint.")
        if path.startswith("/gradio_api/upload") and not (visitor and visitor.may_edit):
            return _said(
                403, "Documents are added by an administrator." if self._doors else "This page takes no files."
            )
        size = headers.get("content-length", "0")
        most = self._most(path)
        if not (size.isascii() and size.isdigit()) or int(size) > most:
            return _said(413, f"That is too much for one request: {most // _MEGABYTE} MB at most.")
        if self._limit and not path.startswith(_ASSETS):
            name = visitor.name if visitor else ""
            wait = self._limit.take(f"user {name}" if name else client_of(scope))
            if wait:
                return _later(wait)
        return None


Answer = tuple[int, dict[str, str], str]  # status, headers, body


def _said(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Answer:
    """In the form that the page's own script understands and shows."""
    return status, {"content-type": "application/json", **(headers or {})}, json.dumps({"detail": sentence})


def _later(seconds: float) -> Answer:
    return _said(429, "Too many requests; wait a little.", {"retry-after": str(ceil(seconds))})


def _name(host: str) -> str:
    """The host without its port: ``[::1]:7860`` -> ``[::1]``."""
    return (host[: host.find("]") + 1] if host.startswith("[") else host.split(":", 1)[0]).lower()


def _is_address(name: str) -> bool:
    """Whether it is an IP address: no name that could have been made to resolve to us."""
    try:
        return bool(ip_address(name.strip("[]")))
    except ValueError:
        return False


def client_of(scope: Mapping[str, Any]) -> str:
    """The sender's address; of an IPv6 one the network, as a person has the whole of it."""
    text = str((scope.get("client") or ("",))[0])
    try:
        address = IPv6Address(text)
    except ValueError:  # of version 4, or whatever a proxy calls it
        return text
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))


def _address(scope: Mapping[str, Any]) -> str:
    """Path and query as they were asked for, and the quote they lead to; never the address of another server."""
    path = "/" + (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").lstrip("/\\")
    query = scope.get("query_string", b"").decode("latin-1")
    # A browser keeps the fragment of a link to itself; where a source opens at a quote it is always this one.
    fragment = "#quote" if path.startswith("/source/") and "start=" in query else ""
    return f"{path}?{query}{fragment}" if query else path


def session_of(cookie: str) -> str:
    """The session of a Cookie header, "" if it names none: 43 characters, 256 random bits."""
    found = SimpleCookie()
    for part in cookie.split(";"):
        if part.strip().startswith(f"{COOKIE}="):
            try:
                found.load(part.strip())
            except CookieError:
                return ""
    value = found[COOKIE].value if COOKIE in found else ""
    return value if re.fullmatch(r"[\w-]{43}", value, re.ASCII) else ""


def _secured(headers: Sequence[tuple[bytes, bytes]], cookie: str, *, keep: bool) -> list[tuple[bytes, bytes]]:
    """The headers with ours; ``keep``: whether a cache may keep the answer."""
    names = {name.lower() for name, _ in headers}
    # Not no-referrer: with that a form's Origin would be null.
    ours = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin")]
    ours.append((b"content-security-policy", _PAGE_CSP.encode()))
    if not keep:
        ours.append((b"cache-control", b"no-store"))
    added = [pair for pair in ours if pair[0] not in names]
    if cookie:
        added.append((b"set-cookie", cookie.encode()))
    return [*headers, *added]


def _bounded(receive: Any, most: int) -> Any:
    """``receive``, which ends the request where a body without a length turns out to be longer than ``most`` bytes."""
    seen = 0

    async def receiving() -> Any:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > most else message

    return receiving


async def _reply(send: Any, status: int, headers: Mapping[str, str], body: str) -> None:
    listed = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body.encode()})
