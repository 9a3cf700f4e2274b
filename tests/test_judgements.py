"""Judged answers and test questions: kept for their owner, without words of a document, and gone with it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from conftest import Folder, add

from eval.formats import jsonl
from rag.config import Settings
from rag.errors import LibraryError
from rag.ingest import remove
from rag.store import (
    Library,
    Place,
    add_question,
    asked_questions,
    judge,
    judged_answers,
    judgements,
    open_library,
    questions_file,
    range_around,
    verify,
)
from rag.types import Answer, Document, Passage, Quote, Resolution, Turn

TEXT = "# Tides\n\nThe moon pulls the sea.\n\nTwice a day the water rises.\n"


@pytest.fixture
def place(library: Library, settings: Settings, folder: Folder) -> Place:
    """The second of two quotes, in Alice's conversation: "Twice a day" answers."""
    add(library, settings, folder({"tides.md": TEXT}))
    (document,) = library.documents()
    text = library.document(document.id).text
    (passage,) = library.connect().execute("SELECT id FROM passages").fetchone()
    quotes = []
    for rank, words in ((1, "The moon pulls the sea."), (2, "Twice a day the water rises.")):
        start = text.index(words)
        place = (document.id, document.revision, start, start + len(words), document.uri, "Tides", passage)
        answer = (start, start + len("Twice a day")) if rank == 2 else (None, None)
        quotes.append(Quote(rank, words, *place, answer_start=answer[0], answer_end=answer[1]))
    turn = Turn(
        "How often?", Resolution("carried", "How often does it rise?", ""), Answer("answered", "", tuple(quotes))
    )
    conversation = library.conversations.create("alice")
    library.conversations.append(conversation, "alice", turn)
    return Place(conversation, 0, 2)


def test_a_judgement_is_kept_changed_and_taken_back(library: Library, place: Place) -> None:
    kept = library.conversations
    assert judge(kept, "alice", place, right=True) is True
    assert judgements(library, place.conversation, "alice") == {(0, 2): True}
    assert judge(kept, "alice", place, right=False) is False
    assert judgements(library, place.conversation, "alice") == {(0, 2): False}
    assert judge(kept, "alice", place, right=False) is None
    assert judgements(library, place.conversation, "alice") == {}


def test_a_quote_that_is_removed_before_it_is_judged_is_no_quote(
    library: Library, place: Place, settings: Settings
) -> None:
    other, [document] = open_library(settings), library.documents()

    def meanwhile(statement: str) -> None:
        if statement.startswith("BEGIN") and other.documents():  # the judgement's transaction is about to begin
            remove(other, [document.id])

    library.connect().set_trace_callback(meanwhile)
    with pytest.raises(LibraryError, match="there is no such quote: its source was removed. Fix: reload the page"):
        judge(library.conversations, "alice", place, right=True)
    library.connect().set_trace_callback(None)
    assert (library.documents(), verify(library)) == ([], [])
    other.close()


def test_nobody_else_judges_or_sees_it(library: Library, place: Place) -> None:
    judge(library.conversations, "alice", place, right=True)
    with pytest.raises(LibraryError, match="there is no conversation"):
        judge(library.conversations, "mallory", place, right=False)
    assert judgements(library, place.conversation, "mallory") == {}
    for turn, rank in ((0, 9), (1, 1), (-1, 1)):
        with pytest.raises(LibraryError, match="no such quote"):
            judge(library.conversations, "alice", Place(place.conversation, turn, rank), right=True)


def test_judged_answers_are_examples_cut_from_the_stored_text(library: Library, place: Place) -> None:
    judge(library.conversations, "alice", place, right=True)
    judge(library.conversations, "alice", Place(place.conversation, 0, 1), right=False)
    wrong, right = judged_answers(library)
    assert right["question"] == "How often does it rise?"
    assert (wrong["right"], right["right"]) == (False, True)
    assert (wrong["answer_text"], right["answer_text"]) == ("The moon pulls the sea.", "Twice a day")
    for each in (wrong, right):
        assert each["context"][each["answer_start"] :].startswith(each["answer_text"])
        assert "The moon pulls the sea.\n\nTwice a day the water rises." in each["context"]


def test_a_quote_of_an_earlier_revision_is_still_an_example(
    library: Library, place: Place, settings: Settings, folder: Folder
) -> None:
    judge(library.conversations, "alice", place, right=True)
    add(library, settings, folder({"tides.md": "# Tides\n\nAll is new.\n"}))
    (example,) = judged_answers(library)
    assert example["context"][example["answer_start"] :].startswith("Twice a day the water rises.")


def test_around_a_quote_is_its_passage_or_whole_words_on_each_side() -> None:
    text = " ".join(f"word{number:03}" for number in range(200))
    document = Document("d", "d", "", text, "0" * 64)
    start = text.index("word100")
    quote = Quote(1, "word100", "d", document.revision, start, start + 7, "d", "", 5)
    assert range_around(document, quote, Passage(5, "d", 8, len(text) - 8)) == (8, len(text) - 8)
    for other in (None, Passage(5, "d", start + 1, len(text))):  # none is kept, or it was cut in another way
        assert range_around(document, quote, other) == (text.index("word051"), text.index("word150") - 1)
    assert range_around(replace(document, text=text.upper()), quote, None) is None
    short = replace(document, text="word100")
    assert range_around(short, replace(quote, start=0, end=7), None) == (0, 7)


@pytest.mark.parametrize("gone", ["document", "conversation"])
def test_judgements_go_with_the_document_and_with_the_conversation(library: Library, place: Place, gone: str) -> None:
    judge(library.conversations, "alice", place, right=True)
    if gone == "document":
        remove(library, [library.documents()[0].id])
    else:
        library.conversations.delete(place.conversation, "alice")
    assert list(judged_answers(library)) == []
    assert library.connect().execute("SELECT count(*) FROM judgements").fetchone() == (0,)
    assert verify(library) == []


def test_a_judgement_holds_no_word_of_a_document(library: Library, place: Place) -> None:
    judge(library.conversations, "alice", place, right=True)
    row = library.connect().execute("SELECT * FROM judgements").fetchone()
    assert "moon" not in str(row)
    assert "day" not in str(row)


def test_a_question_is_kept_once_in_the_form_of_the_evaluation(library: Library) -> None:
    assert add_question(library, "Who  pays?", ["file:///a.md"])
    assert add_question(library, "Says who?")
    assert not add_question(library, "Who pays?")
    assert asked_questions(library) == {"Who pays?", "Says who?"}
    read = jsonl.read(questions_file(library))
    assert [each.question for each in read.questions] == ["Who pays?", "Says who?"]
    assert len({each.id for each in read.questions}) == 2
    assert [dict(each.relevant) for each in read.questions] == [{}, {}], "a source called wrong is not one to find"
    assert {problem.what.partition("has")[2] for problem in read.problems} == {" no answer; its answer is not judged"}
    first = json.loads(questions_file(library).read_text(encoding="utf-8").splitlines()[0])
    assert (first["answers"], first["shown"]) == ([], ["file:///a.md"])


def test_what_its_user_wrote_into_the_file_stays(library: Library) -> None:
    mine = '{"question": "Who pays?", "answers": ["Anna"], "document": "a.md"}\n{"question": "unfin'
    questions_file(library).write_text(mine, encoding="utf-8")
    assert not add_question(library, "Who pays?")
    assert add_question(library, "Says who?")
    assert questions_file(library).read_text(encoding="utf-8").startswith(mine + "\n{")
    assert asked_questions(library) == {"Who pays?", "Says who?"}


def test_a_file_that_cannot_be_written_costs_one_line(library: Library) -> None:
    questions_file(library).mkdir()
    with pytest.raises(LibraryError, match=r"questions\.jsonl cannot be written"):
        add_question(library, "Who pays?")
