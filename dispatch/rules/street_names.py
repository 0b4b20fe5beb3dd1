"""Danish street names as people type them: folded letters, abbreviations, one slip, half a name.

Compares words only; which streets there are, and where, is in `gateways/gazetteer.py`. One slip
is one letter wrong, missing, extra or swapped with its neighbour: with two, Østerbrogade would
already be Vesterbrogade.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice, product

from rapidfuzz import process
from rapidfuzz.distance import OSA

LONGEST_TEXT = 200
LEAST_LETTERS = 2
LEAST_LETTERS_FOR_A_SLIP = 4
MOST_SPELLINGS = 24
MISSPELLING_SHARE = 3

# æ, ø and å are also written ae, oe and aa, or as the plain letter; h after t is silent.
LETTERS = (
    ("æ", "a"),
    ("ø", "o"),
    ("å", "a"),
    ("ae", "a"),
    ("oe", "o"),
    ("aa", "a"),
    ("th", "t"),
)

SAME_WORDS = (
    ("sonder", "sondre", "sdr"),
    ("norre", "ndr", "nr"),
    ("gammel", "gamle", "gl"),
    ("lille", "ll"),
    ("store", "st"),
    ("sankt", "skt", "sct", "st"),
    ("gade", "g"),
    ("vej", "v"),
    ("plads", "pl"),
    ("boulevard", "blvd", "boul", "bd"),
    ("alle", "al"),
    ("station", "st"),
)
ALTERNATIVES = {
    word: tuple(dict.fromkeys(w for group in SAME_WORDS if word in group for w in group))
    for group in SAME_WORDS
    for word in group
}
ENDINGS = (("g", "gade"), ("v", "vej"), ("pl", "plads"), ("al", "alle"))
SHORTENED = re.compile(r"([^\W\d_]{2,}?)(g|v|pl|al)\.(?=\s|$)", re.IGNORECASE)

TAIL = re.compile(
    r"[\s,]+(?:\d{4}\b|(?:københavn|kobenhavn|koebenhavn|kbh|copenhagen|cph)\b)", re.I
)
NUMBER = re.compile(r"(\d{1,3})(?!\d)(?:\s*([^\W\d_])(?!\w))?")
# Words that say where beside the address it is: not part of a name.
BESIDE = re.compile(
    r"^(?:(?:på\s+)?hjørnet\s+af|ud\s*for|over\s*for|foran|bag\s+ved|ved|på|i"
    r"|(?:on\s+)?the\s+corner\s+of|in\s+front\s+of|outside|opposite|near|at|by)\s+",
    re.IGNORECASE,
)
BEFORE_NUMBER = re.compile(
    r"[\s,]+(?:(?:ud\s*for|over\s*for|foran|ved|outside|opposite|at)\s*)?(?:nr|no|nummer|number)?[\s.,]*$",
    re.IGNORECASE,
)
AND = re.compile(r"\s+(?:og|and)\s+|\s*[/&+]\s*", re.IGNORECASE)


@dataclass(frozen=True)
class AskedAddress:
    """What a text asks for. `letter` is upper case, or empty; `street` is as it was typed."""

    street: str
    number: int | None = None
    letter: str = ""


class Fit(IntEnum):
    """How well a name fits what was typed, best first."""

    WHOLE = 0
    WHOLE_WITH_SLIP = 1
    START = 2
    START_OF_WORD = 3
    START_WITH_SLIP = 4


def fold(text: str) -> str:
    """The letters and figures that count when names are compared, without spaces."""
    return "".join(folded_words(text))


def folded_words(text: str) -> tuple[str, ...]:
    """Folded words; single letters join what follows, so that H.C. and HC are the same."""
    plain = text.casefold()
    for written, counted in LETTERS:
        plain = plain.replace(written, counted)
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    plain = re.sub(r"\b([a-z])[.\s]+(?=[a-z]\b)", r"\1", plain)
    return tuple(re.findall(r"[a-z0-9]+", plain))


def read_address(text: str) -> AskedAddress:
    """Street, number and letter; floor, postcode and city are left out."""
    asked = " ".join(text[:LONGEST_TEXT].split())
    tail = TAIL.search(asked)
    if tail and any(c.isalpha() for c in asked[: tail.start()]):
        asked = asked[: tail.start()]
    found = next((m for m in NUMBER.finditer(asked) if _has_name_before(asked, m)), None)
    if found is None:
        return AskedAddress(_name(asked))
    street = BEFORE_NUMBER.sub("", asked[: found.start()] + " ")
    return AskedAddress(_name(street), int(found[1]), (found[2] or "").upper())


def read_corner(text: str) -> tuple[str, str] | None:
    """The two streets of "hjørnet af Istedgade og Viktoriagade"; None when it is no corner."""
    parts = AND.split(" ".join(text[:LONGEST_TEXT].split()))
    if len(parts) != 2:
        return None
    first, second = (read_address(part).street for part in parts)
    return (first, second) if fold(first) and fold(second) else None


def _has_name_before(asked: str, number: re.Match[str]) -> bool:
    return any(c.isalpha() for c in asked[: number.start()])


def _name(asked: str) -> str:
    """The name alone, with shortened endings written out ("Istedg." is Istedgade)."""
    name = BESIDE.sub("", asked).partition(",")[0].strip(" ,.;:-") + (
        "." if asked.endswith(".") else ""
    )
    whole = dict(ENDINGS)
    return SHORTENED.sub(lambda m: m[1] + whole[m[2].lower()], name).strip()


class NameIndex:
    """All ways to write a set of names. Built once, asked often: well under a millisecond a question."""

    def __init__(
        self, names: Iterable[str], also: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        """`also` gives other names of a name: they lead to it, and are never answered."""
        self._spellings: list[tuple[str, str]] = []
        self._words: list[tuple[str, tuple[str, ...]]] = []
        for name in dict.fromkeys(names):
            for written in (name, *(also or {}).get(name, ())):
                self._add(name, folded_words(written))

    def _add(self, name: str, words: tuple[str, ...]) -> None:
        choices = product(*(ALTERNATIVES.get(word, (word,)) for word in words))
        for spelling in islice(choices, MOST_SPELLINGS):
            self._spellings.append(("".join(spelling), name))
        self._words.append((name, words))

    def find(self, typed: str) -> list[tuple[str, Fit]]:
        """The names that fit, best first; slips are looked for only when nothing fits as typed."""
        if sum(c.isalnum() for c in typed) < LEAST_LETTERS:
            return []
        asked = fold(typed)
        fits = self._as_typed(asked, folded_words(typed)) or self._with_a_slip(asked)
        return sorted(fits.items(), key=lambda fit: (fit[1], _written_otherwise(fit[0], typed)))

    def _as_typed(self, asked: str, words: tuple[str, ...]) -> dict[str, Fit]:
        fits: dict[str, Fit] = {}
        for spelling, name in self._spellings:
            if spelling.startswith(asked):
                fit = Fit.WHOLE if spelling == asked else Fit.START
                fits[name] = min(fit, fits.get(name, fit))
        for name, own in self._words:
            if name not in fits and _words_start(words, own):
                fits[name] = Fit.START_OF_WORD
        return fits

    def _with_a_slip(self, asked: str) -> dict[str, Fit]:
        if len(asked) < LEAST_LETTERS_FOR_A_SLIP:
            return {}
        whole = _slips(asked, [spelling for spelling, _ in self._spellings])
        started = [
            at
            for cut in (len(asked) - 1, len(asked), len(asked) + 1)
            for at in _slips(asked, [spelling[:cut] for spelling, _ in self._spellings])
        ]
        fits = {self._spellings[at][1]: Fit.START_WITH_SLIP for at in started}
        return fits | {self._spellings[at][1]: Fit.WHOLE_WITH_SLIP for at in whole}


def one_spelling(counts: Mapping[str, int]) -> dict[str, str]:
    """Which name each name found in the data stands for, given how often each was seen.

    Spellings that fold alike are one name; so is one slip from a name three times as common.
    """
    by_key: dict[str, list[str]] = {}
    for name in counts:
        by_key.setdefault(fold(name), []).append(name)
    seen = {key: sum(counts[name] for name in names) for key, names in by_key.items()}
    best = {key: max(names, key=lambda n: (counts[n], n)) for key, names in by_key.items()}
    meant = {key: _more_common(key, seen) for key in by_key}
    return {name: best[meant[key]] for key, names in by_key.items() for name in names}


def _more_common(key: str, seen: Mapping[str, int]) -> str:
    """The far more common name that this one is a slip of, or itself."""
    likely = [
        other
        for other, count in seen.items()
        if count >= MISSPELLING_SHARE * seen[key] and one_slip(key, other)
    ]
    return max(likely, key=lambda other: seen[other], default=key)


def one_slip(a: str, b: str) -> bool:
    """Whether one slip of the finger (or none) makes `a` of `b`; both folded."""
    return abs(len(a) - len(b)) <= 1 and OSA.distance(a, b, score_cutoff=1) <= 1


def _slips(asked: str, spellings: list[str]) -> list[int]:
    """Places in the list of what is at most one slip from `asked`."""
    hits = process.extract(asked, spellings, scorer=OSA.distance, score_cutoff=1, limit=None)
    return [place for _, _, place in hits]


def _words_start(asked: tuple[str, ...], own: tuple[str, ...]) -> bool:
    """Whether the asked words begin words of the name, side by side: "abel cathr", "kongevej"."""
    if not asked or len(max(asked, key=len)) < LEAST_LETTERS:
        return False
    return any(
        all(word.startswith(start) for start, word in zip(asked, own[at:], strict=False))
        for at in range(len(own) - len(asked) + 1)
    )


def _written_otherwise(name: str, typed: str) -> tuple[bool, int, str]:
    """Order among equals: as typed to the letter first, then the shorter name."""
    return not name.casefold().startswith(typed.casefold().strip()), len(name), name
