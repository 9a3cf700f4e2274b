"""What a question compares: "the second largest", "the cheapest phone", "opened last". Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rag.lexicon import is_statement, is_yes_no, stem
from rag.quoting import asks_for_several
from rag.text import folded_words

_MOST = frozenset("most highest largest biggest greatest maximum longest tallest heaviest costliest priciest".split())
_LEAST = frozenset("least lowest smallest fewest minimum shortest cheapest lightest".split())
_LATE = frozenset("last latest newest recent recently".split())
_EARLY = frozenset(("first", "earliest", "oldest"))
_PLACES = {"second": 1, "third": 2}
_BEGUN = """opened founded built established started created launched date year birth construction completed released
    publication published""".split()
DATED, _EXTENT = ["date", "year"], "size area population capacity".split()
_PRICE, _LENGTH, _WEIGHT = "price cost fee fare rent".split(), "length distance duration".split(), ["weight", "mass"]
_ABOUT = {  # what a column is called that a word compares without naming it
    "expensive": _PRICE, "cheapest": _PRICE, "costliest": _PRICE, "priciest": _PRICE, "heaviest": _WEIGHT,
    "lightest": _WEIGHT, "tallest": ["height"], "highest": ["height", "elevation"], "longest": _LENGTH,
    "shortest": _LENGTH, "largest": _EXTENT, "biggest": _EXTENT, "smallest": _EXTENT, "oldest": _BEGUN,
    "newest": _BEGUN, "first": DATED, "last": DATED, "earliest": DATED, "latest": DATED, "recent": DATED,
    "recently": DATED,
}  # fmt: skip
PAID = frozenset(  # of these the amount is compared, in a table of them
    "payment grant donation award fine contract invoice expense purchase loan debt transaction bill money".split()
)
_NO_COLUMN = (), tuple(_EXTENT), tuple(_ABOUT["highest"])  # of "most", "largest", "highest": of anything
AMOUNT = ("amount", "value", "sum", "paid")
BROAD = tuple(_BEGUN), tuple(_EXTENT)  # an inspection's date tells no age, nor a tank's capacity how large a firm is
SAID = _MOST | _LEAST | _LATE | _EARLY | _ABOUT.keys() | _PLACES.keys()
# With one of these a question wants something else than the one extreme: "not the last", "after the oldest".
_OTHERWISE = frozenset(
    """not no never except outside without besides other than after before why but per between difference since until
    above below under over more less fewer two three four five six seven eight nine ten fourth fifth sixth or nor many
    didn't don't doesn't wasn't weren't isn't aren't hasn't haven't""".split()
)
# And with one of these behind it "first" and "last" name something: "last year", "first aid".
_NAMING = frozenset(
    "name names year years month week quarter night time century decade days of thing floor half aid prize few".split()
)


@dataclass(frozen=True, slots=True)
class Superlative:
    """What is compared, which end is wanted (``sign`` 1 for the most), how many are ahead of it, what the column may be
    called if it is not named, and the word behind, as "phone" in "the cheapest phone", unless "by" names the column."""

    kind: Literal["time", "size"]
    sign: int
    place: int
    about: tuple[str, ...]
    thing: str


def superlative(question: str) -> Superlative | None:
    """What a question compares; None where it has no superlative, several, or wants something else than one extreme.

    >>> superlative("Which branch has the second most beds?")
    Superlative(kind='size', sign=1, place=1, about=(), thing='beds')
    >>> superlative("What was her last name?"), superlative("Which branch opened before the newest one?")
    (None, None)
    """
    said = folded_words(question)
    found = []
    for before, word, after, behind in zip(["", *said], said, [*said[1:], ""], [*said[2:], "", ""], strict=False):
        if word in _MOST | _LEAST:
            named = after if word in ("most", "least") and after in _ABOUT else word
        elif word in (_LATE | _EARLY) - {"recent", "recently"}:
            if after in _NAMING or after.isdigit() or before in ("at", "to"):
                return None
            named = word
        else:
            continue
        kind: Literal["time", "size"] = "time" if named in _LATE | _EARLY else "size"
        sign, place, about = 1 if word in _MOST | _LATE else -1, _PLACES.get(before, 0), tuple(_ABOUT.get(named, ()))
        if kind == "size" and about in _NO_COLUMN and PAID.intersection(map(stem, said)):
            about = AMOUNT
        found.append(Superlative(kind, sign, place, about, "" if "by" in said else behind if named == after else after))
    other = not _OTHERWISE.isdisjoint(said) or "first," in question.lower() or asks_for_several(question)
    other = other or is_yes_no(question) or is_statement(question)  # no row says "yes", and a claim wants no cell
    return found[0] if len(found) == 1 and not other else None
