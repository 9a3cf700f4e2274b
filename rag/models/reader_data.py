"""Training data for the reader: rows in one form, near misses, and rounds of groups (negatives: reader_mining.py).

A *round* is a deterministic function of ``(seed, number)``: which rows, which negatives, which crops, which noise.
So a run that was stopped continues with exactly the data it would have seen.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from rag.errors import ModelError

# share of a source's rows drawn into one round: most are self-contained questions on encyclopedic text
SHARES = {
    "squadshifts-wiki": 0.55, "squad-part": 0.70, "squad2": 0.85, "qed": 0.40, "squadshifts-amazon": 0.13,
    "squadshifts-reddit": 0.13, "fairytaleqa": 0.13, "policyqa": 0.04, "qamr": 0.08, "selqa": 0.30,
}  # fmt: skip
REASONS = re.compile(r"(?:why|how (?!many|much|long|old|far|often|large|big|tall|high))", re.I)  # few: drawn more often
REASONS_TIMES = 1.8
TITLED = 0.5  # of the rows of an article with a known name are read below it, as rag.search reads a passage
VAGUE = frozenset({"squadshifts-amazon", "squadshifts-reddit", "fairytaleqa"})  # "what broke?" fits many passages
NEAR_MISS = frozenset({"squadshifts-wiki", "squad-part", "squad2", "qed", "qamr"})
NEAR_MISS_SHARE = 0.30
NEGATIVES = (0, 0, 0, 1, 1, 1, 1, 2, 2, 2)  # drawn from: how many hard negatives stand beside a positive
CLAIMS = frozenset({"squadshifts-wiki", "squad-part", "squad2", "qed", "selqa"})
CLAIM_SHARE = 0.16  # of the rows of these sources also ask with a statement instead of a question
CROPS = (240, 400, 400, 600, 900, 1300)  # characters of whole sentences kept around an answer
Spans = tuple[tuple[int, int], ...]
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
)
OPPOSITE = {x: y for pair in _PAIRS.split("|") for a, b in (pair.split(),) for x, y in ((a, b), (b, a))}
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
        name = self.group.rsplit("/", 1)[-1] if self.source in ("squad2", "qed", "selqa") else ""
        return unquote(name).replace("_", " ")


@dataclass(frozen=True, slots=True)
class Item:
    """What the model sees. ``relevant`` is 1, 0, or -1 where it is not judged (near misses).

    With ``evidence`` the spans are sentences that hold an answer somewhere, not answers; None where it is not judged
    whether there is an answer (statements).
    """

    question: str
    passage: str
    spans: Spans | None
    relevant: int
    evidence: bool = False


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


def near_miss(question: str, names: Sequence[str], numbers: Sequence[str], rng: random.Random) -> str | None:
    """The question with one name, number or word of comparison exchanged, so that its passage no longer answers it."""
    edits = []
    for pattern, pool in ((_NAME, names), (_NUMBER, numbers)):
        for match in pattern.finditer(question):
            old = match.group()
            fits = [x for x in pool if _swappable(old, x, question)]
            if fits:
                edits.append((match.span(), rng.choice(fits)))
    words = [(m.span(), OPPOSITE[m.group()]) for m in re.finditer(r"[a-z']+", question) if m.group() in OPPOSITE]
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
    pieces = [(a, b) for a, b in zip(cuts, cuts[1:], strict=False) if 40 <= b - a <= 300]
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
    pieces = list(zip(cuts, cuts[1:], strict=False))
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


def below(title: str, passage: str, spans: Spans) -> tuple[str, Spans]:
    """The passage below its title, as ``rag.search.lead`` has it, and the spans moved along.

    >>> below("Normans", "They came.", ((0, 4),))
    ('Normans.\\n\\nThey came.', ((10, 14),))
    """
    ahead = f"{title.rstrip('.')}.\n\n" if title else ""
    return ahead + passage, tuple((a + len(ahead), b + len(ahead)) for a, b in spans)


class Rounds:
    """Draws rounds. ``negatives[i]`` holds the mined hard negatives of row i as indices into ``contexts``."""

    def __init__(self, rows: Sequence[Row], contexts: Sequence[str], negatives: Sequence[Sequence[int]]) -> None:
        self.rows, self.contexts = rows, contexts
        self.train = [i for i, row in enumerate(rows) if not held_out(row.source, row.group)]
        usable = {rows[i].context for i in self.train}
        self.negatives = [[j for j in mined if contexts[j] in usable] for mined in negatives]
        self._titles = {rows[i].context: rows[i].title for i in self.train if rows[i].title}
        self._names = sorted(set(self._titles.values()))
        self._in_group: dict[str, list[str]] = defaultdict(list)
        for row in dict.fromkeys((rows[i].group, rows[i].context) for i in self.train):
            self._in_group[row[0]].append(row[1])

    def draw(self, number: int, *, seed: int = 7) -> list[list[Item]]:
        """The groups of one round; the first item of a group is the positive (or a lone near miss)."""
        rng = random.Random(seed * 1_000_003 + number)
        groups: list[list[Item]] = []
        for i in self.train:
            row = self.rows[i]
            times = REASONS_TIMES if REASONS.match(row.question) else 1
            if rng.random() < SHARES[row.source] * times:
                groups += self._groups(i, rng)
        rng.shuffle(groups)
        return groups

    def _groups(self, i: int, rng: random.Random) -> list[list[Item]]:
        row = self.rows[i]
        limit = 1300 if row.source == "squad2" and rng.random() < 0.5 else rng.choice(CROPS)
        titled = bool(row.title) and rng.random() < TITLED
        passage, spans = below(row.title if titled else "", *crop(row, limit, rng))
        question = noisy(row.question, rng)
        if not spans:
            return [[Item(question, passage, (), -1)]]
        wrong = [self._wrong(row, text, limit, titled, rng) for text in self._negatives(i, rng)]
        right = Item(question, passage, spans, 1, row.source == "selqa")
        groups = [[right, *(Item(question, text, (), 0) for text in wrong)]]
        if row.source in CLAIMS and wrong and rng.random() < CLAIM_SHARE:
            stated = claim(row, passage, spans, rng)
            if stated:
                texts = [(stated[1], 1), *((w, 0) for w in wrong)]
                groups.append([Item(stated[0], text, None, relevant) for text, relevant in texts])
        if row.source in NEAR_MISS and rng.random() < NEAR_MISS_SHARE:
            pool = passage if rng.random() < 0.5 else rng.choice(self._in_group[row.group])
            changed = near_miss(row.question, *names_and_numbers(pool), rng)
            if changed:
                groups.append([Item(noisy(changed, rng), passage, (), -1)])
        return groups

    def _wrong(self, row: Row, text: str, limit: int, titled: bool, rng: random.Random) -> str:
        """A negative below its article's name, or below any: a missing name would tell it from the positive."""
        title = self._titles.get(text) or rng.choice(self._names) if titled else ""
        return below(title, crop(replace(row, context=text, spans=()), limit, rng)[0], ())[0]

    def _negatives(self, i: int, rng: random.Random) -> list[str]:
        row, mined = self.rows[i], self.negatives[i]
        if row.source == "policyqa":  # any policy answers "who sees my data?"
            return []
        pool = mined[2:] or mined if row.source in VAGUE else mined
        return [self.contexts[j] for j in rng.sample(pool, min(rng.choice(NEGATIVES), len(pool)))]
