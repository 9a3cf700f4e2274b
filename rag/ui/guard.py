"""What stands before every request: the Host and Origin check, the session cookie, the security headers."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

COOKIE = "pullquote"
# Gradio needs inline styles and compiles its templates; nothing may come from, or go to, another origin.
_PAGE_CSP = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
_YEAR = 365 * 24 * 3600


class Guard:
    """Answers only requests that name this server, gives each browser a session, and sets the security headers.

    A page elsewhere whose name resolves to this machine (DNS rebinding) sends its own name as Host; a form elsewhere
    that posts here sends its own Origin. Both are refused.
    """

    def __init__(self, app: Any, hosts: Sequence[str], *, uploads: bool = True) -> None:
        self._app, self._hosts, self._uploads = app, frozenset(host.lower() for host in hosts), uploads

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """One request (ASGI)."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        origin = headers.get("origin")
        if _name(host) not in self._hosts or (origin is not None and urlsplit(origin).netloc.lower() != host.lower()):
            await _refuse(send, "This server answers only its own pages.")
            return
        session, fresh = _session(headers.get("cookie", ""))
        if not self._uploads and scope["path"].startswith("/gradio_api/upload"):
            await _refuse(send, "This page takes no files.")
            return
        if fresh:
            kept = [pair for pair in scope["headers"] if pair[0] != b"cookie"]
            cookie = "; ".join(part for part in (_without(headers.get("cookie", "")), f"{COOKIE}={session}") if part)
            scope = {**scope, "headers": [*kept, (b"cookie", cookie.encode("latin-1"))]}

        async def sending(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _secured(message["headers"], session if fresh else "")}
            await send(message)

        await self._app(scope, receive, sending)


def _name(host: str) -> str:
    """The host without its port: ``[::1]:7860`` -> ``[::1]``."""
    return (host[: host.find("]") + 1] if host.startswith("[") else host.split(":", 1)[0]).lower()


def _session(cookie: str) -> tuple[str, bool]:
    """The session of a Cookie header, or a new one (256 random bits) and True."""
    found = SimpleCookie()
    for part in cookie.split(";"):
        if part.strip().startswith(f"{COOKIE}="):
            found.load(part.strip())
    value = found[COOKIE].value if COOKIE in found else ""
    valid = len(value) == 43 and value.isascii() and value.replace("-", "").replace("_", "").isalnum()
    return (value, False) if valid else (secrets.token_urlsafe(32), True)


def _without(cookie: str) -> str:
    parts = (part.strip() for part in cookie.split(";"))
    return "; ".join(part for part in parts if part and not part.startswith(f"{COOKIE}="))


def _secured(headers: Sequence[tuple[bytes, bytes]], session: str) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in headers}
    added = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
    if b"content-security-policy" not in names:
        added.append((b"content-security-policy", _PAGE_CSP.encode()))
    if session:
        value = f"{COOKIE}={session}; Path=/; HttpOnly; SameSite=Strict; Max-Age={_YEAR}"
        added.append((b"set-cookie", value.encode()))
    return [*headers, *added]


async def _refuse(send: Any, sentence: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": sentence.encode() + b"\n"})
