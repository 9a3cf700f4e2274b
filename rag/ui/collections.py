"""The collections beside the one that is served: each has its own library, the models are shared."""

from __future__ import annotations

import re
import threading
from contextlib import suppress

from rag.assistant import Assistant
from rag.config import COLLECTION_NAME, Settings
from rag.errors import LibraryError
from rag.store import Library, collections, drop, open_library


class Collections:
    """What lies in the index folder of ``library``; opened when first asked for."""

    def __init__(self, library: Library, assistant: Assistant) -> None:
        self.home, self._folder = library.folder.name, library.folder.parent
        self._open, self._opening = {self.home: assistant}, threading.Lock()

    def names(self) -> list[str]:
        """In alphabetical order; the one that is served is always among them."""
        return sorted({*collections(self._folder), self.home})

    def get(self, name: str) -> Assistant:
        """The assistant of a collection. Raises LibraryError if there is no such collection or it cannot be opened."""
        with self._opening:
            if name not in self._open:
                self._open[name] = self._opened(name)
            return self._open[name]

    def create(self, name: str) -> str:
        """Make an empty collection; its name, with hyphens for spaces. Raises LibraryError if it cannot be made."""
        name = "-".join(name.split())
        if not re.fullmatch(COLLECTION_NAME, name):
            why = "it has letters from a to z, digits and . _ -, 64 at most, and begins with a letter or digit"
            raise LibraryError(f"a collection cannot be called {name!r}", why=why, fix="choose another name")
        with self._opening:
            if name in self.names():
                raise LibraryError(f"there is a collection {name!r} already", fix="choose it from the list")
            open_library(self._settings(name), create=True).close()
        return name

    def remove(self, name: str) -> tuple[int, int]:
        """Delete a collection with everything in it; how many sources and conversations that were.

        Raises LibraryError if there is none, if it is the one that is served, or if another process uses it.
        """
        if name == self.home:
            raise LibraryError(f"the collection {name!r} is the one that is served", fix="end the server first")
        library = self.get(name).library
        with self._opening:
            self._open.pop(name, None)
            held = library.stats()
            library.close()
            drop(library.folder)
        return held["documents"], held["conversations"]

    def holding(self, document_id: str, revision: str = "") -> Library:
        """A library that has the document in this revision, else one that has it at all, else the one that is served.

        An id stands for the same source in every collection, and a revision for the same bytes.
        """
        for wanted in (revision, ""):
            for name in (self.home, *self.names()):
                with suppress(LibraryError):
                    library = self.get(name).library
                    if library.has(document_id, wanted):
                        return library
        return self._open[self.home].library

    def _opened(self, name: str) -> Assistant:
        if name not in self.names():
            raise LibraryError(f"there is no collection {name!r}", fix="choose one from the list")
        home, settings = self._open[self.home], self._settings(name)
        made = Assistant(open_library(settings), settings)
        made.terms = home.terms
        if made.library.encoder_name in ("", home.encoder.name):
            made.encoder, made.reader = home.encoder, home.reader
        return made

    def _settings(self, name: str) -> Settings:
        update = {"collection": name, "index_dir": self._folder}
        return self._open[self.home].settings.model_copy(update=update)
