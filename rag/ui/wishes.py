"""Reading what a browser wishes for: all of it is text, and none of it is trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from rag.conversation import day_range
from rag.types import Filters

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
_FILTERS = frozenset(field.name for field in fields(Filters))


def as_text(value: Any) -> Any:
    """A string without lone surrogates, which JSON can carry but nothing can store or send; all else as it is."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


def filters_of(wish: Mapping[str, str]) -> Filters:
    """The filters that a form names; a date that is none counts as not given."""
    days = (str(wish.get(name, ""))[:10] for name in ("since", "until"))
    since, until = (day if _DATE.fullmatch(day) and day_range(day) else "" for day in days)
    return Filters(
        since,
        until,
        str(wish.get("publisher", ""))[:300],
        (str(wish["document"])[:200],) if wish.get("document") else (),
    )


def without(filters: Filters, wish: Mapping[str, str]) -> Filters:
    """The filters less the one that the wish names."""
    name = wish.get("without")
    return replace(filters, **{name: getattr(Filters(), name)}) if name in _FILTERS else filters


def number(value: object, below: int) -> int:
    """``"2"`` -> 2; -1 for anything that is not a whole number in [0, below)."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 and int(text) < below else -1
