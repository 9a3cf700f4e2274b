"""A text fragment leads to its quote: checked with a second, plain matcher written from the specification."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.fragment import Terms, _as_shown, _fold, _search, deep_link, fragment

_WORDS = st.sampled_from(
    ["chip", "the", "The", "act", "3.5", "don't", "Qiming,", "(2022)", "a-b", "café", "Zürich.", "&", "行"]
)
_TEXTS = st.lists(st.tuples(_WORDS, st.sampled_from([" ", " ", " ", "\n", "\n\n", "  "])), min_size=1, max_size=60).map(
    lambda pairs: "".join(word + gap for word, gap in pairs).strip()
)


def plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def decoded(directive: str) -> Terms:
    """The inverse of ``Terms.encoded``."""
    parts = directive.removeprefix(":~:text=").split(",")
    prefix = parts.pop(0)[:-1] if parts[0].endswith("-") else ""
    suffix = parts.pop()[1:] if parts[-1].startswith("-") else ""
    return Terms(*(unquote(part) for part in (parts[0], parts[1] if len(parts) == 2 else "", prefix, suffix)))


def first_match(text: str, directive: str) -> tuple[int, int]:
    """Where a browser that follows the specification would highlight ``directive`` in ``text``; (-1, -1): nowhere."""
    return _search(_fold(_as_shown(text)), decoded(directive))


def naive_matches(text: str, directive: str) -> list[str]:
    """Every stretch of ``text`` the directive can name, first first, by one regular expression over the folded text."""
    parts = directive.removeprefix(":~:text=").split(",")
    prefix = unquote(parts.pop(0)[:-1]) if parts[0].endswith("-") else ""
    suffix = unquote(parts.pop()[1:]) if parts[-1].startswith("-") else ""
    literal = [r"[^\S\n]+".join(map(re.escape, plain(unquote(part)).split())) for part in (prefix, suffix, *parts)]
    edge = r"(?<![\w])", r"(?![\w])"
    word = [edge[0] * bool(re.match(r"\w", p)) + p + edge[1] * bool(re.search(r"\w$", p)) for p in literal]
    pattern = (word[0] + r"\s*" if prefix else "") + "(" + r"[\s\S]*?".join(word[2:]) + ")"
    pattern += r"(?=\s*" + word[1] + ")" if suffix else ""
    return [match.group(1) for match in re.finditer(pattern, plain(text))]


@st.composite
def spans(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(_TEXTS)
    words = [match.span() for match in re.finditer(r"\S+", text)]
    first = draw(st.integers(0, len(words) - 1))
    last = draw(st.integers(first, min(first + 30, len(words) - 1)))
    return text, words[first][0], words[last][1]


@given(st.text(st.sampled_from("aB.7 \n\t\u00a0éß½İ\u0301’“\u2028😀"), max_size=40))
def test_plain_words_are_compared_like_all_others(text: str) -> None:
    """Folded in one piece as each of its characters alone, and each comes from where it stands."""
    whole, parts = _fold(text), [_fold(char) for char in text if not char.isspace()]
    assert whole.chars.replace(" ", "").replace("\n", "") == "".join(part.chars for part in parts)
    assert all(
        char in _fold(text[at]).chars for char, at in zip(whole.chars, whole.origin, strict=True) if not char.isspace()
    )


@given(spans())
@example(("the the the", 4, 7))
@settings(max_examples=300, deadline=None)
def test_a_fragment_leads_to_exactly_its_span_or_is_not_given(case: tuple[str, int, int]) -> None:
    text, start, end = case
    directive = fragment(text, start, end)
    if directive:
        assert first_match(text, directive) == (start, end)
        assert re.fullmatch(r":~:text=[A-Za-z0-9%,._~-]+", directive)
        assert naive_matches(text, directive)[0].split() == plain(text[start:end]).split()


@given(spans())
@settings(max_examples=100, deadline=None)
def test_a_stretch_with_words_of_its_own_always_gets_a_fragment(case: tuple[str, int, int]) -> None:
    text, start, end = case
    own = text[:start] + "Unique0 " + text[start:end] + " unique1" + text[end:]
    assert fragment(own, start, end + len("Unique0  unique1"))


def test_the_whole_of_a_short_quote_is_written_out() -> None:
    text = "It was replaced by a programme called Qiming. It pays bonuses."
    assert fragment(text, 38, 45) == ":~:text=Qiming."


def test_only_the_ends_of_a_long_quote_are_written_out() -> None:
    text = "Before. " + "One two three four five six seven eight nine ten." + " After."
    assert fragment(text, 8, 8 + 49) == ":~:text=One%20two%20three,eight%20nine%20ten."


def test_a_repeated_stretch_is_told_apart_by_what_stands_before_it() -> None:
    text = "Alpha said no. Beta said no."
    directive = fragment(text, 20, 28)
    assert directive == ":~:text=Beta-,said%20no."
    assert first_match(text, directive) == (20, 28)


MARKED = """Always two modes

- Eco, for mild weather.
- Boost. It lasts two hours.
  1. Always

On sale since 3. Always

Year: 2020 | Chip: Apple M1 | Nodes: 5 nm
Year: 2021 | Chip: Apple M1 | Nodes: 4 nm

10 | Apple M1"""


@pytest.mark.parametrize(
    ("span", "directive"),
    [
        ("- Eco, for mild weather.", "Eco%2C%20for%20mild%20weather."),
        ("- Eco, for mild weather.\n- Boost. It lasts two hours.", "Eco%2C%20for%20mild,lasts%20two%20hours."),
        ("Year: 2020 | Chip: Apple M1 | Nodes: 5 nm", "2020,5%20nm"),
        ("Apple M1 | Nodes: 4 nm", "2021-,Apple%20M1,4%20nm"),
        ("10 | Apple M1", "10,Apple%20M1"),
        ("  1. Always", "hours.-,Always"),
        ("3. Always\n", "3.%20Always"),
    ],
)
def test_what_no_page_shows_is_not_looked_for(span: str, directive: str) -> None:
    start = MARKED.index(span)
    found = fragment(MARKED, start, start + len(span))
    assert found == f":~:text={directive}"
    left, right = first_match(MARKED, found)
    assert MARKED[left:right] in span and right == start + len(span.rstrip())


def test_a_span_that_no_fragment_can_name_gets_none() -> None:
    assert fragment("understand", 5, 10) == ""  # inside a word
    assert fragment("word   ", 4, 7) == ""  # only whitespace
    assert fragment("no " * 60, 90, 92) == ""  # the same on all sides


@pytest.mark.parametrize(
    "terms", [Terms("a-b, c&d"), Terms("x", "y"), Terms("x", "", "p-", "-s"), Terms("ü", "行", "p", "s")]
)
def test_encoding_round_trips(terms: Terms) -> None:
    assert decoded(terms.encoded()) == terms


def test_a_deep_link_is_the_plain_address_where_no_fragment_leads() -> None:
    text = "One two three four."
    assert deep_link("https://a.example/x", text, 4, 7) == "https://a.example/x#:~:text=two"
    assert deep_link("https://a.example/x#top", text, 4, 7) == "https://a.example/x#top:~:text=two"
    assert deep_link("https://a.example/x", text, 5, 6) == "https://a.example/x"
    assert deep_link("", text, 4, 7) == ""
