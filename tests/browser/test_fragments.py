"""Text fragments in a real browser: 100 quotes of the sample corpus, each highlighted to the character.

The pages are the source view without marks. What Chromium highlights cannot be asked for by a script, so it is read
from the picture: the highlight has a colour of its own, and the page says where the quote's lines are drawn.
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from test_fragment import first_match

from rag.fragment import fragment
from rag.loaders import load
from rag.text import sentences
from rag.types import Document
from rag.ui.source import source_page

if TYPE_CHECKING:
    from tests.browser.conftest import Browser

CORPUS = Path(__file__).parents[2] / "corpus"
COLOUR = (255, 0, 255)
QUOTES = 100
PLAIN = (
    "<style>html{font:16px/2 monospace;width:1000px} *{color:#000!important;background:none!important}"
    "html{background:#fff!important} ::target-text{background:rgb(255,0,255)!important} .gap{display:none}"
    ".text p,.text h2,.text h3{white-space:pre-wrap} header,nav,aside,.which{display:none!important}</style></head>"
)
LINES = """
const article = document.querySelector('article'), walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
const found = arguments[0].map(() => []);
let offset = 0;
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const length = node.data.length;
  arguments[0].forEach(([start, end], index) => {
    const from = Math.max(start - offset, 0), to = Math.min(end - offset, length);
    if (from >= to || node.parentElement.closest('.gap')) return;
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    for (const box of range.getClientRects()) found[index].push([box.left, box.top, box.right, box.bottom]);
  });
  offset += length;
}
return [found, document.documentElement.scrollHeight];
"""


def documents() -> Iterator[Document]:
    for path in sorted(CORPUS.iterdir()):
        if path.suffix in (".md", ".html", ".txt") and path.name != "README.md":
            yield from load(path.read_bytes(), uri=path.as_uri(), name=path.name).documents


def drawn() -> list[tuple[Document, list[tuple[int, int]]]]:
    """100 quotes of one to three sentences, spread over the corpus, apart from each other; the same at every run."""
    chance, texts = random.Random(6), list(documents())
    picked: dict[str, list[tuple[int, int]]] = {document.id: [] for document in texts}
    while sum(map(len, picked.values())) < QUOTES:
        document = chance.choice(texts)
        spans = sentences(document.text)
        first = chance.randrange(len(spans))
        start, end = spans[first][0], spans[min(first + chance.randrange(3), len(spans) - 1)][1]
        text = document.text[start:end]
        start, end = start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
        if start < end and all(end + 1 < other[0] or other[1] + 1 < start for other in picked[document.id]):
            picked[document.id].append((start, end))
    return [(document, picked[document.id]) for document in texts if picked[document.id]]


def units(document: Document, spans: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Code-point spans as a browser counts them, in UTF-16 units."""
    return [[len(document.text[:edge].encode("utf-16-le")) // 2 for edge in span] for span in spans]


def picture(browser: Browser) -> Any:
    from PIL import Image

    png = browser.driver.get_screenshot_as_png()
    return (np.asarray(Image.open(io.BytesIO(png)).convert("RGB")) == COLOUR).all(axis=2)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the sample corpus is not here")
def test_a_hundred_quotes_are_highlighted_to_the_character(empty_browser: Browser, tmp_path: Path) -> None:
    browser, checked = empty_browser, 0
    for number, (document, spans) in enumerate(drawn()):
        directives = [fragment(document.text, *span) for span in spans]
        assert all(directives), f"no fragment for a quote of {document.title!r}"
        page = tmp_path / f"{number}.html"
        page.write_text(source_page(document).replace("</head>", PLAIN), encoding="utf-8")
        address = f"{page.as_uri()}#:~:" + "&".join(directive.removeprefix(":~:") for directive in directives)
        browser.open(address)
        lit = [shown(document, span, directive) for span, directive in zip(spans, directives, strict=True)]
        boxes, height = browser.run(LINES, units(document, lit))
        browser.look(width=1040, height=height)
        boxes, _ = browser.run(LINES, units(document, lit))
        checked += check(picture(browser), boxes, document)
    assert checked == QUOTES


def shown(document: Document, span: tuple[int, int], directive: str) -> tuple[int, int]:
    """What the link leads to: the quote, but for the mark of an item or the name of a column at its beginning."""
    found = first_match(document.text, directive)
    assert found[1] == span[1]
    assert re.fullmatch(r"(?:(?:-|\d+\.) |[^|\n]+: )?", document.text[span[0] : found[0]])
    return found


def check(highlighted: Any, quotes: Sequence[Sequence[Sequence[float]]], document: Document) -> int:
    """Every line of every quote is highlighted from its first to its last column, and nothing else is."""
    expected = np.zeros_like(highlighted)
    for boxes in quotes:
        assert boxes
        for left, top, right, bottom in boxes:
            line = highlighted[round(top) : round(bottom), round(left) : round(right)]
            expected[int(top) - 1 : int(bottom) + 2, max(int(left) - 1, 0) : int(right) + 2] = True
            if line.shape[1] > 1:
                assert line[:, :2].any(), f"{document.title}: a line of a quote begins outside the highlight"
                assert line[:, -2:].any(), f"{document.title}: a line of a quote ends outside the highlight"
                assert line.any(axis=0).mean() > 0.95
    assert not (highlighted & ~expected).any(), f"{document.title}: more than the quotes is highlighted"
    return len(quotes)
