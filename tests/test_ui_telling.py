"""What the page tells is said in plain sentences."""

from __future__ import annotations

import pytest

from rag.ui.telling import Done, plainly, told


@pytest.mark.parametrize(
    ("error", "told_as"),
    [
        ("the question is empty. Fix: type a question", "the question is empty. Type a question."),
        ("a.zip is damaged: it is not a whole ZIP file (File is (no) zip). Fix: get it", "a.zip is damaged: it is not "
         "a whole ZIP file. Get it."),
        ("a.md cannot be read: an error in the reader (KeyError: 'x')", "a.md cannot be read: an error in the reader."),
        ("there is no source. Fix: pullquote list", "there is no source. Run: pullquote list"),
        ("[Errno 28] No space left on device", "No space left on device."),
        ("The collection (of 2024) was deleted.", "The collection (of 2024) was deleted."),
    ],
)  # fmt: skip
def test_an_error_is_a_sentence_and_what_to_do(error: str, told_as: str) -> None:
    assert plainly(error) == told_as


def test_what_was_done_does_not_look_like_an_error() -> None:
    assert told("it failed") == '<p class="notice">It failed</p>'
    assert told(Done("Deleted it.")) == '<p class="notice done">Deleted it.</p>'
