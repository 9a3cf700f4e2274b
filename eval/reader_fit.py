"""The reader's order and probabilities from kept candidates, and the fit of its calibration (logistic, Platt 1999)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval import match, selective
from rag.files import sha256_of
from rag.lexicon import is_statement
from rag.models.calibrate import fit_logistic, fit_ranking, operating_points
from rag.models.reader_data import bucket
from rag.ranking import DECIDING, agreement, clear, logit
from rag.search import read_first
from rag.types import Hit

Record = Mapping[str, Any]
Floats = npt.NDArray[np.float64]
SPAN = ("span", "head", "margin")
# of the log share: between 1, which tells near misses apart best, and the 2 that it would be if fitted, which tells
# right passages from wrong ones best (fitting half of squad2: AUROC 0.794, 0.790, 0.786 and 0.645, 0.672, 0.699)
AGREED = 1.5
# not claims, since statements keep the fused order; never SciFact, whose licence allows evaluation only
FITTED_ON = ("squad2-answerable", "qamr", "qed")


def load_card(weights: Path, neutral: Mapping[str, Any]) -> dict[str, Any]:
    """``reader.json`` if there is one, else the neutral calibration."""
    path = weights / "reader.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else dict(neutral)


def sigmoid(values: Floats) -> Floats:
    """Logistic function."""
    out: Floats = 1 / (1 + np.exp(-np.clip(values, -12, 12)))
    return out


def outputs(entries: Sequence[Mapping[str, float]], card: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """Logits of (relevance, answerable) as ``Reading`` has them, cut to [-12, 12]."""
    rel, ans = card["outputs"]["relevance"], card["outputs"]["answerable"]
    relevance = np.array([rel["bias"] + rel["relevance"] * e["relevance"] for e in entries])
    answerable = np.array([ans["bias"] + ans["head"] * e["head"] + ans["margin"] * e["margin"] for e in entries])
    return np.clip(relevance, -12, 12), np.clip(answerable, -12, 12)


def ranking_features(read: Sequence[Mapping[str, Any]], card: Mapping[str, Any]) -> Floats:
    """(n, 4): relevance and answerable logits, cosine, share of the best BM25."""
    relevance, answerable = outputs(read, card)
    most = max((c["lexical"] for c in read), default=0.0) or 1.0
    dense, lexical = ([c[name] for c in read] for name in ("dense", "lexical"))
    return np.stack([relevance, answerable, np.array(dense), np.array(lexical) / most], 1)


def ranked(record: Record, card: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The read candidates in final order, each with its "agreement", then the unread ones in first-stage order.

    Those that decide the outcome have the "head" and "margin" of both readings, as in ``rag.ranking.confirmed``.
    """
    read, scores = _as_read(record, card)
    agreed = agreement(scores.tolist(), [c["answer"] for c in read])
    if is_statement(record["question"]):  # as rag.ranking.rank does
        scores = np.array([c["fused"] for c in read])
    order = sorted(range(len(read)), key=lambda k: (-scores[k], read[k]["id"]))
    best = [{**read[k], "agreement": agreed[k]} for k in order]
    known = {c["id"] for c in read}
    unread = [c for c in record["candidates"] if c["id"] not in known]
    return [*map(_confirmed, best[:DECIDING]), *best[DECIDING:], *unread]


def _as_read(record: Record, card: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], Floats]:
    """What the product reads of it, with the ranking's logits: few passages where one of them is clearly the best."""
    weights = np.array(card["calibration"]["ranking"])
    read = [c for c in record["candidates"] if "head" in c]
    hits = [Hit(c["id"], k, c["fused"], c["dense"], c["lexical"]) for k, c in enumerate(read, start=1)]
    first = {hit.passage_id for hit in read_first(record["question"], hits, sum(c["size"] for c in read))}
    few = [c for c in read if c["id"] in first]
    scores = ranking_features(few, card) @ weights
    return (few, scores) if clear(scores.tolist()) else (read, ranking_features(read, card) @ weights)


def _confirmed(candidate: Mapping[str, Any]) -> Mapping[str, Any]:
    """The mean of both readings' logits; what the passage alone said is kept as "once"."""
    both = {name: (candidate[name] + candidate["again"][name]) / 2 for name in ("head", "margin")}
    return {**candidate, **both, "once": candidate}


def confidence(record: Record, card: Mapping[str, Any], name: str = "answered") -> float:
    """The largest probability among the deciding candidates in final order."""
    return max(_deciding(record, card, name), default=0.0)


def _deciding(record: Record, card: Mapping[str, Any], name: str = "answered") -> list[float]:
    """The probabilities of the deciding candidates in final order."""
    top = [c for c in ranked(record, card) if "agreement" in c][:DECIDING]
    weights = np.array(card["calibration"][name])
    found: list[float] = sigmoid(outcome_features(top, card)[:, : len(weights)] @ weights).tolist() if top else []
    return found


def _first_features(record: Record, card: Mapping[str, Any]) -> list[float]:
    """Logits of the first candidate's evidence and of the best other's, as ``rag.answer`` has them."""
    own, *others = _deciding(record, card) or [0.0]
    return [logit(own), logit(max(others, default=0.0))]


def first_answers(record: Record, card: Mapping[str, Any]) -> float:
    """How likely it is that the first passage answers."""
    bias, *weights = card["calibration"]["first"]
    return float(sigmoid(np.array(bias + np.array(_first_features(record, card)) @ weights)))


def outcome_features(entries: Sequence[Mapping[str, Any]], card: Mapping[str, Any]) -> Floats:
    """(n, 5): 1, logits of relevance and answerable, cosine, agreement."""
    relevance, answerable = outputs(entries, card)
    others = ([e[name] for e in entries] for name in ("dense", "agreement"))
    return np.stack([np.ones(len(entries)), relevance, answerable, *map(np.array, others)], 1)


def auroc(good: Sequence[float], bad: Sequence[float]) -> float:
    """The chance that a good one scores higher than a bad one (ties count half)."""
    return selective.auroc(np.repeat([1.0, 0.0], [len(good), len(bad)]), np.array([*good, *bad]))


def fit(records: Sequence[Record], weights: Path, neutral: Mapping[str, Any], *, agreed: float = AGREED) -> None:
    """Fits outputs, ranking and outcome one after the other on the fitting half, and writes ``reader.json``.

    ``agreed``: the weight of agreement, which is given and not fitted.
    """
    from rag.models.encoder import shipped_folder

    records = [record for record in records if not reported(record)]
    card: dict[str, Any] = json.loads(json.dumps(neutral))
    card["outputs"] = _fit_outputs(records)
    card["calibration"]["ranking"] = _fit_order(records, card)
    asked = [r for r in records if r["kind"].startswith("squad2")]
    others = [r for r in records if r["kind"] in ("qamr", "qed")]
    card["calibration"]["answered"] = _fit_outcome(asked + others, card, "gold", agreed=agreed)
    card["calibration"]["first"] = _fit_first(asked + others, card)
    card["calibration"]["related"] = _fit_outcome(asked, card, "home", rising=True)
    for outcome in ("answered", "related"):
        kinds = (
            [r for r in asked if r["kind"] == f"squad2-{kind}"] for kind in ("answerable", "impossible", "removed")
        )
        scores = [[confidence(r, card, outcome) for r in part] for part in kinds]
        card["calibration"][f"{outcome}_at"] = operating_points(outcome, *scores)
    card["outputs"]["span"] = _fit_span(records, card)
    sha = sha256_of(weights / "reader.safetensors")
    config = json.loads((shipped_folder() / "config.json").read_text())
    card = {"name": "pullquote-reader", "sha256": sha, "calibrated_for": sha, "config": config} | card
    (weights / "reader.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def reported(record: Record) -> bool:
    """Whether a question is one that figures are given of; the others are fitted on. SciFact is never fitted on."""
    return record["kind"] == "scifact" or bucket(record["question"]) >= 0.5


def _fit_order(records: Sequence[Record], card: Mapping[str, Any]) -> list[float]:
    """A conditional logit of the gold passage in which each kind of collection counts the same."""
    groups, counts = [], []
    for kind in FITTED_ON:
        mine = [[c for c in r["candidates"] if "head" in c] for r in records if r["kind"] == kind]
        golds = [next((i for i, c in enumerate(read) if c["gold"]), -1) for read in mine]
        found = [(ranking_features(read, card), k) for read, k in zip(mine, golds, strict=True) if k >= 0]
        groups += found
        counts += [1000 / len(found)] * len(found)
    return fit_ranking(groups, weights=counts)


def _fit_outputs(records: Sequence[Record]) -> dict[str, dict[str, float]]:
    """Claims are left out: whether a passage answers a statement was not judged."""
    entries, gold, has = [], [], []
    for record in records:
        if record["kind"].startswith("squad2") or record["kind"] in ("qamr", "qed"):
            top = sorted((c for c in record["candidates"] if "head" in c), key=lambda c: -c["relevance"])[:DECIDING]
            entries += top
            gold += [bool(c["gold"]) or (record["kind"] == "squad2-impossible" and c["home"]) for c in top]
            has += [bool(c["gold"]) for c in top]
    bias, scale = fit_logistic(np.array([[e["relevance"]] for e in entries]), np.array(gold, float))
    shift, *both = fit_logistic(np.array([[e["head"], e["margin"]] for e in entries]), np.array(has, float))
    return {
        "relevance": {"bias": bias, "relevance": scale},
        "answerable": {"bias": shift, "head": both[0], "margin": both[1]},
    }


def _fit_span(records: Sequence[Record], card: Mapping[str, Any]) -> dict[str, float]:
    """Whether the marked words are right (F1 >= 0.5 with an answer's), where the question counts as answered."""
    asked = [r for r in records if r["kind"].startswith("squad2") or r["kind"] in ("qamr", "qed")]
    features, right = marked(asked, card)
    bias, *weights = fit_logistic(features, right)
    return {"bias": bias} | dict(zip(SPAN, weights, strict=True))


def marked(records: Sequence[Record], card: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """Of the first passages of questions answered when balanced: (n, 3) what a span's probability rests on, right."""
    least = card["calibration"]["answered_at"]["balanced"]
    firsts = [(r, ranked(r, card)[0]) for r in records if confidence(r, card) >= least]
    right = [bool(c["gold"]) and match.best("f1", r["answers"], c["answer"]) >= 0.5 for r, c in firsts]
    once = [c["once"] for _, c in firsts]
    return np.array([[c[name] for name in SPAN] for c in once]).reshape(-1, len(SPAN)), np.array(right, float)


def _fit_first(records: Sequence[Record], card: Mapping[str, Any]) -> list[float]:
    """A logistic model of whether the first candidate is the right one."""
    right = [float(ranked(record, card)[0]["gold"] > 0) for record in records]
    return fit_logistic(np.array([_first_features(record, card) for record in records]), np.array(right))


def _fit_outcome(
    records: Sequence[Record], card: Mapping[str, Any], name: str, *, agreed: float = 0.0, rising: bool = False
) -> list[float]:
    """A logistic model of whether the best candidate has ``name``; questions of each kind weigh as they are counted.

    ``agreed`` is the weight of agreement, the last one; none is written for 0.
    """
    best = [[c for c in ranked(record, card) if "head" in c][:1] for record in records]
    x = np.concatenate([outcome_features(each, card)[:, 1:] for each in best if each])
    has = np.array([bool(each[0][name]) for each in best if each], float)
    return fit_logistic(x[:, :3], has, rising=rising, offset=agreed * x[:, 3]) + [agreed] * bool(agreed)
