"""Every code the program keeps, in words: statuses, outcomes, kinds of place, reasons for a hold.

Danish is the source; English comes from the catalogue of translations. Times and distances are in
`date_words.py`, reasons of urgency and problems in `reason_words.py`.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from dispatch.rules.catalogue import (
    PlaceKind,
    Priority,
    ServiceCode,
    Skill,
    Source,
    Surface,
    Vehicle,
)
from dispatch.rules.matching import Misfit
from dispatch.rules.outcome import Outcome
from dispatch.rules.status import Status, TaskState

Choices = list[tuple[str, str]]

STATUSES: dict[str, Any] = {
    Status.RECEIVED: _("Modtaget"),
    Status.HELD: _("Til vurdering"),
    Status.ASSIGNED: _("Tildelt"),
    Status.ATTENDING: _("I gang"),
    Status.RESOLVED: _("Udført"),
    Status.DECLINED: _("Afvist"),
    Status.DUPLICATE: _("Dublet"),
    Status.FORWARDED: _("Videresendt"),
    Status.WITHDRAWN: _("Trukket tilbage"),
}
OUTCOMES: dict[str, Any] = {
    Outcome.REMOVED: _("Fjernet"),
    Outcome.NOTHING_FOUND: _("Intet fundet"),
    Outcome.NO_ACCESS: _("Ingen adgang"),
    Outcome.NEEDS_OTHER_TEAM: _("Kræver et andet hold"),
    Outcome.HAZARD_GUARDED: _("Sikret, ikke fjernet"),
    Outcome.DUPLICATE: _("Dublet"),
    Outcome.HANDED_OVER: _("Givet videre"),
}
PRIORITIES: dict[str, Any] = {
    Priority.AKUT: _("Akut"),
    Priority.HASTER: _("Haster"),
    Priority.NORMAL: _("Normal"),
    Priority.PLANLAGT: _("Planlagt"),
}
SERVICES: dict[str, Any] = {
    ServiceCode.SYRINGE: _("Sprøjter eller kanyler"),
    ServiceCode.DRUG_LITTER: _("Andet udstyr fra stofbrug"),
    ServiceCode.HUMAN_WASTE: _("Afføring eller urin"),
    ServiceCode.LITTER: _("Affald på gaden"),
    ServiceCode.FULL_BIN: _("Fyldt affaldskurv"),
    ServiceCode.BULKY: _("Storskrald"),
    ServiceCode.GLASS: _("Glasskår"),
    ServiceCode.TOILET: _("Toilet, der er defekt eller mangler"),
}
PLACE_KINDS: dict[str, Any] = {
    PlaceKind.STREET: _("Gade"),
    PlaceKind.STAIRS: _("Trappe"),
    PlaceKind.STATION: _("Station"),
    PlaceKind.PARK: _("Park"),
    PlaceKind.PLAYGROUND: _("Legeplads"),
    PlaceKind.SCHOOL: _("Skole eller daginstitution"),
    PlaceKind.YARD_STAIRWELL: _("Gård eller opgang"),
    PlaceKind.PUBLIC_TOILET: _("Offentligt toilet"),
    PlaceKind.OTHER: _("Et andet sted"),
}
SURFACES: dict[str, Any] = {
    Surface.ASPHALT: _("Asfalt eller fliser"),
    Surface.GRASS: _("Græs eller buske"),
    Surface.SAND: _("Sand"),
    Surface.WATER: _("Vand"),
    Surface.STAIRS: _("Trappe"),
    Surface.INSIDE: _("Indenfor"),
    Surface.OTHER: _("Andet"),
}
SOURCES: dict[str, Any] = {
    Source.FORM: _("Formular"),
    Source.OPEN311: _("Andet program"),
    Source.PHONE: _("Telefon"),
    Source.CREW: _("Fundet af hold"),
}
VEHICLES: dict[str, Any] = {
    Vehicle.WALKING: _("Til fods"),
    Vehicle.CARGO_BIKE: _("Ladcykel"),
}
SKILLS: dict[str, Any] = {
    Skill.NEEDLES: _("Kanyler"),
    Skill.HUMAN_WASTE: _("Afføring og urin"),
    Skill.HEAVY: _("Tunge ting"),
}
TASK_STATES: dict[str, Any] = {
    TaskState.PLANNED: _("Planlagt"),
    TaskState.STARTED: _("På vej"),
    TaskState.ARRIVED: _("Fremme"),
    TaskState.DONE: _("Afsluttet"),
    TaskState.RETURNED: _("Givet tilbage"),
    TaskState.CANCELLED: _("Aflyst"),
}
ACTIONS: dict[str, Any] = {
    "start": _("Gå i gang"),
    "arrive": _("Fremme"),
    "done": _("Afslut"),
    "problem": _("Problem"),
    "hand_back": _("Giv tilbage"),
    "own_find": _("Fundet på vejen"),
    "shift_start": _("Start vagt"),
    "shift_end": _("Slut vagt"),
    "break_start": _("Start pause"),
    "break_end": _("Slut pause"),
    "box_emptied": _("Kanyleboks tømt"),
    "needle_stick": _("Stikuheld"),
}
HOLDS: dict[str, Any] = {
    "private_ground": _("Privat grund"),
    "toilet": _("Toilet: samles og tælles, sendes ikke til et hold"),
    "place_not_found": _("Stedet er ikke fundet"),
    "handed_back": _("Givet tilbage af holdet"),
    "needs_attention": _("Programmet kom ikke videre"),
    Outcome.NO_ACCESS: _("Ingen adgang"),
    Outcome.NEEDS_OTHER_TEAM: _("Kræver et andet hold"),
    Outcome.HAZARD_GUARDED: _("Sikret, ikke fjernet"),
}
DECLINES: dict[str, Any] = {
    "about_person": _("Handler om en person"),
    "private_ground": _("Privat grund: ejeren skal selv rydde op"),
    "outside_area": _("Uden for vores område"),
    "ordinary_round": _("Hører til den almindelige renholdelse"),
    "not_cleaning": _("Er ikke en renholdelsesopgave"),
    "too_little_known": _("Vi kan ikke finde stedet ud fra det skrevne"),
    "abuse": _("Er ikke en rigtig henvendelse"),
    "other": _("Andet"),
}
AUTHORITIES: dict[str, Any] = {
    "giv_et_praj": _("Giv et praj (kommunens almindelige renholdelse)"),
    "police": _("Politiet"),
    "social": _("Socialforvaltningen"),
    "railway": _("DSB eller Banedanmark"),
    "metro": _("Metroselskabet"),
    "owner": _("Grundens ejer"),
    "parks": _("Kommunens parkdrift"),
    "toilets": _("Kommunens toiletdrift"),
    "other": _("En anden myndighed"),
}
MISFITS: dict[str, Any] = {
    Misfit.SKILL_MISSING: _("Holdet må ikke tage den slags opgaver"),
    Misfit.VEHICLE_UNFIT: _("Kræver en ladcykel"),
    Misfit.ON_BREAK: _("Holdet holder pause"),
}

WORDS: dict[str, Mapping[str, Any]] = {
    "status_word": STATUSES,
    "outcome_word": OUTCOMES,
    "priority_word": PRIORITIES,
    "service_word": SERVICES,
    "place_kind_word": PLACE_KINDS,
    "surface_word": SURFACES,
    "source_word": SOURCES,
    "vehicle_word": VEHICLES,
    "skill_word": SKILLS,
    "task_state_word": TASK_STATES,
    "action_word": ACTIONS,
    "hold_word": HOLDS,
    "decline_word": DECLINES,
    "authority_word": AUTHORITIES,
    "misfit_word": MISFITS,
}


def word(kind: str, code: str | None) -> str:
    """The word for a code of this kind, such as `status_word`; a code without words is shown."""
    if code is None:
        return ""
    return str(WORDS[kind].get(code, code))


def choices(kind: str) -> Choices:
    """Code and word of every code of this kind, in the order people should meet them."""
    return [(str(code), str(text)) for code, text in WORDS[kind].items()]
