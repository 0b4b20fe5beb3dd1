"""English is complete: every marked text has one, with the same gaps to fill."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted((ROOT / "translations").glob("*/LC_MESSAGES/messages.po"))
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "_l": None,
    "N_": None,
}
GAP = re.compile(r"%\((\w+)\)[sd]")


@lru_cache
def marked_texts() -> frozenset[str]:
    """Every text marked in code and templates; of plurals the singular."""
    methods = [("dispatch/**.py", "python"), ("templates/**.*", "jinja2")]
    found = extract_from_dir(
        ROOT, methods, keywords=KEYWORDS, directory_filter=lambda path: _is_ours(Path(path))
    )
    return frozenset(text if isinstance(text, str) else text[0] for _, _, text, _, _ in found)


def _is_ours(path: Path) -> bool:
    return not any(part.startswith(".") or part in {"node_modules", "var"} for part in path.parts)


def messages(path: Path) -> dict[str, Message]:
    with path.open("rb") as file:
        catalogue = read_po(file)
    return {
        message.id if isinstance(message.id, str) else message.id[0]: message
        for message in catalogue
        if message.id
    }


def words_of(message: Message) -> Iterator[tuple[str, str]]:
    """Each text beside its translation, plurals one by one."""
    if isinstance(message.id, str):
        yield message.id, str(message.string)
        return
    yield from zip(message.id, message.string, strict=True)


def test_there_is_a_catalogue_of_english() -> None:
    assert [path.parts[-3] for path in CATALOGUES] == ["en"]
    assert len(marked_texts()) > 200


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_no_text_is_missing_and_none_is_left_over(path: Path) -> None:
    known = set(messages(path))
    assert sorted(marked_texts() - known) == [], "run make translations, then translate these"
    assert sorted(known - marked_texts()) == [], "run make translations to drop these"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_text_is_translated_with_the_same_gaps(path: Path) -> None:
    wrong = [
        text
        for message in messages(path).values()
        for text, translation in words_of(message)
        if not translation
        or message.fuzzy
        or set(GAP.findall(text)) != set(GAP.findall(translation))
    ]
    assert wrong == []
