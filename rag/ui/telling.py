"""What the page tells of what was done or went wrong: as a notice, and to screen readers."""

from __future__ import annotations

import re

from rag.ui.markup import content

_END = r"(?=\. Fix: |$)"
_RAW = re.compile(rf"(?:(?<= file)|(?<= reader)) \(.*\){_END}|\[Errno -?\d+\] ?")  # what an exception said of itself
_COMMAND = re.compile(r"(?:pullquote|pip|python|rm|make) |--")


class Done(str):
    """A sentence about what was done as it was wished for."""

    __slots__ = ()


def plainly(error: str) -> str:
    """An error as the commands tell it, for who reads the page: ``a failed. Fix: do b`` -> ``a failed. Do b.``"""
    what, _, fix = _RAW.sub("", error).rstrip(".").partition(". Fix: ")
    if _COMMAND.match(fix):
        return f"{what}. Run: {fix}"
    return f"{what}. {fix[:1].upper()}{fix[1:]}." if fix else f"{what}."


def told(sentence: str) -> str:
    """A notice; it has no role, as the live region says the same."""
    look = "notice done" if isinstance(sentence, Done) else "notice"
    return f'<p class="{look}">{content(sentence[0].upper() + sentence[1:])}</p>' if sentence else ""


def said(sentence: str) -> str:
    """For the live region: what a screen reader says when the page has changed."""
    return f'<p role="status">{content(sentence[:1].upper() + sentence[1:])}</p>'
