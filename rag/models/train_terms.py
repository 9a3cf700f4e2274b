"""Trains the term classifier: ``python -m rag.models.train_terms --data DIR --out FILE``. 15 minutes of a core a stage.

bf16 layers below and in training, float32 master copies; embeddings and the lower layers stay as they are, so that only
the upper layers are stored. First made-up conversations, then people's rewrites mixed with them (see ``term_data``);
with ``--start`` the second stage alone.
"""

from __future__ import annotations

import argparse
import logging
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.files import sha256_of
from rag.models.encoder import load_tokenizer, shipped_folder
from rag.models.reader_data import read_lines
from rag.models.runtime import padded
from rag.models.term_data import Example, from_rewrites, labels, made_up, written
from rag.models.terms import Input, arrays, build, load_weights, network, trained

log = logging.getLogger(__name__)
Item = tuple[Input, list[float]]  # input, and a target per position: 1, 0, or -1 where nothing is judged
ROWS, RATE, HEAD_RATE, DECAY, WARM, NEEDED_WEIGHT = 32, 1e-4, 5e-4, 0.01, 0.05, 2.0


def items(examples: Sequence[Example], tokenizer: Any) -> list[Item]:
    """The examples as wordpieces with a target at every word's first piece."""
    made = []
    for example in examples:
        given = build(tokenizer, example.question, example.history, example.shown)
        target = [-1.0] * len(given.ids)
        for text, places in zip([*example.history, example.shown], given.places, strict=True):
            for place, label in zip(places, labels(text, example.needed), strict=True):
                if place >= 0:
                    target[place] = label
        made.append((given, target))
    return made


def batches(data: Sequence[Item], rng: random.Random) -> Iterator[list[Item]]:
    """Items of like length together, in random order."""
    mixed = list(data)
    rng.shuffle(mixed)
    order: list[list[Item]] = []
    for begin in range(0, len(mixed), ROWS * 20):
        part = sorted(mixed[begin : begin + ROWS * 20], key=lambda item: len(item[0].ids))
        order += [part[at : at + ROWS] for at in range(0, len(part), ROWS)]
    rng.shuffle(order)
    yield from order


def loss(net: Any, batch: Sequence[Item]) -> Any:
    """Binary cross-entropy over the judged words; needed words count more, since they are few."""
    import torch

    width = padded(max(len(given.ids) for given, _ in batch))
    inputs = arrays([given for given, _ in batch], width)
    target = np.full((len(batch), width), -1.0, np.float32)
    for row, (given, labels_) in enumerate(batch):
        target[row, : len(given.ids)] = labels_
    logits = net(*(torch.from_numpy(array) for array in inputs.values())).float()
    wanted = torch.from_numpy(target)
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, wanted.clamp(min=0), reduction="none", pos_weight=torch.tensor(NEEDED_WEIGHT)
    )
    judged = (wanted >= 0).float()
    return (each * judged).sum() / judged.sum().clamp(min=1)


class Trainer:
    """The network in bf16 and float32 masters of what is trained, under AdamW."""

    def __init__(self, start: Path | None = None) -> None:
        import torch

        self.net = network()
        if start:
            load_weights(self.net, start)
        self.net.to(torch.bfloat16)
        self.parts = {name: part for name, part in self.net.named_parameters() if trained(name)}
        for name, part in self.net.named_parameters():
            part.requires_grad_(name in self.parts)
        self.masters = {name: part.detach().float().clone() for name, part in self.parts.items()}
        groups = [
            {"params": [v for k, v in self.masters.items() if k.startswith("head") == head], "lr": rate, "peak": rate}
            for head, rate in ((False, RATE), (True, HEAD_RATE))
        ]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)

    def step(self, batch: Sequence[Item], scale: float) -> float:
        """One update with the rates at ``scale`` of their peak; the loss before it."""
        import torch

        value = loss(self.net, batch)
        value.backward()
        for name, master in self.masters.items():
            master.grad, self.parts[name].grad = self.parts[name].grad.float(), None
        torch.nn.utils.clip_grad_norm_(list(self.masters.values()), 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * scale
        self.optimizer.step()
        with torch.no_grad():
            for name, master in self.masters.items():
                self.parts[name].copy_(master)
        return float(value.detach())

    def save(self, path: Path) -> None:
        """The trained layers in float16."""
        import torch
        from safetensors.torch import save_file

        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: part.to(torch.float16).contiguous() for name, part in self.masters.items()}, str(path))


def train(rows: Sequence[dict[str, Any]], talks: Sequence[dict[str, Any]], out: Path, args: argparse.Namespace) -> None:
    """Two stages: made-up conversations; then rewrites, each ``args.epochs`` times, mixed with as many made-up ones."""
    import torch

    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    rng, tokenizer, trainer = random.Random(args.seed), load_tokenizer(shipped_folder()), Trainer(args.start)
    real = items(from_rewrites([row for row in talks if row["source"] != "cast2021"]), tokenizer)
    share = len(real)  # as many made-up ones beside the rewrites, each time anew; the others come before
    count = share * args.epochs if args.start else args.made_up
    invented = items(list(made_up(rows, rng, count=count)), tokenizer)
    first = len(invented) - share * args.epochs
    plan = list(batches(invented[:first], rng))
    for epoch in range(args.epochs):
        begin = first + epoch * share
        plan += batches([*real, *invented[begin : begin + share]], rng)
    log.info("%d rewrites, %d made-up conversations, %d steps", len(real), len(invented), len(plan))
    begun, mean = time.monotonic(), 0.0
    for number, batch in enumerate(plan):
        scale = min((number + 1) / (WARM * len(plan)), (len(plan) - number) / len(plan))
        mean += 0.05 * (trainer.step(batch, scale) - mean)
        if number % 20 == 19:
            log.info("step %d of %d, loss %.4f, %.0f s", number + 1, len(plan), mean, time.monotonic() - begun)
    trainer.save(out)
    log.info("wrote %s, sha256 %s", out, sha256_of(out))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with conversations_dev and reader_train")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--made-up", type=int, default=16000, help="conversations made from reading data")
    parser.add_argument("--written", type=Path, help="our own: eval/questions/conversations_train.jsonl")
    parser.add_argument("--start", type=Path, help="terms.safetensors to train on from, without the first stage")
    parser.add_argument("--epochs", type=int, default=4, help="times each rewrite is seen")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    logging.basicConfig(format="%(message)s")
    log.setLevel(logging.INFO)  # of the libraries only what is wrong
    talks = read_lines(args.data / "conversations_dev.jsonl.gz") + (written(args.written) if args.written else [])
    train(read_lines(args.data / "reader_train.jsonl.gz"), talks, args.out, args)


if __name__ == "__main__":
    main()
