"""Figures of the reader from kept candidates, of the questions that nothing was fitted on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval import match, selective
from eval.fusion import reciprocal_rank
from eval.ranking import evaluate
from eval.reader_fit import (
    FITTED_ON,
    SPAN,
    Record,
    auroc,
    confidence,
    first_answers,
    load_card,
    marked,
    outputs,
    ranked,
    reported,
    sigmoid,
)
from eval.types import Question, Ranking

Order = Callable[[Record], Sequence[Mapping[str, Any]]]


def order_figures(records: Sequence[Record], order: Order) -> dict[str, float]:
    """recall@1, recall@10, MRR@10, nDCG@10, averaged over queries; a query without its gold counts as zero."""
    questions, rankings = list[Question](), dict[str, Ranking]()
    for number, record in enumerate(records):
        gold = {str(c["id"]): c["gold"] for c in record["candidates"] if c["gold"]}
        missed = {f"missed {k}": 1 for k in range(len(gold), record["golds"])}
        questions.append(Question(f"question {number}", record["question"], relevant=gold | missed))
        rankings[questions[-1].id] = tuple((str(c["id"]), 0.0) for c in order(record))
    values = evaluate(questions, rankings)
    names = {"R@1": "recall@1", "R@10": "recall@10", "MRR@10": "MRR@10", "nDCG@10": "nDCG@10"}
    return {short: round(float(np.mean([*values[name].values()])), 4) for short, name in names.items()}


def report(records: Sequence[Record], weights: Path, neutral: Mapping[str, Any]) -> None:
    """Prints every figure, of the questions that nothing was fitted on."""
    records = [record for record in records if reported(record)]
    card = load_card(weights, neutral)
    kinds = {kind: [r for r in records if r["kind"] == kind] for kind in dict.fromkeys(r["kind"] for r in records)}
    orders: dict[str, Order] = {
        "dense": lambda r: sorted(r["candidates"], key=lambda c: -c["dense"]),
        "bm25": lambda r: sorted(r["candidates"], key=lambda c: -c["lexical"]),
        "rrf": reciprocal,
        "first stage": lambda r: sorted(r["candidates"], key=lambda c: -c["fused"]),
        "relevance": lambda r: sorted(r["candidates"], key=lambda c: -c.get("relevance", -99.0)),
        "final": lambda r: ranked(r, card),
    }
    for kind, part in kinds.items():
        print(f"{kind}: {len(part)} questions, {np.median([r['seconds'] for r in part]) * 1e3:.0f} ms to read")
        if part[0]["golds"]:
            for name, order in orders.items():
                print(f"   {name:12}", order_figures(part, order))
        if part[0]["answers"] and part[0]["own"]:
            found = [(r["answers"], r["own"]["answer"]) for r in part]
            exact, f1 = (np.mean([match.best(each, *pair) for pair in found]) for each in ("exact", "f1"))
            print(f"   gold passage given: EM {exact:.4f} F1 {f1:.4f}")
    good, near, removed = (kinds.get(f"squad2-{k}", []) for k in ("answerable", "impossible", "removed"))
    has, lacks = ([r["own"] for r in kinds.get(f"gold-{k}", [])] for k in ("answerable", "impossible"))
    if has and lacks:
        for name in ("head", "margin", "relevance"):
            print(f"AUROC gold passage given, {name}: {auroc([e[name] for e in has], [e[name] for e in lacks]):.4f}")
        both = [outputs(entries, card)[1].tolist() for entries in (has, lacks)]
        print(f"AUROC gold passage given, answerable: {auroc(*both):.4f}")
    if good and near and removed:
        for name in ("answered", "related"):
            scores = [[confidence(r, card, name) for r in part] for part in (good, near, removed)]
            missed, gone = auroc(scores[0], scores[1]), auroc(scores[0], scores[2])
            print(f"AUROC pipeline, {name}: near miss {missed:.4f}, removed {gone:.4f}")
        for kind in (kind for kind in FITTED_ON if kind in kinds):
            _print_risk(kind, kinds[kind], card)
        _print_operating_points(good, near, removed, card)
    _print_spans(kinds, card)


def _print_risk(kind: str, part: Sequence[Record], card: Mapping[str, Any]) -> None:
    wrong = np.array([float(not ranked(r, card)[0]["gold"]) for r in part])
    sure = np.array([first_answers(r, card) for r in part])
    risk = selective.risk_at(sure, wrong, 0.8)
    parted = auroc(sure[wrong == 0].tolist(), sure[wrong == 1].tolist())
    print(f"first passage, {kind}: risk at 80 % coverage {risk:.4f} (of all {wrong.mean():.4f}),", end=" ")
    print(f"AUROC right from wrong {parted:.4f}")


def _print_spans(kinds: Mapping[str, Sequence[Record]], card: Mapping[str, Any]) -> None:
    """How often marked words are right, by the probability that is given for them."""
    fitted = card["outputs"]["span"]
    for kind, part in kinds.items():
        if kind in ("claims", "scifact") or kind.startswith("gold"):
            continue
        features, right = marked(part, card)
        p = sigmoid(features @ np.array([fitted[name] for name in SPAN]) + fitted["bias"])
        bins = [(low, (p >= low) & (p < low + 0.2)) for low in (0.0, 0.2, 0.4, 0.6, 0.8)]
        shares = (f"p {low:.1f}+ {right[inside].mean():.2f} of {inside.sum()}" for low, inside in bins if inside.any())
        print(f"marked words of {kind}:", ", ".join(shares))


def _print_operating_points(
    good: Sequence[Record], near: Sequence[Record], removed: Sequence[Record], card: Mapping[str, Any]
) -> None:
    print("share of questions that pass: answerable, near miss, removed article")
    for outcome in ("answered", "related"):
        for mode, least in card["calibration"][f"{outcome}_at"].items():
            passed = [np.mean([confidence(r, card, outcome) >= least for r in part]) for part in (good, near, removed)]
            print(f"   {outcome:9} {mode:9} p >= {least}:", " ".join(f"{share:.3f}" for share in passed))


def reciprocal(record: Record) -> list[Mapping[str, Any]]:
    """By reciprocal-rank fusion. Its many ties go by the fused score: by id they would go by a collection's order, in
    which passages that are asked for may come first."""
    dense, lexical = ({c["id"]: c[name] for c in record["candidates"]} for name in ("dense", "lexical"))
    scores = reciprocal_rank(dense, lexical)
    return sorted(record["candidates"], key=lambda c: (-scores[c["id"]], -c["fused"], c["id"]))
