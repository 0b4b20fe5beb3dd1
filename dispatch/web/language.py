"""Which language a page speaks: chosen by link, else by the browser, else Danish.

The choice lives in one cookie that holds nothing but two letters. Words are in `wording.py` and
the templates; translations in `translations/`.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from flask import Flask, Response, has_request_context, request

Language = Literal["da", "en"]
LANGUAGES: dict[Language, str] = {"da": "Dansk", "en": "English"}
COOKIE = "language"
A_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True)
class LanguageLink:
    """The way to this page in another language; `name` is written in that language."""

    code: Language
    name: str
    address: str


def choose_language() -> Language:
    """Flask-Babel's locale selector: `?lang=`, the cookie, `Accept-Language`, then Danish."""
    if not has_request_context():
        return "da"
    chosen = _known(request.args.get("lang")) or _known(request.cookies.get(COOKIE))
    if chosen:
        return chosen
    return _known(request.accept_languages.best_match(list(LANGUAGES))) or "da"


def language_links() -> list[LanguageLink]:
    """This very page in the languages it is not shown in now; none outside a request."""
    if not has_request_context():
        return []
    here = choose_language()
    return [
        LanguageLink(code, name, f"{request.path}?{_with_language(code)}")
        for code, name in LANGUAGES.items()
        if code != here
    ]


def _with_language(code: Language) -> str:
    """This page's own query, such as the desk's filters, in another language."""
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
    return urlencode([*kept, ("lang", code)])


def register_language(app: Flask) -> None:
    """Remember a choice made by link, and tell caches that pages differ by language."""
    app.after_request(_remember_choice)


def _known(code: str | None) -> Language | None:
    match code:
        case "da":
            return "da"
        case "en":
            return "en"
        case _:
            return None


def _remember_choice(response: Response) -> Response:
    chosen = _known(request.args.get("lang"))
    if chosen and request.cookies.get(COOKIE) != chosen:
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=A_YEAR_S,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure,
        )
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = choose_language()
        response.vary.update(("Accept-Language", "Cookie"))
    return response
