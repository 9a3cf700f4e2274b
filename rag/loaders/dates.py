"""Dates as people write them, to ISO dates; never a guess about which number is the month."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

_ISO = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?=$|[T\s])")
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?=$|[T\s,])")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_TO_COME = re.compile(r"(?:due|until|by|deadline|born)[-_ .]*$", re.IGNORECASE)
_IN_NAME = re.compile(r"(?<![^\W_])(?<!\d[.-])((?:19|20)\d\d)([-_.]?)([01]\d)\2([0-3]\d)(?![^\W_]|-\d)")
_FORMS = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%B %Y", "%b %Y")


def iso_date(value: object) -> str:
    """An ISO date, possibly partial; "" where the value is no date or could be read in two ways.

    >>> iso_date("May 4th, 2023"), iso_date("2023/5"), iso_date("Thu, 04 May 2023 10:00:00 GMT"), iso_date("4/5/2023")
    ('2023-05-04', '2023-05', '2023-05-04', '')
    >>> iso_date("14/5/2023"), iso_date("5/14/2023")  # there is no month 14
    ('2023-05-14', '2023-05-14')
    """
    text = " ".join(str(value).split())[:64]
    if match := _ISO.match(text) or _COMPACT.match(text):
        return _checked(*(int(part) for part in match.groups() if part))
    if match := _NUMERIC.match(text):
        one, other, year = int(match[1]), int(match[3]), int(match[4])
        readings = {_checked(year, one, other), _checked(year, other, one)} - {""}
        return readings.pop() if len(readings) == 1 else ""
    words = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", text).replace(",", " ").replace(".", " ")
    words = re.sub(r"^(Mon|Tues?|Wed|Wednes|Thu|Thurs|Fri|Sat|Satur|Sun)(day)?\b", "", words).replace("Sept ", "Sep ")
    words = " ".join(words.split())
    for form in _FORMS:
        try:
            return datetime.strptime(words, form).strftime("%Y-%m-%d" if "%d" in form else "%Y-%m")
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(text).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def date_in_name(name: str) -> str:
    """The one full date in a file name; "" where there is none, or several.

    >>> date_in_name("council 2024-09-17.docx"), date_in_name("2024_09_17-notes.md"), date_in_name("20240917.txt")
    ('2024-09-17', '2024-09-17', '2024-09-17')
    >>> date_in_name("from 2024-09-17 to 2024-09-19.md"), date_in_name("invoice-1720240917.pdf")
    ('', '')
    >>> date_in_name("due-2031-12-31.txt"), date_in_name("tel 2012-05-31-44.txt"), date_in_name("IMG_20240917_12.md")
    ('', '', '2024-09-17')
    """
    said = (match for match in _IN_NAME.finditer(name) if not _TO_COME.search(name[: match.start()]))
    found = {_checked(int(match[1]), int(match[3]), int(match[4])) for match in said}
    return found.pop() if len(found) == 1 else ""


def _checked(year: int, month: int | None = None, day: int | None = None) -> str:
    try:
        full = datetime(year, month or 1, day or 1).date().isoformat()
    except ValueError:
        return ""
    return full[: 10 if day else 7 if month else 4]
