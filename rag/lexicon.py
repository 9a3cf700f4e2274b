"""Word lists and small comparisons of words. English; a question in another language simply shows no cue."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Sequence

from rag.layout import last_heading
from rag.text import fold, folded_words, runs, words


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP = _set(
    """a about actually after again all also am an and any anybody anyone anything are aren't around as ask at be been
    before being besides between both but by can can't cannot come could couldn't did didn't do does doesn't doing
    don't done each else ever every few find first for from get give go goes going good got had has hasn't have
    haven't having he he's hear heard hello help her hers hey hi him himself his how how's however i i'd i'll i'm i've
    if in instead into is isn't it it's its itself just kind know last least let let's like list little long look made
    make many may maybe me mean means meant mention mentioned might mine more most much must my never next no nobody
    nope nor not nothing now of off ok okay on once one ones only or other others our out over please possible put
    quite really same say see seem seems shall she should shouldn't show so some somebody someone something sort
    sounds still such sure take talk tell than thank thanks that that's the their theirs them themselves then there
    there's these they they're they've thing things think this those though through to too try under until up upon us
    use used using very want wants was wasn't way we we're well were weren't what what's when where whether which
    while who who's whom whose why will with without won't would wouldn't wow yes yet you you're you've your yours"""
)

# Contractions as they are typed in haste; not those that are words themselves: "ill", "lets", the designer Ive.
_HASTY = {
    form.replace("'", ""): form
    for form in (STOP | _set("where's when's why's she's they'll you'll")) - _set("i'd i'll i've let's it's we're")
    if "'" in form
}
STOP |= _HASTY.keys()
_HASTILY = re.compile(rf"\b(?:{'|'.join(_HASTY)})\b", re.IGNORECASE)

_REFERENCES = frozenset(
    ("further reading", "references", "bibliography", "external links", "see also", "sources", "notes", "works cited")
)

OPENING = r"(?:(?:and|but|so|ok(?:ay)?)\W+)?"  # a pattern: what a question may begin with that follows another one
WHO = re.compile(rf"\W*{OPENING}who(?:m|se)?\b", re.IGNORECASE)  # begins a question for somebody
PREPOSITIONS = "in|at|on|for|of|by|from|with|to|during|since|before|after|under|over"  # alternatives of a pattern
QUESTION_WORDS = _set("who whom whose what which when where why how")
AUXILIARY = _set("is are was were am do does did ca can could wo will would should may might must has have had")

_TELLING = _set("know known tell me us say explain clear show")

# What a sentence that wants an answer begins with, also where it ends with a full stop.
ASKING = QUESTION_WORDS | _set(
    """is are was were am do does did can could will would shall should may might has have had tell show list name give
    explain describe find define compare summarise summarize quote"""
)

# Words that name a relation and not a topic: they are carried only if nothing better is there.
GENERIC = _set(
    """advantage affect alternative answer approach article benefit best better big biggest call cause change
    characteristic common compare consider con cost develop difference different disadvantage effect effective example
    expect explain fact factor happen history idea impact important influence issue kind learn level main major method
    name need new news number option origin part people plan point policy problem process pro purpose question
    reason recent relate related result role safe second sign situation start symptom third time treatment true type
    work world worth year day today recommend popular describe definition meaning information detail
    offer sell sold run ran build built buy bought started create created found founded provide pay paid win won
    play named called become include increase improve reduce produce allow require compared
    happened affected caused known said like percent"""
)

HE, SHE = _set("he him his himself"), _set("she her hers herself")
THEY, IT = _set("they them their theirs themselves"), _set("it its itself")
PERSONAL = HE | SHE
PRONOUNS = PERSONAL | THEY | IT
POINTERS = _set("this that these those such")
POSSESSIVE = _set("its his their theirs hers")

# "the company": a common noun with "the" that usually stands for something named earlier.
STAND_INS = _set(
    """agency announcement approach author bank bill book campaign case city company conflict country court deal
    decision device director event firm film founder government group incident industry institution issue law letter
    man material method ministry movement movie official order organisation organization page person plan policy
    president problem process product program programme project proposal region report research researcher rule
    scheme scientist situation song station story strategy study system team technology theory treaty university war
    woman writer professor chemist engineer physicist maker chipmaker manufacturer supplier minister fund act initiative
    institute lab laboratory newspaper authority regulator startup province island state nation vendor bureau committee
    council union alliance scholar academic executive chairman politician department commissioner
    phone telephone car vehicle ship plane aircraft rocket satellite machine tool app website software game
    drug vaccine disease virus illness disorder syndrome metal mineral element chemical substance gas animal bird dish
    series album band singer artist painter composer actor actress poet novelist club museum
    river mountain lake planet town village continent empire dynasty language religion festival
    abbreviation acronym term word phrase expression concept building bridge tower airport school college hospital
    church inventor entrepreneur scandal disaster crisis weapon missile paper magazine journal broadcaster"""
)

# "the world" needs no name behind it.
UNIQUE = _set("world internet web future past press media weather sun moon earth public sea sky stock")

# After these words "the company" has been said in full: "the company did", not "the company of John Smith".
CLOSING = STOP - _set("of for from between about called in on at with")

# Countries and the like: one takes the place of another, not of a company.
_PLACES = _set(
    """africa america asia europe eu us usa uk states kingdom union britain england scotland wales ireland france
    germany italy spain portugal netherlands holland belgium luxembourg switzerland austria poland hungary romania
    bulgaria greece turkey ukraine russia belarus denmark sweden norway finland iceland estonia latvia lithuania
    czechia slovakia slovenia croatia serbia canada mexico brazil argentina chile peru colombia venezuela cuba china
    taiwan japan korea india pakistan bangladesh indonesia malaysia singapore thailand vietnam philippines australia
    zealand iran iraq israel syria egypt ethiopia kenya nigeria ghana morocco algeria congo arabia california texas
    arizona florida ohio york"""
)
SIDES = _set("north south east west northern southern eastern western new")
_PLACES_IN_FULL = _PLACES | SIDES | _set("united european saudi")

# Names that are written like small words but for their capitals.
ACRONYMS = frozenset(("IT", "US", "WHO"))
_SHOUTED = 3  # words: a text of so many, all in capitals, is only written loudly

# Words that lean on something said earlier although they are no pronouns.
LEANING = _set("another else other others same both former latter either neither instead too also more")


def careful(text: str) -> str:
    """``text`` with the apostrophes that were left out.

    >>> careful("Whats it cost, and why didnt they sell?")
    "What's it cost, and why didn't they sell?"
    """
    return _HASTILY.sub(lambda found: found[0][0] + _HASTY[found[0].lower()][1:], text)


_ES = re.compile(  # plurals of words without "e": "viruses" but not "houses", "potatoes" but not "shoes"
    r"(?:ss|(?<![aof])(?<!ab)(?<!cc)(?<!xc)us|gas|lens|bias|atlas|canvas|alias|(?<=..)x|[tz]z|sh"
    r"|(?:[^\Wa]|[eo]a)(?<!\bni)(?<!\btran)(?<!valan)ch|(?<=...)(?<!\bcan)(?<!sh)o)es$"
)
_SINGULAR = _set("alias atlas bias canvas lens series species news headquarters")
_SIS = _set("analyses crises diagnoses hypotheses syntheses theses")
_IES = _set("brownies calories cookies genies movies prairies rookies selfies smoothies zombies")


@functools.lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A key under which forms of one word meet: possessive and plural endings off (after Harman's s-stemmer, 1991).

    >>> [stem(word) for word in ("Types", "policies", "Sanders'", "buses", "houses", "branches", "movies", "crises")]
    ['type', 'policy', 'sander', 'bus', 'house', 'branch', 'movie', 'crisis']
    """
    key = fold(word).removesuffix("'s").rstrip("'")
    if len(key) <= 3 or not key.endswith("s") or key[-2] in "us" or key.endswith("sis") or key in _SINGULAR:
        return key
    if key in _SIS:
        return key[:-2] + "is"
    if len(key) > 4 and key.endswith("ies") and key[-4] not in "ae" and key not in _IES:
        return key[:-3] + "y"
    return key[:-2] if len(key) > 4 and _ES.search(key) else key[:-1]


@functools.lru_cache(maxsize=8192)
def is_content(word: str) -> bool:
    """Whether a word can name a topic: no function word, and longer than one letter unless it is a digit."""
    key = fold(word)
    if word == "May" or word.replace("’", "'").removesuffix("'s") in ACRONYMS:
        return True
    return key not in STOP and key.removesuffix("'s") not in STOP and (len(key) > 1 or key.isdigit())


def content(text: str) -> list[tuple[int, int]]:
    """Spans of the content words of ``text``.

    >>> [("How likely is it to spread?"[s:e]) for s, e in content("How likely is it to spread?")]
    ['likely', 'spread']
    """
    shouted = is_shouted(text)
    return [(start, end) for start, end in words(text) if _is_content_of(text, start, end, shouted)]


_ASKS_LEAVE = re.compile(r"(?:^|[.?!:])\W*$")  # what stands before the "May" of "May I ...?"


def is_shouted(text: str) -> bool:
    """Whether capitals say nothing since all letters are: "WHO RUNS IT?"."""
    return text.isupper() and len(words(text)) >= _SHOUTED


def _is_content_of(text: str, start: int, end: int, shouted: bool) -> bool:
    if text[start:end] == "May" and _ASKS_LEAVE.search(text, 0, start) and text[end:].lstrip()[:1].isalpha():
        return False
    return is_content(text[start:end].lower() if shouted else text[start:end])


def stems(text: str) -> set[str]:
    """Keys of the content words of ``text``."""
    return {stem(text[start:end]) for start, end in content(text)}


_OF = re.compile(r" of (?:the )?")


def names(text: str) -> list[tuple[int, int]]:
    """Spans of proper names: runs of capitalised words, with those of function between them ("House Without Hinges").
    A capital that only opens a sentence counts inside a run.

    >>> [("Who was Johnny Bench in the NFL?"[s:e]) for s, e in names("Who was Johnny Bench in the NFL?")]
    ['Johnny Bench', 'NFL']
    """
    found: list[tuple[int, int]] = []
    run: list[tuple[int, int, bool]] = []  # start, end, certainly a name
    previous, shouted = 0, is_shouted(text)
    for start, end in words(text):
        gap = text[previous:start]
        opens = previous == 0 or any(mark in gap for mark in '.?!:\n"“')
        capital = any(map(str.isupper, text[start:end])) and _is_content_of(text, start, end, shouted)
        if run and gap == " " and text[start].isupper() and not capital and not shouted:
            previous = end
            continue
        if run and (opens or gap.strip() not in ("", "&") or not capital):
            found.extend(_closed(run))
            run = []
        if capital:
            inner = any(char.isupper() for char in text[start + 1 : end])
            run.append((start, end, inner or not opens))
        previous = end
    return runs(text, [*found, *_closed(run)], _OF)


def _closed(run: list[tuple[int, int, bool]]) -> list[tuple[int, int]]:
    return [(run[0][0], run[-1][1])] if any(certain for _, _, certain in run) else []


_WANTING = re.compile(  # what begins a request or a question, although its first word does not say so
    r"\W*(?:(?:i|we)(?:['’]d| would)? (?:want|wish|need|like|love|wonder)\b"
    r"|remind (?:me|us)\b|look up\b|search for\b|check (?:who|what|which|when|where|why|how|if|whether)\b"
    r"|(?:in|at|on|by|for|from|with|to|of|under|since|until) (?:which|whom|whose|how (?:many|much|long|far|often)"
    r"|what (?!is\b|are\b|was\b|were\b|became\b|he\b|she\b|it\b|they\b|some\b)))",
    re.IGNORECASE,
)
_IMPERATIVES = ASKING | _set("please identify outline provide specify enumerate determine")


def is_place(name: str) -> bool:
    """Whether a name is a country's or the like, as far as the list goes.

    >>> is_place("South Korea"), is_place("South Sea Company"), is_place("the US")
    (True, False, True)
    """
    keys = {fold(name[start:end]) for start, end in content(name)}
    return keys <= _PLACES_IN_FULL and not keys.isdisjoint(_PLACES)


def is_statement(text: str) -> bool:
    """Whether a text claims something instead of asking for it.

    >>> is_statement("Chip exports fell in 2023."), is_statement("Tell me about exports."), is_statement("chip exports")
    (True, False, False)
    >>> is_statement("Huawei was put on the list in 2019"), is_statement("firms that were put on the list in 2019")
    (True, False)
    """
    said = unnegated(text)
    if len(said) <= 3 or _WANTING.match(text) or folded_words(text)[0] in _IMPERATIVES:
        return False
    return text.rstrip().endswith(".") or (len(said) > 4 and "?" not in text and _tells(said))


def _tells(said: Sequence[str]) -> bool:
    """Whether a verb stands behind its subject and before something else, and no word asks: a sentence whose full stop
    was left out. What a person says of themselves ("I am looking for ...") asks."""
    verbs = (word in AUXILIARY and before != "that" for before, word in itertools.pairwise(said[:-1]))
    return QUESTION_WORDS.isdisjoint(said) and said[0] not in AUXILIARY | {"i", "we"} and any(verbs)


def unnegated(text: str) -> list[str]:
    """The words of ``text``, folded, and auxiliaries without "not".

    >>> unnegated("Didn’t they?")
    ['did', 'they']
    """
    return [word.removesuffix("n't") for word in folded_words(text)]


def is_yes_no(text: str) -> bool:
    """Whether a question wants to know whether something is so.

    >>> is_yes_no("Didn't Intel invest?"), is_yes_no("Can you say who invested?"), is_yes_no("Can you name them?")
    (True, False, False)
    """
    first, *others = unnegated(text) or [""]
    pairs = itertools.pairwise(others[:6])
    told = any(word in QUESTION_WORDS and before in _TELLING for before, word in pairs)
    return first in AUXILIARY and not told and (others[:1] != ["you"] or not {"whether", "if"}.isdisjoint(others[:5]))


def is_list_of_references(heading: str) -> bool:
    """Whether what stands below the path of headings is a list of titles, which answers nothing."""
    return fold(last_heading(heading)) in _REFERENCES
