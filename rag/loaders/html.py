"""Saved web pages: the article as trafilatura finds it, with what the page says about itself."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rag.errors import SourceError
from rag.loaders import markup
from rag.loaders.base import FULL_STOP, Block, Loaded, Meta, Raw, document, one_line
from rag.loaders.boilerplate import strip
from rag.loaders.dates import iso_date
from rag.loaders.encoding import Decoded, decode
from rag.types import Document

MAX_ARTICLE = 2**20  # characters of a page in which an article is looked for; larger ones are books and indexes
MIN_KEPT = 0.5  # of the main part; an extraction that keeps less has missed it
_MAX_DROPPED = 200  # lines that are listed in the report
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_FURNITURE = frozenset(["nav", "footer", "aside", "form"])
# Programs that write manuals. Their pages hold a text whole and say by class what is navigation, so nothing is guessed.
_MANUALS = re.compile("asciidoc|docbook|docutils|doxygen|mkdocs|pandoc|publican|sphinx|texinfo|makeinfo", re.IGNORECASE)
_WIKI = re.compile("mediawiki", re.IGNORECASE)  # whose pages are not of the day on which they were begun
_NAVIGATION = frozenset(
    "navheader navfooter docnav toc toctree-wrapper contents sphinxsidebar related navigation search contentinfo "
    "footer banner".split()
)
_PARTS = frozenset(["td", "th", *(f"h{level}" for level in range(1, 7))])  # that hold words without a full stop


def load(raw: Raw) -> Loaded:
    """One document. Raises :class:`SourceError` if there is no readable text in the page."""
    charset = _CHARSET.search(raw.data[:4096])
    decoded = decode(raw.data, uri=raw.uri, hint=charset[1].decode() if charset else "")
    return Loaded((page(raw, decoded),))


def page(raw: Raw, decoded: Decoded, *, link: str = "") -> Document:
    """The document of one decoded page; ``link`` is its address where the surroundings know it."""
    tree = markup.parse_html(decoded.text)
    if tree is None:
        raise SourceError(f"{raw.uri} has no text", why="there is no page in it", fix="save the page again")
    body = next(iter(tree.xpath("//body")), tree)
    markup.scrub(body)
    _free_words(body)
    found = _extract(copy.deepcopy(tree), url=link or raw.uri) if len(decoded.text) <= MAX_ARTICLE else None
    blocks = markup.blocks_of(found.body) if found is not None and found.body is not None else []
    notes = decoded.notes
    main = _main(body)
    whole = markup.blocks_of(main, skip=_FURNITURE)
    if manual := _manual(tree):
        blocks = manual
    elif _size(blocks) < MIN_KEPT * _size(whole):
        blocks = whole
        why = (
            "could not be told from the rest"
            if found is not None
            else "was not looked for, the page being large or odd"
        )
        notes += (f"the article {why}, so the main part of the page was kept whole",)
    meta = _meta(found, tree, link)
    blocks, _ = strip(blocks, title=meta.title)
    dropped = _missing(markup.blocks_of(body), blocks)
    return document(raw, blocks, replace(meta, encoding=decoded.encoding, notes=notes, dropped=dropped))


def _free_words(body: Any) -> None:
    """Take words of sentences, cells and headings out of elements that trafilatura drops; it still finds the dates."""
    for element in list(body.iterdescendants("time", "output", "math")):
        around = next(element.iterancestors("p", "li", "blockquote", *_PARTS), None)
        if around is None or not (around.tag in _PARTS or FULL_STOP.search(around.text_content().strip())):
            continue
        words = "".join(block.text for block in markup.blocks_of(element))
        if element.tag == "time":
            element.addprevious(element.makeelement("time", datetime=element.get("datetime") or words))
        for child in list(element):
            element.remove(child)
        element.tag, element.text = "span", words


def _extract(tree: Any, *, url: str) -> Any:
    """What trafilatura makes of the page (changing its tree): an object with ``body`` and metadata, or ``None``."""
    import trafilatura

    try:
        return trafilatura.bare_extraction(
            tree,
            url=url if url.startswith(("http://", "https://")) else None,
            with_metadata=True,
            include_comments=False,
            fast=True,
            favor_recall=True,
            date_extraction_params={"extensive_search": False, "original_date": not _is_made_by(_WIKI, tree)},
        )
    except ValueError:  # characters that XML cannot hold, written as references
        return None


def _meta(found: Any, tree: Any, link: str) -> Meta:
    language = tree.get("lang") or ""
    if found is None:
        return Meta(title=one_line(tree.findtext(".//title") or ""), language=language, link=link)
    return Meta(
        title=found.title or one_line(tree.findtext(".//title") or ""),
        author=found.author or "",
        publisher=found.sitename or "",
        published=iso_date(found.date or ""),
        language=found.language or language,
        link=found.url or link,
    )


def _main(body: Any) -> Any:
    """The element that the page itself calls its main part, else the body."""
    for path in (".//main", ".//*[@role='main']", ".//article"):
        if len(matches := body.xpath(path)) == 1:
            return matches[0]
    return body


def _manual(tree: Any) -> list[Block]:
    """All of a manual's page but its navigation; [] where it is of another kind or nothing but navigation."""
    if not _is_made_by(_MANUALS, tree):
        return []
    body = copy.deepcopy(next(iter(tree.xpath("//body")), tree))
    for element in list(body.iterdescendants("div", "ul", "nav", "dl", "p")):
        names = {element.get("role"), element.get("id"), *element.get("class", "").split()}
        if names & _NAVIGATION and element.getparent() is not None:
            element.drop_tree()
    return markup.blocks_of(_main(body), skip=_FURNITURE - {"aside"})


def _is_made_by(programs: re.Pattern[str], tree: Any) -> bool:
    return any(programs.search(name) for name in tree.xpath("//meta[translate(@name, 'G', 'g')='generator']/@content"))


def _size(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _missing(before: Sequence[Block], after: Sequence[Block]) -> tuple[str, ...]:
    """Lines of ``before`` that are nowhere in ``after``."""
    kept = {one_line(line) for block in after for line in block.text.split("\n")}
    # A line may also have become a part of one; looking for that in a very large page would take too long.
    whole = " ".join(one_line(block.text) for block in after) if _size(after) <= MAX_ARTICLE else ""
    lines = (one_line(line) for block in before for line in block.text.split("\n"))
    gone = (line for line in lines if line not in kept)
    missing = [line for line in gone if (bare := line.lstrip("- ")) and bare not in whole]
    if len(missing) > _MAX_DROPPED:
        missing[_MAX_DROPPED:] = [f"… and {len(missing) - _MAX_DROPPED} more lines"]
    return tuple(missing)
