"""What to do about a problem, one sentence a code, in the reader's language.

Said to whoever met it; where a crew or the desk needs other words for the same code, their own
tables come first. A test looks up every code that the program can raise.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from dispatch.rules.problems import FieldProblem, Problem

Values = Mapping[str, Any]
Teller = Callable[[Values], str]


def problem_text(problem: FieldProblem | Problem) -> str:
    """What to do about a problem, in one sentence; a code without words gets the general one."""
    teller = PROBLEMS.get(problem.code)
    if teller is None:
        return str(_("Det gik ikke. Prøv igen om lidt."))
    return teller(problem.values)


def _says(text: Any) -> Teller:
    return lambda _values: str(text)


PROBLEMS: dict[str, Teller] = {
    "service_missing": _says(lazy_gettext("Vælg, hvad du har fundet")),
    "service_unknown": _says(lazy_gettext("Vælg, hvad du har fundet")),
    "place_missing": _says(lazy_gettext("Vælg et sted på kortet, eller skriv en adresse")),
    "place_unreadable": _says(lazy_gettext("Sæt stedet på kortet igen, eller skriv en adresse")),
    "outside_area": _says(lazy_gettext("Vælg et sted på Vesterbro eller i Kongens Enghave")),
    "address_unknown": _says(
        lazy_gettext("Vælg en af adresserne, skriv en anden, eller send alligevel")
    ),
    "place_kind_unknown": _says(lazy_gettext("Vælg, hvad det er for et sted")),
    "surface_unknown": _says(lazy_gettext("Vælg, hvad det ligger på")),
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
    "cpr_in_text": _says(
        lazy_gettext("Fjern CPR-nummeret. Beskriv tingene og stedet, ikke personer")
    ),
    "contact_unusable": _says(
        lazy_gettext("Skriv en mailadresse eller et telefonnummer, eller lad feltet stå tomt")
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
    "photos_not_taken": _says(lazy_gettext("Vælg billederne igen")),
    "store_full": _says(
        lazy_gettext("Vi kan ikke gemme billeder lige nu. Send henvendelsen uden billede")
    ),
    "honeypot_filled": _says(lazy_gettext("Lad feltet med hjemmeside stå tomt, og send igen")),
    "form_expired": _says(
        lazy_gettext(
            "Siden har været åben længe. Alt, du har skrevet, er her endnu: tryk på Send igen"
        )
    ),
    "key_used": _says(
        lazy_gettext(
            "Du har allerede sendt en henvendelse fra denne side. Vil du sende denne også, "
            "så tryk Send igen"
        )
    ),
    "not_saved": _says(
        lazy_gettext(
            "Vi kan ikke gemme noget lige nu. Alt, du har skrevet, er her endnu: "
            "vent et par minutter, og tryk på Send igen"
        )
    ),
    "too_many_reports": _says(
        lazy_gettext("Du har sendt mange henvendelser på kort tid. Vent lidt, og tryk på Send igen")
    ),
    "report_not_found": _says(
        lazy_gettext("Vi kender ikke det link. Tjek, at det er skrevet helt af")
    ),
    "report_expired": _says(
        lazy_gettext("Linket er udløbet, fordi sagen er afsluttet for længe siden")
    ),
    "status_is": _says(lazy_gettext("Det er allerede sket. Her ser du, hvor sagen er nu")),
    "too_late_to_reopen": _says(
        lazy_gettext("Det er for længe siden. Send en ny henvendelse, så kommer vi igen")
    ),
    # the crew's and the desk's
    "action_unknown": _says(lazy_gettext("Hent siden igen, og prøv en gang til")),
    "body_unreadable": _says(lazy_gettext("Hent siden igen, og prøv en gang til")),
    "key_reused": _says(lazy_gettext("Det er allerede gemt. Hent siden igen")),
    "photo_unknown": _says(lazy_gettext("Send billedet igen")),
    "photo_hash_differs": _says(lazy_gettext("Send billedet igen")),
    "photo_missing": _says(lazy_gettext("Billedet er slettet")),
    "no_shift": _says(lazy_gettext("Start vagten først")),
    "vehicle_unknown": _says(lazy_gettext("Vælg, om holdet går eller cykler")),
    "task_not_found": _says(lazy_gettext("Opgaven er ikke på holdets rute")),
    "outcome_unknown": _says(lazy_gettext("Vælg, hvad I fandt")),
    "needles_missing": _says(lazy_gettext("Skriv, hvor mange kanyler der er fjernet")),
    "number_strange": lambda v: str(
        _("Skriv et helt tal mellem 0 og %(most)s", most=v.get("most", 9999))
    ),
    "request_not_found": _says(lazy_gettext("Der er ingen henvendelse med det nummer")),
    "reference_unknown": _says(lazy_gettext("Der er ingen henvendelse med det nummer")),
    "duplicate_of_itself": _says(lazy_gettext("Vælg en anden henvendelse end den selv")),
    "reason_missing": _says(lazy_gettext("Vælg en grund")),
    "authority_missing": _says(lazy_gettext("Vælg, hvem der får henvendelsen")),
    "crew_has_it": _says(lazy_gettext("Vælg et andet hold: det valgte har allerede opgaven")),
    "moved_on": _says(
        lazy_gettext("Henvendelsen blev ændret imens. Se, hvor den er nu, og prøv igen")
    ),
    "route_moved": _says(lazy_gettext("Ruten blev ændret imens. Prøv igen")),
    "incident_not_found": _says(lazy_gettext("Stikuheldet er ikke på listen")),
    "incident_acknowledged": _says(lazy_gettext("Stikuheldet er allerede set af en anden")),
    # accounts, crews and the coordinator's numbers
    "account_unknown": _says(lazy_gettext("Der er ingen konto med det navn")),
    "session_unknown": _says(lazy_gettext("Telefonen er allerede logget af")),
    "name_missing": _says(lazy_gettext("Skriv et navn")),
    "name_taken": _says(lazy_gettext("Vælg et andet navn: det er i brug")),
    "name_too_long": lambda v: str(_("Vælg et kortere navn: højst %(most)s tegn", most=v["most"])),
    "role_unknown": _says(lazy_gettext("Vælg en rolle")),
    "crew_missing": _says(lazy_gettext("Vælg et hold")),
    "crew_unknown": _says(lazy_gettext("Vælg et hold, der findes")),
    "crew_not_for_role": _says(lazy_gettext("Lad holdet stå tomt: kun hold og partnere har et")),
    "crew_on_shift": _says(lazy_gettext("Slut vagten, før holdet tages ud af brug")),
    "skill_unknown": _says(lazy_gettext("Vælg det, holdet kan")),
    "hours_wrong": _says(lazy_gettext("Lad vagten begynde, før den slutter")),
    "password_too_short": lambda v: str(
        _("Vælg en længere adgangskode: mindst %(least)s tegn", least=v["least"])
    ),
    "password_too_long": lambda v: str(
        _("Vælg en kortere adgangskode: højst %(most)s tegn", most=v["most"])
    ),
    "policy_unknown": _says(lazy_gettext("Den indstilling findes ikke")),
    "policy_not_a_number": _says(lazy_gettext("Skriv et tal")),
    "policy_out_of_range": lambda v: str(
        _("Skriv et tal mellem %(low)s og %(high)s", low=v["low"], high=v["high"])
    ),
    "policy_duty_hours": _says(lazy_gettext("Lad dagen begynde, før den slutter")),
}
