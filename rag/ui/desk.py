"""What one browser tab looks at, and the question that is being worked on there. Kept on the server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rag.types import Filters
from rag.ui.views import Pending


class Run:
    """A question that is being worked on; it ends once, either with an answer or because it was stopped."""

    def __init__(self, question: str) -> None:
        self.pending = Pending(question)
        self._over = threading.Lock()

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._over.locked()

    def end(self) -> bool:
        """End it; false if somebody else did before. So a question that was stopped is never saved."""
        return self._over.acquire(blocking=False)


@dataclass
class BrowserTab:
    """What handlers of one tab know of each other while they run side by side; one for all desks of the tab."""

    run: Run | None = None  # the question whose stages are shown
    desk: Desk | None = None  # the one shown last
    added: tuple[str, ...] = ()  # the ids of the sources that were added last, which are listed first

    def __post_init__(self) -> None:
        self.moving = threading.Lock()  # held while its user goes somewhere else; no field, as Gradio copies these

    def __deepcopy__(self, _: object) -> BrowserTab:
        """Each browser tab begins with a copy of Gradio's."""
        return BrowserTab()

    def leave(self, run: Run) -> bool:
        """Show its stages no longer; false if they were not shown any more."""
        shown = self.run is run
        self.run = None if shown else self.run
        return shown


@dataclass(frozen=True, slots=True)
class Desk:
    """What one browser tab looks at."""

    conversation: str = ""
    selected: int = -1  # the turn whose evidence is shown
    rank: int = 0  # the quote pointed out in it
    filters: Filters = Filters()  # what new questions are confined to
    collection: str = ""  # "" is the one that is served
    tab: BrowserTab = field(default_factory=BrowserTab, compare=False, repr=False)

    @contextmanager
    def settled(self) -> Iterator[Desk]:
        """Where the tab's user is now, as this desk may be from before the last click; nobody moves on meanwhile."""
        with self.tab.moving:
            yield self.tab.desk or self
