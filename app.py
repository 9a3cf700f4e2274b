"""Pullquote on the sample corpus: builds the index from corpus/ where it is missing, then opens the page."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
EXAMPLES = (
    "Who founded TSMC?",
    "When was the CHIPS Act signed?",
    "When was the foreign direct product rule extended to Huawei?",
    "How much are the signing bonuses of Qiming?",
)


def main() -> int:
    """Exit code 1 with one line on standard error if the page cannot be served, 130 if stopped before it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    parser.add_argument("--port", type=int, help="port to listen on; 0 takes a free one")
    try:
        return _open(parser.parse_args())
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; everything finished so far is kept\n")
        return 130


def _open(options: argparse.Namespace) -> int:
    from eval.tab import tab
    from rag import Assistant, open_library
    from rag.config import load_settings
    from rag.ingest import add_paths
    from rag.serve import serve
    from rag.ui.views import FAILURES, failure

    try:
        settings = load_settings(port=options.port)
        library = open_library(settings, create=True)
        assistant = Assistant(library, settings)
        sources = library.sources()
        if not sources or any(uri.startswith(CORPUS.resolve().as_uri() + "/") for uri in sources):
            add_paths(library, [CORPUS], encoder=assistant.encoder, settings=settings, progress=_say)
        serve(settings, assistant=assistant, examples=EXAMPLES, tabs=[tab(assistant)], browser=not options.no_browser)
    except FAILURES as error:
        sys.stderr.write(f"{failure(error)}\n")
        return 1
    return 0


def _say(done: int, total: int, name: str) -> None:
    sys.stderr.write(f"\rReading {done} of {total}: {name[:60]:60}" + ("\n" if done == total else ""))


if __name__ == "__main__":
    sys.exit(main())
