"""Common words are left out of a lexical search by how many passages they really find."""

from __future__ import annotations

import pytest
from conftest import Files, Folder, add

from rag import lexicon
from rag.config import Settings
from rag.conversation import pointers, referents
from rag.lexicon import is_content, names, stem
from rag.store import Library
from rag.store import lexicon as full_text

PLURALS = """house/houses disease/diseases course/courses licence/licences phrase/phrases use/uses excuse/excuses
    clause/clauses virus/viruses campus/campuses bus/buses gas/gases lens/lenses class/classes address/addresses
    branch/branches beach/beaches coach/coaches batch/batches cache/caches headache/headaches dish/dishes tax/taxes
    axe/axes prize/prizes potato/potatoes hero/heroes shoe/shoes toe/toes movie/movies cookie/cookies policy/policies
    tie/ties type/types bias/biases database/databases niche/niches volcano/volcanoes photo/photos
    crisis/crises analysis/analyses thesis/theses hypothesis/hypotheses base/bases"""


@pytest.mark.parametrize("pair", PLURALS.split())
def test_one_and_many_have_one_stem(pair: str) -> None:
    one, many = pair.split("/")
    assert stem(one) == stem(many)


@pytest.mark.parametrize("word", "series species news headquarters basis".split())
def test_what_only_looks_like_a_plural_keeps_its_ending(word: str) -> None:
    assert stem(word) == word


@pytest.mark.parametrize(
    "entries",
    [lexicon.GENERIC, lexicon.STAND_INS, pointers.AGENTS, pointers._RELATIONAL, pointers._TIMES, referents._ALIKE],
)
def test_every_entry_that_stems_are_looked_up_in_can_be_met(entries: frozenset[str]) -> None:
    plurals = {"kind", "like"}  # words of function, but "kinds" and "likes" are none
    assert [word for word in sorted(entries) if stem(word) != word] == []
    assert [word for word in sorted(entries - plurals) if not is_content(word)] == []


def test_a_rare_form_of_a_common_word_is_common(
    library: Library, settings: Settings, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One passage says "activating", thirty say "activity": one stem, so thirty-one passages are found by either."""
    files: Files = {f"{n}.txt": f"Report {n} is about an activity of plant {n}.\n" for n in range(30)}
    files["bridge.txt"] = "The bridge was opened by activating a motor.\n"
    add(library, settings, folder(files))
    assert len(library.lexical("activating bridge", 100)) == 31, "a small library leaves nothing out"
    monkeypatch.setattr(full_text, "_ALWAYS_CHEAP", 5)
    assert len(library.lexical("activating bridge", 100)) == 1
    assert len(library.lexical("activating", 100)) == 31, "the rarest word stays where all are common"


@pytest.mark.parametrize("word", ["İstanbul", "Istanbul", "Zürich", "Zu\u0308rich", "zurich", "서울", "Ἀθήνα", "हिन्दी"])
def test_a_word_is_found_however_its_marks_are_written(
    word: str, library: Library, settings: Settings, folder: Folder
) -> None:
    texts = [
        "İstanbul lies on two seas.",
        "Zürich lies on a lake.",
        "Zu\u0308rich has a river.",
        "서울",
        "Ἀθήνα",
        "हिन्दी",
    ]
    files: Files = {f"{n}.txt": text for n, text in enumerate(texts)}
    add(library, settings, folder(files))
    assert len(library.lexical(word, 100)) == (2 if word.lower().startswith("z") else 1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("When was A House Without Hinges published?", ["House Without Hinges"]),
        ("the Lord Of The Rings was long", ["Lord Of The Rings"]),
        ("When did Apple Do it?", ["Apple"]),
        ("Who is Ann? And Bob?", ["Ann", "Bob"]),
        ("WHAT DID ASML AND INTEL SAY?", ["ASML", "INTEL"]),
    ],
)
def test_a_capitalised_word_of_function_inside_a_name_belongs_to_it(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in names(text)] == found
