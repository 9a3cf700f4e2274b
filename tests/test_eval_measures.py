"""Measures against cases worked out by hand and against independent implementations."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval import match, plots, selective
from eval.__main__ import app
from eval.bootstrap import difference, interval, units
from eval.cases import Cases
from eval.formats import FORMATS
from eval.fusion import reciprocal_rank
from eval.measures import BY_NAME, MEASURES, overlaps, table
from eval.ranking import evaluate
from eval.reader_report import order_figures, reciprocal
from eval.report import build, detail_line, gold_context, verdict
from eval.types import Dataset, GoldQuote, Prediction, Question, Quoted

PROBABILITIES = st.lists(st.floats(0, 1), min_size=2, max_size=40)


def predicted(name: str, *, status: str = "answered", sure: float = 0.5, **more: object) -> Prediction:
    quotes = tuple(Quoted("d", 0, len(text), text, 0.5) for text in more.pop("quotes", ()))  # type: ignore[attr-defined]
    answer = {"text": more.pop("answer")} if "answer" in more else None
    return Prediction(name, "q", "q", status, sure, answer, quotes, (), **more)  # type: ignore[arg-type]


def value(name: str, questions: list[Question], predictions: list[Prediction]) -> float:
    measure = BY_NAME[name]
    return measure.aggregate(table(measure.rows(Cases(questions, {p.id: p for p in predictions}))))


# -- the SQuAD script ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gold", "have", "exact", "f1"),
    [
        ("Denver Broncos", "the Denver Broncos.", 1, 1),  # article and punctuation go
        ("the  Broncos", "Denver Broncos", 0, 2 / 3),  # 1 of 2 said, 1 of 1 wanted: 2 * 0.5 * 1 / 1.5
        ("10 October 1066", "in October 1066", 0, 2 / 3),  # 2 shared of 3 and 3
        ("a b b c", "b b b", 0, 4 / 6),  # "a" is an article: 2 shared "b" of 3 and 3
        ("state-of-the-art", "stateoftheart", 1, 1),  # punctuation goes before articles
        ("the", "", 1, 1),  # both normalise to nothing
        ("Rollo", "", 0, 0),
        ("Café", "cafe", 0, 0),  # accents stay
        ("“quoted”", "quoted", 0, 0),  # only ASCII punctuation goes
    ],
)
def test_exact_match_and_f1_by_hand(gold: str, have: str, exact: float, f1: float) -> None:
    assert match.exact(gold, have) == exact
    assert match.token_f1(gold, have) == pytest.approx(f1)


def test_the_best_gold_answer_counts_and_none_means_empty() -> None:
    assert match.best("f1", ["Denver", "Denver Broncos"], "Denver Broncos") == 1
    assert match.best("exact", [], "") == 1
    assert match.best("exact", [], "something") == 0
    assert match.best("exact", ["the", "Rollo"], "") == 0  # "the" is no usable gold answer, as in the script


def test_em_over_all_questions_gives_refusals_their_due() -> None:
    questions = [Question("a", "q", ("Rome",)), Question("b", "q", unanswerable=True), Question("c", "q", ("Oslo",))]
    predictions = [predicted("a", answer="Rome"), predicted("b", status="related")]  # c has no prediction: zero
    assert value("EM (answerable)", questions, predictions) == 0.5
    assert value("EM (all)", questions, predictions) == pytest.approx(2 / 3)


def test_a_quote_holds_whole_words_only() -> None:
    assert match.holds("Rollo agreed to swear fealty.", ["rollo", "Charles"])
    assert not match.holds("Between 1800 and 1900", ["80"])
    assert not match.holds("anything", ["the", ""])


def test_gold_quotes_touch_in_the_same_document_only() -> None:
    quote = Quoted("d", 10, 20, "0123456789", 1.0)
    assert overlaps(quote, GoldQuote("d", "x", 19, 30))
    assert not overlaps(quote, GoldQuote("d", "x", 20, 30))
    assert not overlaps(quote, GoldQuote("e", "x", 10, 20))
    assert overlaps(quote, GoldQuote("d", "3456"))


# -- ranking ---------------------------------------------------------------------------------------------------------


def test_ranking_by_hand() -> None:
    questions = [Question("1", "q", relevant={"a": 2, "b": 1, "c": 0}), Question("2", "q", relevant={"a": 1})]
    found = evaluate(questions, {"1": (("x", 9.0), ("b", 8.0), ("c", 7.0), ("a", 6.0))})
    assert found["recall@1"] == {"1": 0, "2": 0}
    assert found["recall@5"] == {"1": 1, "2": 0}, "a question without a ranking is a zero"
    assert found["MRR@10"] == {"1": 0.5, "2": 0}
    assert found["success@3"] == {"1": 1, "2": 0}
    gain = 1 / math.log2(3) + 2 / math.log2(5)
    ideal = 2 / math.log2(2) + 1 / math.log2(3)
    assert found["nDCG@10"]["1"] == pytest.approx(gain / ideal)


def test_an_order_of_candidates_by_hand() -> None:
    one = {"id": 1, "gold": 1, "dense": 0.8, "lexical": 2.0, "fused": 0.4}
    two = {"id": 2, "gold": 0, "dense": 0.9, "lexical": 1.0, "fused": 0.6}
    record = {"question": "q", "golds": 2, "candidates": [two, one]}  # one gold passage was not found at all
    first, second = 1, 1 / math.log2(3)
    assert order_figures([record], lambda r: r["candidates"]) == {
        "R@1": 0.0, "R@10": 0.5, "MRR@10": 0.5, "nDCG@10": round(second / (first + second), 4)
    }  # fmt: skip
    assert reciprocal({**record, "candidates": [one, two]}) == [two, one], "each is first once: the fused score decides"


def test_ranks_are_fused_of_the_channels_that_found_a_passage() -> None:
    fused = reciprocal_rank({1: 0.9, 2: 0.8, 3: 0.7}, {1: 0.0, 2: 0.0, 3: 5.0})
    assert fused == {1: 1 / 61, 2: 1 / 62, 3: 1 / 63 + 1 / 61}


def test_the_order_counts_not_the_scores() -> None:
    questions = [Question("1", "q", relevant={"b": 1})]
    tied = evaluate(questions, {"1": (("b", 1.0), ("a", 1.0))})
    rising = evaluate(questions, {"1": (("b", 0.1), ("a", 0.9))})
    assert tied["recall@1"]["1"] == rising["recall@1"]["1"] == 1


def test_the_document_that_is_the_question_does_not_count_unless_it_is_judged() -> None:
    """As in BEIR's own evaluation of ArguAna and Quora, whose questions are documents of the corpus."""
    ranking = (("1", 9.0), ("a", 8.0))
    assert evaluate([Question("1", "q", relevant={"a": 1})], {"1": ranking})["recall@1"] == {"1": 1}
    assert evaluate([Question("1", "q", relevant={"1": 1, "a": 1})], {"1": ranking})["recall@1"] == {"1": 0.5}


def test_a_document_judged_not_relevant_is_no_gold() -> None:
    question = Question("1", "q", relevant={"a": 0})
    found = Prediction("1", "q", "q", "related", 0.5, None, (Quoted("a", 0, 1, "x", 1.0),), (("a", 1.0),))
    assert verdict(question, found) is None and gold_context(question, {"a": "text"}) is None
    assert not BY_NAME["top quote from a relevant source"].rows(Cases([question], {"1": found}))
    data = Dataset("x", "conversations", (Question("2", "q", relevant={"a": 0, "b": 1}),))
    assert list(build(data, {}, {})["slices"]["source"]) == ["b"]


def test_a_quote_counts_for_every_document_that_holds_it() -> None:
    question = Question("1", "q", relevant={"b": 1}, quote=GoldQuote("b", "x", 0, 1))
    measures = ("top quote from a relevant source", "gold quote in top quote")
    for copies, right in ((("b",), 1), ((), 0)):
        quote = Quoted("a", 0, 1, "x", 1.0, copies=copies)
        found = Prediction("1", "q", "q", "answered", 0.5, None, (quote,), ())
        assert [value(name, [question], [found]) for name in measures] == [right, right]


@given(st.permutations([f"d{n}" for n in range(12)]), st.sets(st.integers(0, 11), min_size=1))
def test_ranking_agrees_with_the_definitions(order: list[str], gold: set[int]) -> None:
    relevant = {f"d{n}": 1 for n in gold}
    found = evaluate([Question("1", "q", relevant=relevant)], {"1": tuple((d, -float(n)) for n, d in enumerate(order))})
    ranks = [n for n, d in enumerate(order, start=1) if d in relevant]
    assert found["recall@5"]["1"] == pytest.approx(sum(r <= 5 for r in ranks) / len(ranks))
    assert found["MRR@10"]["1"] == pytest.approx(1 / ranks[0] if ranks[0] <= 10 else 0)
    dcg = sum(1 / math.log2(r + 1) for r in ranks if r <= 10)
    best = sum(1 / math.log2(r + 1) for r in range(1, min(len(ranks), 10) + 1))
    assert found["nDCG@10"]["1"] == pytest.approx(dcg / best)


# -- abstention ------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.5, 0.9])), min_size=2, max_size=40))
def test_auroc_counts_pairs(rows: list[tuple[bool, float]]) -> None:
    yes, no = [s for label, s in rows if label], [s for label, s in rows if not label]
    have = selective.auroc(np.array([float(label) for label, _ in rows]), np.array([s for _, s in rows]))
    if not yes or not no:
        assert math.isnan(have)
    else:
        pairs = [1.0 if y > n else 0.5 if y == n else 0.0 for y in yes for n in no]
        assert have == pytest.approx(sum(pairs) / len(pairs))


def test_risk_coverage_by_hand() -> None:
    sure, wrong = np.array([0.9, 0.8, 0.7, 0.6]), np.array([0.0, 1.0, 0.0, 1.0])
    coverage, risk = selective.risk_coverage(sure, wrong)
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert selective.aurc(sure, wrong) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert selective.risk_at(sure, wrong, 0.75) == pytest.approx(1 / 3)
    assert selective.risk_at(sure, wrong, 0.8) == pytest.approx(1 / 2)


@given(PROBABILITIES, st.randoms(use_true_random=False))
def test_risk_coverage_ignores_the_order_of_questions(sure: list[float], random: object) -> None:
    rounded = [round(value, 1) for value in sure]  # many ties
    rows = [(value, float(n % 2)) for n, value in enumerate(rounded)]
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, two = (selective.risk_coverage(*np.array(r).T)[1] for r in (rows, shuffled))
    assert one == pytest.approx(two)
    assert one[-1] == pytest.approx(np.mean([wrong for _, wrong in rows]))


def test_calibration_error_by_hand() -> None:
    sure, right = np.array([0.95, 0.85, 0.05, 1.0]), np.array([1.0, 0.0, 0.0, 0.0])
    # bin 9: mean 0.975, half right, 2 of 4; bin 8: 0.85, none right; bin 0: 0.05, none right
    assert selective.ece(sure, right) == pytest.approx(0.475 / 2 + 0.85 / 4 + 0.05 / 4)
    assert [size for _, _, size in selective.bins(sure, right)] == [1, 1, 2]


@given(PROBABILITIES)
def test_calibration_error_is_a_share(sure: list[float]) -> None:
    values = np.array(sure)
    assert 0 <= selective.ece(values, (values > 0.5).astype(float)) <= 1


def test_three_outcomes_and_risk_of_a_run() -> None:
    questions = [
        Question("a", "q", ("Rome",)),
        Question("b", "q", unanswerable=True),
        Question("c", "q", unanswerable=True, near_miss=True),
    ]
    predictions = [
        predicted("a", quotes=["In Rome."], sure=0.9),
        predicted("b", status="not_found", sure=0.1),
        predicted("c", status="not_found", sure=0.2),
    ]
    assert value("three outcomes right", questions, predictions) == pytest.approx(2 / 3)
    assert value("answer or refuse right", questions, predictions) == 1
    assert value("AUROC", questions, predictions) == 1
    assert value("AURC", questions, predictions) == pytest.approx((0 + 1 / 2 + 2 / 3) / 3)
    assert value("risk at 80% coverage (answerable)", questions, predictions) == 0


@pytest.mark.parametrize("unanswerable", [True, False])
def test_outcomes_are_judged_where_all_questions_are_of_one_kind(unanswerable: bool) -> None:
    answers = () if unanswerable else ("Rome",)
    questions = [Question(name, "q", answers, unanswerable=unanswerable) for name in "ab"]
    predictions = [predicted("a"), predicted("b", status="not_found")]
    assert value("three outcomes right", questions, predictions) == 0.5
    assert value("answer or refuse right", questions, predictions) == 0.5
    assert not BY_NAME["AUROC"].rows(Cases(questions, {}))


def test_retrieval_alone_is_judged_by_the_source_alone() -> None:
    found = Prediction("1", "q", "q", "related", 0.0, None, (), (("a", 1.0),))
    question = Question("1", "q", ("Rome",), {"a": 1})
    assert verdict(question, found) is False and verdict(question, found, read=False) is True
    assert verdict(Question("1", "q", unanswerable=True), found, read=False) is None
    details = detail_line(question, found, {"rows": {}, "read": False}, {})
    assert details["right"] is True


def test_an_outcome_that_nobody_judged_is_not_expected() -> None:
    data = Dataset("x", "csv", (Question("1", "q"), Question("2", "q", ("x",)), Question("3", "q", relevant={"a": 1})))
    counts = {name: group["n"] for name, group in build(data, {}, {})["slices"]["expected outcome"].items()}
    assert counts == {"answered": 2, "not judged": 1}


@pytest.mark.parametrize("name", ["Budget $1M_to_$2M.pdf", "a$$b.md"])
def test_a_source_of_any_name_is_drawn(name: str) -> None:
    groups = {name: {"n": 1, "recall@1 (final)": 1.0}, "b": {"n": 1, "recall@1 (final)": 0.5}}
    assert name in plots.slices({"slices": {"source": groups}}, "source")


def test_long_names_of_sources_stay_apart_in_a_plot() -> None:
    names = [f"contracts/2021/signed/lease{n}.pdf" for n in (1, 2)]
    drawn = plots.slices({"slices": {"source": {n: {"n": 1, "recall@1 (final)": 1.0} for n in names}}}, "source")
    assert "lease1.pdf (1)" in drawn and "lease2.pdf (1)" in drawn


# -- conversations, declarations, intervals ---------------------------------------------------------------------------


def test_gap_closed_by_hand() -> None:
    questions = [
        Question("t_1", "q", relevant={"a": 1}, conversation="t", turn=1),
        Question("t_2", "q", relevant={"a": 1}, conversation="t", turn=2),
    ]
    first, second, fourth = (("a", 1.0),), (("x", 1.0), ("a", 0.5)), (("x", 4.0), ("y", 3.0), ("z", 2.0), ("a", 1.0))
    predictions = [
        predicted("t_1", stages={"raw": first, "fused": first, "rewrite": first}),
        predicted("t_2", stages={"raw": fourth, "fused": second, "rewrite": first}),
    ]
    # follow-up: (1/2 - 1/4) / (1 - 1/4); the first turn adds the same to all three
    assert value("gap closed, MRR@10 (follow-ups)", questions, predictions) == pytest.approx(1 / 3)
    assert value("gap closed, MRR@10", questions, predictions) == pytest.approx(1 / 3)
    assert math.isnan(value("gap closed, MRR@10", questions[:1], predictions))


def test_every_measure_says_what_it_is() -> None:
    assert len(BY_NAME) == len(MEASURES)
    assert all(m.name and m.group and len(m.formula) > 10 and m.citation for m in MEASURES)
    assert sum(m.gate for m in MEASURES) < 12, "each gate makes a false alarm more likely"


def test_the_readme_names_every_measure_format_and_command() -> None:
    text = (Path(__file__).parent.parent / "eval" / "README.md").read_text()
    names = {m.name.rsplit(" (", 1)[0] if m.group == "ranking" else m.name for m in MEASURES}
    assert [name for name in sorted(names) if f"| {name} " not in text] == []
    assert [name for name in FORMATS if f"| `{name}` |" not in text] == []
    flags = {option for command in app.registered_commands for option in _flags(command.callback)}
    assert [flag for flag in sorted(flags) if flag not in text] == []


def _flags(function: Callable[..., object] | None) -> list[str]:
    names = inspect.signature(function).parameters if function else {}
    return [f"--{name.rstrip('_')}" for name in names if name not in ("a", "b", "report", "baseline", "folder")]


def test_no_measure_fails_where_it_does_not_apply() -> None:
    cases = Cases([Question("a", "q")], {})
    assert [m.name for m in MEASURES if m.rows(cases)] == []


def test_intervals_are_the_same_every_time_and_hold_the_mean() -> None:
    rows = np.random.default_rng(0).random((200, 1))
    measure = BY_NAME["EM (answerable)"]
    low, high = interval(rows, measure.aggregate)
    assert (low, high) == interval(rows, measure.aggregate)
    assert low < rows.mean() < high
    width = 2 * 1.96 * rows.std() / math.sqrt(200)
    assert high - low == pytest.approx(width, rel=0.15)


def test_turns_of_one_conversation_are_drawn_together() -> None:
    """By hand: of two conversations AA, AB, BA, BB are drawn, so the mean is 1, 1/2, 1/2, 0 and the interval [0, 1].
    Drawn one by one, eight turns are all wrong in 1 of 256 resamples only, and the interval is narrower."""
    rows = np.array([[1.0]] * 4 + [[0.0]] * 4)
    turns = [f"{conversation}{turn}" for conversation in "ab" for turn in range(4)]
    together = units(turns, {turn: turn[0] for turn in turns})
    assert [unit.tolist() for unit in together] == [[0, 1, 2, 3], [4, 5, 6, 7]]
    mean = BY_NAME["recall@1 (final)"].aggregate
    assert interval(rows, mean, units=together) == (0.0, 1.0)
    low, high = interval(rows, mean)
    assert 0 < low < high < 1


def test_the_cluster_bootstrap_agrees_with_all_resamples_written_out() -> None:
    """Four conversations of 1, 2, 3 and 4 turns have 4^4 = 256 equally likely resamples: the exact quartiles."""
    rows = np.array([[1.0], [1.0], [0.0], [0.0], [0.0], [1.0], [1.0], [1.0], [0.0], [1.0]])
    sizes = [1, 2, 3, 4]
    turns = [f"c{size}_{turn}" for size in sizes for turn in range(size)]
    together = units(turns, {turn: turn[:2] for turn in turns})
    means = [
        sum(rows[unit].sum() for unit in drawn) / sum(map(len, drawn)) for drawn in product(together, repeat=len(sizes))
    ]
    found = interval(rows, BY_NAME["recall@1 (final)"].aggregate, units=together, rounds=20_000)
    assert found == pytest.approx(np.percentile(means, [2.5, 97.5]), abs=0.02)


def test_questions_outside_conversations_are_units_of_their_own_and_one_unit_has_no_interval() -> None:
    rows = np.array([[0.0], [1.0], [1.0], [0.0]])
    mean = BY_NAME["recall@1 (final)"].aggregate
    assert interval(rows, mean, units=units("abcd", {})) == interval(rows, mean)
    assert np.isnan(interval(rows, mean, units=units("abcd", dict.fromkeys("abcd", "one")))).all()
    assert [unit.tolist() for unit in units(["x", "y"], {"y": "x"})] == [[0], [1]], "a name is no conversation"


def test_a_paired_difference_sees_what_separate_intervals_do_not() -> None:
    a = np.random.default_rng(0).random((100, 1))
    delta, low, high = difference(a, a + 0.01, BY_NAME["EM (answerable)"].aggregate)
    assert (delta, low, high) == pytest.approx((0.01, 0.01, 0.01))
