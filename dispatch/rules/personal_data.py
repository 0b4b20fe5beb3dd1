"""Finds what should not stand in a report: CPR numbers, phones, mail addresses, car plates.

A CPR number stops the report; the rest earns a gentle warning. Nothing is changed or erased here,
and what was found is never returned, only its kind. Descriptions of persons cannot be told by a
pattern and are left to the reader at the desk.
"""

import re
import unicodedata
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    CPR = "cpr"
    PHONE = "phone"
    MAIL = "mail"
    PLATE = "plate"


# Neither inside a longer number nor a part of a coordinate or an amount.
_ALONE = r"(?<![\d+])(?<!\d[.,])"
_ENDS = r"(?!\d)(?![.,]\d)"

_CPR = (
    re.compile(r"(?<!\d)(\d\d)([-./ ]?)(\d\d)\2(\d\d) ?- ?(\d)\d{3}(?!\d)"),
    re.compile(rf"{_ALONE}(\d\d)()(\d\d)(\d\d) ?/? ?(\d)\d{{3}}{_ENDS}"),
)
_EIGHT_DIGITS = r"(?:\d{7}|\d{3}[ -]\d{4}|\d (?:\d{6}|\d{3} \d{3})|\d(?: \d\d){3}|\d(?:\.\d\d){3}|\d(?:-\d\d){3})"
_PHONE = re.compile(
    rf"(?:(?<![\d+])(?:\+|00)45[ .)-]{{0,2}}\d|{_ALONE}(?<!\d[-/])[2-9]){_EIGHT_DIGITS}{_ENDS}(?![-/]\d)"
    r"|(?<![\d+])\+(?!45)[1-9](?:[ .-]?\d){7,13}(?!\d)"
)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[^\W\d_]{2,}")
_PLATE = re.compile(r"(?<!\w)[A-Z]{2}[ -]?(?:\d{5}|\d\d[ .]\d{3})(?!\w)|(?<!\w)[a-z]{2}\d{5}(?!\w)")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_KEPT_CONTROLS = frozenset("\t\n")


def find_personal_data(text: str) -> frozenset[Kind]:
    """The kinds of personal data in a text, however its digits and dashes are drawn."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    found = {kind for kind, pattern in _PATTERNS.items() if pattern.search(plain)}
    return frozenset(found | ({Kind.CPR} if _has_cpr(plain) else set()))


def blocks(kinds: frozenset[Kind]) -> bool:
    """Whether a text with these kinds is refused rather than flagged."""
    return Kind.CPR in kinds


def clean_text(text: str) -> str:
    """The text as it is kept: control characters other than tab and newline are dropped.

    Line ends become newlines. Halves of a surrogate pair, which no database takes, are dropped
    too. Everything else stays as it was written.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in lines if _is_kept(letter))


def _is_kept(letter: str) -> bool:
    return letter in _KEPT_CONTROLS or unicodedata.category(letter) not in {"Cc", "Cs"}


def _has_cpr(text: str) -> bool:
    return any(_is_birthday(match) for pattern in _CPR for match in pattern.finditer(text))


def _is_birthday(match: re.Match[str]) -> bool:
    """Whether day, month and year make a date.

    The seventh digit tells the century (CPR-kontoret, "Personnummeret i CPR"), which matters for
    29 February 00 only. The old check digit is not asked for: since 2007 numbers are given out
    that fail it.
    """
    day, month, year, seventh = (int(match[group]) for group in (1, 3, 4, 5))
    century = 1900 if seventh <= 3 else 2000
    try:
        date(century + year, month, day)
    except ValueError:
        return False
    return True


_PATTERNS = {Kind.PHONE: _PHONE, Kind.MAIL: _MAIL, Kind.PLATE: _PLATE}
