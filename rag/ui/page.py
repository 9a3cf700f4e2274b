"""The page: conversations and sources, the chat, and the evidence of the selected answer, on Gradio.

Every event is private, and none takes an identity: whose conversations are shown is decided by the session cookie.
What a browser sends with an event is a wish, checked before it is followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rag.errors import LibraryError, RagError
from rag.types import Turn
from rag.ui import shelf, views
from rag.ui.guard import COOKIE
from rag.ui.passages import around

if TYPE_CHECKING:
    import gradio as gr

    from rag.assistant import Assistant
    from rag.store.library import Library

_SANS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif"]
_MONO = ["ui-monospace", "Consolas", "Liberation Mono", "monospace"]
_FORWARD = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-do]');
  if (button && !button.hasAttribute('data-asking')) trigger('select', {...button.dataset});
});
element.addEventListener('pullquote', (event) => trigger('select', event.detail));
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """What one browser tab looks at. Kept on the server."""

    conversation: str = ""
    selected: int = -1  # the turn whose evidence is shown
    rank: int = 0  # the quote pointed out in it


class Page:
    """The handlers behind the page; each yields the values of ``outputs`` in order."""

    def __init__(self, library: Library, assistant: Assistant, examples: Sequence[str]) -> None:
        self._library, self._assistant, self._examples = library, assistant, tuple(examples)

    def open(self, owner: str) -> dict[str, Any]:
        """The page as it is first seen: the conversation used last, or the welcome."""
        entries = self._library.conversations.list(owner)
        desk = Desk()
        if entries:
            desk = Desk(entries[0].id, entries[0].turns - 1)
        return {**self._show(desk, owner), "sources": shelf.sources(self._library.documents())}

    def ask(
        self, question: str, desk: Desk, owner: str, *, raw: bool = False, before: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """The question at once, then its answer. ``before``: only that many turns are known to the follow-up."""
        turns = self._turns(desk, owner)
        holdings = views.Holdings.of(self._library.documents())
        yield {"thread": views.thread(turns, holdings, pending=question), "box": "", "said": views.said("Searching")}
        try:
            turn = self._assistant.ask(question, turns[:before], raw=raw)
        except RagError as error:
            yield {**self._show(desk, owner, notice=str(error)), "box": question}
            return
        conversations = self._library.conversations
        desk = desk if desk.conversation and turns else replace(desk, conversation=conversations.create(owner))
        conversations.append(desk.conversation, owner, turn)
        found = f"{len(turn.answer.quotes)} quotes." if turn.answer.quotes else ""
        shown = self._show(replace(desk, selected=len(turns), rank=0), owner)
        yield {**shown, "said": views.said(f"{views.HEADLINES[turn.answer.status]}. {found}")}

    def act(self, wish: Mapping[str, str], desk: Desk, owner: str) -> Iterator[dict[str, Any]]:
        """What a button asks for by its ``data-`` attributes. An unknown wish shows the page as it is."""
        turns = self._turns(desk, owner)
        index, rank = _number(wish.get("turn"), len(turns)), _number(wish.get("rank"), 100)
        ident, notice = str(wish.get("id", "")), ""
        try:
            match wish.get("do"):
                case "ask":
                    yield from self.ask(str(wish.get("question", "")), desk, owner)
                    return
                case "raw" if index >= 0:
                    yield from self.ask(turns[index].question, desk, owner, raw=True, before=index)
                    return
                case "evidence" if index >= 0:
                    desk = replace(desk, selected=index, rank=max(rank, 0))
                case "new":
                    desk = Desk()
                case "open":
                    desk = Desk(ident, len(self._library.conversations.turns(ident, owner)) - 1)
                case "rename":
                    self._library.conversations.rename(ident, owner, str(wish.get("title", ""))[:200])
                case "delete":
                    gone = self._library.conversations.delete(ident, owner)
                    notice, desk = f"Deleted a conversation with {gone} questions.", Desk()
        except LibraryError as error:
            notice = str(error)
        yield self._show(desk, owner, notice=notice)

    def _turns(self, desk: Desk, owner: str) -> list[Turn]:
        try:
            return self._library.conversations.turns(desk.conversation, owner) if desk.conversation else []
        except LibraryError:  # deleted in another tab
            return []

    def _show(self, desk: Desk, owner: str, *, notice: str = "") -> dict[str, Any]:
        turns = self._turns(desk, owner)
        holdings = views.Holdings.of(self._library.documents())
        selected = turns[desk.selected] if 0 <= desk.selected < len(turns) else None
        if turns:
            thread = views.thread(turns, holdings, selected=desk.selected, notice=notice)
        else:
            thread = views.welcome(holdings, self._examples, notice=notice)
        passages = around(self._library, selected.answer.quotes) if selected else {}
        return {
            "desk": desk,
            "conversations": shelf.conversations(self._library.conversations.list(owner), desk.conversation),
            "thread": thread,
            "evidence": views.evidence(selected, passages, rank=desk.rank),
            "said": views.said(notice),
        }


def _number(value: object, below: int) -> int:
    """``"2"`` -> 2; -1 for anything that is not a whole number in [0, below)."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 and int(text) < below else -1


def build_page(library: Library, assistant: Assistant, examples: Sequence[str] = ()) -> gr.Blocks:
    """The Gradio page. Nothing in it is fetched from another origin."""
    import gradio as gr

    page = Page(library, assistant, examples)
    with gr.Blocks(title="Pullquote", analytics_enabled=False, fill_width=True) as blocks:
        outputs: dict[str, Any] = {"desk": gr.State(Desk())}
        gr.HTML(_TABS, elem_id="tabs", elem_classes=["desk"], js_on_load="", apply_default_css=False)
        with gr.Row(elem_id="areas"):
            with gr.Column(elem_id="left", elem_classes=["area"]):
                outputs["conversations"] = _area(gr, "conversations")
                outputs["sources"] = _area(gr, "library")
            with gr.Column(elem_id="middle", elem_classes=["area"]):
                outputs["thread"] = _area(gr, "thread")
                with gr.Row(elem_id="ask"):
                    outputs["box"] = gr.Textbox(
                        label="Your question", lines=1, max_lines=5, placeholder="Ask the library a question",
                        show_label=False, container=False, autofocus=True, scale=1, elem_id="box",
                        html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=True),
                    )  # fmt: skip
                    send = gr.Button("Ask", variant="primary", scale=0, elem_id="send")
            with gr.Column(elem_id="right", elem_classes=["area"]):
                outputs["evidence"] = _area(gr, "evidence")
        outputs["said"] = gr.HTML(elem_id="said", elem_classes=["unseen"], js_on_load="")
        _wire(gr, blocks, page, outputs, send)
    blocks.queue(max_size=32, default_concurrency_limit=2, api_open=False)
    return blocks


_TABS = """
<header class="brand"><span class="name">Pullquote</span></header>
<nav aria-label="Areas"><button type="button" data-area="left">Library</button>
<button type="button" data-area="middle" aria-pressed="true">Chat</button>
<button type="button" data-area="right">Evidence</button></nav>
"""


def _area(gr: Any, name: str) -> Any:
    return gr.HTML(elem_id=name, elem_classes=["desk"], js_on_load=_FORWARD, apply_default_css=False)


def _wire(gr: Any, blocks: Any, page: Page, outputs: dict[str, Any], send: Any) -> None:
    """Connect the events; a handler's missing outputs stay as they are."""

    def listed(values: Mapping[str, Any]) -> list[Any]:
        return [values.get(name, gr.skip()) for name in outputs]

    def on_load(request: gr.Request) -> list[Any]:
        return listed(page.open(_owner(request)))

    def on_ask(question: str, desk: Desk, request: gr.Request) -> Iterator[list[Any]]:
        yield from map(listed, page.ask(question, desk, _owner(request)))

    def on_act(desk: Desk, event: gr.EventData, request: gr.Request) -> Iterator[list[Any]]:
        wish = event._data if isinstance(event._data, dict) else {}
        yield from map(listed, page.act(wish, desk, _owner(request)))

    for handler in (on_load, on_ask, on_act):  # postponed annotations: Gradio looks for the real classes
        handler.__annotations__.update(request=gr.Request, event=gr.EventData)
    private = {"api_visibility": "private", "show_progress": "hidden", "outputs": list(outputs.values())}
    blocks.load(on_load, None, **private)
    gr.on([outputs["box"].submit, send.click], on_ask, [outputs["box"], outputs["desk"]], **private)
    areas = [outputs[name].select for name in ("conversations", "thread", "evidence")]
    gr.on(areas, on_act, [outputs["desk"]], **private)


def _owner(request: gr.Request) -> str:
    """Whose conversations: the session cookie, which only this server sets. Raises LibraryError without one."""
    owner = request.cookies.get(COOKIE, "")
    if not owner:
        raise LibraryError("there is no session", why="the browser sent no cookie", fix="allow cookies and reload")
    return str(owner)


def look() -> dict[str, Any]:
    """The arguments of ``mount_gradio_app`` that decide how the page looks: system fonts, own colours, no footer."""
    import gradio as gr

    return {
        "theme": gr.themes.Base(font=_SANS, font_mono=_MONO),
        "head": '<link rel="stylesheet" href="/static/style.css"><link rel="stylesheet" href="/static/page.css">'
        '<link rel="icon" href="/static/icon.svg"><script src="/static/page.js" defer></script>'
        '<meta name="color-scheme" content="light dark">',
        "footer_links": [],
    }
