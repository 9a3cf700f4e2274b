"""Trains the reader: ``python -m rag.models.train_reader --data DIR --out DIR --steps N [--start FILE] [--resume]``.

bf16 weights with float32 master copies, word embeddings frozen, the learning rate falls over the given steps (about 65
a minute on one core with AMX, 30 without). ``OUT/checkpoint.pt`` is written every few minutes; ``--resume`` continues
from it. At the end ``OUT/reader.safetensors`` (float16) and ``OUT/reader-fp32.safetensors`` hold the result: the mean
of the weights over the second half of the steps (Izmailov et al. 2018, arXiv:1803.05407), which is why the rate need
not fall to zero.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.models.encoder import load_encoder, load_tokenizer, shipped_folder
from rag.models.reader_data import load_rows
from rag.models.reader_examples import Example, batches, examples, width_of
from rag.models.reader_mining import mine
from rag.models.reader_net import arrays, network, start_weights
from rag.models.reader_rounds import PARTS, Rounds
from rag.models.reader_written import written_rows
from rag.models.term_data import written

log = logging.getLogger(__name__)
RATE, HEAD_RATE, WARM, DECAY = 1.2e-4, 2.5e-4, 0.04, 0.01
DROPOUT = 0.1  # of the 384 features, the same ones at every position: a mask for every value is slow on a CPU
LAST = 0.4  # of the learning rates, at the last step
AVERAGED, EVERY = 0.55, 10  # the last share of the steps, of which every tenth counts in the mean
SAVE_SECONDS = 240


def loss(net: Any, batch: Sequence[Sequence[Example]]) -> tuple[Any, dict[str, float]]:
    """Span (marginal over alternative answers), answerable (pointwise, and against near misses), relevance (listwise
    and pointwise) losses, averaged."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as bce

    rows = [example for group in batch for example in group]
    inputs = {
        name: torch.from_numpy(array) for name, array in arrays([row.encoded for row in rows], width_of(batch)).items()
    }
    scores, start, end = net(**inputs)
    valid = torch.from_numpy(_valid(rows, start.shape[1]))
    span = sum(
        -_marginal(logits, valid, [getattr(row, name) for row in rows])
        for logits, name in ((start, "starts"), (end, "ends"))
    )
    known = torch.tensor([bool(row.starts) for row in rows])
    has = torch.tensor([float(row.starts != (0,)) for row in rows])
    relevant = torch.tensor([row.relevant for row in rows])
    group_of = torch.tensor([k for k, group in enumerate(batch) for _ in group])
    judged = relevant >= 0
    total: dict[str, Any] = {}
    if bool(known.any()):
        total |= {"span": span[known].mean(), "answer": bce(scores[known, 1], has[known])}
    if bool(judged.any()):
        total["point"] = bce(scores[judged, 0], relevant[judged].float())
        same = (group_of[:, None] == group_of[None]) & judged[None]
        whole = torch.logsumexp(scores[:, 0][None].expand(len(rows), -1).masked_fill(~same, -1e4), 1)
        lead = (relevant == 1) & (same.sum(1) > 1)
        if bool(lead.any()):
            total["list"] = (whole - scores[:, 0])[lead].mean()
    pairs = contrasts(batch)
    if pairs:
        lead_at, miss_at = (list(side) for side in zip(*pairs, strict=True))
        total["contrast"] = torch.nn.functional.softplus(scores[miss_at, 1] - scores[lead_at, 1]).mean()
    weights = {"span": 0.5, "answer": 0.5, "contrast": 0.3, "point": 0.3, "list": 0.5}
    return sum(weights[k] * v for k, v in total.items()), {k: float(v.detach()) for k, v in total.items()}


def contrasts(batch: Sequence[Sequence[Example]]) -> list[tuple[int, int]]:
    """Places of (a question that its passage answers, a near miss of the same group)."""
    pairs, first = [], 0
    for group in batch:
        if group[0].relevant == 1:
            pairs += [(first, first + k) for k, row in enumerate(group) if row.relevant < 0 and row.starts == (0,)]
        first += len(group)
    return pairs


def _valid(rows: Sequence[Example], size: int) -> npt.NDArray[np.bool_]:
    """Positions an answer may start or end at: the passage, and the first position for "no answer"."""
    out = np.zeros((len(rows), size), bool)
    for k, row in enumerate(rows):
        out[k, 0] = True
        out[k, : len(row.encoded.offsets)] |= np.array([b > a for a, b in row.encoded.offsets])
    return out


def _marginal(logits: Any, valid: Any, targets: Sequence[Sequence[int]]) -> Any:
    """Log probability (n,) of all target positions of a row together."""
    import torch

    log_p = torch.log_softmax(logits.masked_fill(~valid, -1e4), 1)
    mask = torch.zeros_like(valid)
    for k, positions in enumerate(targets):
        mask[k, list(positions or (0,))] = True
    return torch.logsumexp(log_p.masked_fill(~mask, -1e4), 1)


class Trainer:
    """The state of a run: network in bf16, float32 masters with AdamW, clock, position in the data.

    ``rates``: of the body and of the heads, at their highest.
    """

    def __init__(
        self,
        out: Path,
        total: int = 0,
        *,
        threads: int = 1,
        start: Path | None = None,
        rates: tuple[float, float] = (RATE, HEAD_RATE),
    ) -> None:
        import torch
        from safetensors.torch import load_file

        torch.set_num_threads(threads)
        torch.manual_seed(7)
        self.torch, self.out, self.total, self.start = torch, out, total, start
        self.net = network()
        if start:
            self.net.load_state_dict({name: value.float() for name, value in load_file(start).items()})
        else:
            start_weights(self.net)
        self._drop_features()
        self.net.bert.to(torch.bfloat16).train()
        self.net.bert.embeddings.word_embeddings.weight.requires_grad = False
        self.live = [p for p in self.net.parameters() if p.requires_grad]
        self.master = [p.detach().float().clone().requires_grad_() for p in self.live]
        heads = {id(p) for part in (self.net.dense, self.net.scores, self.net.span) for p in part.parameters()}
        parts: dict[tuple[float, float], list[Any]] = {}
        for p, m in zip(self.live, self.master, strict=True):
            parts.setdefault((rates[id(p) in heads], DECAY if p.ndim > 1 else 0.0), []).append(m)
        self.optimizer = torch.optim.AdamW(
            [{"params": ms, "base": rate, "weight_decay": decay} for (rate, decay), ms in parts.items()],
            lr=rates[0], betas=(0.9, 0.98), fused=True,
        )  # fmt: skip
        self.round = self.step_in_round = self.steps = self.counted = 0
        self.summed = [torch.zeros_like(m) for m in self.master if total]  # over the steps that count in the mean

    def _drop_features(self) -> None:
        import torch

        class FeatureDropout(torch.nn.Module):
            def forward(self, hidden: Any) -> Any:
                kept = torch.rand(len(hidden), 1, hidden.shape[2]) >= DROPOUT
                return hidden * (kept / (1 - DROPOUT)).to(hidden.dtype)

        for layer in self.net.bert.encoder.layer:
            layer.attention.output.dropout = FeatureDropout()
            layer.output.dropout = FeatureDropout()

    def factor(self) -> float:
        """Of the learning rates, by the share of the steps that are done: up for a moment, then slowly down."""
        done = self.steps / self.total
        return max(min(done / WARM, 1 - (1 - LAST) * (done - WARM) / (1 - WARM)), 0.002)

    def step(self, batch: Sequence[Sequence[Example]], factor: float) -> dict[str, float]:
        """One update with ``factor`` times the learning rates; returns the parts of the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["base"] * factor
        value, parts = loss(self.net, batch)
        value.backward()
        for p, m in zip(self.live, self.master, strict=True):
            m.grad = p.grad.float() if p.grad is not None else None
            p.grad = None
        self.torch.nn.utils.clip_grad_norm_(self.master, 1.0)
        self.optimizer.step()
        self.steps += 1
        with self.torch.no_grad():
            self.torch._foreach_copy_(self.live, self.master)
            if self.steps > (1 - AVERAGED) * self.total and self.total and self.steps % EVERY == 0:
                self.torch._foreach_add_(self.summed, self.master)
                self.counted += 1
        return parts

    def save(self) -> None:
        """Writes the checkpoint under a temporary name and renames it."""
        state = {
            "master": [m.detach() for m in self.master], "optimizer": self.optimizer.state_dict(),
            "clock": (self.round, self.step_in_round, self.steps), "mean": (self.counted, self.summed),
        }  # fmt: skip
        self.torch.save(state, self.out / "checkpoint.tmp")
        os.replace(self.out / "checkpoint.tmp", self.out / "checkpoint.pt")

    def resume(self) -> None:
        """Continues from ``OUT/checkpoint.pt``."""
        state = self.torch.load(self.out / "checkpoint.pt")
        with self.torch.no_grad():
            self.torch._foreach_copy_(self.master, state["master"])
            self.torch._foreach_copy_(self.live, self.master)
        self.optimizer.load_state_dict(state["optimizer"])
        self.round, self.step_in_round, self.steps = state["clock"]
        self.counted, self.summed = state["mean"]

    def finish(self, others: Sequence[Path] = ()) -> None:
        """Writes float32 and float16 weights: the mean of those trained here (themselves one over the steps) and of
        ``others``.

        Trainings that began at the same weights are better together than any of them ("model soups", Wortsman et al.
        2022, arXiv:2203.05482).
        """
        from safetensors.torch import load_file, save_file

        with self.torch.no_grad():
            whole = {name: p.detach().float().clone() for name, p in self.net.named_parameters()}
            names = [name for name, p in self.net.named_parameters() if p.requires_grad]
            last = [total / self.counted for total in self.summed] if self.counted else self.master
            whole |= {name: m.detach().clone() for name, m in zip(names, last, strict=True)}
        weights = [whole, *map(load_file, others)]
        whole = {name: sum(each[name].float() for each in weights) / len(weights) for name in whole}
        save_file(whole, self.out / "reader-fp32.safetensors")
        save_file({k: v.half().contiguous() for k, v in whole.items()}, self.out / "reader.safetensors")


def train(trainer: Trainer, rounds: Rounds, *, seed: int = 7) -> None:
    """Runs rounds until the steps are done, and writes the last checkpoint."""
    tokenizer = load_tokenizer(shipped_folder())
    saved = time.monotonic()
    means: dict[str, float] = {}
    while trainer.steps < trainer.total:
        groups = examples(rounds.draw(trainer.round, seed=seed), tokenizer, random.Random(trainer.round))
        order = list(batches(groups, random.Random(trainer.round)))
        log.info("round %d: %d groups, %d batches", trainer.round, len(groups), len(order))
        while trainer.step_in_round < len(order) and trainer.steps < trainer.total:
            parts = trainer.step(order[trainer.step_in_round], trainer.factor())
            means = {k: 0.98 * means.get(k, v) + 0.02 * v for k, v in parts.items()} | {
                k: v for k, v in means.items() if k not in parts
            }
            trainer.step_in_round += 1
            if trainer.steps % 50 == 0:
                log.info("step %d, %s", trainer.steps, {k: round(v, 3) for k, v in means.items()})
            if time.monotonic() - saved > SAVE_SECONDS:
                trainer.save()
                saved = time.monotonic()
        if trainer.steps < trainer.total:
            trainer.round, trainer.step_in_round = trainer.round + 1, 0
    trainer.save()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--written", type=Path, help="further questions: eval/questions/reader_train.jsonl")
    parser.add_argument("--talks", type=Path, help="conversations: eval/questions/conversations_train.jsonl")
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=RATE, help="of all weights but the heads'")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--start", type=Path, help="reader.safetensors to train on from, instead of all-MiniLM-L6-v2")
    parser.add_argument("--mean", type=Path, nargs="*", default=[], help="weights that the result is averaged with")
    parser.add_argument("--seed", type=int, default=7, help="of the order and choice of the data")
    parser.add_argument("--without", choices=PARTS, action="append", default=[], help="leave a part out (ablation)")
    parser.add_argument("--resume", action="store_true", help="continue from OUT/checkpoint.pt")
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)  # of the libraries only what is wrong
    options.out.mkdir(parents=True, exist_ok=True)
    rows = load_rows(options.data)
    rows += written_rows(options.written, rows) if options.written else []
    contexts, negatives = mine(rows, load_encoder().encode, options.out / "negatives.json")
    trainer = Trainer(
        options.out, options.steps, threads=options.threads, start=options.start, rates=(options.rate, HEAD_RATE)
    )
    if options.resume:
        trainer.resume()
    talks = [talk["turns"] for talk in written(options.talks)] if options.talks else []
    rounds = Rounds(rows, contexts, negatives, without=options.without, talks=talks)
    train(trainer, rounds, seed=options.seed)
    trainer.finish(options.mean)


if __name__ == "__main__":
    main()
