"""Page furniture that comes along when an article is copied: buttons, forms, share rows, repeated titles.

The rules look at whole lines only and are meant to lose nothing that somebody wrote to be read:

- a line that *is* a phrase of a web page's interface ("Read more at source", "Leave a reply") goes, wherever it stands;
- after the last real sentence, once something has gone, short lines and headings without a sentence go as well;
- a row of lone lower-case words under an article (reaction buttons) goes;
- the title standing alone again, before the first or after the last real sentence, goes.

A text without any real sentence (a note, a list, a poem) stays whole; list items, table rows and code always stay.
What went is returned, so that it can be shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.loaders.base import CORRECTION, Block

MAX_LINE = 160  # characters; a longer line is no button
_WHAT = r"(article|story|post|page|report|text|link)s?"
_SITE = r"(facebook|twitter|x|linkedin|whatsapp|reddit|e-?mail|friends|your network)"
# Nobody writes these as a line of prose: they go wherever they stand as a whole line.
_PHRASES = (
    r"(read|see|view|show|load|find out) (more|less)( (at|from|on|about) (the )?(source|original|site|website|page))?",
    r"read (more|also)( (about|on)\b|:) .{1,80}",
    rf"read (more )?(the )?(full|original|related|entire|next) {_WHAT}( here| at .{{1,30}})?",
    r"(continue|keep) reading( here| below)?",
    r"click here( (to|for) .{1,50})?",
    r"(leave|add|post|write|submit) (a|your) (reply|comment|response)( cancel (reply|comment|response))?",
    r"cancel reply|post comment|no comments yet|comments are closed|be the first to comment",
    r"your e-?mail address will not be published.*",
    r"required fields are marked.*",
    r"save my name,? e-?mail.*(browser|comment).*",
    r"(please )?notify me of (new|follow-?up) .*",
    r"(please |you must )?(be )?(log|logged|sign|signed) in to (leave|post|add) a (comment|reply).*",
    r"this site uses akismet.*|learn how your comment data is processed",
    r"(live )?chat with (us|an? (agent|expert))",
    rf"share (this|on|via|with)( {_WHAT}| on| via| with| {_SITE})+",
    rf"(click to )?(tweet|e-?mail|print|share|pin) this( {_WHAT})?",
    r"follow us( (on|at) .{1,40})?",
    r"(subscribe|sign up) (now|today|(to|for) (our|the|free|daily|weekly) .{0,40}newsletters?.{0,40})",
    r"sponsored content|advertisement|story continues below( this)? advertisement|scroll to continue.*",
    r"you (may|might) also (like|be interested in)",
    r"(skip|jump) to (main |the )?(content|navigation|menu|search)",
    r"(back|return) to (the )?top",
    r"toggle (navigation|menu|search)",
    r"(we|this (site|website|page)) uses? cookies\b.*",
    r"(accept|reject|manage)( all)? cookies|cookie settings",
)
# These may well be headings of a real text: they go only after its last real sentence.
_ENDINGS = (
    r"(related|recommended|popular|trending|latest|more) (articles?|posts?|stories|news|topics)( from .{1,30})?",
    r"(previous|next) (article|post|story)(:.*)?",
    r"\d+ (comments?|shares?|likes?|replies)",
    r"privacy policy|cookie policy|terms of (use|service)",
    r"(copyright )?(©|\(c\)) ?(copyright )?\d{4}.{0,80}|.{0,60}\ball rights reserved",
)
_PHRASE = re.compile("|".join(_PHRASES), re.IGNORECASE)
_ENDING = re.compile("|".join((*_PHRASES, *_ENDINGS)), re.IGNORECASE)
# Words of menus and forms: furniture only beside a certain phrase, since they may well head a list of notes.
_MAYBE = re.compile(
    r"(home|menu|search|news|about( us)?|contact( us)?|log ?in|sign in|register|subscribe|share|tweet|print|e-?mail|"
    r"name|website|comment|submit|send|reply|like|facebook|twitter|linkedin|whatsapp|telegram|reddit|pinterest|"
    r"instagram|youtube|rss|tags|categories|archives?|loading)( ?[*:])?",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"(?<!\.)[.!?][\"'”’»)\]]*(\s|$)|[。！？]")  # "Chat with us..." is not
_OPEN = re.compile(r"[:;,…][\"'”’»)\]]*(\s|$)")
_FUNCTION_WORD = re.compile(
    r"\b(an?|and|are|as|at|be|but|by|for|from|had|has|have|her|his|if|in|is|its?|my|no|not|of|on|or|our|she|so|that|the|"
    r"their|them|then|there|they|this|to|was|we|were|what|when|which|who|will|with|you|your)\b"
)
_EDGES = " \t.…,!»›→>*|-–—•"
_REACTIONS = 5  # lone words in a row of reaction buttons, at least
_REAL_WORDS = 4  # in a line that counts as written to be read


def strip(blocks: Sequence[Block], *, title: str = "") -> tuple[list[Block], tuple[str, ...]]:
    """The blocks without furniture, and the lines that were left out, in order. Without a real sentence all stays.

    >>> strip([Block("It rained all day in the whole of the north."), Block("Leave a reply"), Block("cool sad")])[1]
    ('Leave a reply', 'cool sad')
    """
    lines = _numbered(blocks)
    gone = furniture(blocks, title=title)
    dropped = tuple(line.strip() for (_, line), out in zip(lines, gone, strict=True) if out)
    return _rebuild(blocks, lines, gone), dropped


def furniture(blocks: Sequence[Block], *, title: str = "") -> list[bool]:
    """For every line of every block, in order: is it furniture? Blocks that are not plain text count as one line."""
    lines = _numbered(blocks)
    real = [blocks[number].kind in ("text", "item") and _is_real(line) for number, line in lines]
    if True not in real:
        return [False] * len(lines)
    first, last = real.index(True), len(real) - 1 - real[::-1].index(True)
    gone = [blocks[number].kind == "text" and _is_phrase(line, _PHRASE) for number, line in lines]
    in_tail = False
    for i, (number, line) in enumerate(lines):
        if real[i] or blocks[number].kind not in ("text", "heading"):
            continue
        if i > last:
            gone[i] |= in_tail and len(line) <= MAX_LINE and not _CLOSED.search(line)
            gone[i] |= _is_phrase(line, _ENDING) or (sum(real) > 1 and _is_reactions(line))
            in_tail |= gone[i]
        if i > last or 0 < i < first:
            gone[i] |= blocks[number].kind == "text" and _same(line, title)
    _spread(lines, gone, first)
    return gone


def _numbered(blocks: Sequence[Block]) -> list[tuple[int, str]]:
    """Every line with the number of its block."""
    return [(number, line) for number, block in enumerate(blocks) for line in _lines(block)]


def _spread(lines: Sequence[tuple[int, str]], gone: list[bool], first: int) -> None:
    """Menu words above the first real sentence go where a dropped line stands beside them."""
    for order in (range(first), range(first - 1, -1, -1)):
        for i in order:
            beside = (i > 0 and gone[i - 1]) or (i + 1 < len(lines) and gone[i + 1])
            gone[i] |= beside and _MAYBE.fullmatch(lines[i][1].strip(_EDGES)) is not None


def _lines(block: Block) -> list[str]:
    return block.text.split("\n") if block.kind == "text" else [block.text]


def _is_real(line: str) -> bool:
    """Written to be read: a sentence of some length that is no phrase of an interface, or a correction."""
    long_enough = len(line.split()) >= _REAL_WORDS or (len(line) >= 12 and not line.isascii())
    ends = _CLOSED.search(line) or (_OPEN.search(line) and len(line) > MAX_LINE)
    return long_enough and bool(ends or CORRECTION.match(line)) and not _is_phrase(line, _ENDING)


def _is_phrase(line: str, pattern: re.Pattern[str]) -> bool:
    """The line, or each sentence of it, is one of the phrases."""
    if len(line) > MAX_LINE:
        return False
    parts = [part.strip(_EDGES) for part in re.split(r"(?<=[.!?])\s+", line)]
    shown = [part for part in parts if part]
    return bool(shown) and all(pattern.fullmatch(part) for part in shown)


def _is_reactions(line: str) -> bool:
    words = line.split()
    lone = len(words) >= _REACTIONS and all(word.isalnum() and word[0].islower() for word in words)
    return lone and not _FUNCTION_WORD.search(line) and len(set(words)) == len(words)


def _same(line: str, title: str) -> bool:
    return len(title.split()) > 2 and " ".join(line.split()).casefold() == " ".join(title.split()).casefold()


def _rebuild(blocks: Sequence[Block], lines: Sequence[tuple[int, str]], gone: Sequence[bool]) -> list[Block]:
    kept: dict[int, list[str]] = {}
    for (number, line), out in zip(lines, gone, strict=True):
        if not out:
            kept.setdefault(number, []).append(line)
    return [replace(blocks[number], text="\n".join(rest)) for number, rest in kept.items()]
