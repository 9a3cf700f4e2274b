"""Answers to questions about the sources themselves, as :mod:`rag.wanted` understands them.

Nothing here writes a summary: what comes nearest to one and can be quoted is how a source itself begins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from rag.answer import quoted
from rag.around import placed
from rag.chunk import sections
from rag.conversation import dated, narrowed
from rag.lexicon import is_list_of_references, stems
from rag.store import Library
from rag.text import date_words, fold, sentences, words
from rag.types import Answer, Candidate, Document, Filters, Hit, Quote, Reading, Span
from rag.wanted import THESE, Wanted, either

_MOST = 10  # sources that are listed
_OPENING = 600  # characters of how a source begins
_TOP = 20 * _OPENING  # characters in which its first paragraph is looked for
_PROSE = re.compile(r"(?:\S+\s+){5}.*[.!?][\"'”’)]*", re.DOTALL)  # neither byline nor heading
_TITLE = 3  # words that tell the title of a text from the name of a work that it is about
_HEADING = 6  # words, below which what does not end as a sentence does is taken for a heading
_BY = re.compile(r"(?:(?:published|written|dated|released) )?(?:from|by) (?:the )?", re.IGNORECASE)
_BEGIN = "No summary is written here. This is how the {} begin{}."

_T = TypeVar("_T", Document, Quote)


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which sources is asked: those that ``filters`` let through, without those already ``told`` of; how many of
    them are quoted where not all are listed."""

    filters: Filters
    told: Collection[str] = ()  # document ids
    most: int = 3


def sources_within(library: Library, phrase: str, filters: Filters) -> list[Document] | None:
    """The documents, among those that ``filters`` let through, with the date, the publisher or the author that a
    phrase names: "from 2023", "by Ann Smith". None if it names none.

    An author is named by whole words of the name, a publisher by all of it or by an acronym in it.
    """
    documents = library.documents(filters)
    if dates := dated(phrase, max((each.published[:4] for each in documents), default="")):
        let = {each.id for each in documents}
        return [each for each in library.documents(narrowed(filters, dates)) if each.published and each.id in let]
    name = _BY.sub("", phrase, count=1).strip(" \"'“”")
    said = _bare(name)
    if name == phrase or not said:
        return None
    if name.islower() and len(said) == 1:  # "reports by law"
        return [each for each in documents if _bare(each.publisher) == said] or None
    found = [each for each in documents if _bare(each.publisher) == said or said <= _bare(each.author)]
    acronym = name.isupper() and len(name) > 1
    return found or [each for each in documents if acronym and said <= _bare(each.publisher)] or None


def _alternatives(asked: Wanted) -> list[str]:
    return either(asked.about) if asked.kind == "which" else [asked.about]


def _in_quotes(words: str) -> str:
    return " or ".join(f"“{said}”" for said in either(words))


def silent_on(library: Library, words: str, scope: Scope) -> Scope:
    """The scope without the documents of which a passage holds these words, or one of several."""
    each = [library.mentioning(stems(said), scope.filters) for said in either(words)]
    holding = {document for some in each for _, _, document in some}
    left = tuple(each.id for each in library.documents(scope.filters) if each.id not in holding)
    return replace(scope, filters=replace(scope.filters, document_ids=left or ("",)))  # none


def _called(source: Document | Quote) -> str:
    """The title and the words of the file's name: "ruling-thwaite.txt" is the ruling, whatever its title."""
    name = unquote(PurePosixPath(urlsplit(source.uri).path).stem)
    return f"{source.title} {re.sub(r'[-_.]', ' ', name)}"


def _bare(name: str) -> set[str]:
    return {fold(name[start:end]) for start, end in words(name)} - {"the"}


def of_words(library: Library, hits: Sequence[Hit], asked: Wanted, scope: Scope) -> Answer | None:
    """Quotes from the sources that have the words of ``asked.about``, found by ``hits``; None if none has.

    One quote for each source: at most ten where sources are asked for. Nothing was read for the question, so their
    scores are 0.
    """
    said = stems(asked.about)
    if not all(map(stems, _alternatives(asked))):  # "which articles mention it all?"
        return None
    found = list(_mentions(library, hits, asked, scope))
    if asked.kind == "byline" and not found:
        found = list(_mentions(library, hits, asked, scope, share=0.5))[:1]
    if asked.kind in ("which", "events"):
        return _listed(library, found, asked, scope)
    main = [begun for quote in found if (begun := _begun(library, quote, said))]
    titled = [quote for quote in main if said <= stems(_called(quote))]
    if asked.kind in ("opening", "topic"):
        begin = titled or (main if asked.kind == "opening" else [])
        return _answer(library, begin[: scope.most], _BEGIN.format("sources", "")) if begin else None
    if asked.kind == "byline":
        return next((byline(library, quote) for quote in (*titled, *main, *found)), None)
    in_order = _in_order([quote for quote in main or found if quote.published], asked)
    which = f"The {asked.kind} source {f'{asked.within} ' * bool(asked.within)}about it is dated"
    return _dated(library, in_order, which, scope)


def of_all(library: Library, documents: Sequence[Document], asked: Wanted, scope: Scope) -> Answer | None:
    """How these documents begin, for a question that names no words they should have; None where that is no answer:
    a date is asked for and none has one, or the author of more than one."""
    if asked.kind in ("oldest", "newest"):
        with_date = [each for each in documents if each.published]
        begun = _openings(library, _in_order(with_date, asked)[: scope.most], _OPENING)
        which = asked.within if asked.within == THESE else f"source {asked.within}".strip()
        return _dated(library, begun, f"The {asked.kind} {which} is dated", scope)
    left = [each for each in _in_order(documents, asked) if each.id not in scope.told]
    if asked.kind == "opening":
        begun = _openings(library, left[: scope.most], _OPENING)
        said = _BEGIN.format("source", "s") if len(begun) == 1 else _BEGIN.format("sources", "")
        return _answer(library, begun, said) if begun else None
    if asked.kind == "titled":
        title = stems(asked.about)
        known = [each for each in left if each.author and len(title) >= _TITLE]  # "Silent Spring" is of another author
        left = [each for each in known if title in (stems(each.title), stems(each.title.partition(":")[0]))]
    if asked.kind in ("byline", "titled"):
        return byline(library, _first(library, left[0])) if len(left) == 1 else None
    if asked.kind in ("authors", "publishers"):
        return _names(library, left, asked)
    if asked.without and not left and not scope.told:
        return Answer("not_found", f"Every source mentions {_in_quotes(asked.without)}.")
    if asked.without:
        asked = replace(asked, within=f"{asked.within} without {_in_quotes(asked.without)}".strip())
    if not left:
        no = "no other source" if scope.told else "no source that is known to be"
        return Answer("not_found", f"There is {no} {asked.within}".strip() + ".") if documents or asked.within else None
    more = " more" * bool(scope.told)
    there = f"There is one{more} source" if len(left) == 1 else f"There are {len(left)}{more} sources"
    only = f"; these {_MOST} are the newest" * (len(left) > _MOST)
    return _answer(library, _openings(library, left[:_MOST], 0), f"{there} {asked.within}".strip() + f"{only}.")


def _names(library: Library, documents: Sequence[Document], asked: Wanted) -> Answer | None:
    """Who wrote or published the documents, the most frequent first, with one source of each."""
    of = "author" if asked.kind == "authors" else "publisher"
    named = Counter(name for each in documents if (name := each.author if of == "author" else each.publisher))
    if not named:
        return None
    one = {each.author if of == "author" else each.publisher: each for each in reversed(documents)}
    listed = "; ".join(f"{name} ({many})" if many > 1 else name for name, many in named.most_common(_MOST))
    more = f"; and {len(named) - _MOST} more" * (len(named) > _MOST)
    firsts = _openings(library, [one[name] for name, _ in named.most_common(_MOST)], 0)
    return _answer(library, firsts, f"The sources name {len(named)} {of}{'s' * (len(named) > 1)}: {listed}{more}.")


def _in_order(some: Sequence[_T], asked: Wanted) -> list[_T]:
    """The newest first, unless the oldest are asked for; those without a date last."""
    return sorted(some, key=lambda each: each.published, reverse=asked.kind != "oldest")


def _dated(library: Library, found: Sequence[Quote], which: str, scope: Scope) -> Answer | None:
    return _answer(library, found[: scope.most], f"{which} {date_words(found[0].published)}.") if found else None


def _listed(library: Library, found: Sequence[Quote], asked: Wanted, scope: Scope) -> Answer | None:
    """The sources that mention something, and how many there are; None where they cannot be told by these words."""
    each = [library.mentioning(stems(about), scope.filters) for about in _alternatives(asked) if asked.kind == "which"]
    holding = {content for some in each for content, heading, _ in some if not is_list_of_references(heading)}
    many = len(holding) - len(scope.told)
    said = _in_quotes(asked.about) if asked.kind == "which" else f"“{asked.about}”"
    said += f" but not {_in_quotes(asked.without)}" * bool(asked.without)
    more = " more" * bool(scope.told)
    of = f" {THESE}" if asked.within == THESE else f"{more} sources {asked.within}".rstrip()
    one = of if asked.within == THESE else of.replace("sources", "source", 1)
    if not found:
        few = len(stems(asked.about)) <= 1 + bool(asked.within)  # of many words some may stand apart from the others
        unknown = few and many <= 0 or not all(map(library.has_word, stems(asked.about)))
        none = asked.kind == "which" and (unknown or scope.told or asked.without)
        no = "None" if asked.within == THESE else "No other" if more else "No"
        return Answer("not_found", f"{no}{one.removeprefix(more)} mentions {said}.") if none else None
    there = f"One{one} mentions" if max(many, len(found)) == 1 else f"{max(many, len(found))}{of} mention"
    best = f"; these {_MOST} fit best" * (many > _MOST)
    return _answer(library, found[:_MOST], f"{there} {said}{best}.")


def _openings(library: Library, documents: Sequence[Document], most: int) -> list[Quote]:
    """How the documents begin: up to about ``most`` characters, at least a sentence."""
    begun = (_begun(library, _first(library, each), set(), most) for each in documents)
    return [quote for quote in begun if quote and quote.text]


def _first(library: Library, document: Document) -> Quote:
    """A quote of nothing in the document, to be made one of how it begins."""
    ids = library.allowed(Filters(document_ids=(document.id,)))
    return Quote(
        rank=1,
        text="",
        document_id=document.id,
        revision=document.revision,
        start=0,
        end=0,
        uri=document.uri,
        title=document.title,
        passage_id=0 if ids is None or not ids.size else int(ids[0]),
        author=document.author,
        publisher=document.publisher,
        published=document.published,
    )


def opening(library: Library, quote: Quote) -> Answer:
    """How the source of a quote begins."""
    begun = _begun(library, quote, set()) or quote
    return _answer(library, [begun], _BEGIN.format("source", "s"))


def byline(library: Library, quote: Quote) -> Answer:
    """Who wrote the source of a quote, and when, as far as it is known; how it begins."""
    said = [f"is by {quote.author}" if quote.author else "names no author"]
    said += [f"published by {quote.publisher}"] * bool(quote.publisher)
    said += [f"dated {date_words(quote.published)}" if quote.published else "without a date"]
    begun = _begun(library, quote, set()) or quote
    return _answer(library, [begun], f"“{quote.title or quote.uri}” {', '.join(said)}.")


def _mentions(
    library: Library, hits: Sequence[Hit], asked: Wanted, scope: Scope, *, share: float = 1.0
) -> Iterator[Quote]:
    """For each source of which a passage, with the title, has all words that are asked for, or this ``share`` of them:
    the sentence with most of them. The words of a date stand in one sentence."""
    every = [stems(about) for about in _alternatives(asked)]
    ids = [hit.passage_id for hit in hits]
    passages, texts, owners = library.passages(ids), library.passage_texts(ids), library.owners(ids, scope.filters)
    seen = set(scope.told)
    for hit in hits:
        documents, text = owners.get(hit.passage_id, []), texts.get(hit.passage_id, "")
        if not documents or documents[0].id in seen or is_list_of_references(passages[hit.passage_id].heading):
            continue
        name = documents[0].title if asked.kind == "which" else _called(documents[0])  # a file's name mentions nothing
        has = stems(f"{name} {text}")
        if within := next((each for each in every if len(each & has) >= share * len(each)), None):
            start, end = max(sentences(text), key=lambda span: _fit(text[slice(*span)], within))
            if asked.kind == "events" and not within <= stems(text[start:end]):
                continue
            seen |= {document.id for document in documents}
            reading = Reading(0.0, 0.0, (), (Span(start, end, 1.0),))
            yield quoted(Candidate(hit, passages[hit.passage_id], text, reading, tuple(documents)))


def _fit(sentence: str, within: set[str]) -> tuple[bool, int, bool]:
    """How well a sentence shows that its source has these words: a heading alone does so least."""
    has, whole = len(within & stems(sentence)), bool(_PROSE.fullmatch(sentence))
    return has > 0 and (whole or len(sentence.split()) >= _HEADING), has, whole


def _begun(library: Library, quote: Quote, within: set[str], most: int = _OPENING) -> Quote | None:
    """How the source of ``quote`` begins, with its first paragraph or about ``most`` characters of it; None where
    that and its title lack a word."""
    document = library.find(quote.document_id, quote.revision)
    if document is None:
        return None
    spans = [span for _, run in sections(document, (0, _TOP)) for span in run]
    first = next((n for n, (a, b) in enumerate(spans) if _PROSE.fullmatch(document.text, a, b)), 0)
    start, end = spans[first] if spans else (quote.start, quote.end)
    for a, b in spans[first + 1 :]:
        if b - start > most or "\n\n" in document.text[end:a]:
            break
        end = b
    if not within <= stems(f"{_called(document)} {document.text[start:end]}"):
        return None
    copies = tuple(source for source in quote.also_in if source.revision == quote.revision)
    return replace(quote, text=document.text[start:end], start=start, end=end, heading="", also_in=copies)


def _answer(library: Library, quotes: Sequence[Quote], reason: str) -> Answer:
    found = [(quote, library.find(quote.document_id, quote.revision)) for quote in quotes]
    here = [placed(replace(quote, score=0.0), document) for quote, document in found if document]
    if not here:
        return Answer("not_found", "The source you mean is not there any more.")
    return Answer("answered", reason, tuple(replace(quote, rank=rank) for rank, quote in enumerate(here, start=1)))
