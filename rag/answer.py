"""Pure: what was retrieved and read -> ``Answer``. Picks the quotes, folds near-duplicates, decides the outcome."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from rag.config import Mode
from rag.figures import contradicts
from rag.layout import BETWEEN
from rag.quoting import quote_range
from rag.ranking import DECIDING, Scored, logit, probability, sigmoid
from rag.replies import SPEAKER, asked_in
from rag.text import CURRENCY, ITEM, fold, follows, strip, words
from rag.types import Answer, Calibration, Candidate, Credit, Document, Quote, ShortAnswer, Span, Status

# Before a small letter "3.1" is a figure: "3.1 million live here".
_CLAUSE_NUMBER = re.compile(r"\d+(?:\.\d+)+\.?(?!\s[a-z])|\(?[a-z\d]{1,2}\)|§ ?\d+(?:\.\d+)*\.?")
_INSIDE_TOKEN = re.compile(r"(?<=\w-)\d")  # where an answer would begin in the middle of "WF-2023-021"
_LINK = re.compile(r"https?://\S+|www\.\S+")
# Of the words of two quotes, or of the three-word runs of the shorter one: from there on they say the same.
_ALIKE = 0.8
_FEWEST_RUNS = 5  # in a quote that counts as being inside another one
# Copies may differ by these words; any other one, as "not" or "against", may turn what is said.
_SLIGHT = frozenset("a an and also as at has have in is it its of on so that the then there this which".split())
_SIGN = re.compile(rf"(?:(?<![^\s(])[-−–])?[{CURRENCY}<>≤≥±~]?\s?$")  # before a number
_MARK = re.compile(r"\s?[%‰°]|[+#]+(?!\w)|[-−–](?=[\s.,;)]|$)")  # behind a number or letters: "5 %", "A+", "C#"
_MARKED = 2  # letters
_SENTENCE_ENDS = re.compile(r"[.!?;\n]")  # if between two words
_DATELINE_ENDS = re.compile(r"[–—]|\s-\s")  # "BONN - "; what has small letters, as "No study shows this - ", is none
_INITIAL = re.compile(r"[ \t]*(?:[A-Z]|\d{1,3})\.\s")  # of a name or a date, if it marks no item
_WORTH_MARKING = 0.2  # probability that the words answer
_AGAINST = 2  # a quote with another figure than the first loses half as much by standing alone: both should be seen
_DOUBTED = 0.5  # cap for such a quote, as a share of the first one's score, where its own evidence is no answer
_WORTH_SHOWING = 0.2  # of the best quote's score: weaker ones are not shown beside it


def compose(ranked: Sequence[Scored], calibration: Calibration, *, mode: Mode, most: int) -> Answer:
    """The answer from candidates in final order: at most ``most`` quotes from distinct places.

    ``confidence`` is the highest calibrated probability that one of the ``DECIDING`` best passages answers.
    """
    if not ranked:
        return Answer("not_found", "No source that was searched shares a word or a meaning with the question.")
    confidence = max(item.evidence for item in ranked[:DECIDING])
    about = max(probability(calibration.related, item.candidate) for item in ranked[:DECIDING])
    status = _status(confidence, about, calibration, mode)
    if status == "not_found":
        said = "No source that was searched answers this, and no passage is clearly about it."
        return Answer(status, said, confidence=confidence)
    quotes = _quotes(ranked, calibration, most)
    quotes = (replace(quotes[0], score=_first(ranked, quotes[0], calibration)), *quotes[1:])
    if status == "related":
        said = "No answer found; these passages are about it."
        return unmarked(Answer(status, said, quotes, confidence=confidence))
    return Answer(status, "The quoted passages answer the question.", quotes, _short(quotes, ranked[0]), confidence)


def invitation(documents: Sequence[Document]) -> Answer:
    """For "help" and the like: of how many sources one can ask, and from when they are."""
    dates = sorted(document.published for document in documents if document.published)
    some = f"{len(dates)} of them " if len(dates) < len(documents) else ""
    when = f", {some}dated {' to '.join(dict.fromkeys((dates[0], dates[-1])))}" if dates else ""
    many = f"{len(documents)} sources" if len(documents) != 1 else "one source"
    return Answer("not_found", f"Ask about the {many} in this collection{when}; every answer is a quote.")


def unmarked(answer: Answer) -> Answer:
    """The same quotes, in which no words are marked as the answer."""
    bare = tuple(replace(quote, answer_start=None, answer_end=None) for quote in answer.quotes)
    return replace(answer, quotes=bare, short=None)


def onward(answer: Answer, shown: Sequence[Quote], follows: Quote | None) -> Answer:
    """For "tell me more": what ``follows`` in the source, then the quotes of ``answer`` that were not ``shown``."""
    quotes = [follows] if follows else []
    for quote in answer.quotes:
        if not any(overlap(quote, earlier) or alike(quote.text, earlier.text) for earlier in (*shown, *quotes)):
            quotes.append(quote)
    if not quotes:
        nothing = "All that was found about it has been shown."
        return replace(answer, status="not_found", reason=nothing, quotes=(), short=None)
    ranked = tuple(replace(quote, rank=rank) for rank, quote in enumerate(quotes, start=1))
    first = "The first quote goes on from the one shown before." if follows else "These were not shown before."
    status: Status = "answered" if answer.status == "answered" else "related"
    return replace(answer, status=status, reason=first, quotes=ranked, short=None)


def overlap(one: Quote, other: Quote) -> bool:
    """Whether two quotes share words of one document."""
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end


def _status(confidence: float, about: float, calibration: Calibration, mode: Mode) -> Status:
    if confidence >= calibration.answered_at[mode]:
        return "answered"
    return "related" if about >= calibration.related_at[mode] else "not_found"


def _quotes(ranked: Sequence[Scored], calibration: Calibration, most: int) -> tuple[Quote, ...]:
    """From distinct passages, best first; one that says the same as an earlier one is credited there."""
    quotes: list[Quote] = []
    for item in ranked:
        quote = quoted(item.candidate, len(quotes) + 1, item.evidence)
        twin = next((number for number, earlier in enumerate(quotes) if alike(earlier.text, quote.text)), None)
        if twin is not None:
            quotes[twin] = credited(quotes[twin], quote)
            continue
        if quotes and item.evidence and contradicts(quote, quotes[0]):
            half = probability(calibration.answered, item.candidate, item.agreed / _AGAINST)
            answers = item.evidence >= calibration.answered_at["balanced"]  # else it is often about something else
            limit = quotes[0].score * (1 if answers else _DOUBTED)
            quote = replace(quote, score=max(quote.score, min(half, limit)))
        if len(quotes) < most and (not quotes or _worth_showing(quote, beside=quotes[0])):
            quotes.append(quote)
    return tuple(quotes)


def _first(ranked: Sequence[Scored], quote: Quote, calibration: Calibration) -> float:
    """How likely it is that the first ``quote`` answers: another passage that may, no copy, makes it doubtful."""
    copies = {source.document_id for source in quote.also_in}
    others = [item.evidence for item in ranked[1:DECIDING] if item.candidate.documents[0].id not in copies]
    bias, own, other = calibration.first
    return sigmoid(bias + own * logit(ranked[0].evidence) + other * logit(max(others, default=0.0)))


def _worth_showing(quote: Quote, *, beside: Quote) -> bool:
    """Not where the evidence is much weaker, or where the quote is hardly more than a link."""
    links = sum(map(len, _LINK.findall(quote.text)))
    return quote.score >= _WORTH_SHOWING * beside.score and 3 * links < len(quote.text)


def quoted(candidate: Candidate, rank: int = 1, score: float = 0.0) -> Quote:
    """What is quoted of a candidate: whole sentences, and the words in them that answer."""
    document, passage = candidate.documents[0], candidate.passage
    start, end = quote_range(candidate.text, candidate.reading.sentences, passage.heading)
    answer = _answer_inside(candidate, start, end)
    return Quote(
        rank=rank,
        text=candidate.text[start:end],
        document_id=document.id,
        revision=document.revision,
        start=passage.start + start,
        end=passage.start + end,
        uri=document.uri,
        title=document.title,
        passage_id=passage.id,
        author=document.author,
        publisher=document.publisher,
        published=document.published,
        heading=passage.heading,
        link=document.link,
        score=score,
        answer_start=passage.start + answer.start if answer else None,
        answer_end=passage.start + answer.end if answer else None,
        also_in=tuple(Credit(d.id, d.uri, d.title, d.link, d.revision) for d in candidate.documents[1:]),
    )


def _answer_inside(candidate: Candidate, start: int, end: int) -> Span | None:
    """The best answer in the quote; none where it is too doubtful to be marked, as often for "why" and "how".

    The words of a question in the source answer nothing, nor does the number of a clause. What runs over the end of a
    sentence is cut there: its larger part is kept, without the mark of an item.
    """
    text, read = candidate.text, candidate.reading
    asked = [found for sentence in read.sentences if (found := asked_in(text, sentence))]
    begins = {sentence.start for sentence in read.sentences}
    for span in read.spans:
        if span.score < _WORTH_MARKING or span.start < start or span.end > end:
            continue
        number = span.start in begins and (mark := _CLAUSE_NUMBER.match(text, span.start)) and mark.end() == span.end
        part = _in_one_sentence(text, span, read.sentences)
        split = _INSIDE_TOKEN.match(text, part.start)
        if not number and not split and part.start < part.end and not any(a <= part.start < b for a, b in asked):
            return part
    return None


def _in_one_sentence(text: str, span: Span, read: Sequence[Span]) -> Span:
    """The larger part of ``span`` in one sentence, without the mark of an item; empty where that only announces."""
    parts = [
        (max(span.start, s.start), min(span.end, s.end), s) for s in read if s.start < span.end and span.start < s.end
    ]
    if not parts:
        return span
    low, high, sentence = max(parts, key=lambda part: (part[2].score, part[1] - part[0]))
    label = SPEAKER.match(text, sentence.start)  # "Ann Roe: No.", of which she is no part unless it is all of her words
    begins = label.end() if label and label.end() < high else _mark_end(text, sentence, read)
    low, high = strip(text, max(low, min(begins, high)), high)
    low, high = strip(text, *_balanced(text, low, high, sentence.end))
    if high < span.end:  # the sentence's own end is no part of the answer; what it announces stands below
        high = low if text[high - 1] == ":" else low + len(text[low:high].rstrip(".;,"))
    return replace(span, start=low, end=high)


def _mark_end(text: str, sentence: Span, read: Sequence[Span]) -> int:
    """Where the words of an item begin. "J." marks one only where the mark before or after it begins a line as well."""
    mark = ITEM.match(text, sentence.start)
    if mark and _INITIAL.fullmatch(mark[0]):
        lines = (s.start for s in read if text[: s.start].rstrip(" \t")[-1:] in ("", "\n"))
        others = [other[0].strip() for start in lines if (other := ITEM.match(text, start))]
        own = mark[0].strip()
        mark = mark if any(follows(own, other) or follows(other, own) for other in others) else None
    return mark.end() if mark else sentence.start


def _balanced(text: str, start: int, end: int, limit: int) -> tuple[int, int]:
    """With the quotation mark or bracket that closes what is opened in it, or opens what is closed; else without it."""
    for opening, closing in ('""', "“”", "()"):
        part = text[start:end]
        opened = part.count(opening) % 2 if opening == closing else part.count(opening) > part.count(closing)
        if opened and end < limit and text[end] == closing:
            end += 1
        elif opened and part.startswith(opening):
            start += 1
        elif part.endswith(closing) and (opened if opening == closing else part.count(closing) > part.count(opening)):
            start, end = (start - 1, end) if text[start - 1 : start] == opening else (start, end - 1)
    return start, end


def alike(one: str, other: str) -> bool:
    """Whether two quotes say the same: nearly the same words, or one nearly whole inside the other, as where a copy of
    an article was cut elsewhere. But for whole sentences at the ends they differ by slight words only, and rows of
    tables nowhere. A figure that only the shorter one has makes them different."""
    brief, full = sorted((one, other), key=lambda text: len(words(text)))
    first, second = spoken(brief), spoken(full)
    if BETWEEN in one or BETWEEN in other:
        return first == second
    shorter, longer = set(first), set(second)
    if any(character.isdigit() for word in shorter - longer for character in word):
        return False
    runs, others = _runs(first), _runs(second)
    inside = len(runs) >= _FEWEST_RUNS and len(runs & others) >= _ALIKE * len(runs)
    near = inside or len(shorter & longer) >= _ALIKE * len(shorter | longer)
    return near and _SLIGHT.issuperset(_edited(brief, full))


def spoken(text: str) -> list[str]:
    """Its words, and with numbers and grades the signs that words leave off: "-5", "$5", "<5" and "5%" are four."""
    return [f"{_signs(text, start, end)}{fold(text[start:end])}" for start, end in words(text)]


def _signs(text: str, start: int, end: int) -> str:
    """Those before and behind a word.

    >>> _signs("< 5", 2, 3), _signs("5 %", 0, 1), _signs("an A-", 3, 4), _signs("A-level", 0, 1)
    ('<', '%', '-', '')
    """
    number = text[start].isdigit()
    before = _SIGN.search(text, max(0, start - 3), start) if number else None
    behind = _MARK.match(text, end) if number or end - start <= _MARKED else None
    return "".join(found[0].strip() for found in (before, behind) if found)


def _edited(one: str, other: str) -> set[str]:
    """The words that only one of two texts has, but for whole sentences before or after all that they share."""
    first, second = spoken(one), spoken(other)
    found: set[str] = set()
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        cut = (kind == "delete" and _cut_off(one, a, b)) or (kind == "insert" and _cut_off(other, c, d))
        if kind != "equal" and not cut:
            found.update(first[a:b], second[c:d])
    return found


def _cut_off(text: str, start: int, end: int) -> bool:
    """Whether the words from number ``start`` to ``end`` are whole sentences at the beginning or the end of it."""
    spans = words(text)
    edge = end if start == 0 else start if end == len(spans) else 0
    if not 0 < edge < len(spans):
        return False
    between = (spans[edge - 1][1], spans[edge][0])
    dateline = start == 0 and not any(text[a].islower() for a, _ in spans[:edge])
    return bool(_SENTENCE_ENDS.search(text, *between) or (dateline and _DATELINE_ENDS.search(text, *between)))


def _runs(spoken: Sequence[str]) -> set[tuple[str, ...]]:
    return set(zip(spoken, spoken[1:], spoken[2:], strict=False))


def credited(quote: Quote, twin: Quote) -> Quote:
    """The quote with the sources of its twin named as well."""
    sources = (Credit(twin.document_id, twin.uri, twin.title, twin.link, twin.revision), *twin.also_in)
    return replace(quote, also_in=quote.also_in + tuple(s for s in sources if s.document_id not in quote.documents))


def _short(quotes: Sequence[Quote], first: Scored) -> ShortAnswer | None:
    """The marked words of the first quote, if there are any."""
    quote, shift = quotes[0], first.candidate.passage.start
    marked = _answer_inside(first.candidate, quote.start - shift, quote.end - shift)
    if marked is None:
        return None
    text = first.candidate.text[marked.start : marked.end]
    return ShortAnswer(text, quote.document_id, shift + marked.start, shift + marked.end, marked.score)
