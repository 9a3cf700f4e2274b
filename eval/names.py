"""The two names of a document: the data set's own, and the library's id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from eval.types import Dataset, GoldQuote, Problem, Question
from rag.types import Document

SCHEME = "eval:"


class Names:
    """Library id -> the data set's name. ``eval:<id>`` gives the id back; a file's name is its path in ``sources``
    with ``#record`` where it holds several documents; anything else is named by its URI.
    """

    def __init__(self, documents: Iterable[Document], sources: Path | None = None) -> None:
        self.of = {document.id: _name(document.uri, sources) for document in documents}
        self._known = set(self.of.values())
        short: dict[str, set[str]] = {}
        for identity, name in self.of.items():
            last = name.rsplit("/", 1)[-1]
            for alias in (identity, name, last, unquote(last)):
                short.setdefault(_composed(alias), set()).add(name)
        self._aliases = {alias: next(iter(names)) for alias, names in short.items() if len(names) == 1}
        self._shared = short.keys() - self._aliases.keys()

    def __len__(self) -> int:
        return len(self.of)

    def resolve(self, name: str) -> str | None:
        """The full name for a name, a library id, or a file name that only one source has; None if unknown.

        A file name may be written as in a folder, where its address has "%20" and the like, and its accents either way.
        """
        return name if name in self._known else self._aliases.get(_composed(name))

    def why_not(self, name: str) -> str:
        """What is said of a name that does not resolve."""
        if _composed(name) in self._shared:
            return f"several sources are called {name!r}; name it by its id or its whole address"
        return f"unknown document {name!r}"


def _composed(name: str) -> str:
    return normalize("NFC", name)


def _name(uri: str, sources: Path | None) -> str:
    if uri.startswith(SCHEME):
        return uri.removeprefix(SCHEME)
    parts = urlsplit(uri)
    if sources is None or parts.scheme not in ("", "file"):
        return uri
    path, folder = Path(unquote(parts.path)), sources.resolve()
    base = folder if folder.is_dir() else folder.parent
    inside = path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()
    return inside + (f"#{unquote(parts.fragment)}" if parts.fragment else "")


def settle(dataset: Dataset, names: Names, texts: dict[str, str]) -> Dataset:
    """The data set with full names and with the offsets of its gold quotes, found in ``texts`` (name -> text).

    An unknown source, or a quote that its source does not contain, becomes a problem with file and line.
    """
    problems = list(dataset.problems)

    def report(question: Question, what: str) -> None:
        problems.append(Problem(dataset.file, question.line, f"question {question.id!r}: {what}"))

    def full(name: str) -> str | None:
        return name if dataset.documents else names.resolve(name)  # its own ids were checked while reading

    def settled(question: Question) -> Question:
        relevant = {}
        for name, grade in question.relevant.items():
            if full(name) is None:
                report(question, f"{names.why_not(name)}; it counts as never found")
            relevant[full(name) or name] = grade
        quotes = [located(question, quote) for quote in (question.quote, *question.also) if quote]
        first = quotes[0] if question.quote else None
        return replace(question, relevant=relevant, quote=first, also=tuple(quotes[first is not None :]))

    def located(question: Question, quote: GoldQuote) -> GoldQuote:
        if quote.start is not None:
            return quote
        name = full(quote.document_id) or quote.document_id
        at = texts.get(name, "").find(quote.text)
        if at < 0 and name in texts:
            report(question, f"the gold quote {quote.text[:40]!r} is not in {name!r}")
        return replace(quote, document_id=name, start=at, end=at + len(quote.text)) if at >= 0 else quote

    return replace(dataset, questions=tuple(map(settled, dataset.questions)), problems=tuple(problems))
