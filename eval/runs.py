"""Evaluations of an open library, one at a time and in the background, so that asking goes on meanwhile."""

from __future__ import annotations

import shlex
import threading
from dataclasses import dataclass, field

from eval.session import Outcome, evaluate
from eval.types import Dataset
from rag.assistant import Assistant
from rag.errors import RagError
from rag.types import Document


class Cancelled(Exception):
    """Raised inside a run that was asked to stop."""


@dataclass(slots=True)
class Run:
    """One evaluation and how far it is. ``owner`` is the session that started it; nobody else sees its questions."""

    owner: str
    dataset: Dataset
    done: int = 0
    total: int = 0
    running: bool = True
    why: str = ""  # why it ended without an outcome
    outcome: Outcome | None = None
    sources: dict[str, Document] = field(default_factory=dict)  # name of a document in the outcome -> document
    stop: threading.Event = field(default_factory=threading.Event)

    def tell(self, done: int, total: int, _: str) -> None:
        """Called before each question. Raises :class:`Cancelled` once it was asked to stop."""
        self.done, self.total = done, total
        if self.stop.is_set():
            raise Cancelled


class Runs:
    """The newest run of a server. Safe to use from several threads."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self._lock = threading.Lock()
        self._newest: Run | None = None

    @property
    def running(self) -> Run | None:
        """The run that goes on now, whoever started it."""
        newest = self._newest
        return newest if newest and newest.running else None

    def of(self, owner: str) -> Run | None:
        """The owner's run, if it is the newest one."""
        newest = self._newest
        return newest if newest and newest.owner == owner else None

    def start(self, dataset: Dataset, owner: str) -> bool:
        """Begin in the background; False if a run goes on."""
        with self._lock:
            if self.running:
                return False
            self._newest = run = Run(owner, dataset, total=len(dataset.questions))
        threading.Thread(target=self._work, args=[run], name="evaluation", daemon=True).start()
        return True

    def _work(self, run: Run) -> None:
        library, settings = self.assistant.library, self.assistant.settings
        place = ["--index", str(settings.index_dir), "--collection", settings.collection]
        command = f"python -m eval run --data {shlex.join([run.dataset.file, *place])}"
        try:
            run.sources = {document.uri: document for document in library.documents()}
            run.outcome = evaluate(
                run.dataset, settings, work=None, assistant=self.assistant, progress=run.tell, command=command
            )
        except Cancelled:
            run.why = f"Cancelled after {run.done} of {run.total} questions."
        except RagError as error:
            run.why = str(error)
        finally:
            if run.outcome is None and not run.why:
                run.why = "It ended unexpectedly; the server's standard error says where."
            run.running = False
            library.disconnect()
