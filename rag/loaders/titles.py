"""Titles that tell texts apart: "LEASE AGREEMENT" is that of many, the next line says which one it is. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from rag.text import ITEM, shortened

TITLE_LENGTH = 160  # characters of a title that was taken from the text
_JUNK = re.compile(  # put there by a program, also for an author
    r"\W?(?:anonymous|unspecified|unknown|unnamed|no title|(?:untitled|(?:new |word )?document|new page)[\s\d-]*)\W?$"
    r"|.*\.(docx?|pdf|tex|indd|qxd|pptx?|xlsx?|html?)$|microsoft word -",
    re.IGNORECASE,
)
_SMALL = frozenset("the a an in of to for and on with by".split())
_KINDS = _SMALL | frozenset(  # a title of such words alone says what kind of text it is
    "agreement lease tenancy contract employment service services hire sale purchase loan licence license deed "
    "will settlement nda non-disclosure confidentiality assignment memorandum understanding terms conditions "
    "standard policy schedule annex appendix statement declaration affidavit witness minutes agenda meeting "
    "annual general extraordinary ordinary special monthly regular board committee notes protocol transcript "
    "interview oral history report letter memo e-mail email invoice quotation quote receipt order form "
    "application notice newsletter summary manual user users user's owner's guide handbook instruction "
    "instructions operating installation safety leaflet brochure booklet information faq faqs frequently asked "
    "questions answers q&a help judgment judgement decision ruling opinion reasons high supreme county crown "
    "district magistrates' court courts justice appeal tribunal division king's queen's bench chancery family "
    "commercial administrative civil criminal approved final draft copy signed between parties timetable use "
    "programme".split()
)
_COURT = re.compile(r"(?:in|before) the .{0,60}\b(?:courts?|tribunal)\b", re.IGNORECASE)
_VERSUS = re.compile(r"\S \(?-?(?:v|vs|versus)\b[.)-]* ?\S")
_BETWEEN = re.compile(r"\W*(?:and|v|vs|versus|against)\W*", re.IGNORECASE)  # alone on the line between two parties
_PARTY = re.compile(
    r"[\s,.()-]*(?:\d(?:st|nd|rd|th)|first|second)?\s*(?:claimant|plaintiff|applicant|appellant|petitioner|pursuer"
    r"|defendant|respondent|defender)s?(?:/\w+)?[\s,.()-]*$",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"[A-Z][\w ]{1,20}: ")  # "Present: ..." is about the text
_YEAR = re.compile(r"(?:19|20)\d\d")
_GOES_ON = re.compile(r"(?!(?:dear|hi|hello)\b)(?:[^\s,]+,? ){3,}[^\s,]+,$", re.IGNORECASE)
_STOP = re.compile(r"[.!?](?: |$)")
_LINES = 12  # at the top that may say which one it is
_NAME = 20  # words of a name, at most
_SENTENCE = 6  # words of what is a sentence if it ends as one, at least


def said(title: str) -> str:
    """A title or author in a file's metadata, "" where a program put its own name, the file's or none there.

    >>> said("Document1"), said("Microsoft Word - x.doc"), said("Documents of 1848")
    ('', '', 'Documents of 1848')
    """
    return "" if _JUNK.match(title) else title


def first_line(text: str) -> str:
    """The first line, with the next one where a title goes on there.

    >>> first_line("Speech by Ann Roe, Leader,\\nat the bridge\\n\\nHello."), first_line("Dear Ann,\\nwe met.")
    ('Speech by Ann Roe, Leader, at the bridge', 'Dear Ann,')
    """
    line, after = (*map(str.strip, text.lstrip().split("\n", 2)), "")[:2]
    goes_on = _GOES_ON.match(line) and 0 < len(after) < TITLE_LENGTH / 2 and not _STOP.search(after)
    return f"{line} {after}" if goes_on else line


def telling(title: str, text: str, name: str, sections: Sequence[str] = ()) -> str:
    """The title, and where it only says what kind of text this is what says which one: the lines below it, else the
    ``name`` of the file. ``sections`` are no such lines.

    >>> telling("LEASE AGREEMENT", "LEASE AGREEMENT\\n\\nFlat 7A, Quay Street\\n\\nIt begins in May.", "x.txt")
    'LEASE AGREEMENT – Flat 7A, Quay Street'
    >>> telling("Minutes", "Minutes\\n\\nWe met in the hall and nobody came to it.", "march-12.txt")
    'Minutes – march-12'
    """
    lines = list(itertools.islice((" ".join(line.split()) for line in text.split("\n") if line.strip()), _LINES))
    which = [_case(lines)] if _COURT.match(title) else []
    if not any(which) and _is_kind(title):
        which = _names(lines, title, set(sections) - {title}) or [PurePosixPath(name).stem]
    which = [each for each in which if each and not _is_kind(each)]
    return shortened(" – ".join([title, *which]), TITLE_LENGTH) if which else title


def _is_kind(line: str) -> bool:
    """Whether each of its words is one of kinds of texts, or of the parts and numbers that these have."""
    words = [word.strip("()[].,:;–—-").lower().replace("’", "'") for word in line.split()]
    return all(word in _KINDS or not word for word in words) and not _SMALL.issuperset(words)


def _names(lines: Sequence[str], title: str, others: set[str]) -> list[str]:
    """The first line above the first sentence that names something, and the next one too where only that has a year."""
    below = itertools.chain(lines[1:], [""])
    above = itertools.takewhile(
        lambda pair: not (_is_prose(pair[0]) or pair[0] in others or pair[1][:1].islower()),
        ((line, after) for line, after in zip(lines, below, strict=False) if line != title),  # there may be none
    )
    found = [line for line, _ in above if not (_is_kind(line) or _LABELLED.match(line) or ITEM.match(line))]
    with_year = bool(found[1:]) and not _YEAR.search(found[0]) and bool(_YEAR.search(found[1]))
    return found[: 1 + with_year]


def _is_prose(line: str) -> bool:
    many = len(line.split())
    ends = line.endswith((".", "!", "?", ";", ":"))
    return many > _NAME or line.endswith((",", "!", "?")) or (many >= _SENTENCE and ends)


def _case(lines: Sequence[str]) -> str:
    """The parties of a case: "R v Hale" on one line, or with "and" on a line between them; "" if it names none."""
    for line in lines:
        if _VERSUS.search(line) and not _is_prose(line):
            return line
    parties = [name for line in lines if (name := _PARTY.sub("", line))]  # a role may stand on a line of its own
    for before, line, after in zip(parties, parties[1:], parties[2:], strict=False):
        if _BETWEEN.fullmatch(line) and not _is_prose(before) and not _is_prose(after):
            return f"{before} v {after}"
    return ""
