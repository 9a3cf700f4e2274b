"""Training data for the reader: rows in one form, near misses, statements, noise (groups of them: reader_rounds.py)."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from rag.errors import ModelError
from rag.lexicon import names
from rag.text import without_genitive

Spans = tuple[tuple[int, int], ...]
WRITTEN = "written/"  # begins the groups of questions of our own (reader_written.py)
_TITLED = frozenset(("squad2", "qed", "selqa"))
STOP = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been by did do does for from had has have how in is it its of on or that the their this "
        "to was were what when where which who whom whose why will with s",
    )
)
_PAIRS = (
    "first last|before after|largest smallest|most least|more less|north south|east west|northern southern|lose gain"
    "|eastern western|highest lowest|increase decrease|increased decreased|began ended|start end|oldest newest|old new"
    "|maximum minimum|won lost|early late|older younger|male female|men women|longest shortest|never always|high low"
    "|above below|upper lower|majority minority|best worst|positive negative|internal external|can cannot|long short"
    "|is isn't|was wasn't|did didn't|does doesn't|were weren't|are aren't|support oppose|allowed banned|with without"
    "|large small|bigger smaller|larger smaller|same different|inside outside|rise fall|public private|modern ancient"
    "|father son|mother daughter|parent child|parents children|husband wife|brother sister|king queen|boys girls"
    "|teacher student|teachers students|buy sell|bought sold|stronger weaker|strongest weakest|faster slower|rich poor"
    "|fastest slowest|easier harder|easiest hardest|earlier later|earliest latest|top bottom|attacked defended"
    "|attack defend|victory defeat|entered left|enter leave|join quit|joined quit|arrive depart|arrived departed"
    "|appointed dismissed|founded dissolved|built destroyed|created destroyed|create destroy|import export"
    "|imports exports|imported exported|supporters opponents|supporter opponent|allies enemies|ally enemy|friend enemy"
    "|advantage disadvantage|advantages disadvantages|strength weakness|benefits harms|causes effects|caused prevented"
    "|cause prevent|allow forbid|allows forbids|encourage discourage|encouraged discouraged|accept reject"
    "|accepted rejected|agree disagree|agreed disagreed|supported opposed|succeeded failed|success failure|hot cold"
    "|warm cool|wet dry|heavy light|deep shallow|wide narrow|thick thin|near far|domestic foreign|urban rural"
    "|simple complex|easy difficult|common rare|often rarely|usually rarely|frequently seldom|added removed|add remove"
    "|gained lost|grew shrank|grow shrink|rose fell|raised lowered|raise lower|opened closed|open close|guilty innocent"
    "|introduced abolished|alive dead|birth death|youngest oldest|primary secondary|major minor|left right"
    "|inner outer|ancestor descendant|ancestors descendants|predecessor successor|day night|summer winter|war peace"
    "|second third|sunrise sunset|forward backward|full empty|strong weak|fast slow|good bad|better worse|sent received"
    "|given taken|found lost|remembered forgotten|won conceded|approved rejected|hired fired|lent borrowed|saved spent"
    "|arrival departure|beginning end|front back|safe dangerous|popular unpopular|include exclude|included excluded"
    "|higher lower|greater lesser|closest farthest|nearest farthest|cheaper dearer|richest poorest"
)
_PREFIXES = ("un", "in", "im", "ir", "il", "non", "non-", "dis", "anti", "anti-")
_TURNED = re.compile(r"[a-z]{2,}(?:ly|al|able|ible|ed|ive|ic|ous|ful|ant|ent|ate|ar|ary|ing)")  # adjectives, adverbs
OPPOSITE = {x: y for pair in reversed(_PAIRS.split("|")) for a, b in (pair.split(),) for x, y in ((b, a), (a, b))}
_SENTENCE = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[A-Z0-9`])")
_NAME = re.compile(r"(?<=[a-z,;] )(?:[A-Z][\w'-]+)(?: (?:of |the )?[A-Z][\w'-]+)*")
_SUBJECT = re.compile(r"(?:who|what)(?= (?!did|do|does|can|could|would|should|has|have|had|will|else)[a-z])", re.I)
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)\b")


@dataclass(frozen=True, slots=True)
class Row:
    """One question with its passage; several ``spans`` are alternatives; none means the passage has no answer."""

    question: str
    context: str
    spans: Spans
    source: str
    group: str

    @property
    def title(self) -> str:
        """The article's name, empty where the data only numbers it."""
        named = self.source in _TITLED or self.group.startswith(WRITTEN)
        name = self.group.rsplit("/", 1)[-1] if named else ""
        return unquote(name).replace("_", " ")


def bucket(name: str) -> float:
    """A stable number in [0, 1) for splitting by group."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") / 2**32


def held_out(source: str, group: str) -> bool:
    """True where a group is kept for development and never trained on.

    SQuAD 2.0 articles: half; QAMR sentences: 15 %; the others: 4 %.
    """
    if source == "squad2":
        return hashlib.sha256(group.encode()).digest()[0] % 2 == 0
    return bucket(group) < (0.15 if source == "qamr" else 0.04)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a gzipped JSON-lines file; raises ModelError where it is missing."""
    if not path.is_file():
        raise ModelError(f"training data {path} is missing", why="the file is not there", fix="pass --data FOLDER")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def load_rows(data: Path) -> list[Row]:
    """All rows of all sources in file order, without exact duplicates of (question, context)."""
    rows = [
        Row(r["question"].strip(), r["context"], (_span(r),), r["source"], r["group"])
        for r in read_lines(data / "reader_train.jsonl.gz")
    ]
    for r in read_lines(data / "squad2_dev.jsonl.gz"):
        spans = tuple(sorted({(a["answer_start"], a["answer_start"] + len(a["text"])) for a in r["answers"]}))
        rows.append(Row(r["question"].strip(), r["context"], spans, "squad2", r["title"]))
    for r in read_lines(data / "sentence_ranking.jsonl.gz"):
        starts = [0]
        for sentence in r["sentences"]:
            starts.append(starts[-1] + len(sentence) + 1)
        spans = tuple((starts[i], starts[i + 1] - 1) for i in r["relevant"])
        rows.append(Row(r["question"].strip(), " ".join(r["sentences"]), spans, "selqa", "selqa/" + r["article"]))
    return list({(row.question, row.context): row for row in rows if row.question}.values())


def _span(r: Mapping[str, Any]) -> tuple[int, int]:
    return r["answer_start"], r["answer_start"] + len(r["answer_text"])


def opposites(texts: Iterable[str]) -> dict[str, str]:
    """OPPOSITE, and the words of ``texts`` that also occur with a prefix that turns them round.

    >>> opposites(["directly or indirectly"])["directly"]
    'indirectly'
    """
    known = {word for text in texts for word in re.findall(r"[a-z]+(?:-[a-z]+)?", text)}
    found = dict(OPPOSITE)
    for word in sorted(known):
        for turned in (prefix + word for prefix in _PREFIXES if _TURNED.fullmatch(word) and prefix + word in known):
            found.setdefault(word, turned)
            found.setdefault(turned, word)
    return found


def near_miss(
    question: str,
    names: Sequence[str],
    numbers: Sequence[str],
    rng: random.Random,
    *,
    turned: Mapping[str, str] = OPPOSITE,
) -> str | None:
    """The question with one name, number or word of comparison exchanged, so that its passage no longer answers it.

    ``turned``: words that are put in the place of others.
    """
    edits = []
    for pattern, pool in ((_NAME, names), (_NUMBER, numbers)):
        for match in pattern.finditer(question):
            old = match.group()
            fits = [x for x in pool if _swappable(old, x, question)]
            if fits:
                edits.append((match.span(), rng.choice(fits)))
    words = [(m.span(), turned[m.group()]) for m in re.finditer(r"[a-z'-]+", question) if m.group() in turned]
    plain = [word for word in words if not word[1].endswith("n't")]
    edits += plain or (words[:1] if rng.random() < 0.4 else [])
    if not edits:
        return None
    (start, end), new = rng.choice(edits)
    return question[:start] + new + question[end:]


def _swappable(old: str, new: str, question: str) -> bool:
    year = len(old) == 4 and old.isdigit()
    return (
        new.lower() not in question.lower()
        and old.lower() not in new.lower()
        and (not year or (len(new) == 4 and new.isdigit()))
    )


_PRONOUNS = ("it", "it", "he", "he", "they", "she", "that", "the company", "there", "")
_OWNERS = ("its", "his", "their", "her", "the company's")


def names_and_numbers(text: str) -> tuple[list[str], list[str]]:
    """Capitalised names inside sentences and numbers of ``text``, in order, without repeats."""
    return list(dict.fromkeys(_NAME.findall(text))), list(dict.fromkeys(_NUMBER.findall(text)))


def noisy(question: str, rng: random.Random) -> str:
    """As people type: often as it is, sometimes without '?', with a typo, or only the keywords."""
    draw = rng.random()
    if draw < 0.15:
        return question.rstrip("? ")
    if draw < 0.21:
        at = rng.randrange(len(question))
        middle = rng.choice(["", question[at] * 2, question[at + 1 : at + 2] + question[at]])
        return question[:at] + middle + question[at + (2 if len(middle) == 2 and middle[0] != middle[1] else 1) :]
    if draw < 0.26:
        kept = [word for word in question.rstrip("? ").split() if word.lower() not in STOP]
        return " ".join(kept) if len(kept) >= 2 else question
    return question


def followed(question: str, passage: str, answers: Sequence[str], rng: random.Random) -> str | None:
    """The question as a follow-up, with the words behind it that ``rag.conversation`` carries into one.

    One name becomes a pronoun or goes, and stands behind the question, often among other names of the passage, never
    of the answers. None where the question names nothing.
    """
    found = names(question)
    if not found:
        return None
    start, end = rng.choice(found)
    name = without_genitive(question[start:end])
    after = question[start + len(name) :]
    rest = re.sub(r"^['’]s?(?= |$)", "", after)
    following = re.match(r" ([a-z]+)", rest)
    stand_ins: tuple[str, ...] = _PRONOUNS if rest == after else _OWNERS
    if rest == after and following and following[1] not in STOP:  # "the Moscow treaty": "that treaty"
        stand_ins = ("", "that", "the")
    text = f"{re.sub(r'[Tt]he $', '', question[:start])}{rng.choice(stand_ins)}{rest}".replace("  ", " ").strip()
    said = " ".join((question, *answers))
    others = [other for other in dict.fromkeys(_NAME.findall(passage)) if other not in said and name not in other]
    carried = [name, *rng.sample(others, min(rng.choice((0, 0, 1, 1, 2, 3)), len(others)))]
    rng.shuffle(carried)
    return " ".join((text, *carried))


def claim(row: Row, passage: str, spans: Sequence[tuple[int, int]], rng: random.Random) -> tuple[str, str] | None:
    """A statement that ``passage`` supports, and what is left of the passage: the other two ways to ask.

    Either the question with its answer in the place of "who" or "what", or a sentence taken out of the passage (the
    inverse cloze task, Lee et al. 2019).
    """
    asks = _SUBJECT.match(row.question)
    if asks and spans and row.source != "selqa" and rng.random() < 0.6:
        answer = passage[slice(*rng.choice(spans))]
        return f"{answer}{row.question[asks.end() :].rstrip('? ')}.", passage
    cuts = [0, *(m.end() for m in _SENTENCE.finditer(passage)), len(passage)]
    pieces = [(a, b) for a, b in pairwise(cuts) if 40 <= b - a <= 300]
    if len(cuts) < 4 or not pieces:
        return None
    start, end = rng.choice(pieces)
    kept = passage if rng.random() < 0.15 else passage[:start] + passage[end:]
    words = [word for word in passage[start:end].split() if rng.random() > 0.1]
    return " ".join(words), kept.strip()


def crop(row: Row, limit: int, rng: random.Random) -> tuple[str, Spans]:
    """A run of whole sentences of at most ``limit`` characters that keeps one span (any run where there is none)."""
    text = row.context
    if len(text) <= limit:
        return text, row.spans
    cuts = [0, *(m.end() for m in _SENTENCE.finditer(text)), len(text)]
    pieces = list(pairwise(cuts))
    keep = rng.choice(row.spans) if row.spans else (rng.randrange(len(text)),) * 2
    first = max(i for i, (start, _) in enumerate(pieces) if start <= keep[0])
    last = max(first, next(i for i, (_, end) in enumerate(pieces) if end >= keep[1]))
    while True:
        size = pieces[last][1] - pieces[first][0]
        left = first > 0 and size + pieces[first - 1][1] - pieces[first - 1][0] <= limit
        right = last + 1 < len(pieces) and size + pieces[last + 1][1] - pieces[last + 1][0] <= limit
        if not left and not right:
            break
        if left and (not right or rng.random() < 0.5):
            first -= 1
        else:
            last += 1
    start, end = pieces[first][0], pieces[last][1]
    return text[start:end].rstrip(), tuple((a - start, b - start) for a, b in row.spans if start <= a and b <= end)
