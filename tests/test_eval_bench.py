"""The benchmark's passages are real sentences, the same every time, and its vectors are unit rows."""

from __future__ import annotations

import numpy as np

from eval.bench import CHARACTERS, PER_DOCUMENT, noisy, plan

TEXT = (
    "The Halden bridge was opened in the year 1931. It was designed by Marta Lind of Oslo. It carries two wide roads."
)


def test_passages_are_runs_of_the_texts_own_sentences() -> None:
    made = plan([TEXT], PER_DOCUMENT + 1)
    assert made == plan([TEXT], PER_DOCUMENT + 1)
    assert len(made.passages) == 2 * PER_DOCUMENT, "whole documents"
    assert {len(document) for document in made.documents} == {PER_DOCUMENT}
    sentences = TEXT.replace(". ", ".\n").split("\n")
    for passage in made.passages:
        assert len(passage) >= CHARACTERS
        for sentence in sentences:
            passage = passage.replace(sentence, "")
        assert not passage.strip()


def test_noisy_vectors_are_unit_rows_near_real_ones() -> None:
    base = np.eye(4, 8, dtype=np.float32)
    rows = noisy(base, 50, np.random.default_rng(0))
    assert rows.dtype == np.float32 and rows.shape == (50, 8)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert (rows @ base.T).max(axis=1).min() > 0.9
