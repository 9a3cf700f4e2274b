"""Pure: numbers and dates in a few words, with their units and as they compare; quotes that give another figure."""

from __future__ import annotations

import calendar
import functools
import math
import re
from collections.abc import Sequence

from rag.lexicon import is_content, is_yes_no, stem
from rag.loaders.dates import iso_date
from rag.text import CURRENCY, YEAR, Range, date_words, fold, words
from rag.types import Quote

Figure = tuple[float, ...]  # a number, or year, month and day as far as they are known; () is none
_NUMBER = re.compile(r"(?<![\w.,])[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\w|[.,]\d)")
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")  # thousands in half of Europe
_DATE = re.compile(r"(?:1\d|20)\d\d(?:[-/.]\d{1,2}){0,2}(?:[T ]\d\d:\d\d\S*)?")
_MAGNITUDES = {
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
    "hundred": 100,
    "dozen": 12,
}
_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
_ONES += "seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SPELLED = re.compile(
    rf"\b(?:({'|'.join(_TENS)})(?:[- ]({'|'.join(_ONES[1:10])}))?|({'|'.join(_ONES)})"
    rf"|an?(?= (?:{'|'.join(_MAGNITUDES)})\b))\b(?!-)",
    re.IGNORECASE,
)
_BESIDE = 24  # characters on either side in which the rest of a number and its sign stand
_NOTED = re.compile(r"[12]\d{3}\.")  # a year at the end of a sentence, and behind it the mark of a footnote
_YEAR = re.compile(YEAR)  # "2018 second only to ..."
_YEARS = re.compile(rf"(?<![\d.,])({YEAR})(?:(s)\b|(?!\d|[.,]\d))")  # "1926", "the 1920s"
_OF_YEAR = re.compile(rf"\b(?:in|during|for|of) (?:the year )?{YEAR}\b(?! ?[–-]| (?:and|or|to)\b)", re.I)
_NUMBERED = re.compile(  # "Hall 4", "Kestrel-12", "the m3", "flat 7A"; not "In 5 years", "costs 5%", "May 5"
    r"(?<![\w.,-])([^\W\d_]{1,15})( - |[ -]?)(\d{1,4}[A-Z]?)(?![\w-]|[.,:]\d| ?%| [a-z]+s\b"
    rf"| (?:percent|degrees|{'|'.join(_MAGNITUDES)})\b)"
)
_MONTHS = (*calendar.month_name[1:], *calendar.month_abbr[1:])
CODES = "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|AUD|CAD"
_SIGN = re.compile(  # "minus 5", "US$5", "EUR 5"
    r"(?:(?<![^\s(“\"])(?:[-−–±<>≤≥~]|minus ))?"
    rf"(?:(?:\b[A-Z]{{1,3}})?[{CURRENCY}]\s?|\b(?:{CODES}|Rs\.?)\s?)?$"
)
_CLOCK = r"(?:\d{1,2}(?:[:.]\d\d)?(?: ?[ap]\.?m\b\.?)?|noon|midnight)"
_HOURS = re.compile(rf"(?<![\d.,:]){_CLOCK}(?: ?[-–—] ?| (?:to|till|until|and) ){_CLOCK}(?!\d)")  # "8 am to 4 pm"
_OF_DAY = re.compile(r"\d:\d\d|[ap]\.?m\b|noon|midnight")
COUNTED = re.compile(  # ends with a number
    r".*(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|\w+teen|(?:\w+-)?(?:twen|thir"
    r"|for|fif|six|seven|eigh|nine)ty(?:-\w+)?|hundred|thousand|[mbtr]+illion|bn))",
    re.DOTALL | re.IGNORECASE,
)
_TIME = "second(?<! second)|seconds|minute|hour|day|week|month|quarter|year|decade"
UNIT = re.compile(
    r"(\s?[%‰°][CF]?|[\s-](?:hundred|thousand|[mbtr]+illion|bn|per ?cent|percentage points?|basis points?"
    r"|(?:[A-Z]\w* ){0,2}(?:dollars?|euros?|pounds?|yuan|renminbi|yen|rupees?|francs?|rou?bles?|cents?|pence)"
    r"|(?<=illion )won|USD|EUR|GBP|CHF|degrees?(?: Celsius| Fahrenheit)?|(?i:[ap]\.m\.|[ap]m)|centur(?:y|ies)"
    rf"|(?:nano|micro|milli)?(?:{_TIME})s?(?:-old)?|(?:kilo|mega|giga|tera|peta)?(?:watt|watt-hour|volt|byte|bit|flop)s?"
    r"|(?:square |cubic )?(?:nano|micro|milli|centi|kilo)?(?:met(?:re|er)|gram|lit(?:re|er)|tonne|mile|yard)s?"
    r"|(?:square |cubic )?(?:feet|foot|inch(?:es)?)|tons?|ounces?|acres?|hectares?|barrels?|gallons?"
    r"|[kcmnµμ]?m[²³]?|[kmµμ]?g|ha|[mcµμ]?[lL]|m?s|min|[kMGT](?:Wh?|Hz|B|V)))(?!\w)"
    rf"(?:/\w+|\sper\s(?:{_TIME}|person|capita|head)\b)?"
)
MONTH = rf"(?:{'|'.join(_MONTHS)})\b\.?"
_PERIOD = 5  # years: only a year this near the one asked for is taken over from before the quote; not "since 2004"
_ABOUT = frozenset("about some nearly roughly around approximately almost".split())
_SYMBOL = 3  # letters of a unit that is one
_NEAR = 0.05
_OTHERS = 100  # numbers further apart than this factor count different things: "three" factories, "4,500" jobs
_ALSO_LIKELY = 0.75  # of the first quote's evidence, from which another figure is worth a word


def of_another_year(question: str, quote: str, around: str, heading: str = "", before: str = "") -> bool:
    """Whether a question is about one year, and a quote about others only: that year lies outside theirs, and what
    stands ``around`` the quote, its passage, title and date, does not say it either. A quote that names no year is of
    the last one that its paragraph names ``before`` it, if few years lie between, or of those of its nearest
    ``heading``.

    >>> of_another_year("What was lost in 2021?", "It lost 9 million in 2022.", "Losses. It lost 9 million in 2022.")
    True
    >>> before = "In 2022 it grew. "
    >>> of_another_year("How many live in Ulm in 2024?", "Ulm has 800.", f"{before}Ulm has 800.", "", before)
    True
    >>> of_another_year("How many live in Ulm in 2034?", "Ulm has 800.", f"{before}Ulm has 800.", "", before)
    False
    >>> of_another_year("Who designed it in 1926?", "It goes back to the 1920s.", "It goes back to the 1920s.")
    False
    """
    asked = {year for year, _ in _YEARS.findall(question)}
    if len(asked) != 1 or not _OF_YEAR.search(question) or is_yes_no(question):
        return False
    year = int(*asked)
    near = [(first, last) for first, last in _YEARS.findall(before)[-1:] if abs(int(first) - year) <= _PERIOD]
    found = _YEARS.findall(quote) or near or _YEARS.findall(heading)
    said = [int(first) + last for first, decade in found for last in ((0, 9) if decade else (0,))]
    return bool(said) and not min(said) <= year <= max(said) and str(year) not in around


def of_another_number(question: str, text: str) -> bool:
    """Whether a question names one thing by its number, and ``text`` has the same name with other numbers only.

    >>> [of_another_number("What is the rent of Hall 4?", text) for text in ("Hall 9 is dear.", "Halls 4 and 9 are.")]
    [True, False]
    """
    found = {
        (name, number)
        for name, gap, number in _NUMBERED.findall(question)
        if (name[0].isupper() or gap != " " or number[-1].isalpha()) and not _YEAR.fullmatch(number)
        if (is_content(name) or len(name) == 1) and fold(name) not in map(fold, _MONTHS)
    }
    if len(found) != 1:
        return False
    ((name, number),) = found
    letter = "[a-z]" * number[-1].isalpha()
    others = rf"(?<!\w){name}s?(?: - |[ -]?)\d{{1,4}}{letter}(?![\w%]|[.,:]\d)"
    own = rf"(?:(?<![\w.,])|(?<={name})){number}(?!\w|[.,]\d)"
    return bool(re.search(others, text, re.IGNORECASE)) and not re.search(own, text, re.IGNORECASE)


@functools.lru_cache(maxsize=65536)
def date(text: str) -> Figure:
    """Nothing but a date, or a year from 1000 to 2099.

    >>> date("3 June 2008"), date("May 2021"), date("1998"), date("1998 to 2003")
    ((2008.0, 6.0, 3.0), (2021.0, 5.0), (1998.0,), ())
    """
    text = text.strip()
    if not re.search(r"\d{4}", text) or (text[:4].isdigit() and not _DATE.fullmatch(text)):
        return ()
    found = iso_date(text)
    return tuple(map(float, found.split("-"))) if found else ()


@functools.lru_cache(maxsize=65536)
def size(text: str) -> tuple[str, Figure]:
    """The unit, with a word such as "over", and the number; () where there is not exactly one.

    >>> size("about 6.6 billion dollars"), size("over 1,200"), size("5 to 7"), size("1.500 euros")
    (('dollars', (6600000000.0,)), ('over', (1200.0,)), ('', ()), ('', ()))
    >>> size("Forty-two boats"), size("a dozen"), size("two hundred"), size("two hundred and fifty")
    (('boats', (42.0,)), ('', (12.0,)), ('', (200.0,)), ('', ()))
    """
    text = _SPELLED.sub(_in_digits, text)
    numbers = _NUMBER.findall(text)
    rest = [_unit(word) for word in _NUMBER.sub(" ", text, count=1).split()]
    if len(numbers) != 1 or _AMBIGUOUS.fullmatch(numbers[0]) or any(char.isdigit() for word in rest for char in word):
        return "", ()
    number = float(numbers[0].replace(",", "").replace("−", "-"))
    for word in rest:
        number *= _MAGNITUDES.get(word, 1)
    return " ".join(word for word in rest if word not in _MAGNITUDES and word not in _ABOUT), (number,)


def _in_digits(spelled: re.Match[str]) -> str:
    """ "a" before "dozen" is one."""
    tens, ones = (spelled[1] or "").lower(), (spelled[2] or spelled[3] or "").lower()
    if not tens and not ones:
        return "1"
    return str((10 * _TENS.index(tens) + 20 if tens else 0) + (_ONES.index(ones) if ones else 0))


def _unit(word: str) -> str:
    """The word as units are compared: without capitals, but for the first letter of "mW" and "MW"."""
    return fold(word) if len(word) > _SYMBOL or word[:1] not in "mM" else word[:1] + fold(word[1:])


def is_about(text: str) -> bool:
    """Whether a number is said to be rounded."""
    return not _ABOUT.isdisjoint(fold(text).split())


def with_unit(text: str, answer: Range, question: str = "") -> Range:
    """The ``answer`` in ``text``, with what makes a number at its edge true: all its digits, and the sign, currency and
    unit that stand beside it, up to a unit that the question names; hours "from ... to" whole.

    >>> text = "It rose by 5.2 percent, to $3 million, on a 7-nanometre line."
    >>> [text[slice(*with_unit(text, (text.index(cut), text.index(cut) + 1)))] for cut in "537"]
    ['5.2 percent', '$3 million', '7-nanometre']
    """
    start, end = answer
    asked = {stem(question[a:b]) for a, b in words(question)}
    for number in _NUMBER.finditer(text, max(0, start - _BESIDE), end + _BESIDE):
        low, high = number.start() + (not number[0][0].isdigit()), number.end()
        if low < end and start < high and not _NOTED.match(number[0]):
            start, end = min(start, low), max(end, high)
    first = start + (text[start : start + 1] in CURRENCY)
    if text[first : first + 1].isdigit() and (sign := _SIGN.search(text, max(0, first - _BESIDE), first)):
        start = sign.start()
    if _YEAR.fullmatch(text, start, end):
        return start, end
    for hours in _HOURS.finditer(text, max(0, start - _BESIDE), end + _BESIDE):
        if hours.start() <= start and end <= hours.end() and _OF_DAY.search(hours[0]):
            return hours.span()
    while COUNTED.fullmatch(text, start, end) and (unit := UNIT.match(text, end)):
        if asked & {stem(unit[1][a:b]) for a, b in words(unit[1])[-1:]}:
            break
        end = unit.end()
    return start, end


def may_be_same(one: Figure, other: Figure) -> bool:
    """Whether one goes on where the other ends: 2019 may be 3 May 2019."""
    return all(a == b for a, b in zip(one, other, strict=False))


def otherwise(quotes: Sequence[Quote]) -> list[tuple[int, str, str]]:
    """Rank and marked words of the quotes that are nearly as likely as the first and contradict it, and their date in
    words where the first one has another.

    A source seldom contradicts itself: another figure in it is most often about something else.
    """
    return [
        (quote.rank, quote.marked, date_words(quote.published) if _of_other_times(quote, quotes[0]) else "")
        for quote in quotes[1:]
        if quote.score >= _ALSO_LIKELY * quotes[0].score
        and contradicts(quote, quotes[0])
        and quote.documents.isdisjoint(quotes[0].documents)
    ]


def _of_other_times(one: Quote, other: Quote) -> bool:
    return bool(one.published and other.published) and one.published != other.published


def contradicts(quote: Quote, other: Quote) -> bool:
    """Whether the two mark another date, or another number of the same unit, that is none rounded."""
    marked = quote.marked, other.marked
    dates = [date(re.sub(r"^(?:in|on) ", "", words, flags=re.IGNORECASE)) for words in marked]
    if any(dates):
        return all(dates) and not may_be_same(*dates)
    (unit, first), (other_unit, second) = map(size, marked)
    if not first or not second or _plain(unit) != _plain(other_unit) or _rounded(first[0], second[0]):
        return False
    low, high = sorted((abs(first[0]), abs(second[0])))
    return low == 0 or high <= _OTHERS * low


def _plain(unit: str) -> list[str]:
    """One unit may be written "-nanometre" or "nanometres", "%" or "percent"."""
    unit = unit.replace("-", " ").replace("%", "percent").replace("per cent", "percent")
    return [stem(word) for word in unit.split()]


def _rounded(one: float, other: float) -> bool:
    """Whether one number may be the other, rounded to fewer digits, of which zeros at the end are none.

    >>> _rounded(8e9, 7.86e9), _rounded(100, 97), _rounded(8.5e9, 7.86e9), _rounded(2014, 2015), _rounded(86400, 87150)
    (True, True, False, False, False)
    """
    digits, rounder = min((_digits(number), number) for number in (one, other))
    place = math.floor(math.log10(abs(rounder) or 1)) - digits + 1
    near = abs(one - other) <= min(_NEAR * max(abs(one), abs(other)), 10.0**place / 2)
    return one == other or (near and (_digits(one) != _digits(other)))


def _digits(number: float) -> int:
    """How many there are without the zeros at the end."""
    return len(f"{abs(number):.11e}".partition("e")[0].replace(".", "").rstrip("0"))
