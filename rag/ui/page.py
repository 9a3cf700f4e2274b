"""What the page does: each handler takes what a browser wishes for and yields what the areas show next.

Whose conversations are shown is decided by ``owner``, which comes from the session and never from the browser's
wish; a wish is checked before it is followed.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rag.errors import LibraryError
from rag.ingest import remove
from rag.store import Place, add_question, asked_questions, judge, judgements, questions_file
from rag.types import EVERYTHING, Filters, Turn
from rag.ui import adding, shelf, views
from rag.ui.collections import Collections
from rag.ui.desk import Desk, Run
from rag.ui.evidence import Cases, Said, evidence, is_own_question
from rag.ui.markup import plural
from rag.ui.passages import around
from rag.ui.telling import Done, plainly, said
from rag.ui.wishes import filters_of, number, without

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.finding import Stage
    from rag.store.library import Library

_LEAVING = ("new", "open", "delete", "collection", "create", "drop")  # what is worked on is answered out of sight
_IN_TURN = (*_LEAVING, "narrow", "rename")  # one after the other, and what is asked in the same moment comes then
_RELISTING = ("narrow", "remove", "collection", "create", "drop")  # after these the list of sources is another one


class Page:
    """The handlers; a result maps the names of areas to their new values, and what it leaves out stays as it is.

    ``editable``: whether documents and test questions can be added and documents removed here.
    """

    def __init__(self, collections: Collections, examples: Sequence[str] = (), *, editable: bool = False) -> None:
        self.collections = collections
        self._examples, self._editable = tuple(examples), editable
        self._adder = shelf.adder() if editable else ""

    def open(self, owner: str) -> dict[str, Any]:
        """The page as it is first seen: the conversation used last, or the welcome."""
        desk = self._latest(Desk(), owner)
        return {**self._show(desk, owner), "sources": self._sources(desk), "added": self._adder}

    def ask(
        self,
        question: str,
        desk: Desk,
        owner: str,
        *,
        raw: bool = False,
        before: int | None = None,
        filters: Filters | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The question at once, each stage as it begins, then the answer; or that another is worked on.

        ``before``: only that many turns are known to the follow-up. ``filters``: instead of the desk's and of those
        that the question's words ask for.
        """
        with desk.settled() as desk:
            busy, run = desk.tab.run, Run(question)
            desk.tab.run = busy or run
        if busy:  # subtle: what yields nothing at all makes Gradio empty the page
            twice = question.strip() == busy.pending.question.strip()  # Enter was pressed again
            yield {} if twice else self._working(busy, self._turns(desk, owner), desk, notice=views.BUSY)
            return
        within = desk.filters if filters is None else filters
        try:
            turns, assistant = self._turns(desk, owner), self._assistant(desk)
            steps = assistant.steps(question, turns[:before], raw=raw, filters=within, only=filters is not None)
            yield {**self._working(run, turns, desk), "box": ""}
            turn = yield from self._worked(steps, run, turns, desk)
        except views.FAILURES as error:
            if desk.tab.leave(run):
                yield {"box": question}  # first, as the rest may fail as well
                yield {
                    **self._show(desk.tab.desk or desk, owner, notice=plainly(views.failure(error))),
                    "box": question,
                }
        else:
            yield self._ended(run, turn, turns, desk, owner)
        finally:
            desk.tab.leave(run)

    def _worked(
        self, steps: Generator[Stage, None, Turn], run: Run, turns: Sequence[Turn], desk: Desk
    ) -> Generator[dict[str, Any], None, Turn | None]:
        """What the page shows while the steps are taken; the turn that they end with, None if they were stopped."""
        holdings = self._holdings(desk)
        while not run.over:
            try:
                stage = next(steps)
            except StopIteration as done:
                turn: Turn = done.value
                return turn if run.end() else None
            run.pending = replace(run.pending, stages=(*run.pending.stages, views.stage_words(stage, holdings)))
            yield self._working(run, turns, desk)
        return None

    def _working(self, run: Run, turns: Sequence[Turn], desk: Desk, *, notice: str = "") -> dict[str, Any]:
        if desk.tab.run is not run:  # stopped, or its user looks at something else
            return {}
        thread = views.thread(turns, self._holdings(desk), pending=run.pending, notice=notice)
        return {"thread": thread, "said": said(notice or run.pending.stages[-1])}

    def _ended(self, run: Run, turn: Turn | None, turns: Sequence[Turn], desk: Desk, owner: str) -> dict[str, Any]:
        """What the page shows after a question, which is saved unless it was stopped."""
        looked_at, here = desk.tab.desk or desk, desk.tab.leave(run)
        if turn is None:  # a stage may have been on its way to the page when it was stopped
            return {} if desk.tab.run else {"thread": self._show(looked_at, owner)["thread"]}
        if self._deleted(desk):  # with all that was asked there
            return self._show(looked_at, owner) if here else {}
        conversations, unsaved, notice = self._library(desk).conversations, None, ""
        try:
            desk = desk if desk.conversation and turns else replace(desk, conversation=conversations.create(owner))
            conversations.append(desk.conversation, owner, turn)
        except LibraryError as error:  # read-only, or deleted in another tab meanwhile
            unsaved, notice = turn, plainly(str(error))
        if not here:
            listed = self._show(looked_at, owner)["conversations"]
            return {"conversations": listed, "said": said(f"Answered meanwhile: {turn.question}")}
        desk = replace(looked_at, conversation=desk.conversation, selected=len(turns), rank=0)
        shown = self._show(desk, owner, notice=notice, unsaved=unsaved)
        return {**shown, "said": said(f"{views.outcome(turn)} {notice}")}

    def stop(self, typed: str, desk: Desk, owner: str) -> dict[str, Any]:
        """Give up the question that is worked on; its words go back into the box, if nothing was typed there."""
        run = desk.tab.run
        if run is None or not run.end():  # it has just been answered
            return {}
        desk.tab.leave(run)
        back = "" if typed.strip() else " Your words are back in the box."
        box = typed if typed.strip() else run.pending.question
        return {**self._show(desk, owner), "box": box, "said": said(f"Stopped.{back}")}

    def act(self, wish: Mapping[str, str], desk: Desk, owner: str) -> Iterator[dict[str, Any]]:
        """What a button asks for by its ``data-`` attributes. An unknown wish shows the page as it is."""
        turns = self._turns(desk, owner)
        index, notice, what = number(wish.get("turn"), len(turns)), "", wish.get("do")
        if what in ("ask", "find"):  # found words are searched as they stand
            yield from self.ask(str(wish.get("question", "")), desk, owner, raw=what == "find")
            return
        if what in ("raw", "widen") and index >= 0:
            filters = without(turns[index].resolution.filters, wish) if what == "widen" else None
            yield from self.ask(turns[index].question, desk, owner, raw=what == "raw", before=index, filters=filters)
            return
        if what == "evidence" and index >= 0:
            desk = replace(desk, selected=index, rank=max(number(wish.get("rank"), 100), 0))
        with desk.settled() if what in _IN_TURN else nullcontext(desk) as desk:
            try:
                if what in ("judge", "case") and index >= 0:
                    yield self._judged(wish, replace(desk, selected=index), owner)
                    return
                desk, notice = self._follow(wish, desk, owner)
            except LibraryError as error:
                notice = plainly(str(error))
            shown = self._show(desk, owner, notice=notice)
        shown |= {"sources": self._sources(desk)} if what in _RELISTING else {}
        yield shown | ({"added": self._adder} if what in ("collection", "create", "drop") else {})

    def _follow(self, wish: Mapping[str, str], desk: Desk, owner: str) -> tuple[Desk, str]:
        """The desk and a sentence after a wish that concerns conversations or sources. Raises LibraryError."""
        library, ident = self._library(desk), str(wish.get("id", ""))
        desk.tab.run = None if wish.get("do") in _LEAVING else desk.tab.run
        conversations, empty = library.conversations, replace(desk, conversation="", selected=-1, rank=0)
        match wish.get("do"):
            case "new":
                return empty, ""
            case "open":
                return replace(empty, conversation=ident, selected=len(conversations.turns(ident, owner)) - 1), ""
            case "rename":
                conversations.rename(ident, owner, str(wish.get("title", ""))[:200])
            case "delete":
                gone = conversations.delete(ident, owner)
                return empty, Done(f"Deleted a conversation with {plural(gone, 'question')}.")
            case "narrow":
                return replace(desk, filters=filters_of(wish)), ""
            case "remove" if self._editable:
                receipt = Done(shelf.receipt(remove(library, [ident])))
                return desk.tab.desk or desk, receipt  # it may last, and its user goes on meanwhile
            case "collection":
                self.collections.get(ident)
                return self._latest(Desk(collection=ident, tab=desk.tab), owner), ""
            case "create" if self._editable:
                return Desk(collection=self.collections.create(str(wish.get("name", ""))), tab=desk.tab), ""
            case "drop" if self._editable:
                counts = zip(self.collections.remove(ident), ("source", "conversation"), strict=True)
                words = " and ".join(plural(*each) for each in counts)
                return self._latest(Desk(tab=desk.tab), owner), Done(f"Deleted the collection {ident!r} with {words}.")
        return desk, ""

    def _judged(self, wish: Mapping[str, str], desk: Desk, owner: str) -> dict[str, Any]:
        """After a wish that says what an answer is worth. Raises LibraryError."""
        library, rank = self._library(desk), max(number(wish.get("rank"), 100), 0)
        if wish.get("do") == "judge":
            place = Place(desk.conversation, desk.selected, rank)
            right = judge(library.conversations, owner, place, right=wish.get("verdict") == "right")
            words = {True: "Marked as right.", False: "Marked as wrong.", None: "Taken back."}[right]
        else:
            words = self._add_case(self._turns(desk, owner)[desk.selected], library, rank)
        return {**self._show(replace(desk, rank=rank), owner), "said": said(words)}

    def _add_case(self, turn: Turn, library: Library, rank: int) -> str:
        """Keep the question of a bad answer for the evaluation, with the uri of the source that was wrong."""
        if not self._editable or not is_own_question(turn):
            return ""
        wrong = [quote.uri for quote in turn.answer.quotes if quote.rank == rank]
        new = add_question(library, turn.resolution.query, wrong)
        return f"{'Added to' if new else 'It is already in'} {questions_file(library)}."

    def add(self, uploads: Sequence[adding.Upload], desk: Desk, owner: str) -> Iterator[dict[str, Any]]:
        """Read uploaded files, each with its outcome; then the list of sources with them in it."""
        if self._editable:
            yield from self._adding(adding.add_files(self._assistant(desk), uploads), desk, owner)

    def fetch(self, address: str, desk: Desk, owner: str) -> Iterator[dict[str, Any]]:
        """Fetch a page or a sitemap from the web; then the list of sources with it."""
        if self._editable:
            yield from self._adding(adding.add_address(self._assistant(desk), address[:2000]), desk, owner)

    def _adding(self, steps: Iterator[adding.Shown], desk: Desk, owner: str) -> Iterator[dict[str, Any]]:
        """It may last, and its user goes on meanwhile: only a page that shows nothing else yet is drawn again."""
        for added, outcomes in steps:
            desk.tab.added = tuple(each.document for each in outcomes)
            yield {"added": added}
        desk = desk.tab.desk or desk
        shown = {} if self._library(desk).conversations.list(owner) else self._show(desk, owner)
        yield {**shown, "sources": self._sources(desk), "said": said(shelf.told_of(outcomes))}

    def _latest(self, desk: Desk, owner: str) -> Desk:
        entries = self._library(desk).conversations.list(owner)
        return replace(desk, conversation=entries[0].id, selected=entries[0].turns - 1) if entries else desk

    def _assistant(self, desk: Desk) -> Assistant:
        try:
            return self.collections.get(desk.collection or self.collections.home)
        except LibraryError:  # deleted meanwhile
            return self.collections.get(self.collections.home)

    def _library(self, desk: Desk) -> Library:
        return self._assistant(desk).library

    def _deleted(self, desk: Desk) -> bool:
        return self._library(desk).folder.name != (desk.collection or self.collections.home)

    def _holdings(self, desk: Desk) -> views.Holdings:
        return self._library(desk).derived(views.holdings_of)

    def _sources(self, desk: Desk) -> str:
        library, filters, added = self._library(desk), desk.filters, desk.tab.added
        searched = None if filters == EVERYTHING else {each.id for each in library.documents(filters)}
        return shelf.sources(library.documents(), filters, added, searched=searched, editable=self._editable)

    def _turns(self, desk: Desk, owner: str) -> list[Turn]:
        with suppress(LibraryError):  # deleted in another tab
            return self._library(desk).conversations.turns(desk.conversation, owner) if desk.conversation else []
        return []

    def _show(self, desk: Desk, owner: str, *, notice: str = "", unsaved: Turn | None = None) -> dict[str, Any]:
        if gone := self._deleted(desk):  # by somebody else, or in another tab
            desk, notice = Desk(tab=desk.tab), f"The collection {desk.collection!r} was deleted."
        turns = self._turns(desk, owner) + ([unsaved] if unsaved else [])
        library, holdings, before = self._library(desk), self._holdings(desk), desk.tab.desk or desk
        reach = shelf.reach(desk.filters, library.documents(), library.count(desk.filters))
        name, run, desk.tab.desk = library.folder.name, desk.tab.run, desk
        cases = Cases(str(questions_file(library)), asked_questions(library)) if self._editable else Cases()
        if turns or run:
            pending = run.pending if run else None
            thread = views.thread(turns, holdings, selected=desk.selected, pending=pending, notice=notice, cases=cases)
        else:
            examples = (self._examples if name == self.collections.home else ()) or views.starters(library.documents())
            thread = views.welcome(holdings, examples, notice=notice, editable=self._editable)
        return {
            "desk": desk,
            "collections": shelf.collections(
                self.collections.names(), name, home=self.collections.home, editable=self._editable
            ),
            "conversations": shelf.conversations(library.conversations.list(owner), desk.conversation, name),
            "thread": thread,
            "evidence": self._evidence(turns, desk, owner, cases),
            "narrowed": shelf.narrowed(reach) if desk.filters != EVERYTHING else "",
            "said": said(notice or (f"{reach}." if desk.filters != before.filters else "")),
        } | ({"sources": self._sources(desk)} if gone else {})

    def _evidence(self, turns: Sequence[Turn], desk: Desk, owner: str, cases: Cases) -> str:
        if not 0 <= desk.selected < len(turns):
            return evidence(None, {})
        turn, library = turns[desk.selected], self._library(desk)
        judged = judgements(library, desk.conversation, owner)
        verdicts = {rank: right for (index, rank), right in judged.items() if index == desk.selected}
        passages = around(library, turn.answer.quotes)
        return evidence(turn, passages, rank=desk.rank, judged=Said(desk.selected, verdicts, cases))
