"""The card beside a model's weights: ``NAME.json`` with what belongs to ``NAME.safetensors``, and its checksum."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import ModelError
from rag.files import sha256_of


def verified(
    folder: Path, name: str, what: str, *, fields: Sequence[str], fix: str, bound: bool = True
) -> dict[str, Any]:
    """``name.json`` in ``folder``, which has ``fields``, where its checksums are those of the weights beside it.

    ``what`` the model is called in errors, ``fix`` what helps. Not ``bound``: whatever weights it was made for, it gets
    the checksum of these. Raises :class:`ModelError` if a file is missing, damaged, or belongs to another one.
    """
    path = folder / f"{name}.json"
    try:
        card = dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ModelError(f"there is no {what} in {str(folder)!r}", why=str(error.strerror), fix=fix) from None
    except (ValueError, TypeError) as error:
        raise ModelError(f"the card of the {what}, {path}, is damaged", why=str(error), fix=fix) from None
    needed = ("sha256", *fields) if bound else fields
    if missing := [field for field in needed if field not in card]:
        why = f"it lacks {', '.join(missing)}"
        raise ModelError(f"the card of the {what}, {path}, is damaged", why=why, fix=fix)
    found = checksum(folder / f"{name}.safetensors", fix=fix)
    for part in ("sha256", "calibrated_for") if bound else ():
        said = card.get(part, found)
        if said != found:
            raise ModelError(
                f"the weights of the {what} and its card do not belong together",
                why=f"the weights' sha256 is {found[:12]}..., {path.name} says {part} {str(said)[:12]}...",
                fix=fix,
            )
    return card | {"sha256": found}


def checksum(path: Path, *, fix: str) -> str:
    """The sha256 of a model's weights. Raises :class:`ModelError`, with ``fix``, if they cannot be read."""
    try:
        return sha256_of(path)
    except OSError as error:
        raise ModelError(f"the weights {path} cannot be read", why=str(error.strerror), fix=fix) from None
