"""Saved conversations: what is kept with a turn, and what goes with a deleted document."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from conftest import Folder, add, files_with

from rag.config import Settings
from rag.conversation import resolve
from rag.ingest import purge, remove
from rag.store import Library, verify
from rag.types import Answer, Credit, Quote, Resolution, ShortAnswer, Turn

FUND = "The plan is run by the Zyzzyva Quokka Foundation.\n"
OTHER = "The harbour of Norwick was closed in winter.\n"


def quoting(library: Library, name: str, words: str, *, short: str = "") -> Answer:
    """An answer that quotes ``words`` of the document whose file is called ``name``."""
    document = library.document(next(d.id for d in library.documents() if d.uri.endswith(name)))
    start = document.text.index(words)
    quote = Quote(1, words, document.id, document.revision, start, start + len(words), document.uri, document.title, 1)
    at = document.text.index(short)
    answer = ShortAnswer(short, document.id, at, at + len(short), 0.9) if short else None
    return Answer("answered", "", (quote,), answer)


def talk_about(library: Library) -> tuple[str, list[Turn]]:
    """A conversation that carries a name from a quote into its later questions, stored."""
    shown = quoting(library, "fund.txt", FUND.strip(), short="Zyzzyva Quokka Foundation")
    asked = "Who runs the plan?"
    turns = [Turn(asked, resolve(asked, ()), shown)]
    later = quoting(library, "other.txt", OTHER.strip())
    for question in ("When was it founded?", "Why?", "And in 2019?", "What does the foundation say of Norwick?"):
        turns.append(Turn(question, resolve(question, turns), later))
    talk = library.conversations.create("me")
    for turn in turns:
        library.conversations.append(talk, "me", turn)
    return talk, turns


def test_the_standalone_question_is_stored_with_the_turn(library: Library, settings: Settings, folder: Folder) -> None:
    add(library, settings, folder({"fund.txt": FUND, "other.txt": OTHER}))
    talk, turns = talk_about(library)
    stored = library.conversations.turns(talk, "me")
    assert [turn.resolution for turn in stored] == [turn.resolution for turn in turns]
    assert "Zyzzyva Quokka Foundation" in stored[1].resolution.query


def test_words_carried_from_a_deleted_document_go_with_it(library: Library, settings: Settings, folder: Folder) -> None:
    add(library, settings, folder({"fund.txt": FUND, "other.txt": OTHER}))
    talk, turns = talk_about(library)
    assert files_with(settings, "zyzzyva") and "Zyzzyva" in turns[2].resolution.query
    number = next(d.id for d in library.documents() if d.uri.endswith("fund.txt"))
    assert remove(library, [number]).turns >= 4
    assert (files_with(settings, "zyzzyva"), files_with(settings, "quokka")) == ([], [])
    stored = library.conversations.turns(talk, "me")
    assert [turn.question for turn in stored] == [turn.question for turn in turns]
    assert stored[1].resolution.query == "When was … Foundation founded?"  # a person typed "foundation" as well
    assert (stored[0].answer.status, stored[0].answer.reason) == ("not_found", "What it quoted was removed.")
    assert stored[4].answer == turns[4].answer  # what another document says stays
    assert verify(library) == []


def test_what_another_quote_says_too_is_kept(library: Library, settings: Settings, folder: Folder) -> None:
    add(library, settings, folder({"fund.txt": FUND, "other.txt": OTHER + FUND}))
    talk = library.conversations.create("me")
    for name in ("fund.txt", "other.txt"):
        turn = Turn("what?", Resolution("carried", "what? Zyzzyva", ""), quoting(library, name, FUND.strip()))
        library.conversations.append(talk, "me", turn)
    remove(library, [next(d.id for d in library.documents() if d.uri.endswith("fund.txt"))])
    assert [turn.resolution.query for turn in library.conversations.turns(talk, "me")] == ["what? Zyzzyva"] * 2


def test_purging_an_old_revision_blanks_what_was_carried_from_it(
    library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"fund.txt": FUND, "other.txt": OTHER})
    add(library, settings, root)
    talk_about(library)
    (root / "fund.txt").write_text("Nobody runs the plan.\n")
    add(library, settings, root)
    assert files_with(settings, "zyzzyva")
    purge(library, [d.id for d in library.documents()])
    assert files_with(settings, "zyzzyva") == []


def test_purging_takes_the_title_of_an_old_revision_from_the_sources_that_say_the_same(
    library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"a.md": "# Zyzzyva\n\nIt rained.\n", "c.md": "# Weather\n\nIt rained.\n", "other.txt": OTHER})
    add(library, settings, root)
    answer = quoting(library, "other.txt", OTHER.strip())
    copies = tuple(Credit(d.id, d.uri, d.title, "", d.revision) for d in library.documents() if d.uri.endswith("md"))
    answer = replace(answer, quotes=(replace(answer.quotes[0], also_in=copies),))
    talk = library.conversations.create("me")
    library.conversations.append(talk, "me", Turn("what?", Resolution("standalone", "what?", ""), answer))
    (root / "a.md").write_text("# Plain\n\nIt snowed.\n")
    add(library, settings, root)
    assert purge(library, [d.id for d in library.documents()]).turns == 1
    [quote] = library.conversations.turns(talk, "me")[0].answer.quotes
    assert ([source.title for source in quote.also_in], files_with(settings, "zyzzyva")) == (["Weather"], [])


@pytest.mark.parametrize("change", ["removed", "changed"])
def test_what_went_between_the_answer_and_its_saving_is_not_kept(
    change: str, library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"fund.txt": FUND, "other.txt": OTHER})
    add(library, settings, root)
    alone = quoting(library, "fund.txt", FUND.strip(), short="Quokka")
    beside = quoting(library, "other.txt", OTHER.strip(), short="Norwick")
    both = replace(beside, quotes=(*beside.quotes, *alone.quotes))
    if change == "removed":
        remove(library, [alone.quotes[0].document_id])
    else:
        (root / "fund.txt").write_text("Nobody runs the plan.\n")
        add(library, settings, root)
    talk = library.conversations.create("me")
    for answer in (alone, both):
        library.conversations.append(talk, "me", Turn("what?", Resolution("standalone", "what?", ""), answer))
    first, second = (turn.answer for turn in library.conversations.turns(talk, "me"))
    assert (first.status, first.reason) == ("not_found", "What it quoted was removed.")
    assert (second.quotes, second.short) == (beside.quotes, beside.short)
    assert verify(library) == []


def test_an_answer_whose_first_quote_was_removed_is_one_no_more(
    library: Library, settings: Settings, folder: Folder
) -> None:
    add(library, settings, folder({"fund.txt": FUND, "other.txt": OTHER}))
    answered = quoting(library, "fund.txt", FUND.strip(), short="Quokka")
    beside = quoting(library, "other.txt", OTHER.strip())
    both = replace(answered, quotes=(*answered.quotes, *beside.quotes))
    turned = replace(beside, quotes=(*beside.quotes, *answered.quotes))
    talk = library.conversations.create("me")
    for answer in (both, turned):
        library.conversations.append(talk, "me", Turn("what?", Resolution("standalone", "what?", ""), answer))
    remove(library, [answered.quotes[0].document_id])
    first, second = (turn.answer for turn in library.conversations.turns(talk, "me"))
    assert (first.status, first.short, first.quotes) == ("related", None, beside.quotes)
    assert first.reason == "What answered this was removed; this stood beside it."
    assert second == beside  # it lost only what stood beside it


@pytest.mark.parametrize("question", ["Zyzzyva?", "Who is Quokka?"])
def test_what_a_person_typed_stays(library: Library, settings: Settings, folder: Folder, question: str) -> None:
    add(library, settings, folder({"fund.txt": FUND, "other.txt": OTHER}))
    talk = library.conversations.create("me")
    turn = Turn(question, resolve(question, ()), quoting(library, "fund.txt", FUND.strip()))
    library.conversations.append(talk, "me", turn)
    remove(library, [next(d.id for d in library.documents() if d.uri.endswith("fund.txt"))])
    assert library.conversations.turns(talk, "me")[0].resolution.query == question


def test_turns_saved_at_the_same_time_are_all_kept(library: Library) -> None:
    talk = library.conversations.create("me")
    turn = Turn("Why?", resolve("Why?", ()), Answer("not_found", ""))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: library.conversations.append(talk, "me", turn), range(160)))
    assert len(library.conversations.turns(talk, "me")) == 160
