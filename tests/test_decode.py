import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.models.decode import SPAN_PIECES, decode, share, without_overlap

OFFSETS = [
    (0, 0),
    (0, 0),
    (0, 3),
    (4, 9),
    (9, 12),
    (13, 18),
    (0, 0),
]  # the stopp ##ing place
WORDS = [-1, -1, 0, 1, 1, 2, -1]


def logits(**at: float) -> np.ndarray:
    values = np.zeros(len(OFFSETS))
    for name, value in at.items():
        values[int(name[1:])] = value
    return values


def test_best_span_and_margin_by_hand() -> None:
    window = decode(logits(p0=1.0, p3=5.0), logits(p0=2.0, p5=4.0), OFFSETS, WORDS)
    assert window.spans[0][:2] == (4, 18)
    assert window.margin == 5.0 + 4.0 - 1.0 - 2.0
    p = np.exp(5) / (np.exp(5) + 3) * np.exp(4) / (np.exp(4) + 3)
    assert abs(window.spans[0][2] - p) < 1e-9


def test_of_two_nearly_equal_spans_the_shorter_is_preferred() -> None:
    start, end = logits(p2=5.0, p3=4.8), logits(p5=6.0)  # "the stopping place" 11.0, "stopping place" 10.8
    assert decode(start, end, OFFSETS, WORDS).spans[0][:2] == (0, 18)
    brief = decode(start, end, OFFSETS, WORDS, brief=0.5)  # 11.0 - 0.5 log 3 = 10.45; 10.8 - 0.5 log 2 = 10.45 + 0.003
    assert brief.spans[0][:2] == (4, 18)
    assert brief.margin == decode(start, end, OFFSETS, WORDS).margin == 11.0


def test_answer_is_whole_words() -> None:
    window = decode(logits(p4=9.0), logits(p3=9.0), OFFSETS, WORDS)
    assert window.spans[0][:2] != (9, 9)
    starts, ends = {a for a, b in ((0, 3), (4, 12), (13, 18))}, {3, 12, 18}
    assert all(a in starts and b in ends for a, b, _ in window.spans)


def test_nothing_to_read_has_no_answer() -> None:
    window = decode(np.ones(2), np.ones(2), [(0, 0), (0, 0)], [-1, -1])
    assert window.spans == () and window.mass == () and window.margin < -10


@given(st.integers(1, 80), st.integers(0, 10_000))
def test_spans_are_valid_apart_and_mass_is_one(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    offsets = [(0, 0)] + [(2 * i, 2 * i + 1) for i in range(size)]
    window = decode(rng.normal(size=size + 1) * 3, rng.normal(size=size + 1) * 3, offsets, [-1, *range(size)])
    assert window.spans and abs(sum(weight for *_, weight in window.mass) - 1) < 1e-6
    for k, (a, b, p) in enumerate(window.spans):
        assert 0 <= a < b <= 2 * size and b - a < 2 * SPAN_PIECES and 0 <= p <= 1
        assert all(b <= c or a >= d for c, d, _ in window.spans[:k])
    assert abs(sum(share(window.mass, [(0, size), (size, 2 * size)])) - 1) < 1e-6


def test_overlap_keeps_the_better_one() -> None:
    assert without_overlap([(0, 4, 0.2), (2, 6, 0.9), (6, 8, 0.1)], 5) == [(2, 6, 0.9), (6, 8, 0.1)]
