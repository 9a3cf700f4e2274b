"""Signing in and out: a page of our own that needs no script. Imported when a server is built."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response

from rag.errors import SettingsError
from rag.ui.access import SESSION_SECONDS, Account, Visitor
from rag.ui.guard import COOKIE, Doors, client_of, session_of
from rag.ui.markup import escape

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HERE = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # a path on this server, in printable ASCII without a backslash
_WRONG = "That name and password do not belong together."


def sign_in(doors: Doors) -> APIRouter:
    """The routes ``/sign-in`` and ``/sign-out``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in")
    def ask(to: str = "/") -> Response:
        return _page(to)

    @router.post("/sign-in")
    async def enter(
        request: Request,
        name: Annotated[str, Form(max_length=200)] = "",
        password: Annotated[str, Form(max_length=2000)] = "",
        to: Annotated[str, Form(max_length=4000)] = "/",
    ) -> Response:
        try:
            account = await doors.check(name, password, client_of(request.scope))
        except SettingsError as error:  # the file of accounts was damaged while we run
            return _page(to, name, str(error), 503)
        if isinstance(account, float):
            minutes = int(account // 60) + 1
            answer = _page(to, name, f"Too many attempts. Try again in {minutes} min.", 429)
            answer.headers["retry-after"] = str(int(account) + 1)
            return answer
        if not isinstance(account, Account):
            return _page(to, name, _WRONG, 401)
        token = doors.sessions.start(account, session_of(request.headers.get("cookie", "")))
        answer = _moved(to if _HERE.fullmatch(to) else "/")
        answer.set_cookie(
            COOKIE, token, SESSION_SECONDS, secure=request.url.scheme == "https", httponly=True, samesite="strict"
        )
        return answer

    @router.post("/sign-out")
    def leave(request: Request) -> Response:
        doors.sessions.end(session_of(request.headers.get("cookie", "")))
        answer = _moved("/sign-in")
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    return router


def badge(visitor: Visitor) -> str:
    """Who is signed in, and the way out, as HTML; "" for one who need not sign in."""
    if not visitor.name:
        return ""
    role = "may add and remove documents" if visitor.may_edit else "may read and ask"
    return (
        f'<form class="badge" method="post" action="/sign-out"><p><b>{escape(visitor.name)}</b> '
        f'<small>{role}</small></p><button type="submit">Sign out</button></form>'
    )


def _moved(to: str) -> Response:
    return Response(status_code=303, headers={"location": quote(to, safe="/?&=#%:,;+@!$'()*~[]")})


def _page(to: str, name: str = "", problem: str = "", status: int = 200) -> Response:
    said = f'<p class="problem" id="problem" role="alert">{escape(problem)}</p>' if problem else ""
    described = ' aria-describedby="problem" aria-invalid="true"' if problem else ""
    first, second = ("", " autofocus") if name else (" autofocus", "")
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<title>Sign in · Pullquote</title><link rel="icon" href="/static/icon.svg">'
        '<link rel="stylesheet" href="/static/style.css"><link rel="stylesheet" href="/static/access.css"></head>'
        '<body class="source sign-in"><main><p class="kicker">Pullquote</p><h1>Sign in</h1>'
        '<p class="byline">Ask the library, and read every quote at its place in the source.</p>'
        f'{said}<form method="post" action="/sign-in"><input type="hidden" name="to" value="{escape(to)}">'
        f'<label for="name">Name</label><input id="name" name="name" value="{escape(name)}" autocomplete="username" '
        f'autocapitalize="none" spellcheck="false" required maxlength="200"{described}{first}>'
        '<label for="password">Password</label><input id="password" name="password" type="password" '
        f'autocomplete="current-password" required maxlength="1024"{described}{second}>'
        '<button type="submit">Sign in</button></form>'
        '<p class="help">No account, or the password forgotten? Whoever runs this server can set one.</p></main>'
        "</body></html>"
    )
    return Response(html.encode(), status, {"content-security-policy": _CSP}, "text/html; charset=utf-8")
