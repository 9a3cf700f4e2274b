"""The main path: what is meant -> what the sources say -> the turn. :mod:`rag.finding` searches, reads and composes."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import cached_property

from rag.answer import invitation
from rag.around import gone_on, others, unless_said
from rag.config import Settings
from rag.conversation import (
    Known,
    TermScorer,
    confined,
    goes_on,
    known,
    may_be_new,
    narrowed,
    pronoun,
    resolve,
    shown,
    wants_more,
    wants_others,
)
from rag.errors import QuestionError
from rag.finding import Finder, Stage, timed
from rag.lexicon import content
from rag.models import load_encoder, load_reader, load_terms
from rag.overview import Scope, byline, opening, sources_within
from rag.reading import Asked
from rag.search import search
from rag.spelling import doubted, respelt, told, unheard_of
from rag.store import Library
from rag.text import without_genitive
from rag.types import EVERYTHING, Answer, Carried, Encoder, Filters, Hit, Reader, Resolution, ResolutionKind, Turn
from rag.wanted import THESE, Kind, Wanted, events, wanted, wanted_within

_LONGEST = 2000  # characters
_FEW = 3  # words that ask for the rest of a list of all sources: "show me more"
_OF_ALL = frozenset(("held", "oldest", "newest", "authors", "publishers"))  # wishes that need no words to look for


class Assistant:
    """Answers questions from one library. Models load at the first question, or at :meth:`warm_up`."""

    def __init__(self, library: Library, settings: Settings | None = None) -> None:
        self.library, self.settings = library, settings or Settings()

    @cached_property
    def encoder(self) -> Encoder:
        """The embedding model that the library is pinned to."""
        return load_encoder(self.library.encoder_name or self.settings.encoder, cache_dir=self.settings.cache_dir)

    @cached_property
    def reader(self) -> Reader:
        """The reader that the settings name."""
        return load_reader(self.settings.reader, encoder=self.encoder, cache_dir=self.settings.cache_dir)

    @cached_property
    def terms(self) -> TermScorer:
        """The model that says which words of a conversation a question needs."""
        return load_terms(cache_dir=self.settings.cache_dir)

    @property
    def _finder(self) -> Finder:
        return Finder(self.library, self.encoder, self.reader, self.settings)

    def warm_up(self) -> None:
        """Load the models, so that neither the first question nor the first follow-up waits for them."""
        self.reader.read("ready?", ["Ready."])
        _ = self.terms

    def search(self, query: str, *, depth: int = 0, filters: Filters = EVERYTHING) -> list[Hit]:
        """The hits for these very words, best first, unread: up to ``depth`` of each channel (0: as the settings say).

        Raises :class:`QuestionError` as :meth:`ask` does, :class:`LibraryError` if another encoder made the collection.
        """
        depth = depth or self.settings.depth
        return search(self.library, self.encoder, _checked(query, "query"), depth=depth, filters=filters)

    def ask(
        self,
        question: str,
        turns: Sequence[Turn] = (),
        *,
        raw: bool = False,
        filters: Filters = EVERYTHING,
        only: bool = False,
    ) -> Turn:
        """Answer ``question`` as the next turn after ``turns``; ``raw`` searches the words as they were typed.

        ``filters`` are added to those that the question says in words; with ``only`` they stand instead.
        Raises :class:`QuestionError` if the question is empty or longer than 2,000 characters. "Nothing found" is
        an answer, not an error.
        """
        steps = self.steps(question, turns, raw=raw, filters=filters, only=only)
        while True:
            try:
                next(steps)
            except StopIteration as done:
                turn: Turn = done.value
                return turn

    def steps(
        self,
        question: str,
        turns: Sequence[Turn] = (),
        *,
        raw: bool = False,
        filters: Filters = EVERYTHING,
        only: bool = False,
    ) -> Generator[Stage, None, Turn]:
        """:meth:`ask`, telling each stage before it begins."""
        question, timings = _checked(question), dict[str, float]()
        with timed(timings, "resolve"):
            as_typed = Resolution("raw", question, "Searched in your own words, as you asked.")
            understood = (question, (), as_typed) if raw else self._understood(question, turns, plain=only)
            meant, changed, resolution = understood
            if only or resolution.quote_rank is None:  # else the question names its source itself
                resolution = confined(resolution, filters if only else narrowed(resolution.filters, filters))
        if not raw and (found := (yield from self._overview(meant, resolution, turns, timings))):
            resolution, answer = found
        elif resolution.kind == "command":
            answer = invitation(self.library.documents())
        elif resolution.kind == "reference":
            resolution, answer = yield from self._finder.of_a_quote(resolution, turns, timings)
        else:
            apart = self._is_apart(meant, resolution)
            asked = Asked(resolution, resolution.query, meant, goes_on(resolution, turns), apart=apart)
            resolution, answer = yield from self._finder.from_sources(asked, timings)
            if answer.status != "answered" and resolution.filters != filters:
                wider = confined(self._resolve(meant, turns, plain=True), filters)
                asked = replace(asked, resolution=wider, question=wider.query)
                resolution, answer = yield from self._finder.unfiltered(resolution, answer, asked, timings)
            if answer.status != "answered" and (then := events(resolution.query)):
                answer = (yield from self._finder.of_the_sources(then, Scope(resolution.filters), timings)) or answer
            if resolution.kind == "continuation":
                answer = self._onward(meant, resolution, answer, turns)
        if not raw:
            strange, strict = unheard_of(self.library, resolution.query), self.settings.mode == "strict"
            answer = doubted(answer, changed, strange, strict=strict)
        return Turn(question, told(resolution, changed), replace(answer, timings_ms=timings))

    def _understood(
        self, question: str, turns: Sequence[Turn], *, plain: bool
    ) -> tuple[str, tuple[Carried, ...], Resolution]:
        """The question in the spelling of the sources, the words that were changed for it, and what it means."""
        resolution = self._resolve(question, turns, plain=plain)
        if resolution.kind == "command":
            return question, (), resolution
        meant, changed = respelt(self.library, self.encoder, question)
        return meant, changed, self._resolve(meant, turns, plain=plain) if changed else resolution

    def _is_apart(self, question: str, resolution: Resolution) -> bool:
        """Whether no source has the question's own words and one that was carried over: it may be a new subject."""
        carried = {word.lower() for each in resolution.carried for word in said_in(each.text)}
        said = [word.lower() for word in said_in(question)]
        return may_be_new(resolution, question) and not self.library.together(said, sorted(carried.difference(said)))

    def _overview(
        self, question: str, resolution: Resolution, turns: Sequence[Turn], timings: dict[str, float]
    ) -> Generator[Stage, None, tuple[Resolution, Answer] | None]:
        """For a question about the sources themselves; None for any other, or where no source has its words."""
        begun = _began(turns) if wants_more(question) else None
        if begun is not None and (resolution.kind in ("continuation", "command") or len(question.split()) <= _FEW):
            answer = yield from self._rest(turns, begun, timings)
            kept = replace(resolution, filters=turns[begun].resolution.filters)
            return (kept, answer) if answer else None
        if resolution.kind == "continuation":
            return None
        typed, pointed = wanted(question), resolution.kind == "reference" and resolution.quote_rank is not None
        of_one = typed is not None and (typed.kind in ("opening", "byline") or (pointed and typed.kind == "topic"))
        of, scope = self._meant(question, resolution, turns)
        if resolution.kind == "command" and (of is None or of.kind != "held"):
            return None
        if typed and of_one and not (of and of.within) and (pointed or not typed.about):
            return self._of_shown(question, typed.kind, resolution.quote_rank, turns)
        if of is None:
            return None
        answer = yield from self._finder.of_the_sources(of, scope, timings)
        if of.within == THESE:
            resolution = Resolution("standalone", question, "Of the sources that were listed.", filters=scope.filters)
        elif of == typed:  # asked in its own words, whatever was carried into them; no "it" means a list of everything
            kind: ResolutionKind = "standalone" if of.about or of.kind in ("oldest", "newest") else "command"
            resolution = Resolution(kind, question, "This is about the sources themselves.", filters=scope.filters)
        return (resolution, answer) if answer else None

    def _rest(
        self, turns: Sequence[Turn], begun: int, timings: dict[str, float]
    ) -> Generator[Stage, None, Answer | None]:
        """What the list that this turn began has besides what was shown of it."""
        of, scope = self._meant(turns[begun].question, turns[begun].resolution, turns[:begun])
        if of is None or of.kind not in ("which", "held"):
            return None
        told = frozenset(quote.document_id for turn in turns[begun:] for quote in turn.answer.quotes)
        return (yield from self._finder.of_the_sources(of, replace(scope, told=told), timings))

    def _meant(self, question: str, resolution: Resolution, turns: Sequence[Turn]) -> tuple[Wanted | None, Scope]:
        """What is wanted of the sources, and of which: of some, where the question names those that there are."""
        scope = Scope(resolution.filters, most=self.settings.quotes)
        for of in filter(None, map(wanted_within, dict.fromkeys((question, resolution.query)))):
            if of.within == THESE:
                let = {each.id for each in self.library.documents(scope.filters)}
                listed = (quote.document_id for quote in shown(turns) if turns[-1].answer.listed)
                ids = tuple(each for each in listed if each in let)
            else:
                found = sources_within(self.library, of.within, scope.filters)
                ids = () if found is None else tuple(each.id for each in found) or ("",)  # none
            if ids:
                return of, replace(scope, filters=replace(scope.filters, document_ids=ids))
        typed = wanted(question)
        every = typed if typed and _is_whole(typed) else wanted(resolution.query)
        return (every if every and (every.about or every.kind in _OF_ALL) else None), scope

    def _of_shown(
        self, question: str, kind: Kind, rank: int | None, turns: Sequence[Turn]
    ) -> tuple[Resolution, Answer] | None:
        """How the source of the quote with this rank begins, or who wrote it; by default of the first quote, but "who
        wrote it?" only where nothing else was spoken of."""
        looked_at = turns[-1].resolution.quote_rank if turns else None
        quote = next((quote for quote in shown(turns) if quote.rank == (rank or looked_at or 1)), None)
        if quote is None:
            nothing = Resolution("command", question, "No source was shown yet.")
            return (nothing, invitation(self.library.documents())) if kind == "opening" else None
        if kind == "byline" and rank is None and not turns[-1].answer.listed:
            return None
        meant = Resolution("reference", question, f"This is about quote [{quote.rank}].", quote_rank=quote.rank)
        return meant, (byline if kind == "byline" else opening)(self.library, quote)

    def _onward(self, question: str, resolution: Resolution, answer: Answer, turns: Sequence[Turn]) -> Answer:
        """The answer to the question before, asked again, without what is known from it."""
        if wants_others(question):
            found = others(answer, turns, least=self.reader.calibration.answered_at[self.settings.mode])
            if found.quotes or not answer.quotes:
                return found
            return gone_on(self.library, replace(answer, status="related"), turns)  # it may stand right behind
        return gone_on(self.library, answer, turns) if wants_more(question) else unless_said(answer, turns, resolution)

    def _resolve(self, question: str, turns: Sequence[Turn], *, plain: bool) -> Resolution:
        """``plain``: no words are taken for filters, all of them are read."""
        sources = replace(self.library.derived(_known), plain=plain)
        return resolve(question, turns, terms=self.terms if turns else None, sources=sources)


def _checked(text: str, what: str = "question") -> str:
    text = " ".join(text.encode(errors="replace").decode().split())  # lone surrogates are no text
    if not text:
        raise QuestionError(f"the {what} is empty", fix=f"type a {what}")
    if len(text) > _LONGEST:
        why = f"at most {_LONGEST:,} are read"
        raise QuestionError(f"the {what} has {len(text):,} characters", why=why, fix="shorten it")
    return text


def _is_whole(of: Wanted) -> bool:
    """Whether it is asked in words that need none of the conversation."""
    return pronoun(f"{of.about} {of.without}") is None and bool(of.about or of.kind in _OF_ALL)


def _began(turns: Sequence[Turn]) -> int | None:
    """Where the list began that was shown last; None where none was."""
    at = next((n for n in reversed(range(len(turns))) if not wants_more(turns[n].question)), None)
    return at if at is not None and turns[at].answer.listed else None


def said_in(text: str) -> list[str]:
    """The content words of ``text``, without genitives."""
    return [without_genitive(text[start:end]) for start, end in content(text)]


def _known(library: Library) -> Known:
    return known(library.documents())
