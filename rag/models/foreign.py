"""Any extractive question-answering model on this machine as a reader (``AutoModelForQuestionAnswering``).

Such a model marks spans only, so relevance and answerable are both its margin over "no answer" (the first position,
as SQuAD 2.0 models are trained). ``pullquote calibrate-reader`` fits its calibration and keeps it beside the weights;
until then a cautious default holds.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import ModelError
from rag.models.card import checksum
from rag.models.decode import Seen, decode, merged
from rag.types import Calibration, Reading

CARD = "pullquote-calibration.json"
_SAVE = "save the model in one file with save_pretrained"
_OUTPUTS = {
    "relevance": {"bias": 0.0, "relevance": 0.5},
    "answerable": {"bias": 0.0, "head": 0.5, "margin": 0.0},
    "span": {"bias": 0.5, "span": 1.0, "head": 0.5, "margin": 0.0},
}


class ForeignReader:
    """Implements :class:`rag.types.Reader` with transformers. Local files only, never a download."""

    calibration = Calibration(
        ranking=(0.5, 0.0, 4.0, 1.0),
        answered=(0.0, 0.0, 1.0, 0.0),
        related=(0.0, 1.0, 0.0, 0.0),
        answered_at={"strict": 0.9, "balanced": 0.7, "eager": 0.5},
        related_at={"strict": 0.3, "balanced": 0.1, "eager": 0.05},
    )

    def __init__(self, name: str, *, calibrated: bool = True) -> None:
        from safetensors import SafetensorError
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        self.name, folder = name, folder_of(name)
        if calibrated:
            self.calibration = _calibration(folder) or self.calibration
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=True, local_files_only=True)
            self._model = AutoModelForQuestionAnswering.from_pretrained(folder, local_files_only=True).eval()
        except (OSError, ValueError, SafetensorError) as error:
            raise ModelError(
                f"the reader in {str(folder)!r} cannot be loaded",
                why=str(error).splitlines()[0],
                fix="give the folder of an extractive question-answering model with a fast tokenizer",
            ) from None
        limit = int(getattr(self._model.config, "max_position_embeddings", 512))
        self._length = min(384, limit)

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """One reading per text, in the order given; an empty text has nothing to say."""
        return [
            merged(text, self._windows(question, text), _OUTPUTS) if text.strip() else Reading(0, 0) for text in texts
        ]

    def _windows(self, question: str, text: str) -> list[Seen]:
        import torch

        encoded: Any = self._tokenizer(
            self._shortened(question),
            text,
            truncation="only_second",
            max_length=self._length,
            stride=self._length // 4,
            return_overflowing_tokens=True,
            padding=True,
        )
        names = [name for name in self._tokenizer.model_input_names if name in encoded]
        with torch.inference_mode():
            said = self._model(**{name: torch.tensor(encoded[name]) for name in names})
        seen = []
        for row, window in enumerate(encoded.encodings):
            inside = [kind == 1 for kind in window.sequence_ids]
            offsets = [place if own else (0, 0) for place, own in zip(window.offsets, inside, strict=True)]
            words = [-1 if word is None else word for word in window.word_ids]
            marked = decode(said.start_logits[row].numpy(), said.end_logits[row].numpy(), offsets, words)
            seen.append(Seen(marked.margin, marked.margin, marked))
        return seen

    def _shortened(self, question: str) -> str:
        """At most a quarter of a window: a longer one would leave no room for the passage."""
        pieces = self._tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        return question[: pieces[: self._length // 4][-1][1]] if pieces else question


def folder_of(name: str) -> Path:
    """The folder of a model given by its path, or by the name under which Hugging Face's cache holds it.

    Raises :class:`ModelError` if it is not on this machine; nothing is ever fetched.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    if Path(name).is_dir():
        return Path(name)
    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError):
        raise ModelError(
            f"there is no reader {name!r} on this machine",
            why="it is neither a folder nor a model in the local Hugging Face cache, and nothing is downloaded",
            fix="set reader to 'pullquote-reader' or to the folder of an extractive question-answering model",
        ) from None


def weights_of(folder: Path) -> str:
    """The sha256 of a model's weights. Raises :class:`ModelError` if ``folder`` has none in one file."""
    for name in ("model.safetensors", "pytorch_model.bin"):
        if (folder / name).is_file():
            return checksum(folder / name, fix=_SAVE)
    raise ModelError(f"{str(folder)!r} has no model.safetensors", fix=_SAVE)


def _calibration(folder: Path) -> Calibration | None:
    if not (folder / CARD).exists():
        return None
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        if card["calibrated_for"] == weights_of(folder):
            return Calibration(**card["calibration"])
        why = "it carries another checksum"
    except (ValueError, KeyError, TypeError):
        why = f"{CARD} is damaged"
    raise ModelError(
        f"the calibration in {str(folder)!r} is not for these weights",
        why=why,
        fix=f"pullquote calibrate-reader {folder} --data FILE",
    )
