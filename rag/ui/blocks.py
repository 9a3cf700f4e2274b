"""The page on Gradio: three areas of our own HTML, a box for the question, and the wires between them and ``Page``.

Every event is private, and none takes an identity: who asks is read from the session cookie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rag.errors import LibraryError
from rag.ui.guard import COOKIE
from rag.ui.page import Desk, Page
from rag.ui.tabs import Tab, header

if TYPE_CHECKING:
    import gradio as gr

_SANS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif"]
_MONO = ["ui-monospace", "Consolas", "Liberation Mono", "monospace"]
_FORWARD = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-do]');
  if (button) trigger('select', {...button.dataset});
});
element.addEventListener('pullquote', (event) => trigger('select', event.detail));
"""


def build_page(page: Page, *, editable: bool = False, tabs: Sequence[Tab] = ()) -> gr.Blocks:
    """The Gradio page, with links to the other ``tabs``. Nothing in it is fetched from another origin."""
    import gradio as gr

    with gr.Blocks(title="Pullquote", analytics_enabled=False, fill_width=True) as blocks:
        outputs: dict[str, Any] = {"desk": gr.State(Desk())}
        gr.HTML(header(tabs) + _AREAS, elem_id="tabs", elem_classes=["desk"], js_on_load="", apply_default_css=False)
        with gr.Row(elem_id="areas"):
            with gr.Column(elem_id="left", elem_classes=["area"]):
                outputs["conversations"] = _area(gr, "conversations")
                outputs["files"] = gr.UploadButton(
                    "Add documents", file_count="multiple", elem_id="add", variant="secondary", visible=editable
                )
                outputs["added"] = _area(gr, "added")
                outputs["sources"] = _area(gr, "library")
            with gr.Column(elem_id="middle", elem_classes=["area"]):
                outputs["thread"] = _area(gr, "thread")
                outputs["narrowed"] = _area(gr, "narrowed")
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


_AREAS = """
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

    def on_add(paths: list[str] | None, desk: Desk, request: gr.Request) -> Iterator[list[Any]]:
        yield from map(listed, page.add(paths or [], desk, _owner(request)))

    for handler in (on_load, on_ask, on_act, on_add):  # postponed annotations: Gradio looks for the real classes
        handler.__annotations__.update(request=gr.Request, event=gr.EventData)
    private = {"api_visibility": "private", "show_progress": "hidden", "outputs": list(outputs.values())}
    blocks.load(on_load, None, **private)
    gr.on([outputs["box"].submit, send.click], on_ask, [outputs["box"], outputs["desk"]], **private)
    areas = [outputs[name].select for name in ("conversations", "sources", "thread", "narrowed", "evidence")]
    gr.on(areas, on_act, [outputs["desk"]], **private)
    outputs["files"].upload(on_add, [outputs["files"], outputs["desk"]], **private)


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
