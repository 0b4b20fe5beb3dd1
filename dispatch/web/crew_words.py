"""What a crew is told after each action, why a stop is given back, and what to do about a refusal.

Short and plain: it is read on a phone in the rain. Words that every audience shares are in
`wording.py` and `reason_words.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from dispatch.lifecycle.crew_action import ActionAnswer, CrewAction
from dispatch.rules.outcome import Outcome
from dispatch.rules.problems import FieldProblem, Problem
from dispatch.web.reason_words import problem_text

BACK_REASONS: dict[str, Any] = {
    "too_far": _("For langt væk"),
    "gear_missing": _("Vi mangler udstyr"),
    "not_safe": _("Ikke trygt lige nu"),
    "no_time": _("Vi når det ikke"),
    "other": _("Andet"),
}

DONE: dict[str, Any] = {
    "start": _("I er på vej."),
    "arrive": _("I er fremme."),
    "hand_back": _("Stoppet er givet tilbage."),
    "own_find": _("Gemt. Tak, fordi I tog det med."),
    "shift_start": _("Vagten er startet."),
    "shift_end": _("Vagten er slut. Tak for i dag."),
    "break_start": _("God pause. I får ingen nye stop."),
    "break_end": _("Pausen er slut."),
    "box_emptied": _("Boksen er tom igen."),
    "needle_stick": _("Koordinatoren får besked nu."),
}
CLOSED: dict[str, Any] = {
    Outcome.REMOVED: _("Gemt: fjernet."),
    Outcome.NOTHING_FOUND: _("Gemt: intet fundet."),
    Outcome.NO_ACCESS: _("Gemt: ingen adgang. Koordinatoren ser på det."),
    Outcome.NEEDS_OTHER_TEAM: _("Gemt: kræver et andet hold. Koordinatoren ser på det."),
    Outcome.HAZARD_GUARDED: _("Gemt: sikret, ikke fjernet. Koordinatoren ser på det."),
    Outcome.DUPLICATE: _("Gemt: dublet."),
    Outcome.HANDED_OVER: _("Gemt: givet videre."),
}
KEPT: dict[str, Any] = {
    "task_done": _("Nogen var først: stoppet var allerede afsluttet."),
    "task_cancelled": _("Stoppet var taget af jeres rute."),
    "task_returned": _("Stoppet var givet tilbage."),
}
WAS_SO: dict[str, Any] = {
    "task_ended": _("Stoppet er ikke på jeres rute mere."),
    "already_so": _("Det var allerede gjort."),
}


def answer_sentence(action: CrewAction, answer: ActionAnswer) -> str:
    """What became of the action, in one or two sentences."""
    if answer.kind == "observation":
        kept = KEPT.get(answer.code, _("Stoppet var allerede afsluttet."))
        noted = _("Det, I skrev, er gemt som en bemærkning til koordinatoren.")
        return f"{kept} {noted}"
    if answer.kind != "applied":
        return str(WAS_SO.get(answer.code, WAS_SO["already_so"]))
    if action.action in DONE:
        return str(DONE[action.action])
    return str(CLOSED[Outcome(action.outcome or Outcome.REMOVED)])


def back_note(reason: str | None, note: str | None) -> str:
    """Why a stop is given back, as the coordinator reads it: always in Danish, then the crew's words."""
    with force_locale("da"):
        word = str(BACK_REASONS.get(reason or "", ""))
    return ": ".join(part for part in (word, (note or "").strip()) if part)


def crew_problem(problem: FieldProblem | Problem) -> str:
    """What to do about it, said to a crew; what a crew shares with residents is said alike."""
    unnamed = not problem.values.get("name")
    teller = PROBLEMS.get(problem.code) or (UNNAMED_PHOTO.get(problem.code) if unnamed else None)
    return teller(problem.values) if teller else problem_text(problem)


PROBLEMS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "action_unknown": lambda _v: str(_("Telefonen sendte noget, vi ikke kender. Hent siden igen")),
    "body_unreadable": lambda _v: str(
        _("Telefonen sendte noget, vi ikke kan læse. Hent siden igen")
    ),
    "text_unreadable": lambda _v: str(_("Skriv teksten igen")),
    "key_missing": lambda _v: str(_("Hent siden igen, og prøv en gang til")),
    "key_reused": lambda _v: str(_("Det er allerede gemt. Se, om det står rigtigt")),
    "task_missing": lambda _v: str(_("Vælg et stop på listen")),
    "task_not_found": lambda _v: str(_("Stoppet er ikke på jeres rute")),
    "no_shift": lambda _v: str(_("Start vagten først")),
    "number_strange": lambda v: str(
        _("Skriv et helt tal mellem 0 og %(most)s", most=v.get("most", 9999))
    ),
    "needles_missing": lambda _v: str(_("Skriv, hvor mange sprøjter I fjernede. Ingen: skriv 0")),
    "outcome_unknown": lambda _v: str(_("Vælg, hvad I fandt")),
    "reason_missing": lambda _v: str(_("Vælg, hvorfor I giver stoppet tilbage")),
    "vehicle_unknown": lambda _v: str(_("Vælg, om I går eller cykler")),
    "service_unknown": lambda _v: str(_("Vælg, hvad I fandt")),
    "place_missing": lambda _v: str(_("Brug jeres placering, eller skriv en adresse")),
    "place_unreadable": lambda _v: str(_("Brug jeres placering igen, eller skriv en adresse")),
    "address_unknown": lambda _v: str(_("Vi kender ikke adressen. Skriv gade og husnummer")),
    "outside_area": lambda _v: str(
        _(
            "Stedet ligger uden for Vesterbro og Kongens Enghave. Skriv adressen, hvis det er forkert"
        )
    ),
    "time_unreadable": lambda _v: str(_("Telefonens ur kunne ikke læses. Hent siden igen")),
    "photo_unknown": lambda _v: str(_("Billedet er ikke kommet frem endnu. Send det igen")),
    "photo_hash_differs": lambda _v: str(_("Billedet blev ødelagt på vejen. Send det igen")),
    "store_full": lambda _v: str(_("Vi kan ikke gemme billeder lige nu. Send uden billede")),
}
# A photo that a script sends has no file name to tell.
UNNAMED_PHOTO: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "too_large": lambda v: str(
        _(
            "Vælg et mindre billede: det må højst fylde %(most)s MB",
            most=v["limit_bytes"] // (1024 * 1024),
        )
    ),
    "unknown_format": lambda _v: str(
        _("Vælg et billede fra et kamera: JPEG, PNG, WebP eller HEIC")
    ),
}
