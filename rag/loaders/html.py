"""Saved web pages: the article as trafilatura finds it, with what the page says about itself."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from rag.errors import SourceError
from rag.layout import WRITTEN_MARK
from rag.loaders import markup
from rag.loaders.base import CORRECTION, FULL_STOP, Block, Loaded, Meta, Raw, document, one_line
from rag.loaders.boilerplate import strip
from rag.loaders.dates import iso_date
from rag.loaders.encoding import Decoded, decode
from rag.loaders.masthead import TOP, told
from rag.loaders.titles import said
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
_APART = re.compile(  # classes and ids of what stands beside a text
    "(?:nav|navbar|navigation|menu|side-?bar|related|recommended|recommendations|read-?more|comments?|respond|"
    "share|sharing|social|teasers?|promo|newsletter|subscribe|breadcrumbs?|toc|widgets?|footer)(?:[-_].*)?",
    re.IGNORECASE,
)
_ANY_SITE = re.compile(  # headings that every other site has too, so that <title> says more
    r"(?:the )?(?:frequently asked questions|questions (?:and|&) answers|faqs?|q ?(?:and|&) ?a|about(?: us)?|"
    r"who we are|contacts?(?: us)?|get in touch|our (?:team|services|products|history)|home(?: ?page)?|welcome|"
    r"overview|introduction|help(?: cent(?:er|re))?|support|customer service|how it works|imprint|impressum|"
    r"prices|pricing|fees|opening (?:hours|times)|terms(?: (?:and|&) conditions| of (?:use|service|sale))?|"
    r"privacy(?: policy| notice)?|cookie policy|(?:shipping|delivery|returns?)(?: policy)?|legal notice|news|"
    r"services|products|downloads?)",
    re.IGNORECASE,
)
_NO_PART = re.compile(  # headings above what is no part of a text
    r"(?:\d+|no|all) (?:comments?|repl(?:y|ies)|responses?|thoughts?)\b.{0,80}|comments?(?: ?\(\d+\))?|"
    r"(?:leave|post|add|write) a (?:comment|reply|response)|(?:most|also) (?:read|viewed)|see also|read (?:more|next)|"
    r"(?:(?:related|recommended|popular|latest|recent|trending|more) )+(?:articles?|posts?|stories|news|topics|links|"
    r"pages|videos|comments|products)|related|you (?:may|might) (?:also|like) .{1,40}|share(?: this.{0,20})?|"
    r"follow us.{0,20}|archives?|categories|tags|newsletter|menu|navigation|contents|search|"
    r"sponsored.{0,20}|advertisement",
    re.IGNORECASE,
)
CAPTION_WORDS = 6  # in a caption that is text, at least; a shorter one only names the picture or who took it
_SENTENCE = re.compile(r"\w\w[.!?…][\"'”’»)\]]*(?:\s|$)|[。！？]")
_MARK = re.compile(rf"\s*{WRITTEN_MARK}")
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
    elif _size(blocks) < MIN_KEPT * _size(whole) or _is_lump(blocks, whole):
        blocks = whole
        why = (
            "could not be told from the rest"
            if found is not None
            else "was not looked for, the page being large or odd"
        )
        notes += (f"the article {why}, so the main part of the page was kept whole",)
    else:
        blocks = _put_back(blocks, main)
    meta = _meta(found, tree, link)
    blocks, _ = strip(blocks, title=meta.title)
    meta = told("\n\n".join(block.text for block in blocks[:TOP]), meta)
    dropped = _missing(markup.blocks_of(body), blocks)
    return document(raw, blocks, replace(meta, encoding=decoded.encoding, notes=notes, dropped=dropped))


def _is_lump(blocks: Sequence[Block], whole: Sequence[Block]) -> bool:
    """Whether the words came without structure, as those of short pages do: as text that is no block of the page.

    Where the page shows much less, they are those of an article that only its scripts would show, or of a form.
    """
    shown = _size(whole) > MIN_KEPT * _size(blocks) and all(block.kind == "text" for block in blocks)
    return shown and {block.text for block in whole}.isdisjoint(block.text for block in blocks)


def _free_words(body: Any) -> None:
    """Take corrections, and words of sentences, cells and headings, out of elements that trafilatura drops; it still
    finds the dates."""
    for element in body.iterdescendants("aside", "footer"):
        if CORRECTION.match(element.text_content()):
            element.tag = "div"
            element.attrib.clear()
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
    title = said(one_line(tree.findtext(".//title") or ""))  # with the site's name as a rule
    if found is None:
        return Meta(title=title, language=language, link=link)
    own = said(one_line(found.title or ""))
    says_little = _ANY_SITE.fullmatch(own.strip(" .!?:")) and own.casefold() in title.casefold()
    return Meta(
        title=title if says_little else own or title,
        author=found.author or _named_author(tree),
        publisher=found.sitename or "",
        published=iso_date(found.date or ""),
        language=found.language or language,
        link=found.url or link,
    )


def _named_author(tree: Any) -> str:
    """The author that the page's head names where trafilatura takes it for none: an office, several words of it."""
    name = one_line(tree.xpath("string(//meta[translate(@name, 'AUTHOR', 'author') = 'author']/@content)"))
    return "" if re.search(r"@|://", name) else name


def _put_back(blocks: Sequence[Block], main: Any) -> list[Block]:
    """The blocks with what the extraction loses: captions of a sentence or more, and headings where it lost most.

    Each comes right above the block that it precedes in the page, and only if that one was kept: what heads links and
    comments precedes something that was left out. Blocks of which a copy was left out are not told apart.
    """
    page = _without_asides(main)
    captions = set(_captions(page))
    whole = markup.blocks_of(page, skip=_FURNITURE)
    kept, there = Counter(map(_key, blocks)), Counter(map(_key, whole))
    known = {key for key, count in kept.items() if there[key] == count}
    above = dict(_above(whole, captions, known))
    lost = sum(block.kind == "heading" for pending in above.values() for block in pending)
    headless = sum(block.kind == "heading" for block in blocks) < lost
    found: list[Block] = []
    seen = Counter[str]()
    for block in blocks:
        key = _key(block)
        for extra in above.get((key, seen[key]), ()):
            if (headless or extra.kind != "heading") and (not found or found[-1].text != extra.text):
                found.append(extra)
        seen[key] += 1
        found.append(block)
    return found


def _above(
    whole: Iterable[Block], captions: set[str], known: set[str]
) -> Iterator[tuple[tuple[str, int], list[Block]]]:
    """The headings and captions that were lost right above each block that was kept: its key and which of that key."""
    pending: list[Block] = []
    seen = Counter[str]()
    for block in whole:
        key = _key(block)
        if key in known:
            level = block.level if block.kind == "heading" else 7
            if above := [each for each in pending if each.kind != "heading" or each.level < level]:
                yield (key, seen[key]), above
            seen[key] += 1
            pending = []
        elif block.kind == "heading" and _NO_PART.fullmatch(block.text.strip(" .:!?")):
            pending = []
        elif block.kind == "heading":
            pending = [each for each in pending if each.kind == "heading" and each.level < block.level] + [block]
        elif block.kind == "text" and block.text in captions:
            pending += [block] if seen or pending else []  # above the text it is the picture of a site
        else:
            pending = []


def _key(block: Block) -> str:
    """By what a block of the page is known among those that trafilatura made."""
    text = _MARK.sub("", block.text, count=1) if block.kind == "item" else block.text
    return re.sub(r"\W+", "", text).casefold()[:80]


def _without_asides(main: Any) -> Any:
    """A copy without the parts whose class or id says that they stand beside the text; one that holds most stays."""
    page = copy.deepcopy(main)
    half = len(page.text_content()) / 2
    for element in list(page.iterdescendants("div", "section", "ul", "ol", "table", "p")):
        names = (element.get("id", ""), *element.get("class", "").split())
        if any(map(_APART.fullmatch, names)) and element.getparent() is not None and len(element.text_content()) < half:
            element.drop_tree()
    return page


def _captions(page: Any) -> Iterator[str]:
    """Captions that are text: a sentence or more, of a picture that leads nowhere."""
    for element in page.iterdescendants("figcaption"):
        if next(element.iterancestors("a"), None) is None:
            for block in markup.blocks_of(element):
                if len(block.text.split()) >= CAPTION_WORDS and _SENTENCE.search(block.text):
                    yield block.text


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
