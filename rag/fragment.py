"""Text fragments: links that open a web page at a quote and highlight it.

A link ``page#:~:text=[prefix-,]start[,end][,-suffix]`` makes a browser scroll to the first place where ``start`` ...
``end`` stands between ``prefix`` and ``suffix`` (https://wicg.github.io/scroll-to-text-fragment/). ``fragment`` looks
for a short one, and returns it only after a search as a browser makes it has found exactly the span it was made for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from rag.layout import CELL, ROW, WRITTEN_MARK

_WORD = re.compile(r"\S+")
_PIECE = re.compile(r"[!-~]+(?: [!-~]+)*|.", re.DOTALL)  # plain words in a row, or one character
_MARK = re.compile(rf"^[^\S\n]*{WRITTEN_MARK}", re.MULTILINE)
_EXACT_WORDS = 7  # up to here the whole span is written out, above only its ends
_END_WORDS = 3  # at each end to begin with: the live page has menus and captions that the stored text has not
_MOST_WORDS = 12
_CONTEXT_WORDS = 8


@dataclass(frozen=True, slots=True)
class Terms:
    """The four parts of a directive; ``end``, ``prefix`` and ``suffix`` may be ""."""

    start: str
    end: str = ""
    prefix: str = ""
    suffix: str = ""

    def encoded(self) -> str:
        """As a browser reads it: ``:~:text=a%20prefix-,start,end,-a%20suffix``."""
        parts = [f"{_encode(self.prefix)}-"] if self.prefix else []
        parts += [_encode(part) for part in (self.start, self.end) if part]
        parts += [f"-{_encode(self.suffix)}"] if self.suffix else []
        return ":~:text=" + ",".join(parts)


def fragment(text: str, start: int, end: int) -> str:
    """The part after ``#`` of a link to ``text[start:end]``, or "" if no fragment leads there and nowhere before.

    Whitespace at the ends of the span is left out, as a browser cannot highlight it, and so is what no page shows.
    """
    text = _as_shown(text)
    words = [match.span() for match in _WORD.finditer(text, start, end)]
    if not words:
        return ""
    span = (words[0][0], words[-1][1])
    folded = _fold(text)
    one_line = "\n" not in text[span[0] : span[1]]
    if len(words) <= _EXACT_WORDS and one_line:
        return _anchored(folded, text, span, text[slice(*span)], "")
    first_line = sum(right <= _line_end(text, span[0]) for _, right in words)
    last_line = sum(left > text.rfind("\n", 0, span[1]) for left, _ in words)
    for count in range(_END_WORDS, _MOST_WORDS + 1) if len(words) > 1 else ():
        left = min(count, len(words) // 2, first_line)
        right = min(count, (len(words) + 1) // 2, last_line)
        if found := _anchored(folded, text, span, text[span[0] : words[left - 1][1]], text[words[-right][0] : span[1]]):
            return found
    return _anchored(folded, text, span, text[slice(*span)], "") if one_line else ""


def deep_link(address: str, text: str, start: int, end: int) -> str:
    """``address`` of a page whose text is ``text``, leading to ``text[start:end]`` where a fragment can."""
    directive = fragment(text, start, end) if address else ""
    if not directive:
        return address
    return f"{address}{directive}" if "#" in address else f"{address}#{directive}"


def _as_shown(text: str) -> str:
    """``text`` with line breaks, as many, for what the loaders write into it: marks of lists, columns of tables.

    A page draws the marks beside its text, and has each cell of a row as a block of its own.
    """
    text = ROW.sub(lambda row: CELL.sub(lambda cell: _blank(cell["head"]) + cell["value"], row[0]), text)
    return _MARK.sub(lambda mark: _blank(mark[0]), text)


def _blank(unseen: str) -> str:
    return "\n" * len(unseen)


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return end if end >= 0 else len(text)


def _anchored(folded: _Folded, text: str, span: tuple[int, int], head: str, tail: str) -> str:
    """The directive with the least context that leads to ``span``, or "" if even eight words do not."""
    # Context may stand in the line before or after, but not in two lines: subtle, it is the specification's rule.
    left = len(text[: span[0]].rstrip())
    right = len(text) - len(text[span[1] :].lstrip())
    before = [match.start() for match in _WORD.finditer(text, text.rfind("\n", 0, left) + 1, left)]
    after = [match.end() for match in _WORD.finditer(text, right, _line_end(text, right))]
    for count in range(_CONTEXT_WORDS + 1):
        prefix = text[before[-count] : left] if 0 < count <= len(before) else ""
        suffix = text[right : after[count - 1]] if 0 < count <= len(after) else ""
        for terms in (Terms(head, tail, prefix), Terms(head, tail, "", suffix), Terms(head, tail, prefix, suffix)):
            if _search(folded, terms) == span:
                return terms.encoded()
    return ""


@dataclass(frozen=True, slots=True)
class _Folded:
    """``text`` as the search compares it, and for each of its characters the offset it comes from."""

    chars: str
    origin: tuple[int, ...]
    text: str


def _fold(text: str) -> _Folded:
    chars: list[str] = []
    origin: list[int] = []
    for found in _PIECE.finditer(text):
        index, char = found.start(), found[0]
        if "!" <= char[0] <= "~":
            chars.append(char.lower())
            origin.extend(range(index, found.end()))
            continue
        key = "\n" if char == "\n" else " " if char.isspace() else _key(char)
        if key in (" ", "\n") and chars and chars[-1] in (" ", "\n"):
            chars[-1] = max(chars[-1], key, key=" \n".index)  # a run with a line break is a line break
            continue
        chars.extend(key)
        origin.extend([index] * len(key))
    return _Folded("".join(chars), tuple(origin), text)


@lru_cache(maxsize=4096)
def _key(char: str) -> str:
    """Case and accents do not count: ``É`` -> ``e``."""
    base = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
    return base.casefold()


def _search(folded: _Folded, terms: Terms) -> tuple[int, int] | None:
    """The first match, as the specification's "find a range from a text directive" finds it."""
    prefix, head, tail, suffix = (
        _fold(part).chars.replace("\n", " ").strip() for part in (terms.prefix, terms.start, terms.end, terms.suffix)
    )
    for left, right in _heads(folded, prefix, head):
        for stop in _stops(folded, right, tail, suffix):
            return folded.origin[left], folded.origin[stop - 1] + 1
    return None


def _heads(folded: _Folded, prefix: str, head: str) -> Iterator[tuple[int, int]]:
    """Every place of ``head`` that stands right after ``prefix``, in order."""
    first, position = prefix or head, 0
    while head and (match := _find(folded, first, position)) is not None:
        position = match[0] + 1
        left = _skip_space(folded.chars, match[1]) if prefix else match[0]
        if folded.chars.startswith(head, left) and _bounded(folded, left, left + len(head)):
            yield left, left + len(head)


def _stops(folded: _Folded, right: int, tail: str, suffix: str) -> Iterator[int]:
    """Every end of a match whose head ends at ``right``, in order."""
    while True:
        if tail:
            close = _find(folded, tail, right)
            if close is None:
                return
            right = close[1]
        left = _skip_space(folded.chars, right)
        if not suffix or (folded.chars.startswith(suffix, left) and _bounded(folded, left, left + len(suffix))):
            yield right
        if not tail:
            return


def _find(folded: _Folded, term: str, position: int) -> tuple[int, int] | None:
    """The next place at or after ``position`` where ``term`` stands within one line as whole words."""
    while (left := folded.chars.find(term, position)) >= 0:
        if _bounded(folded, left, left + len(term)):
            return left, left + len(term)
        position = left + 1
    return None


def _skip_space(chars: str, position: int) -> int:
    return position + 1 if chars[position : position + 1] in (" ", "\n") else position


def _bounded(folded: _Folded, left: int, right: int) -> bool:
    return _boundary(folded, left) and _boundary(folded, right)


def _boundary(folded: _Folded, position: int) -> bool:
    """Between two words, or between a word and what is not one; never inside ``don't``, ``3.5`` or one character."""
    chars, origin = folded.chars, folded.origin
    if position <= 0 or position >= len(chars):
        return True
    if origin[position - 1] == origin[position]:
        return False
    before, after = chars[position - 1], chars[position]
    if unicodedata.combining(folded.text[origin[position]]):
        return False
    if _wordish(before) and _wordish(after):
        return False
    beyond_after, beyond_before = chars[position + 1 : position + 2], chars[max(position - 2, 0) : position - 1]
    inside_left = _wordish(before) and after in "'’.,:·" and _wordish(beyond_after)
    inside_right = _wordish(after) and before in "'’.,:·" and _wordish(beyond_before)
    return not (inside_left or inside_right)


def _wordish(char: str) -> bool:
    return bool(char) and (char.isalnum() or char == "_")


def _encode(part: str) -> str:
    """Percent-encoded, with the characters that separate the parts of a directive."""
    return quote(" ".join(part.split()), safe="").replace("-", "%2D")
