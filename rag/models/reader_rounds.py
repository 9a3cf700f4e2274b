"""Rounds of training groups for the reader: which rows, which negatives, which crops, which noise.

A *round* is a deterministic function of ``(seed, number)``, so a run that was stopped continues with exactly the data
it would have seen.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.lexicon import names
from rag.models.reader_data import (
    Row,
    Spans,
    claim,
    crop,
    followed,
    held_out,
    names_and_numbers,
    near_miss,
    noisy,
    opposites,
)
from rag.models.reader_history import TURNS, pronominal, with_history

# Share of a source's rows drawn into one round, as in the last trainings (FF and GG): most are self-contained questions
# on encyclopedic text. "written" are questions of our own on public passages, "own" on our own, by rounds of writing.
SHARES = {
    "squadshifts-wiki": 0.22, "squad-part": 0.38, "squad2": 0.45, "qed": 0.12, "squadshifts-amazon": 0.02,
    "squadshifts-reddit": 0.02, "fairytaleqa": 0.30, "policyqa": 0.01, "qamr": 0.02, "selqa": 0.08,
    "written1": 0.08, "written2": 0.10, "written3": 0.10, "written4": 0.20, "written5": 0.30, "written6": 1.0,
    "own2": 0.10, "own3": 0.12, "own4": 0.25, "own5": 0.25, "own6": 1.1,
}  # fmt: skip
REASONS = re.compile(r"(?:why|how (?!many|much|long|old|far|often|large|big|tall|high))", re.I)  # few: drawn more often
REASONS_TIMES = 1.8
WIDER = 0.7  # of the QAMR rows: read in what is there of their article, not as a single sentence
TITLED = 0.5  # of the rows of an article with a known name are read below it, as rag.reading reads a passage
VAGUE = frozenset({"squadshifts-amazon", "squadshifts-reddit", "fairytaleqa"})  # "what broke?" fits many passages
NEAR_MISS = frozenset(
    {
        "squadshifts-wiki",
        "squad-part",
        "squad2",
        "qed",
        "qamr",
        *(source for source in SHARES if source.startswith(("written", "own"))),
    }
)
NEAR_MISS_SHARE = 0.45
NEGATIVES = (0, 0, 0, 1, 1, 1, 1, 2, 2, 2)  # drawn from: how many hard negatives stand beside a positive
CLAIMS = frozenset({"squadshifts-wiki", "squad-part", "squad2", "qed", "selqa"})
CLAIM_SHARE = 0.16  # of the rows of these sources also ask with a statement instead of a question
FOLLOWED = 0.10  # of the questions that name something: asked as a follow-up
HISTORY = 0.3  # of the questions: asked behind others on the same passage, with pronouns
PARTS = ("negatives", "near misses", "evidence", "statements", "titles", "wider", "contrast", "follow-ups", "history")
CROPS = (240, 400, 400, 600, 900, 1300)  # characters of whole sentences kept around an answer


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


def below(title: str, passage: str, spans: Spans) -> tuple[str, Spans]:
    """The passage below its title, as ``rag.reading.lead`` has it, and the spans moved along.

    >>> below("Normans", "They came.", ((0, 4),))
    ('Normans.\\n\\nThey came.', ((10, 14),))
    """
    ahead = f"{title.rstrip('.')}.\n\n" if title else ""
    return ahead + passage, tuple((a + len(ahead), b + len(ahead)) for a, b in spans)


class Rounds:
    """Draws rounds. ``negatives[i]`` holds the mined hard negatives of row i as indices into ``contexts``.

    ``without`` leaves parts out, for ablations: of :data:`PARTS`. ``talks`` are conversations,
    each a list of turns with question, rewrite and passage.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        contexts: Sequence[str],
        negatives: Sequence[Sequence[int]],
        *,
        without: Collection[str] = (),
        talks: Sequence[Sequence[Mapping[str, str]]] = (),
    ) -> None:
        self.talks = talks
        self.rows, self.contexts, self.without = rows, contexts, frozenset(without)
        self.train = [i for i, row in enumerate(rows) if not held_out(row.source, row.group) and self._wanted(row)]
        trained = {rows[i].context for i in self.train}
        usable = [j for j, text in enumerate(contexts) if text in trained]
        known = frozenset(usable)
        self.negatives = [[j for j in mined if j in known] for mined in negatives]
        if "negatives" in self.without:  # any passages instead
            rng = random.Random(7)
            self.negatives = [rng.sample(usable, min(12, len(usable))) for _ in rows]
        self._titles = {rows[i].context: rows[i].title for i in self.train if rows[i].title}
        self._names = sorted(set(self._titles.values()))
        self._turned = opposites(text for i in self.train for text in (rows[i].question, rows[i].context))
        self._wider = articles([rows[i] for i in self.train if rows[i].source == "qamr"])
        self._in_group: dict[str, list[str]] = defaultdict(list)
        self._answered: dict[str, list[int]] = defaultdict(list)
        for i in self.train:
            if rows[i].spans and (rows[i].source in NEAR_MISS or rows[i].source == "fairytaleqa"):
                self._answered[rows[i].context].append(i)
        for row in dict.fromkeys((rows[i].group, rows[i].context) for i in self.train):
            self._in_group[row[0]].append(row[1])

    def _wanted(self, row: Row) -> bool:
        if not row.spans:
            return "near misses" not in self.without
        return row.source != "selqa" or "evidence" not in self.without

    def draw(self, number: int, *, seed: int = 7) -> list[list[Item]]:
        """The groups of one round; the first item of a group is the positive (or a lone near miss).

        A near miss stands in the group of a question that the same passage does answer, so that the two are told
        apart (instance bundles, Dua et al. 2021).
        """
        rng = random.Random(seed * 1_000_003 + number)
        groups: list[list[Item]] = []
        for i in self.train:
            row = self.rows[i]
            times = REASONS_TIMES if REASONS.match(row.question) else 1
            for _ in range(int(SHARES[row.source] * times + rng.random())):
                groups += self._groups(i, rng)
        groups += [group for talk in self.talks for group in _of_talk(talk, rng)]
        rng.shuffle(groups)
        return groups

    def _groups(self, i: int, rng: random.Random) -> list[list[Item]]:
        row, without = self.rows[i], self.without
        beside = [] if row.spans or "contrast" in without else self._answered[row.context]
        if beside:  # an impossible question beside one that its passage answers
            group = self._groups(rng.choice(beside), rng)[0]
            return [[*group, Item(self._asked(i, row.question, row.context, (), rng), group[0].passage, (), -1)]]
        limit = 1300 if row.source == "squad2" and rng.random() < 0.5 else rng.choice(CROPS)
        titled = bool(row.title) and rng.random() < TITLED and "titles" not in without
        wider = row.source == "qamr" and rng.random() < WIDER and "wider" not in without
        passage, spans = below(row.title if titled else "", *crop(self._article(row) if wider else row, limit, rng))
        answers = [passage[a:b] for a, b in spans]
        question = self._asked(i, row.question, passage, answers, rng)
        if not spans:
            return [[Item(question, passage, (), -1)]]
        texts = self._negatives(i, rng)
        wrong = [self._wrong(row, text, limit, (titled, wider), rng) for text in texts if text not in passage]
        right = Item(question, passage, spans, 1, row.source == "selqa")
        groups = [[right, *(Item(question, text, (), 0) for text in wrong)]]
        if row.source in CLAIMS and wrong and rng.random() < CLAIM_SHARE and "statements" not in without:
            stated = claim(row, passage, spans, rng)
            if stated:
                groups.append(
                    [Item(stated[0], text, None, k) for text, k in ((stated[1], 1), *((w, 0) for w in wrong))]
                )
        if row.source in NEAR_MISS and rng.random() < NEAR_MISS_SHARE and "near misses" not in without:
            pool = passage if rng.random() < 0.5 else rng.choice(self._in_group[row.group])
            changed = near_miss(row.question, *names_and_numbers(pool), rng, turned=self._turned)
            if changed:
                missed = Item(self._asked(i, changed, passage, answers, rng), passage, (), -1)
                if "contrast" in without:
                    groups.append([missed])
                else:
                    groups[0].append(missed)
        return groups

    def _asked(self, i: int, question: str, passage: str, answers: Sequence[str], rng: random.Random) -> str:
        """The question as people ask it: noisy, or as a follow-up, with the words carried into it or with a history."""
        turns = self._history(i, rng) if "history" not in self.without and rng.random() < HISTORY else []
        if turns:
            said = " ".join(part for turn in turns for part in turn)
            return with_history(noisy(pronominal(question, said, passage, rng), rng), turns)
        if "follow-ups" not in self.without and rng.random() < FOLLOWED:
            question = followed(question, passage, answers, rng) or question
        return noisy(question, rng)

    def _history(self, i: int, rng: random.Random) -> list[tuple[str, str]]:
        """One or two other questions on the passage with their answers, which are not those of row ``i``."""
        row = self.rows[i]
        others = [
            other
            for other in self._answered[row.context]
            if other != i and not any(a < d and c < b for a, b in row.spans for c, d in self.rows[other].spans)
        ]
        near = [k for k in others if _shares(row.question, self.rows[k])]
        pool = near if near and rng.random() < 0.8 else others
        chosen = rng.sample(pool, min(rng.choice((1, 1, TURNS)), len(pool)))
        turns = []
        for other in chosen:
            one = self.rows[other]
            start, end = rng.choice(one.spans)
            turns.append((one.question, one.context[start:end] if rng.random() < 0.8 else ""))
        return turns

    def _article(self, row: Row) -> Row:
        """The row with all sentences of its article that may be trained on."""
        text, shift = self._wider.get(row.context, (row.context, 0))
        return replace(row, context=text, spans=tuple((a + shift, b + shift) for a, b in row.spans))

    def _wrong(self, row: Row, text: str, limit: int, like: tuple[bool, bool], rng: random.Random) -> str:
        """A negative in the form of its positive, or the form would tell them apart: titled, in a whole article."""
        title = self._titles.get(text) or rng.choice(self._names) if like[0] else ""
        bare = replace(row, context=text, spans=())
        whole = self._article(bare) if like[1] else bare
        return below(title, crop(bare if row.context in whole.context else whole, limit, rng)[0], ())[0]

    def _negatives(self, i: int, rng: random.Random) -> list[str]:
        row, mined = self.rows[i], self.negatives[i]
        if row.source == "policyqa":  # any policy answers "who sees my data?"
            return []
        pool = mined[2:] or mined if row.source in VAGUE else mined
        return [self.contexts[j] for j in rng.sample(pool, min(rng.choice(NEGATIVES), len(pool)))]


def articles(rows: Sequence[Row]) -> dict[str, tuple[str, int]]:
    """QAMR's sentences (group ``qamr/collection:site:article:paragraph:sentence``) -> article, place in it."""
    found: dict[str, dict[tuple[int, int], str]] = defaultdict(dict)
    for row in rows:
        article, paragraph, sentence = row.group.rsplit(":", 2)
        found[article][int(paragraph), int(sentence)] = row.context
    wider = {}
    for sentences in found.values():
        ordered = [sentences[place] for place in sorted(sentences)]
        for k, text in enumerate(ordered):
            wider[text] = (" ".join(ordered), sum(len(earlier) + 1 for earlier in ordered[:k]))
    return wider


def _shares(question: str, row: Row) -> bool:
    """Whether the row's question or answer says a name of the question."""
    said = " ".join((row.question, *(row.context[a:b] for a, b in row.spans)))
    return any(question[a:b] in said for a, b in names(question))


def _of_talk(talk: Sequence[Mapping[str, str]], rng: random.Random) -> list[list[Item]]:
    """Every turn but the first with its passage and up to two passages of other turns. Answers are not marked."""
    groups = []
    for k, turn in enumerate(talk[1:], 1):
        turns = [(said["rewrite" if rng.random() < 0.6 else "question"], "") for said in talk[max(0, k - TURNS) : k]]
        others = [text for text in dict.fromkeys(said["passage"] for said in talk) if text != turn["passage"]]
        wrong = rng.sample(others, min(2, len(others)))
        asked = with_history(turn["question"], turns)
        groups.append([Item(asked, turn["passage"], None, 1), *(Item(asked, text, None, 0) for text in wrong)])
    return groups
