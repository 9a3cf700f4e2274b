"""A question in a conversation that is about something else than the ones before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from conftest import Folder, add
from hypothesis import given
from hypothesis import strategies as st

from rag import Assistant
from rag.assistant import said_in
from rag.config import Settings, load_settings
from rag.conversation import may_be_new
from rag.store import Library, open_library
from rag.types import Carried, Resolution, ResolutionKind

FILES = {
    "manual.md": "# Machine\n\nThe warranty of the machine lasts two years.\n\n# Care\n\nDescale the machine.",
    "minutes.md": "# Minutes\n\nThe council met in June.\n\n# Roof\n\nThe roof was paid by a fund.",
}


@pytest.mark.parametrize(
    ("said", "carried", "found"),
    [
        (["long", "warranty"], ["council"], False),
        (["warranties"], ["descaled", "moon"], True),  # in any form, in another passage of the document
        (["warranty", "roof"], ["council"], True),  # one of them is enough
        (["moon"], ["council"], True),  # nothing is known of it
        (["warranty"], [], True),
        (["state-of-the-art"], ["council"], True),
        (["of", "warranty"], ["council"], False),  # what both have tells nothing
    ],
)
def test_words_that_a_document_has_together(
    said: list[str], carried: list[str], found: bool, library: Library, settings: Settings, folder: Folder
) -> None:
    add(library, settings, folder({**FILES}))
    assert library.together(said, carried) == found


@pytest.mark.parametrize(
    ("question", "kind", "new"),
    [
        ("How long is the warranty?", "carried", True),
        ("How long is its warranty?", "filled", False),
        ("And the warranty?", "changed", False),
        ("Who decides that?", "filled", False),
        ("And what was really wrong?", "carried", False),
        ("And how did Mora Castle burn?", "carried", True),
    ],
)
def test_what_may_be_a_new_subject(question: str, kind: ResolutionKind, new: bool) -> None:
    resolution = Resolution(kind, f"{question} council", "", (Carried("council", "your question 1"),))
    assert may_be_new(resolution, question) == new


@pytest.mark.weights
def test_the_next_question_of_a_conversation_may_be_about_another_document(
    assistant_of: Callable[..., Assistant],
) -> None:
    asked = assistant_of(FILES)
    first = asked.ask("When did the council meet?")
    then = asked.ask("how long is the warranty", [first])
    assert (then.resolution.query, then.resolution.carried) == ("how long is the warranty", ())


WORDS = [set(re.findall(r"\w+", text.lower())) for text in FILES.values()]


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    root, index = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("index")
    for name, text in FILES.items():
        (root / name).write_text(text, encoding="utf-8")
    settings = load_settings(index_dir=index)
    made = open_library(settings, create=True)
    add(made, settings, root)
    yield made
    made.close()


@given(*(st.lists(st.sampled_from(sorted(set().union(*WORDS))), max_size=3) for _ in range(2)))
def test_words_are_together_as_the_documents_have_them(notes: Library, said: list[str], carried: list[str]) -> None:
    telling = {word for word in said if sum(word in words for words in WORDS) == 1}
    has = any(words & telling and words & set(carried) for words in WORDS)
    assert notes.together(said, carried) == (has or not telling or not carried)


@given(st.text(max_size=30))
def test_any_words_can_be_looked_for(notes: Library, text: str) -> None:
    assert notes.together(said_in(text), [])
    assert notes.together([], said_in(text))
