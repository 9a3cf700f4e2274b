"""The Evaluation tab: a page of its own on the product's server, which ``app.py`` hands to it.

Everything a file or a document says is escaped by the templates, and only the page's own script may run.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from eval import formats
from eval.page import FIND, contents, digest, fill, render
from eval.report import json_bytes
from eval.runs import Runs
from eval.types import DataError, Dataset
from rag.assistant import Assistant
from rag.errors import RagError
from rag.loaders.compressed import is_packed, unzipped
from rag.store import questions_file
from rag.ui.tabs import Tab, header
from rag.ui.telling import plainly

NAME, PATH = "Evaluation", "/evaluation"
MOST_BYTES = 16 * 2**20  # of an uploaded question file
_WATCH = """
const bar = document.getElementById("bar");
async function look() {
  const state = await fetch("/evaluation/state").then((reply) => reply.json(), () => null);
  if (state && !state.running) { location.replace("/evaluation?ended#result"); return; }
  if (state) {
    if (state.done) {  // until then it only shows that something goes on
      bar.max = state.total;
      bar.value = state.done;
    }
    document.getElementById("words").textContent = state.words;
  }
  setTimeout(look, 400);
}
if (bar) look();
"""
_SCRIPT = _WATCH + FIND
_POLICY = (
    f"default-src 'none'; style-src 'self' 'unsafe-inline'; script-src '{digest(_SCRIPT)}'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


def tab(assistant: Assistant) -> Tab:
    """The tab with its routes; ``assistant`` is the one that the chat asks."""
    view, router = _View(Runs(assistant)), APIRouter(include_in_schema=False)
    router.get(PATH)(view.show)
    router.post(f"{PATH}/run")(view.run)
    router.post(f"{PATH}/cancel")(view.cancel)
    router.get(f"{PATH}/state")(view.state)
    router.get(f"{PATH}/report.html")(view.report)
    router.get(f"{PATH}/report.json")(view.report_json)
    view.tabs = (Tab(NAME, PATH, router, most_body=4 * MOST_BYTES),)  # what is a little too big is told so on the page
    return view.tabs[0]


class _View:
    """The handlers. Who asks is found out by ``rag.ui.guard``."""

    def __init__(self, runs: Runs) -> None:
        self._runs, self.tabs = runs, tuple[Tab, ...]()

    def show(self, request: Request) -> Response:
        """The forms, the run that goes on, the outcome of the last one."""
        return self._page(request)

    async def run(self, request: Request) -> Response:
        """Start on the uploaded file, or on the user's own questions where none was sent."""
        size = request.headers.get("content-length", "")
        if not size.isdigit() or int(size) > MOST_BYTES:
            return await run_in_threadpool(
                self._page, request, f"A question file has {MOST_BYTES >> 20} MB at most.", 413
            )
        async with request.form(max_files=1, max_fields=1) as form:
            upload = form.get("questions")
            sent = None if upload is None or isinstance(upload, str) else (upload.filename or "", await upload.read())
        try:
            dataset = await run_in_threadpool(_read, *sent) if sent else await run_in_threadpool(self._own)
        except RagError as error:
            return await run_in_threadpool(self._page, request, plainly(str(error)), 400)
        if not self._runs.start(dataset, _owner(request)):
            return await run_in_threadpool(self._page, request, "An evaluation is running already: wait for it.", 409)
        return RedirectResponse(PATH, 303)

    def cancel(self, request: Request) -> Response:
        """Stop the run before its next question, if it is the asker's own."""
        if run := self._runs.of(_owner(request)):
            run.stop.set()
        return RedirectResponse(PATH, 303)

    def state(self, request: Request) -> Response:
        """How far the run is, for the progress bar."""
        run = self._runs.of(_owner(request))
        if run is None or not run.running:
            return JSONResponse({"running": False})
        return JSONResponse(
            {"running": True, "done": run.done, "total": run.total, "words": _words(run.done, run.total)}
        )

    def report(self, request: Request) -> Response:
        """The report as the self-contained page that ``run --html`` writes."""
        run = self._runs.of(_owner(request))
        if run is None or run.outcome is None:
            return RedirectResponse(PATH, 303)
        return _file(render(run.outcome.report, run.outcome.details).encode(), f"{run.dataset.name}.html", "text/html")

    def report_json(self, request: Request) -> Response:
        """The report as ``run --json`` writes it, for ``compare``."""
        run = self._runs.of(_owner(request))
        if run is None or run.outcome is None:
            return RedirectResponse(PATH, 303)
        return _file(json_bytes(run.outcome.report), f"{run.dataset.name}.json", "application/json")

    def _own(self) -> Dataset:
        return formats.read(questions_file(self._runs.assistant.library), "jsonl")

    def _page(self, request: Request, notice: str = "", status: int = 200) -> HTMLResponse:
        run, busy = self._runs.of(_owner(request)), self._runs.running  # looked at once: it may end while this is drawn
        going = run is not None and run is busy
        outcome = run.outcome if run and not going else None
        found: dict[str, Any] = contents(outcome.report, outcome.details, run.sources) if outcome and run else {}
        own = questions_file(self._runs.assistant.library)
        values = {
            "notice": notice,
            "why": plainly(run.why) if run and run.why and not going else "",
            "run": run,
            "going": going,
            "busy": busy is not None,
            "words": _words(run.done, run.total) if run else "",
            "own": sum(map(bool, own.read_bytes().split(b"\n"))) if own.is_file() else 0,
            "header": header(self.tabs, NAME),
            "report": None,
            **found,
        }
        headers = {"content-security-policy": _POLICY, "cache-control": "no-store"}
        return HTMLResponse(fill("tab.html", _SCRIPT, values), status, headers)


def _owner(request: Request) -> str:
    return str(request.user.owner)


def _read(name: str, data: bytes) -> Dataset:
    """An uploaded question file, which is told apart by its name. Raises RagError, which names no path of ours."""
    if not name:
        raise DataError("no file was chosen", fix="choose one and run it")
    if is_packed(data):  # a little could unpack to more than there is memory
        data = unzipped(data, uri=name, limit=8 * MOST_BYTES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, re.sub(r"[^\w. -]", "_", name, flags=re.ASCII)[-100:].lstrip(".") or "questions")
        path.write_bytes(data)
        try:
            dataset = formats.read(path, formats.guess(path))
        except DataError as error:
            what, why = (text.replace(f"{folder}/", "") for text in (error.what, error.why))
            fix = "mend the file and run it again" if "--" in error.fix else error.fix
            raise DataError(what, why=why, fix=fix) from None
    if dataset.documents:
        why = f"{dataset.file} brings documents of its own"
        raise DataError("only questions about this library can be run here", why=why, fix="python -m eval run --data")
    return dataset


def _file(data: bytes, name: str, media_type: str) -> Response:
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type=media_type, headers=headers)


def _words(done: int, total: int) -> str:
    return f"{done:,} of {total:,} questions asked" if done < total else "Working out the figures"
