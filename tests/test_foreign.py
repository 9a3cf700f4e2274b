from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.models.encoder import shipped_folder
from rag.models.reader import load_reader

TEXTS = ["Anna Berg built the old mill in 1871. It burned in 1902.", "", "Stones and water. " * 60]


def test_another_question_answering_model_reads_by_folder(tmp_path: Path) -> None:
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering

    torch.manual_seed(1)
    config = BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, max_position_embeddings=64
    )
    BertForQuestionAnswering(config).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(shipped_folder()).save_pretrained(tmp_path)
    reader = load_reader(str(tmp_path))
    readings = reader.read("Who built the mill?", TEXTS)
    assert readings[1].spans == () and readings[1].answerable == 0
    for text, reading in zip(TEXTS, readings, strict=True):
        assert all(
            0 <= s.start < s.end <= len(text) and 0 <= s.score <= 1 for s in (*reading.spans, *reading.sentences)
        )
    assert len(readings[2].sentences) == 60
    assert len(reader.read("Who built the mill? " * 90, TEXTS)) == 3, "a question longer than the window"
    assert abs(reader.read("Who built the mill?", TEXTS[:1])[0].answerable - readings[0].answerable) < 1e-3


def test_a_folder_without_a_model_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_reader(str(tmp_path))
