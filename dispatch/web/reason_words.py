"""Reasons and problems in sentences: why something is urgent, and what to do about a refusal.

The codes and their values come from `rules/`; here they only become words.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from dispatch.rules.problems import FieldProblem, Problem
from dispatch.rules.urgency import Reason
from dispatch.web.wording import word

Values = Mapping[str, Any]


def reason_text(reason: Reason | Mapping[str, Any] | None) -> str:
    """Why a band was chosen: `sprøjte 32 m fra legepladsen i Skydebanehaven`. None gives no words."""
    if reason is None:
        return ""
    code, values = _code_and_values(reason)
    teller = REASONS.get(code)
    return teller(values) if teller else code


def problem_text(problem: FieldProblem | Problem) -> str:
    """What to do about a problem, in one sentence; a code without words gets the general one."""
    teller = PROBLEMS.get(problem.code)
    if teller is None:
        return str(_("Det gik ikke. Prøv igen om lidt."))
    return teller(problem.values)


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
    "other_needle": lambda _values: str(_("sprøjte på et sted uden børn eller butikker tæt på")),
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

PROBLEMS: dict[str, Callable[[Values], str]] = {
    "service_missing": lambda _v: str(_("Vælg, hvad du har fundet")),
    "service_unknown": lambda _v: str(_("Vælg, hvad du har fundet")),
    "place_missing": lambda _v: str(_("Vælg et sted på kortet, eller skriv en adresse")),
    "place_unreadable": lambda _v: str(_("Sæt stedet på kortet igen, eller skriv en adresse")),
    "outside_area": lambda _v: str(_("Vælg et sted på Vesterbro eller i Kongens Enghave")),
    "address_unknown": lambda _v: str(
        _("Vælg en af adresserne, skriv en anden, eller send alligevel")
    ),
    "place_kind_unknown": lambda _v: str(_("Vælg, hvad det er for et sted")),
    "surface_unknown": lambda _v: str(_("Vælg, hvad det ligger på")),
    "needle_count_strange": lambda v: str(
        _("Skriv antallet som et tal mellem 0 og %(most)s", most=v.get("most", 999))
    ),
    "text_too_long": lambda v: str(
        _(
            "Gør teksten kortere: højst %(most)s tegn. Nu er der %(now)s.",
            most=v["most"],
            now=v["is"],
        )
    ),
    "cpr_in_text": lambda _v: str(
        _("Fjern CPR-nummeret. Beskriv tingene og stedet, ikke personer")
    ),
    "contact_unusable": lambda _v: str(
        _("Skriv en mailadresse eller et telefonnummer, eller lad feltet stå tomt")
    ),
    "too_many_photos": lambda v: str(_("Vælg højst %(most)s billeder", most=v.get("most", 3))),
    "too_large": lambda v: str(
        _(
            "Vælg et mindre billede end %(name)s: højst %(most)s MB",
            name=v.get("name", ""),
            most=round(v.get("limit_bytes", 15 * 1024 * 1024) / 1024 / 1024),
        )
    ),
    "unknown_format": lambda v: str(
        _(
            "Vælg et billede fra et kamera (JPEG, PNG, WebP eller HEIC). %(name)s kan vi ikke læse",
            name=v.get("name", ""),
        )
    ),
    "store_full": lambda _v: str(
        _("Vi kan ikke gemme billeder lige nu. Send henvendelsen uden billede")
    ),
    "honeypot_filled": lambda _v: str(_("Lad feltet med hjemmeside stå tomt, og send igen")),
    "form_expired": lambda _v: str(
        _("Siden har været åben længe. Alt, du har skrevet, er her endnu: tryk på Send igen")
    ),
    "too_many_reports": lambda _v: str(
        _("Du har sendt mange henvendelser på kort tid. Vent lidt, og tryk på Send igen")
    ),
    "report_not_found": lambda _v: str(
        _("Vi kender ikke det link. Tjek, at det er skrevet helt af")
    ),
    "report_expired": lambda _v: str(
        _("Linket er udløbet, fordi sagen er afsluttet for længe siden")
    ),
    "status_is": lambda _v: str(_("Det er allerede sket. Her ser du, hvor sagen er nu")),
}
