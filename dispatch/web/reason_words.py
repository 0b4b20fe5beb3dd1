"""Why something is urgent, in words: codes and values come from `rules/urgency.py`."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from dispatch.rules.urgency import Reason
from dispatch.web.problem_words import PROBLEMS, problem_text
from dispatch.web.wording import word

__all__ = ["PROBLEMS", "problem_text", "reason_text"]

Values = Mapping[str, Any]


def reason_text(reason: Reason | Mapping[str, Any] | None) -> str:
    """Why a band was chosen: `sprøjte 32 m fra legepladsen i Skydebanehaven`.

    No reason gives no words, and so does one whose values have been erased.
    """
    if reason is None:
        return ""
    code, values = _code_and_values(reason)
    teller = REASONS.get(code)
    try:
        return teller(values) if teller else ""
    except KeyError:
        return ""


def _code_and_values(reason: Reason | Mapping[str, Any]) -> tuple[str, Values]:
    if isinstance(reason, Reason):
        return reason.code, reason.values
    return str(reason.get("code", "")), reason.get("values") or {}


def _needle_on(values: Values) -> str:
    place = _place(values)
    if values["kind"] == "playground":
        return str(_("sprøjte på %(place)s", place=place))
    return str(_("sprøjte ved %(place)s", place=place))


def _needle_near(values: Values) -> str:
    return str(
        _("sprøjte %(metres)s m fra %(place)s", metres=values["metres"], place=_place(values))
    )


def _place(values: Values) -> str:
    """A name as it stands in a sentence: `legepladsen i Skydebanehaven`, or `en legeplads`."""
    name = str(values.get("name") or "")
    if not name:
        return _a_place(str(values["kind"]))
    locale = get_locale()
    if name.startswith("Legeplads") and (locale is None or locale.language == "da"):
        return name[0].lower() + name[1:]
    return name


def _a_place(kind: str) -> str:
    places: dict[str, Callable[[], Any]] = {
        "playground": lambda: _("en legeplads"),
        "school": lambda: _("en skole eller daginstitution"),
        "kindergarten": lambda: _("en daginstitution"),
        "supermarket": lambda: _("et supermarked"),
        "station": lambda: _("en station"),
        "street": lambda: _("en gade, hvor folk færdes"),
        "stairs": lambda: _("en offentlig trappe"),
    }
    return str(places[kind]()) if kind in places else kind


def _service(values: Values) -> str:
    return word("service_word", str(values["service"]))


REASONS: dict[str, Callable[[Values], str]] = {
    "risk_now": lambda _values: str(_("et barn eller et dyr kan komme til skade nu")),
    "needle_on": _needle_on,
    "needle_near": _needle_near,
    "five_or_more": lambda v: str(_("%(count)s sprøjter på ét sted", count=v["count"])),
    "other_needle": lambda _values: str(
        _("sprøjte, ikke tæt på legeplads, skole, butik eller station")
    ),
    "service_normal": lambda v: str(
        _("%(service)s fjerner vi samme dag eller næste hverdag", service=_service(v))
    ),
    "service_planned": lambda v: str(
        _(
            "%(service)s tager vi inden for %(hours)s timer",
            service=_service(v),
            hours=f"{v['hours']:g}",
        )
    ),
}
