"""From the lines of PDF pages to running text: what is repeated on every page goes, broken words and paragraphs are
joined. Pure: works on character ranges and boxes, so every character of the result knows the one it came from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from rag.layout import MARK
from rag.loaders.base import Block
from rag.loaders.boilerplate import furniture

MARGIN = 0.12  # of the page's height: where running headers and footers stand
RUNNING_PAGES = 3  # a line repeated in the margin of so many pages is no text
_SHORT_HEADER = 12  # characters; a longer line of the margin that both pages of a file of two have is a header
_TALL = 0.15  # of the page's height: a line this high stands aslant, a watermark as a rule
_COLUMN_LINES = 5  # that begin at one place, so that their ends say how wide the column is
_LONGEST_WORD = 100  # characters
_HYPHENS = ("-", "\u2010", "\u00ad")
_KEPT = re.compile("[^\x00-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]+")
BREAKS = "\ufffe\x02"  # what pdfium writes for a hyphen at the end of a line, instead of a line end
_ENDED = re.compile(r"[.!?:…。！？][\"'”’»)\]]*$")
_BULLET = re.compile(rf"(?:{MARK}|\(?[a-z]\))\s")
_LEADER = re.compile(r"(?:\. ?){4,}\s*\w{1,8}$")  # dots to a page number, in a table of contents
_COUNT = re.compile(r"(\d{1,2})(?:\s+|$)")  # the number of a line
_NOTE = re.compile(r"(?:\d{1,3}|[*†‡])\.?\s*\w")  # begins a footnote
_NUMBER = re.compile(r"(?:page |p\. ?|[-–—] ?)?(\d+|[ivxlcdm]+)(?: ?[-–—]| ?(?:/|of) ?\d+)?", re.IGNORECASE)


class Line(NamedTuple):
    """A printed line: a range of its page's characters, and where it stands (points, origin at the lower left)."""

    start: int
    end: int
    left: float
    bottom: float
    right: float
    top: float


class Page(NamedTuple):
    """``chars`` has one code point for every character that pdfium counts on the page."""

    number: int  # physical, counts from 1
    label: str  # as printed, or the number
    chars: str
    lines: Sequence[Line]
    height: float
    width: float

    def text(self, line: Line) -> str:
        """The line without characters that cannot be shown."""
        return "".join(_KEPT.findall(self.chars, line.start, line.end)).strip()


class Piece(NamedTuple):
    """A run of canonical text and where it came from; ``char`` is -1 for text that stands on no page."""

    page: int  # index into the pages
    char: int
    text: str


def running_text(pages: Sequence[Page], *, title: str = "") -> tuple[list[Piece], tuple[str, ...]]:
    """The pieces that joined are the canonical text, and the lines left out (each running line once)."""
    pages = _uncounted(pages)
    running = _running(pages)
    kept = [(p, line) for p, page in enumerate(pages) for n, line in enumerate(page.lines) if (p, n) not in running]
    joints = _joints(pages, kept)
    kept, apart = _notes_above(pages, kept, joints)
    if apart:
        joints = ["\n\n" if n in apart else joint for n, joint in enumerate(_joints(pages, kept))]
    gone = _furniture(pages, kept, joints, title)
    dropped = dict.fromkeys(pages[p].text(pages[p].lines[n]) for p, n in sorted(running))
    dropped |= dict.fromkeys(pages[p].text(line) for (p, line), out in zip(kept, gone, strict=True) if out)
    words = _words(pages)
    pieces: list[Piece] = []
    pending = ""
    for (p, line), joint, out in zip(kept, joints, gone, strict=True):
        pending = max(pending, joint, key=("", " ", "\n", "\n\n").index)
        if out:
            continue
        if pieces:
            _join(pieces, pages[p].text(line), pending, p, words)
        pieces += _pieces(pages[p], p, line)
        pending = ""
    return pieces, tuple(line for line in dropped if line)


def _uncounted(pages: Sequence[Page]) -> Sequence[Page]:
    """The pages without the numbers of their lines, which count from 1 on each page of a bill or court paper."""
    counted = {p: run for p, page in enumerate(pages) if 3 * len(run := _counts(page)) >= max(len(page.lines), 3)}
    full = sum(len(run) >= _COLUMN_LINES for run in counted.values())
    if full < RUNNING_PAGES or 2 * full < len(pages):
        return pages
    bare = list(pages)
    for p, run in counted.items():
        cut = [line._replace(start=run.get(n, line.start)) for n, line in enumerate(pages[p].lines)]
        bare[p] = pages[p]._replace(lines=[line for line in cut if line.start < line.end])
    return bare


def _counts(page: Page) -> dict[int, int]:
    """The lines that begin with 1, 2, 3 and so on, one below the other, and where their words begin."""
    found: dict[int, int] = {}
    left = 0.0
    for n, line in enumerate(page.lines):
        match = _COUNT.match(page.chars, line.start, line.end)
        if match and int(match[1]) == len(found) + 1 and (not found or abs(line.left - left) < line.top - line.bottom):
            found[n] = match.end()
            left = line.left
    return found


def _notes_above(
    pages: Sequence[Page], kept: Sequence[tuple[int, Line]], joints: Sequence[str]
) -> tuple[list[tuple[int, Line]], set[int]]:
    """The lines, with the footnotes of a page above its last paragraph where that goes on overleaf; and what of them
    begins a paragraph for that reason."""
    moved, apart = list(kept), set[int]()
    for at in range(1, len(kept)):
        (p, _), (q, following) = kept[at - 1], kept[at]
        if p == q or not pages[q].text(following)[:1].islower():
            continue
        note = at
        small = 0.92 * (following.top - following.bottom)
        while kept[note - 1][0] == p and kept[note - 1][1].top - kept[note - 1][1].bottom < small and note > 1:
            note -= 1
        noted = any(_NOTE.match(pages[p].text(line)) for _, line in kept[note:at])
        begins = (n for n in range(note - 1, 0, -1) if kept[n][0] == p and joints[n] == "\n\n")
        begin = next(begins, 0) if noted and not _ENDED.search(pages[p].text(kept[note - 1][1])) else 0
        if begin:
            moved[begin:at] = [*kept[note:at], *kept[begin:note]]
            apart |= {begin, begin + at - note}
    return moved, apart


def _running(pages: Sequence[Page]) -> set[tuple[int, int]]:
    """(page, line) of headers, footers and watermarks that several pages share, and of page numbers."""
    found: dict[tuple[int, int], tuple[str, str, int]] = {}
    numbers: set[tuple[int, int]] = set()
    for p, page in enumerate(pages):
        for n, line in enumerate(page.lines):
            place = (line.bottom + line.top) / 2 / page.height if page.height else 0.5
            if MARGIN < place < 1 - MARGIN and line.top - line.bottom < _TALL * page.height:
                continue
            text = page.text(line).casefold()
            number = _NUMBER.fullmatch(text)
            own = {str(page.number), page.label.casefold()}
            if number and len(pages) > 1 and number[1] in own:
                numbers.add((p, n))
            # "8 Chapter 2. Files" and "2.3. Links 9" are one footer: what they share is the page's own number at an end
            words = text.split() or [""]
            shape = (
                "#"
                if number or own & {words[0], words[-1]}
                else " ".join(re.sub(r"\d+|\b[ivxlc]+\b", "#", text).split())
            )
            found[p, n] = ("top" if place > 0.5 else "bottom", shape, round(place * 40))
    pages_with = Counter(value for value, _ in {(value, p) for (p, _), value in found.items()})
    few = {value for value, count in pages_with.items() if count == len(pages) == 2 and len(value[1]) > _SHORT_HEADER}
    running = {key for key, value in found.items() if pages_with[value] >= RUNNING_PAGES or value in few}
    return numbers | running | _rising(pages, found)


def _rising(pages: Sequence[Page], margins: Mapping[tuple[int, int], tuple[str, str, int]]) -> set[tuple[int, int]]:
    """(page, line) of numbers in the margins that stand at one place of neighbouring pages and differ by one."""
    at: dict[tuple[int, str, int], list[tuple[int, tuple[int, int]]]] = {}
    for (p, n), (edge, _, place) in margins.items():
        number = _NUMBER.fullmatch(pages[p].text(pages[p].lines[n]))
        if number and number[1].isdecimal():
            at.setdefault((p, edge, place), []).append((int(number[1]), (p, n)))
    found: set[tuple[int, int]] = set()
    for (p, edge, place), here in at.items():
        over = at.get((p + 1, edge, place), [])
        found |= {key for one, a in here for two, b in over if two == one + 1 for key in (a, b)}
    return found


def _joints(pages: Sequence[Page], kept: Sequence[tuple[int, Line]]) -> list[str]:
    """What stands before each line: nothing above the first, a space, a line end or a blank line."""
    leading = {p: _leading(page) for p, page in enumerate(pages)}
    margins = {p: _right_margins(page) for p, page in enumerate(pages)}
    joints = [""]
    for (p, above), (q, line) in pairwise(kept):
        before, text = pages[p].text(above), pages[q].text(line)
        ended = bool(_ENDED.search(before))
        if p != q:
            joints.append("\n\n" if ended or not text[:1].islower() else " ")
            continue
        size, down = above.top - above.bottom, above.bottom - line.bottom
        if down < -0.5 * size:  # up: the next column
            joints.append("\n\n" if ended else " ")
        elif down > 1.4 * leading[p] or _other_size(above, line):
            joints.append("\n\n")
        elif abs(down) <= 0.5 * size:  # beside it
            joints.append(" ")
        elif _BULLET.match(before) and line.left < above.left - 0.5 * size:  # the list is over
            joints.append("\n\n")
        elif _BULLET.match(text) or _LEADER.search(before):
            joints.append("\n")
        elif above.right < margins[p][above] - 0.12 * pages[p].width:
            joints.append("\n\n" if ended else "\n")
        else:
            joints.append("\n\n" if ended and abs(line.left - above.left) > 0.8 * size else " ")
    return joints[: len(kept)]


def _leading(page: Page) -> float:
    """The usual distance from line to line, in points."""
    steps = [a.bottom - b.bottom for a, b in pairwise(page.lines)]
    near = [step for step, line in zip(steps, page.lines, strict=False) if 0 < step < 3 * (line.top - line.bottom)]
    return median(near) if near else page.height


def _column(page: Page, line: Line) -> int:
    return int(12 * line.left / page.width) if page.width else 0


def _right_margins(page: Page) -> dict[Line, float]:
    """Where a full line ends, for every line: of those that begin at one place, if enough do.

    Those that stand beside a column and end before it are another kind than the full-width lines above it.
    """
    starts: dict[int, list[Line]] = {}
    for line in page.lines:
        starts.setdefault(_column(page, line), []).append(line)
    columns = [lines for lines in starts.values() if len(lines) >= _COLUMN_LINES]
    beside = [(min(c.left for c in lines), lines[-1].bottom, lines[0].top) for lines in columns]
    kinds: dict[tuple[int, float], list[Line]] = {}
    for line in page.lines:
        gutter = min(
            (left for left, low, high in beside if line.right < left and low < line.top < high + 1), default=0.0
        )
        kinds.setdefault((_column(page, line), gutter), []).append(line)
    margins: dict[Line, float] = {}
    for (column, _), lines in kinds.items():
        full = next((each for each in (lines, starts[column]) if len(each) >= _COLUMN_LINES), page.lines)
        rights = sorted(each.right for each in full)
        margins |= dict.fromkeys(lines, rights[int(0.9 * (len(rights) - 1))])
    return margins


def _other_size(above: Line, line: Line) -> bool:
    small, large = sorted((above.top - above.bottom, line.top - line.bottom))
    return large > 1.25 * small


def _furniture(
    pages: Sequence[Page], kept: Sequence[tuple[int, Line]], joints: Sequence[str], title: str
) -> list[bool]:
    blocks: list[list[str]] = []
    for (p, line), joint in zip(kept, joints, strict=True):
        if not blocks or joint == "\n\n":
            blocks.append([])
        blocks[-1].append(pages[p].text(line))
    return furniture([Block("\n".join(lines)) for lines in blocks], title=title)


def _words(pages: Sequence[Page]) -> frozenset[str]:
    """Every word of the document, with and without inner hyphens, to decide about hyphens at line ends."""
    return frozenset(word.casefold() for page in pages for word in re.findall(r"\w+(?:-\w+)*", page.chars))


def _join(pieces: list[Piece], following: str, joint: str, page: int, words: frozenset[str]) -> None:
    """Put the joint after the last piece; a hyphen that only broke a word at the line's end goes."""
    last = pieces[-1]
    tail = "".join(piece.text for piece in pieces[-2:])[-_LONGEST_WORD:]
    broken = re.search(r"(\w+).$", tail) if tail.endswith(_HYPHENS) else None
    rest = re.match(r"\w+", following)
    if joint == "\n\n" or not broken or not rest:
        pieces.append(Piece(page, -1, joint))
        return
    whole, compound = (broken[1] + rest[0]).casefold(), f"{broken[1]}-{rest[0]}".casefold()
    lower = broken[1][-1].islower() and rest[0][0].islower()
    if lower and (whole in words or compound not in words):
        pieces[-1] = last._replace(text=last.text[:-1])


def _pieces(page: Page, index: int, line: Line) -> list[Piece]:
    """The characters of a line that are kept, without outer blanks; a line-end hyphen of pdfium's becomes a hyphen."""
    broken = line.end < len(page.chars) and page.chars[line.end] in BREAKS
    runs = [match.span() for match in _KEPT.finditer(page.chars, line.start, line.end)]
    pieces = [Piece(index, start, page.chars[start:end]) for start, end in runs]
    if pieces:
        first = pieces[0]
        lead = len(first.text) - len(first.text.lstrip())
        pieces[0] = first._replace(char=first.char + lead, text=first.text[lead:])
        pieces[-1] = pieces[-1]._replace(text=pieces[-1].text.rstrip())
    return [*pieces, Piece(index, line.end, "-")] if broken else pieces
