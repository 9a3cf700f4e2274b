"""The error tree. Every error says what happened, why, and what fixes it, in one line.

    RagError
    ├── SettingsError      a setting is unknown or has a value it cannot have
    ├── SourceError        one source cannot be read; the others are not affected
    ├── QuestionError      a question is empty or far too long
    ├── LibraryError       the collection is missing, locked, damaged or made with another model
    └── ModelError         weights or tokenizer files are missing or are not the expected ones

An outcome is not an error: "nothing found" is a value (``Answer.status``).
"""

from __future__ import annotations


class RagError(Exception):
    """``what`` happened, ``why``, and the command or step that ``fix``es it."""

    def __init__(self, what: str, *, why: str = "", fix: str = "") -> None:
        self.what, self.why, self.fix = what, why, fix
        super().__init__(what)

    def __str__(self) -> str:
        text = self.what
        if self.why:
            text += f": {self.why}"
        if self.fix:
            text += f". Fix: {self.fix}"
        return text


class SettingsError(RagError):
    """A setting is unknown or has a value it cannot have."""


class SourceError(RagError):
    """One source cannot be read."""


class QuestionError(RagError):
    """The question cannot be asked."""


class LibraryError(RagError):
    """The collection on disk cannot be used as it is."""


class ModelError(RagError):
    """A model file is missing or is not the expected one."""
