"""Plain text: paragraphs as they are, a header block ("Title:", "By:", "Date:") as metadata, headlines as headings."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rag.layout import MARK
from rag.loaders import aligned, masthead
from rag.loaders.base import CORRECTION, FULL_STOP, Block, Loaded, Meta, Raw, clean, document, one_line
from rag.loaders.boilerplate import strip
from rag.loaders.dates import iso_date
from rag.loaders.encoding import decode
from rag.loaders.titles import telling
from rag.types import Anchor, Document

HEADLINE_WORDS = 24  # in a title, at most
SUBHEAD_WORDS = 10  # in a heading between paragraphs, at most
PROSE_WORDS = 6  # in a paragraph that shows a line beside it to be a heading, at least
MAX_DECKS = 3  # lines at the top of an article, the title among them
_FIELDS = {  # the first name that has a value counts
    "title": "title headline name",
    "author": "author authors by byline creator",
    "link": "url link canonical canonical_url source_url permalink",
    "publisher": "publisher source site sitename site_name publication",
    "published": "date published published_at published_on publish_date date_published pub_date "
    "publication_date created created_at updated",
    "language": "language lang",
}
FIELD_OF = {alias.replace("_", ""): field for field, aliases in _FIELDS.items() for alias in aliases.split()}
_HEADER = re.compile(r"([A-Za-z][A-Za-z _-]{1,20}):\s+(\S.*)")
_BYLINE = re.compile(r"[Bb]y\s+(\S.{1,60})")
_LABELLED = re.compile(r"[A-Z][a-z]+(?: [a-z]+){0,2}: .*(?:, |\d)")  # "Admission: adults 9 euros, children 4"
_ITEM = re.compile(rf"(?:{MARK}|[>|])\s")
_STAMP = re.compile(  # stands above a text and names it not
    r"for immediate release\b.*|immediate release"
    r"|(?:press|news|media) (?:release|statement)|draft|confidential|(?:media |press )?contacts?:.*"
    r"|(?:working|discussion|research|technical) papers?(?: (?:no\.? ?)?[\w/-]+)?|embargoed(?: until\b.*)?"
    r"|[\w .'-]+, \d{1,2}\.? \w+(?: \d{4})?",
    re.IGNORECASE,
)
RUN = 3  # sections with numbers in a row, at least
_TITLE = r"[^\W\d_a-z][^\n.!?:;|]{1,58}"
_NUMBER = rf"(\d+|[ivxl]+)[.:]?(?-i:(?: [–—-])? {_TITLE})?$"
_RUNS = (  # the outer sections first; a line is the whole heading
    re.compile(rf"^(?:part|chapter|title|teil|kapitel) {_NUMBER}", re.I | re.M),
    re.compile(rf"^(?:article|art\.|section|clause|artikel|§) ?{_NUMBER}", re.I | re.M),
    re.compile(rf"^(\d{{1,2}})\.? {_TITLE}$", re.M),
)
_UNDER = re.compile(rf"\n+({_TITLE})$", re.M)  # what a section with a bare number is about, on the next line
_CLAUSE = re.compile(r"\w[.;:!?。][\"'”’»)\]]*(?:\s|$)")
_UNDERLINE = re.compile(r"(={3,}|-{3,}|~{3,}|\*{3,})")


def load(raw: Raw) -> Loaded:
    """One document. Raises :class:`rag.errors.SourceError` if the bytes are not text or hold none."""
    decoded = decode(raw.data, uri=raw.uri)
    note, text = _correction(clean(decoded.text))
    text, meta = header(text)
    meta = replace(meta, encoding=decoded.encoding, notes=decoded.notes + meta.notes)
    return Loaded((prose(raw, f"{note}\n\n{text}", meta),))


def prose(raw: Raw, text: str, meta: Meta) -> Document:
    """A document from plain text: lone headlines become headings, page furniture is dropped."""
    note, text = _correction(clean(text))
    meta = masthead.told(text, meta)
    blocks = paragraphs(text)
    top = [block.text for block in itertools.takewhile(lambda block: block.kind == "heading", headings(blocks))]
    first = meta.title or next(iter(top), "")
    if not top and blocks and _is_stamp(blocks[0].text.partition("\n")[0]):  # whom to ask may stand below it
        top = [block.text for block in blocks[1 : MAX_DECKS + 1] if _is_headline(block)]
    title = meta.title or next((line for line in top[:MAX_DECKS] if not _is_stamp(line)), first)
    if note and blocks:
        title = title or blocks[0].text.strip().partition("\n")[0]
    title = telling(title, "\n".join(top), "")
    blocks, dropped = strip(blocks, title=first)
    shown = [Block(note), *map(_without_credit, headings(blocks, title=first))]
    read = document(raw, shown, replace(meta, title=title, dropped=dropped))
    return replace(read, anchors=tuple(with_numbered(read.text, read.anchors)))


def _correction(text: str) -> tuple[str, str]:
    """What stands above a text to correct it, or "", and the text."""
    top, _, rest = text.lstrip("\n").partition("\n\n")
    is_note = rest.strip() and CORRECTION.match(top) and FULL_STOP.search(top)
    return (top, rest) if is_note else ("", text)


def _without_credit(block: Block) -> Block:
    """A line that says who wrote a text and when heads nothing."""
    return replace(block, kind="text") if block.kind == "heading" and masthead.is_credit(block.text) else block


def _is_stamp(line: str) -> bool:
    dates = iso_date(line), iso_date(line.partition(", ")[2])
    credit = max(map(len, dates)) == len("2022-05-04") or masthead.is_credit(line)
    return credit or bool(_STAMP.fullmatch(line.strip(" .:-*")))


def headings(blocks: Sequence[Block], *, title: str = "") -> list[Block]:
    """Mark lone lines without a full stop as headings: the title and decks at the top, subheads between paragraphs.

    Only beside prose: a note, a list or a poem of such lines stays as it is.
    """
    blocks = list(blocks)
    top = len(list(itertools.takewhile(_is_headline, blocks[: MAX_DECKS + 1])))
    if not (0 < top <= MAX_DECKS and _is_body(blocks[top : top + 1])):
        top = int(bool(blocks and title) and one_line(blocks[0].text).casefold() == title.casefold())
    for n in range(len(blocks)):
        before, behind = blocks[n - 1 : n], blocks[n + 1 : n + 2]
        tables = bool(before and behind) and before[0].kind == behind[0].kind == "row"
        between = tables or (_is_prose(before) and _is_body(behind))
        subhead = n > top and between and not _LABELLED.match(blocks[n].text.strip())
        if n < top or (subhead and _is_headline(blocks[n], words=SUBHEAD_WORDS)):
            blocks[n] = replace(blocks[n], kind="heading", level=1 if n == 0 else 2)
    return blocks


def with_numbered(text: str, anchors: Sequence[Anchor]) -> list[Anchor]:
    """The anchors, and sections for the headings with numbers in a row that contracts, laws and papers have.

    >>> law = "1. Scope\\nIt holds in all towns.\\n2. Fees\\nThe fee is one crown.\\n3. End\\nIt ends in late May."
    >>> [anchor.label for anchor in with_numbered(law, ())]
    ['1. Scope', '2. Fees', '3. End']
    """
    new = [Anchor("section", text[start:end], start, end, level) for start, end, level in _numbered(text)]
    if not new:
        return list(anchors)
    taken = {anchor.start for anchor in new}
    old = [anchor for anchor in anchors if anchor.kind == "section" and anchor.start not in taken]
    sections = sorted([*old, *new], key=lambda anchor: anchor.start)
    found = [anchor for anchor in anchors if anchor.kind != "section"]
    below: list[Anchor] = []  # the sections that may end one before them, the nearest last
    for anchor in reversed(sections):
        while below and below[-1].level > anchor.level:
            below.pop()
        end = below[-1].start if below else len(text)
        found.append(replace(anchor, end=anchor.start + len(text[anchor.start : end].rstrip())))
        below.append(anchor)
    return sorted(found, key=lambda anchor: (anchor.start, -anchor.end))


def _numbered(text: str) -> Iterator[tuple[int, int, int]]:
    """Where the headings of numbered sections begin and end, and their levels; those of a law's parts hold its rest."""
    level = 2
    for number, pattern in enumerate(_RUNS):
        run = _run(pattern, text)
        titles = [_UNDER.match(text, match.end()) for match in run if match[0].endswith(match[1])]
        for match in run:
            yield match.start(), match.end(), level
        for title in filter(None, titles):
            if not any(each.match(title[1]) for each in _RUNS):
                yield title.start(1), title.end(1), level + 1
        level += bool(run) + any(titles)
        if run and number == 1:  # what is numbered in an article is its paragraphs
            return


def _run(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """The lines that number sections one by one, bare numbers from 1; below each stands a sentence. [] if few do."""
    lines = list(pattern.finditer(text))
    ends = [*(line.start() for line in lines), len(text)][1:]
    run: list[re.Match[str]] = []
    for line, end in zip(lines, ends, strict=True):
        below = text[line.end() : end].strip()
        number = _value(line[1])
        due = _value(run[-1][1]) + 1 if run else 1 if pattern is _RUNS[-1] else number
        if number == due and not below[:1].islower() and len(below.split()) >= 4 and _CLAUSE.search(below):
            run.append(line)
    return run if len(run) >= RUN else []


def _value(number: str) -> int:
    """Of figures or Roman numerals."""
    if number.isdecimal():
        return int(number)
    values = ["ivxl".index(letter) for letter in number.lower()]
    worth = [(1, 5, 10, 50)[value] for value in values]
    return sum(-one if one < two else one for one, two in itertools.pairwise([*worth, 0]))


def header(text: str) -> tuple[str, Meta]:
    """Take a block of known "Key: value" lines off the top; its first line may be the title, which stays.

    Fewer than two such lines, or a line of another kind among them: all of it stays text.
    """
    top, _, rest = text.lstrip("\n").partition("\n\n")
    lines = [line.strip() for line in top.split("\n")]
    pairs = [key_value(line) for line in lines]
    title = lines[0] if pairs[0] is None else ""
    if title:
        pairs = pairs[1:]
    if len(pairs) < 2 or None in pairs or not rest.strip() or len(title.split()) > HEADLINE_WORDS:
        return text, Meta()
    fields = dict(pair for pair in pairs if pair)
    return (f"{title}\n\n{rest}", meta_of({"title": title, **fields})) if title else (rest, meta_of(fields))


def key_value(line: str) -> tuple[str, str] | None:
    """The name and value of a "Key: value" line whose key is known, or of a byline."""
    if match := _HEADER.fullmatch(line):
        name = _key(match[1])
        return (name, match[2]) if name in FIELD_OF else None
    byline = _BYLINE.fullmatch(line)
    return ("author", byline[1]) if byline else None


def _key(name: str) -> str:
    """A field's name as it is compared: "Published at", "published_at" and "publishedAt" are one."""
    return re.sub(r"[\s_-]", "", name.lower())


def name_of(value: object) -> str:
    """A name, or that of an object which has one, as authors often are; "" for anything else."""
    name = value.get("name") if isinstance(value, Mapping) else value
    return name if isinstance(name, str) else ""


def meta_of(fields: Mapping[str, object]) -> Meta:
    """Metadata from named values (front matter, a record, a header block); other names are ignored."""
    values: dict[str, Any] = {}  # as Meta calls them
    notes: list[str] = []
    known = {_key(str(name)): value for name, value in fields.items()}
    for name, field in FIELD_OF.items():
        value = known.get(name)
        if value is None or values.get(field):
            continue
        shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value).strip()
        if field == "published":
            values[field] = iso_date(shown)
            if shown and not values[field]:
                notes.append(f"the date {shown[:40]!r} was not understood")
        elif field == "publisher" and shown.startswith(("http://", "https://")):
            values.setdefault("link", shown)
        else:
            values[field] = shown
    return Meta(**values, notes=tuple(notes))


def paragraphs(text: str) -> list[Block]:
    """Blank-line separated blocks of clean text; a line with an underline of its own is a heading, tables are rows."""
    lines, done = text.split("\n"), 0
    blocks: list[Block] = []
    for start, end, table in aligned.tables(lines):
        blocks += [*_paragraphs(lines[done:start]), *table]
        done = end
    return [*blocks, *_paragraphs(lines[done:])]


def _paragraphs(lines: Sequence[str]) -> Iterator[Block]:
    for part in "\n".join(lines).split("\n\n"):
        inside = part.strip("\n").split("\n")
        if _is_underlined(inside):
            yield Block(inside[0], "heading", level=1 if inside[1].lstrip()[0] in "=*" else 2)
            part = "\n".join(inside[2:])
        if part.strip():
            yield Block(part)


def _is_underlined(lines: Sequence[str]) -> bool:
    """A first line with a second one under it; where text follows at once, the second must be as long as the first."""
    if len(lines) < 2 or not lines[0].strip() or not _UNDERLINE.fullmatch(lines[1].strip()):
        return False
    return len(lines) == 2 or abs(len(lines[1].strip()) - len(lines[0].strip())) <= 1


def _is_headline(block: Block, words: int = HEADLINE_WORDS) -> bool:
    text = block.text.strip()
    closed = FULL_STOP.search(text) or text.endswith((",", ":", ";"))
    plain = block.kind == "text" and "\n" not in text and not closed and not _ITEM.match(text)
    return plain and len(text.split()) <= words and text[:1].isalnum() and not text[:1].islower()


def _is_prose(blocks: Sequence[Block]) -> bool:
    """A paragraph that ends like a sentence, or a list."""
    text = blocks[0].text.strip() if blocks and blocks[0].kind == "text" else ""
    ended = bool(FULL_STOP.search(text)) or text.endswith(":")
    return bool(_ITEM.match(text)) or (ended and len(text.split()) >= PROSE_WORDS)


def _is_body(blocks: Sequence[Block]) -> bool:
    """What a heading may stand above: prose or a table."""
    return _is_prose(blocks) or bool(blocks and blocks[0].kind == "row")
