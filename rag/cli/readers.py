"""Commands for the reader model: train it on one's own judged answers, calibrate another one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rag.cli.base import Collection, Index, app, opened
from rag.types import Reader

_FORM = "JSON lines: question, context, answer_text and answer_start or answers; right: true or false."


@app.command("train-reader")
def train_reader(
    data: Annotated[
        Path | None, typer.Option(help=f"{_FORM} Without it: what was called right or wrong on the page.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the new reader.")] = Path("reader"),
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Train the reader further on your own judged answers; shows before and after on a part it never saw."""
    from rag.config import load_settings
    from rag.models import load_reader
    from rag.models.calibrate import Judged, load_judged
    from rag.models.encoder import load_encoder
    from rag.models.reader import folder_of
    from rag.models.tune import check_folder, figures, split, tune
    from rag.store import judged_answers

    if data:
        settings, rows = load_settings(), load_judged(data)
    else:
        settings, library = opened(collection, index)
        rows = [Judged.of(dict(row)) for row in judged_answers(library)]
    train, held = split(rows)
    encoder = load_encoder(cache_dir=settings.cache_dir)
    start = folder_of(settings.reader)
    check_folder(out, start)
    before = figures(load_reader(settings.reader, encoder=encoder, cache_dir=settings.cache_dir), held)
    learned = tune(train, start, out, progress=_step)
    after = figures(load_reader(str(out.resolve()), encoder=encoder, cache_dir=settings.cache_dir), held)
    if learned < len(train):
        print(f"{len(train) - learned} judged answers were left out: they are not in their passages")
    print(f"trained on {learned} judged answers; on {len(held)} others:")
    print(f"{'':34}{'before':>8}{'after':>8}")
    print(f"{'right before wrong (AUROC)':34}{before.auroc:8.3f}{after.auroc:8.3f}")
    print(f"{'short answer touches yours':34}{before.marked:8.3f}{after.marked:8.3f}")
    print(f"Use it: PULLQUOTE_READER={out.resolve()}, or reader = '{out.resolve()}' in pullquote.toml")


@app.command("calibrate-reader")
def calibrate_reader(
    reader: Annotated[str, typer.Argument(help="Folder (or cached Hugging Face name) of the reader.")],
    data: Annotated[Path, typer.Option(help=_FORM)],
) -> None:
    """Fit a reader's probabilities on judged questions; kept beside its weights, and only good for them."""
    from rag.config import load_settings
    from rag.models import foreign
    from rag.models.calibrate import calibrated, load_judged, write_calibration
    from rag.models.encoder import load_encoder
    from rag.models.reader import GraphReader, read_card

    settings = load_settings()
    rows = load_judged(data)
    encoder = load_encoder(cache_dir=settings.cache_dir)
    path = Path(reader) / "reader.json"
    read: Reader
    if path.exists():
        card = read_card(path.parent, bound=False)
        read = GraphReader(path.parent, card, name=reader, cache_dir=settings.cache_dir)
    else:
        path = foreign.folder_of(reader) / foreign.CARD
        card = {"sha256": foreign.weights_of(path.parent)}
        read = foreign.ForeignReader(reader, calibrated=False)
    fitted = calibrated(read, rows, encoder)
    write_calibration(path, card, fitted)
    print(f"{path}: fitted on {len(rows)} judged questions")
    for mode, least in fitted["answered_at"].items():
        print(f"  {mode:9} answers from a probability of {least}")


def _step(done: int, total: int) -> None:
    sys.stderr.write(f"\rstep {done} of {total}" + ("\n" if done == total else ""))
