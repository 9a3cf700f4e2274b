"""The page on Gradio: three areas of our own HTML, a box for the question, and the wires between them and ``Page``.

Every event is private, and none takes an identity: who asks, and whether they may add and remove documents, is what
``rag/ui/guard.py`` found out about the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from rag.ui import views
from rag.ui.access import Visitor
from rag.ui.adding import Upload
from rag.ui.desk import Desk
from rag.ui.page import Page
from rag.ui.sign_in import badge
from rag.ui.tabs import Tab, header
from rag.ui.wishes import as_text

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


def build_page(page_for: Callable[[Visitor], Page], *, editable: bool = False, tabs: Sequence[Tab] = ()) -> gr.Blocks:
    """The Gradio page, with links to the other ``tabs``. Nothing in it is fetched from another origin.

    ``editable``: whether documents can be added before it is known who asks.
    """
    import gradio as gr

    with gr.Blocks(title="Pullquote", analytics_enabled=False, fill_width=True, delete_cache=(600, 3600)) as blocks:
        outputs: dict[str, Any] = {"desk": gr.State(Desk())}
        top = _SKIP + header(tabs) + _AREAS
        gr.HTML(top, elem_id="tabs", elem_classes=["desk"], js_on_load="", apply_default_css=False)
        with gr.Row(elem_id="areas"):
            with gr.Column(elem_id="left", elem_classes=["area"]):
                outputs["account"] = _area(gr, "account")
                outputs["collections"] = _area(gr, "collections")
                outputs["conversations"] = _area(gr, "conversations")
                _area(gr, "holdings", "<h2>Sources</h2>")
                with gr.Row(elem_id="add", visible=editable) as outputs["files"]:
                    uploads = [_uploads(gr, "Add files", "multiple"), _uploads(gr, "Add a folder", "directory")]
                outputs["added"] = _area(gr, "added")
                outputs["sources"] = _area(gr, "library")
            with gr.Column(elem_id="middle", elem_classes=["area"]):
                outputs["thread"] = _area(gr, "thread")
                outputs["narrowed"] = _area(gr, "narrowed")
                with gr.Row(elem_id="ask"):
                    outputs["box"] = gr.Textbox(
                        label="Your question", lines=1, max_lines=5, placeholder="Ask a question",
                        show_label=False, container=False, scale=1, elem_id="box",
                        html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=True),
                    )  # fmt: skip
                    send = gr.Button("Ask", variant="primary", scale=0, elem_id="send")
                    stop = gr.Button("Stop", scale=0, elem_id="stop")  # in its place while a question is worked on
            with gr.Column(elem_id="right", elem_classes=["area"]):
                outputs["evidence"] = _area(gr, "evidence")
        outputs["said"] = gr.HTML(elem_id="said", elem_classes=["unseen"], js_on_load="")
        _wire(gr, blocks, page_for, outputs, uploads)
        _wire_question(gr, page_for, outputs, send, stop)
    blocks.queue(max_size=32, default_concurrency_limit=2, api_open=False)
    return blocks


_SKIP = '<a class="skip" href="#box">Skip to the question</a><a class="skip" href="#right">Skip to the evidence</a>'
_AREAS = """
<nav aria-label="Areas"><button type="button" data-area="left">Library</button>
<button type="button" data-area="middle" aria-pressed="true">Answers</button>
<button type="button" data-area="right">Evidence</button>
<button type="button" data-press="#conversations .new">New</button></nav>
"""


def _area(gr: Any, name: str, html: str = "") -> Any:
    return gr.HTML(html, elem_id=name, elem_classes=["desk"], js_on_load=_FORWARD, apply_default_css=False)


def _uploads(gr: Any, label: str, count: str) -> Any:
    """A button for files that come with the names they had, below the folder that was chosen if one was."""
    button = gr.UploadButton(label, file_count=count, variant="secondary", scale=0)

    def named(payload: Any) -> list[Upload]:
        files = payload.root if payload else ()
        return [Upload(file.path, as_text(unquote(file.orig_name or "file"))) for file in files]

    button.preprocess = named  # Gradio's own forgets the names
    return button


def _wire(
    gr: Any, blocks: Any, page_for: Callable[[Visitor], Page], outputs: dict[str, Any], uploads: Sequence[Any]
) -> None:
    """Connect the events but for those of the question.

    subtle: an upload button is no output, as Gradio would make it anew and with it forget how it reads names.
    """

    def on_load(request: gr.Request) -> list[Any]:
        visitor = request.user
        shown = next(_told(lambda: [page_for(visitor).open(visitor.owner)]))
        more = {"account": badge(visitor), "files": gr.update(visible=visitor.may_edit)}
        return _listed(outputs, shown | more)

    def on_act(desk: Desk, event: gr.EventData, request: gr.Request) -> Iterator[list[Any]]:
        for shown in _told(lambda: page_for(request.user).act(_wish(event), desk, request.user.owner)):
            yield _listed(outputs, shown)

    def on_add(uploads: list[Upload], desk: Desk, request: gr.Request) -> Iterator[list[Any]]:
        if request.user.may_edit:  # a copy can be another's, so others may not remove it either
            steps = page_for(request.user).add(uploads, desk, request.user.owner)
            for shown in _told(lambda: _and_removed(steps, uploads)):
                yield _listed(outputs, shown)

    def on_fetch(desk: Desk, event: gr.EventData, request: gr.Request) -> Iterator[list[Any]]:
        address = str(_wish(event).get("address", ""))
        for shown in _told(lambda: page_for(request.user).fetch(address, desk, request.user.owner)):
            yield _listed(outputs, shown)

    private = _private(gr, outputs, on_load, on_act, on_add, on_fetch)
    blocks.load(on_load, None, **private)
    names = ("collections", "conversations", "sources", "thread", "narrowed", "evidence")
    gr.on([outputs[name].select for name in names], on_act, [outputs["desk"]], trigger_mode="multiple", **private)
    outputs["added"].select(on_fetch, [outputs["desk"]], trigger_mode="multiple", **private)
    for button in uploads:
        button.upload(on_add, [button, outputs["desk"]], **private)


def _wire_question(gr: Any, page_for: Callable[[Visitor], Page], outputs: dict[str, Any], send: Any, stop: Any) -> None:
    """Connect the box and its buttons. To stop waits for no other event, and one can ask again at once."""

    def on_ask(question: str, desk: Desk, request: gr.Request) -> Iterator[list[Any]]:
        for shown in _told(lambda: page_for(request.user).ask(as_text(question), desk, request.user.owner)):
            yield _listed(outputs, shown)

    def on_stop(typed: str, desk: Desk, request: gr.Request) -> list[Any]:
        shown = next(_told(lambda: [page_for(request.user).stop(as_text(typed or ""), desk, request.user.owner)]))
        return _listed(outputs, shown)

    private = _private(gr, outputs, on_ask, on_stop)
    inputs = [outputs["box"], outputs["desk"]]
    gr.on([outputs["box"].submit, send.click], on_ask, inputs, trigger_mode="multiple", **private)
    stop.click(on_stop, inputs, trigger_mode="multiple", concurrency_limit=None, **private)


def _told(work: Callable[[], Iterable[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """What a handler shows; where the library itself fails, why and what helps, as Gradio would only say "Error"."""
    try:
        yield from work()
    except views.FAILURES as error:
        yield views.failed(error)


def _listed(outputs: Mapping[str, Any], values: Mapping[str, Any]) -> list[Any]:
    """The outputs' new values in their order; what is not among ``values`` stays as it is."""
    import gradio as gr

    return [values.get(name, gr.skip()) for name in outputs]


def _private(gr: Any, outputs: Mapping[str, Any], *handlers: Callable[..., Any]) -> dict[str, Any]:
    """What all events have in common. Annotations are postponed, and Gradio wants the classes in them."""
    for handler in handlers:
        handler.__annotations__.update(request=gr.Request, event=gr.EventData)
    return {"api_visibility": "private", "show_progress": "hidden", "outputs": list(outputs.values())}


def _and_removed(shown: Iterator[dict[str, Any]], uploads: Sequence[Upload]) -> Iterator[dict[str, Any]]:
    """What adding shows; then the uploaded copies go, as the library has its own or none is wanted."""
    try:
        yield from shown
    finally:
        for each in uploads:
            Path(each.path).unlink(missing_ok=True)


def _wish(event: gr.EventData) -> Mapping[str, str]:
    data = event._data if isinstance(event._data, dict) else {}
    return {as_text(name): as_text(value) for name, value in data.items()}


def look() -> dict[str, Any]:
    """The arguments of ``mount_gradio_app`` that decide how the page looks: system fonts, own colours, no footer."""
    import gradio as gr

    return {
        "theme": gr.themes.Base(font=_SANS, font_mono=_MONO),
        "head": '<link rel="stylesheet" href="/static/style.css"><link rel="stylesheet" href="/static/page.css">'
        '<link rel="stylesheet" href="/static/access.css">'
        '<link rel="icon" href="/static/icon.svg"><script src="/static/page.js" defer></script>'
        '<script src="/static/files.js" defer></script><script src="/static/lost.js" defer></script>'
        '<meta name="color-scheme" content="light dark">',
        "footer_links": [],
    }
