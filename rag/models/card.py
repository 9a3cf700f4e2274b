"""The card beside a model's weights: ``NAME.json`` with what belongs to ``NAME.safetensors``, and its checksum."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import ModelError
from rag.files import sha256_of


def verified(folder: Path, name: str, what: str, *, fields: Sequence[str], fix: str) -> dict[str, Any]:
    """``name.json`` in ``folder``, which has ``fields``, where its checksums are those of the weights beside it.

    ``what`` the model is called in errors, ``fix`` what helps. Raises :class:`ModelError` if a file is missing,
    damaged, or belongs to another one.
    """
    path = folder / f"{name}.json"
    try:
        card = dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ModelError(f"there is no {what} in {str(folder)!r}", why=str(error.strerror), fix=fix) from None
    except (ValueError, TypeError) as error:
        raise ModelError(f"the card of the {what}, {path}, is damaged", why=str(error), fix=fix) from None
    if missing := [field for field in ("sha256", *fields) if field not in card]:
        why = f"it lacks {', '.join(missing)}"
        raise ModelError(f"the card of the {what}, {path}, is damaged", why=why, fix=fix)
    found = sha256_of(folder / f"{name}.safetensors")
    for part in ("sha256", "calibrated_for"):
        said = card.get(part, found)
        if said != found:
            raise ModelError(
                f"the weights of the {what} and its card do not belong together",
                why=f"the weights' sha256 is {found[:12]}..., {path.name} says {part} {str(said)[:12]}...",
                fix=fix,
            )
    return card
