"""Quotes and their documents: their page and link, the whole list, what stands around one, what follows it."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import replace

from rag.answer import alike, credited, onward, overlap, spoken, unmarked
from rag.chunk import sections
from rag.conversation import shown
from rag.figures import with_unit
from rag.fragment import deep_link
from rag.layout import last_heading
from rag.lexicon import is_list_of_references, is_yes_no, stems
from rag.quoting import completed
from rag.replies import says_beside
from rag.speakers import asks_who, letter_writer, speaker
from rag.store import Library
from rag.text import Range, fold, sentences
from rag.types import Anchor, Answer, Credit, Document, Passage, Quote, Resolution, ShortAnswer, Status, Turn

_COUNTS = re.compile(r"\bhow (?:much|many)\b", re.IGNORECASE)
_DENIES = re.compile(r"\b(?:no|not|never|neither|nor|none|nobody|nothing)\b|n[’']t\b", re.IGNORECASE)
_TURNS = re.compile(r"\b(?:but|except|unless|although|though|however)\b")
_EITHER = re.compile(r"\bor\b", re.IGNORECASE)
_SPEECH = 1500  # characters before what is shown in which it may stand who speaks
_ROOM = 5  # times as many characters are split into sentences as may be shown on either side


def shown_again(library: Library, rank: int | None, turns: Sequence[Turn], question: str = "") -> Answer:
    """The quote of this rank that was shown last, with what stands around it; nothing is searched.

    Where ``question`` asks who said that, or who asked, that is marked as far as the text or the source tells.
    """
    quote = next((quote for quote in shown(turns) if quote.rank == rank), None)
    document = library.find(quote.document_id, quote.revision) if quote else None
    if quote is None or document is None:
        return Answer("not_found", "The quote you mean is not there any more.")
    around, reason = expanded(quote, document.text), f"Quote [{quote.rank}] with what stands around it."
    if not asks_who(question):
        return Answer("answered", reason, (placed(around, document),))
    low, at = max(0, around.start - _SPEECH), quote.end - 1 if quote.answer_start is None else quote.answer_start
    who = letter_writer(document.anchors, at) or speaker(document.text, at, (low, around.end), question)
    if who is None or who[0] < low:  # too far above to be shown with it
        name = document.text[slice(*who)] if who else ""
        reason += f" It is said by {name}." if name else f" Its source is by {quote.author}." if quote.author else ""
        return Answer("answered", reason, (placed(replace(around, answer_start=None, answer_end=None), document),))
    start, (begin, end) = min(around.start, who[0]), who
    text = document.text[start : around.end]
    around = replace(around, text=text, start=start, answer_start=begin, answer_end=end)
    short = ShortAnswer(document.text[begin:end], document.id, begin, end, quote.score)
    return Answer("answered", reason, (placed(around, document),), short)


def gone_on(library: Library, answer: Answer, turns: Sequence[Turn]) -> Answer:
    """For "tell me more": what follows the first quote of the turn before, and those of ``answer`` not shown yet.

    Where the turn before quoted nothing, nothing of earlier turns follows: it was about something else.
    """
    before = next((turn.answer.quotes for turn in reversed(turns) if turn.resolution.kind != "command"), ())
    document = library.find(before[0].document_id, before[0].revision) if before else None
    before_that = [quote for turn in turns for quote in turn.answer.quotes]
    follows = _not_shown(before[0], document, before_that) if document else None
    if follows is None and not answer.quotes:
        return answer
    return onward(answer, before_that, placed(follows, document) if follows and document else None)


def others(answer: Answer, turns: Sequence[Turn], *, least: float) -> Answer:
    """For "who else?": the quotes of ``answer`` that were not shown yet and mark nothing that was already the short
    answer. Whether they answer is said by the score of the first one, from ``least`` on."""
    before = [turn.answer for turn in turns]
    known = {fold(each.short.text) for each in before if each.short}
    unsaid = tuple(quote for quote in answer.quotes if fold(quote.marked) not in known)
    found = onward(replace(answer, quotes=unsaid), [quote for each in before for quote in each.quotes], None)
    score = found.quotes[0].score if found.quotes else 0.0
    status: Status = "related" if found.quotes and score < least else found.status
    return replace(found, status=status, confidence=score)


def unless_said(answer: Answer, turns: Sequence[Turn], resolution: Resolution) -> Answer:
    """Without the short answer if it is the last one again: "since when?" wants something else of the same quote.

    Where such words were only put behind the question before, the quote that was shown for that answers no "why?"
    unless it says so itself; it may answer "how much?", as it has a number.
    """
    before = turns[-1].answer if turns else None
    if before is None or (answer.short and (not before.short or fold(answer.short.text) != fold(before.short.text))):
        return answer
    asked = next((carried.text for carried in resolution.carried), "")
    put = resolution.query.startswith(f"{asked} ") and not _COUNTS.search(resolution.query, len(asked))
    again = before.quotes and answer.quotes and overlap(before.quotes[0], answer.quotes[0])
    if answer.status == "answered" and put and again:
        if (said := says_beside(resolution.query[len(asked) :], answer.quotes[0].text)) is not None:
            return _marking(answer, said)
        answer = replace(answer, status="related", reason="No answer was found beside what was shown before.")
    return unmarked(answer) if answer.short or answer.status != "answered" else answer


def _marking(answer: Answer, said: Range) -> Answer:
    """The same quotes, with the words at ``said`` in the first one as the short answer."""
    first, *others = answer.quotes
    start, end = first.start + said[0], first.start + said[1]
    short = ShortAnswer(first.text[slice(*said)], first.document_id, start, end, first.score)
    marked = replace(first, answer_start=start, answer_end=end)
    return replace(answer, quotes=(marked, *unmarked(replace(answer, quotes=tuple(others))).quotes), short=short)


def _not_shown(quote: Quote, document: Document, shown: Sequence[Quote]) -> Quote | None:
    """What follows the quote and those ``shown`` that stand right behind it."""
    follows = following(quote, document)
    for each in sorted(shown, key=lambda quote: quote.start):
        if follows and overlap(each, follows) and each.start <= follows.start:
            follows = following(each, document)
    return follows


def expanded(quote: Quote, text: str, *, around: int = 600) -> Quote:
    """The quote with whole sentences from up to ``around`` characters of ``text``, its document, on either side."""
    low, high = _beside(quote, text, around)
    spans = [(low + start, low + end) for start, end in sentences(text[low:high])]
    start = min((s for s, _ in spans if s >= quote.start - around), default=quote.start)
    end = max((e for _, e in spans if e <= quote.end + around), default=quote.end)
    start, end = min(start, quote.start), max(end, quote.end)
    copies = tuple(source for source in quote.also_in if source.revision == quote.revision)  # others say only the quote
    return replace(quote, rank=1, text=text[start:end], start=start, end=end, also_in=copies)


def _beside(quote: Quote, text: str, around: int) -> Range:
    """A part of ``text`` with more than ``around`` characters on either side of the quote, from a paragraph on."""
    low, high = max(0, quote.start - _ROOM * around), min(len(text), quote.end + _ROOM * around)
    return max(low, text.rfind("\n\n", low, max(0, quote.start - around))), high


def following(quote: Quote, document: Document, *, most: int = 600) -> Quote | None:
    """The next whole sentences of the section, or of the next one: about ``most`` characters, of which the last one
    announces nothing that is left out. None at the end.

    Its score is 0: nobody read it for a question.
    """
    text = document.text
    low, high = _beside(quote, text, most)
    found = _next(quote, document, most, (low, high))
    if high == len(text) or (found and text[found.end : high].strip()):
        return found
    return _next(quote, document, most, (low, len(text)))  # it may be cut, or further below


def _next(quote: Quote, document: Document, most: int, within: Range) -> Quote | None:
    for heading, run in sections(document, within):
        title = last_heading(heading)
        rest = [(s, e) for s, e in run if s >= quote.end and document.text[s:e] != title]
        if rest and not is_list_of_references(heading):
            start, end = rest[0]
            ends = [e for _, e in rest if e <= max(end, start + most)]
            while 1 < len(ends) < len(rest) and document.text[ends[-1] - 1] == ":":
                ends.pop()
            bare = replace(quote, heading=heading, score=0.0, answer_start=None, answer_end=None, also_in=())
            return replace(bare, rank=1, text=document.text[start : ends[-1]], start=start, end=ends[-1])
    return None


def whole(answer: Answer, question: str, library: Library) -> Answer:
    """The answer with its quotes placed (:func:`placed`), with what the edges of their passages cut off and, in the
    marked words, with the units of numbers.

    One that then says the same as an earlier one is credited there; one that would only run into it stays as it is.
    """
    passages, document_of = library.passages([q.passage_id for q in answer.quotes]), functools.cache(library.document)
    found: list[Quote] = []
    for quote in answer.quotes:
        document, passage = document_of(quote.document_id, quote.revision), passages.get(quote.passage_id)
        longer = _completed(quote, question, document, passage) if passage else quote
        if longer.text != quote.text:
            longer = replace(longer, also_in=tuple(s for s in quote.also_in if _says(library, s, quote, longer)))
        twin = next((k for k, each in enumerate(found) if _inside(quote, each) or alike(longer.text, each.text)), None)
        if twin is not None:
            found[twin] = credited(found[twin], longer)
            continue
        if any(overlap(longer, earlier) for earlier in found):
            longer = quote
        found.append(placed(_marked(replace(longer, rank=len(found) + 1), question), document))
    return replace(answer, quotes=tuple(found), short=_short(answer.short, found))


def _marked(quote: Quote, question: str) -> Quote:
    """The quote with the units of the numbers that are marked in it. Words of the question answer nothing, unless they
    deny it or it asks whether it is so; and then what follows in the sentence may deny them."""
    if quote.answer_start is None or quote.answer_end is None:
        return quote
    low, high = with_unit(quote.text, (quote.answer_start - quote.start, quote.answer_end - quote.start), question)
    said = stems(quote.text[low:high])
    if is_yes_no(question):
        begin, end = next(((a, b) for a, b in sentences(quote.text) if a <= low and high <= b), (low, high))
        turned = _DENIES.search(quote.text, high, end) or _TURNS.search(quote.text, high, end)
        high = begin + len(quote.text[begin:end].rstrip(".;,")) if turned else high
    elif (
        said and said <= stems(question) and not _DENIES.search(quote.text, low, high) and not _EITHER.search(question)
    ):
        return replace(quote, answer_start=None, answer_end=None)
    return replace(quote, answer_start=quote.start + low, answer_end=quote.start + high)


def _short(short: ShortAnswer | None, quotes: Sequence[Quote]) -> ShortAnswer | None:
    """The ``short`` answer as it is marked in the first of the quotes."""
    first = quotes[0] if quotes else None
    if short is None or first is None or first.answer_start is None or first.answer_end is None:
        return None
    return replace(short, text=first.marked, start=first.answer_start, end=first.answer_end)


def _inside(quote: Quote, other: Quote) -> bool:
    return overlap(quote, other) and other.start <= quote.start and quote.end <= other.end


def _completed(quote: Quote, question: str, document: Document, passage: Passage) -> Quote:
    begins = [each.start for each in document.anchors if each.kind == "section"]
    low = max((start for start in begins if start <= quote.start), default=0)
    section = low, min((start for start in begins if start > quote.start), default=len(document.text))
    around, bare = (passage.start, passage.end), quote.rank == 1 and quote.answer_start is None
    (start, end), several = completed(
        question, document.text, (quote.start, quote.end), around, section, heading=passage.heading, bare=bare
    )
    longer = replace(quote, text=document.text[start:end], start=start, end=end)
    return replace(longer, answer_start=None, answer_end=None) if several else longer


def placed(quote: Quote, document: Document) -> Quote:
    """The quote with its page, and with a link that leads to its very words where the source has a public address."""
    page = _page_of(document, quote.start)
    return replace(quote, page=page.label if page else "", link=leading_link(document, (quote.start, quote.end)))


def leading_link(document: Document, span: tuple[int, int]) -> str:
    """The public address of ``document``, leading to the page or the very words of ``span``; "" if it has none."""
    page = _page_of(document, span[0])
    if document.link and document.media_type == "application/pdf":
        return f"{document.link}#page={page.level}" if page and page.level else document.link
    return deep_link(document.link, document.text, *span)


def _says(library: Library, source: Credit, quote: Quote, longer: Quote) -> bool:
    """Whether a source that is credited for a quote also has what stands beside that in the ``longer`` one."""
    document = library.find(source.document_id, source.revision)
    if document is None or source.revision == quote.revision:
        return document is not None
    at, said = quote.start - longer.start, f" {' '.join(spoken(document.text))} "
    beside = (spoken(part) for part in (longer.text[:at], longer.text[at + len(quote.text) :]))
    return all(f" {' '.join(part)} " in said for part in beside if part)


def _page_of(document: Document, at: int) -> Anchor | None:
    pages = (anchor for anchor in document.anchors if anchor.kind == "page")
    return next((page for page in pages if page.start <= at < page.end), None)
