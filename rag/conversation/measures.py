"""What the question before measures, and of whom: another measure or another owner in its place, the rest kept."""

from __future__ import annotations

import re

from rag.conversation.times import DATE, ended
from rag.lexicon import GENERIC, STOP, is_place, names, stems
from rag.text import any_of, fold, without_genitive, words

_KIND = any_of(  # words that belong to the measure behind them
    "net|gross|operating|operational|total|average|mean|median|adjusted|underlying|free|organic|annual|quarterly|pre-?tax"
    "|after-tax|non-gaap|gaap|diluted|basic|per[ -]share|capital|interest|household|public|infant|birth|death|clean"
)
_NOUN = any_of(  # measures that are hardly ever anything else
    r"revenues?|sales|turnover|income|profits?|earnings|margins?|ebitda?|eps|p/e|cash[ -]flows?|capex|dividends?|debts?"
    r"|leverage|backlog|expenses?|spending|expenditures?|budget|deficit|surplus|tax(?:es)?|wages?|salar(?:y|ies)"
    r"|bonus(?:es)?|population|height|width|length|depth|weight|density|temperature|capacity|gdp|inflation"
    r"|unemployment|growth|output|exports|imports|emissions|headcount|deaths|infections|births|mortality|incidence"
    r"|prevalence|survival|dosage|goals|assists|rebounds|wickets|appearances|attendance|turnout|rainfall|enrol?lment"
    r"|ratio|valuation|life expectancy|market share|share price|market cap"
)
_ALSO_VERB = any_of(  # measures where an article, an owner or a count stands before them, or nothing at all
    r"cost|costs|prices?|loss(?:es)?|pay|orders|cases|points|wins|defeats|draws|runs|score|rates?|shares?|volume|yield"
    r"|area|size|age|speed|staff|dose"
)
_OWNED = r"(?:^|(?<=\bthe )|(?<=\bmany )|(?<=['’]s )|(?<=s['’] )|(?<=\bits )|(?<=\btheir ))"
_MEASURE = re.compile(
    rf"(?:\b(?:{_KIND}[ -])+(?:{_NOUN}|{_ALSO_VERB})|\b{_NOUN}|{_OWNED}{_ALSO_VERB})(?:[ /-](?:{_NOUN}|{_ALSO_VERB}))*"
    r"(?![\w’'/-])",
    re.IGNORECASE,
)
_COMPOUND = re.compile(  # "electricity" of "the electricity price"
    r"(?<=\bthe )(?!(?:average|total|annual|monthly|current|present|new|old|\w+est|net|gross|first|last|same|final)\b)"
    r"(?P<what>[a-z][a-z-]+)(?= (?:price|cost|rate|tax|bill|fee|fare|use|consumption|production|demand|supply|output"
    r"|export|import|sale)s?\b)"
)
_POSSESSOR = re.compile(
    r"\b(?!(?:what|who|it|that|there|here|where|when|how|why|let|he|she|one|today|year)['’])"
    r"(?:[^\W\d][\w.-]* & )?[^\W\d][\w.-]*(?:['’]s|(?<=s)['’])(?= )",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(  # what somebody has, or what there is
    r"(?:and )?how many (?P<what>[a-z-]+s) (?:(?:do|does|did) .+ have|(?:are|were) there)\b",
    re.IGNORECASE,
)


def remeasured(before: str, new: str) -> str | None:
    """``before`` with the one thing that it measures or counts exchanged; None where it is not clear which that is.

    >>> remeasured("gross margin in the third quarter", "operating income")
    'operating income in the third quarter'
    >>> remeasured("How many goals did Salah score in 2019?", "assists"), remeasured("Who runs TSMC?", "revenue")
    ('How many assists did Salah score in 2019?', None)
    """
    if (names(f"x {new}") and not _MEASURE.fullmatch(new)) or re.search(r"['’]|\d", new) or len(words(new)) > 4:
        return None
    found = list(_MEASURE.finditer(before))
    if len(found) == 1 and is_measure(new):
        return before[: found[0].start()] + new + before[found[0].end() :]
    counted = _HOW_MANY.match(before)
    if counted and re.fullmatch(r"[a-z-]+[^\Wsui]s", new):
        return before[: counted.start("what")] + new + before[counted.end("what") :]
    return None


def measure(text: str) -> str:
    """The one thing that a text measures; "" where it measures nothing, or more."""
    found = list(_MEASURE.finditer(text))
    return found[0][0] if len(found) == 1 else ""


def is_measure(text: str) -> bool:
    """Whether a phrase is a measure, whatever stands before it: "software margin"."""
    found = list(_MEASURE.finditer(text))
    return bool(found) and found[-1].end() == len(text)


def of_another(before: str, slot: str) -> str | None:
    """``before`` asked of another owner: "and corvane's?"; None where the question before has none, or several.

    >>> of_another("what is altamont's net debt?", "corvane's"), of_another("altamont net debt 2024", "corvane's")
    ("what is corvane's net debt?", 'corvane net debt 2024')
    """
    match = re.fullmatch(r"(?P<the>the )?(?P<who>\S+(?: \S+){0,3}?)(?:['’]s|(?<=s)['’])", slot)
    if match is None:
        return None
    found = list(_POSSESSOR.finditer(before))
    if len(found) == 1:
        start, end = found[0].span()
        start = min([start, *(low for low, high in names(before) if low < start <= high + 1)])  # "SK hynix's"
        slot = slot[4:] if match["the"] and before[:start].lower().endswith("the ") else slot
        return before[:start] + slot + before[end:]
    span = _owner(before) if not found else None
    return before[: span[0]] + match["who"] + before[span[1] :] if span else None


def _owner(before: str) -> tuple[int, int] | None:
    """Where in a few words without a verb it stands whose measure is meant: "corvane" in "corvane net debt 2024"."""
    said = [before[slice(*span)] for span in words(before)]
    if len(said) > 8 or any(fold(word) in STOP for word in said) or not measure(before):
        return None
    rest = re.sub(DATE, lambda each: "\0" * len(each[0]), _MEASURE.sub(lambda each: "\0" * len(each[0]), before))
    found = [match.span() for match in re.finditer(r"[^\0\s.?!,](?:[^\0.?!,]*[^\0\s.?!,])?", rest)]
    return found[0] if len(found) == 1 else None


def of_a_kind(before: str, new: str) -> str | None:
    """``before`` with another thing whose price, rate or use it is about: "gas" for "electricity".

    >>> of_a_kind("What was the electricity price in 2024?", "gas"), of_a_kind("What is the average price?", "gas")
    ('What was the gas price in 2024?', None)
    """
    found = list(_COMPOUND.finditer(before))
    alike = re.fullmatch(r"[a-z][a-z-]+(?: [a-z-]+)?", new) and not is_measure(new) and stems(new) - GENERIC
    if len(found) != 1 or not alike or not stems(found[0]["what"]) - GENERIC:
        return None
    return before[: found[0].start()] + new + before[found[0].end() :]


def placed(before: str, new: str) -> str | None:
    """The measure of somebody in a place: "revenue in Q3 in Europe"; None where that is not asked for."""
    owned = _POSSESSOR.search(before) or re.search(r"\b(?:its|their|his|her) ", before, re.IGNORECASE)
    if not owned or is_place(without_genitive(owned[0].strip())) or not measure(before):
        return None
    return ended(before, f"in {new}")
