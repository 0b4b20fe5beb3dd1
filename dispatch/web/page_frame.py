"""What the frame around every page needs: language, words as filters, the demonstration note.

Registered once by the factory. Deliberately nothing about who is signed in: staff pages pass that.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask

from dispatch.extensions import bound
from dispatch.web import date_words, problem_words, reason_words, story_words, wording
from dispatch.web.language import choose_language, language_links, register_language
from dispatch.web.packed_files import register_packed_files

SENTENCES: tuple[Callable[[Any], str], ...] = (
    date_words.when,
    date_words.when_near,
    date_words.day,
    date_words.clock,
    date_words.distance_text,
    date_words.minutes_text,
    reason_words.reason_text,
    problem_words.problem_text,
)


def register_page_frame(app: Flask) -> None:
    """Give all templates their frame, their words and their language."""
    app.context_processor(_frame)
    for kind in wording.WORDS:
        app.add_template_filter(partial(wording.word, kind), kind)
    for sentence in SENTENCES:
        app.add_template_filter(sentence, sentence.__name__)
    app.add_template_filter(story_words.story_sentence, "story_sentence")
    app.add_template_global(wording.choices, "choices")
    register_language(app)
    register_packed_files(app)


def _frame() -> dict[str, Any]:
    settings = bound("settings")
    return {
        "page_language": choose_language(),
        "language_links": language_links(),
        "demo": settings.demo,
        "syringe_phone": settings.syringe_phone,
    }
