"""What only the desk says: why this crew, how late, who did what, and what a held request asks for.

Words for codes that others meet too are in `wording.py`; the reporter's sentences in `story_words.py`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from dispatch.gateways import gateways
from dispatch.models import MessageState, Role
from dispatch.queries.desk_filter import DeskFilter
from dispatch.queries.request_story import Considered, LedgerLine, ObservationLine, TaskLine
from dispatch.rules.catalogue import HoldReason, ServiceCode
from dispatch.rules.problems import FieldProblem
from dispatch.rules.status import OPEN, Status
from dispatch.web.date_words import clock, day, minutes_text
from dispatch.web.reason_words import problem_text
from dispatch.web.story_words import removed_words
from dispatch.web.wording import word

HOUR_S = 3600
DAY_S = 24 * HOUR_S
HALF_A_DAY = timedelta(hours=12)

HOLD_ADVICE: dict[str, Any] = {
    HoldReason.PRIVATE_GROUND: lazy_gettext(
        "Giv selv ejeren besked, og videresend den så. Har ejeren sagt ja til hjælp, så vælg et hold i hånden."
    ),
    HoldReason.TOILET: lazy_gettext(
        "Toiletter sendes ikke til et hold. Videresend til toiletdriften."
    ),
    HoldReason.PLACE_NOT_FOUND: lazy_gettext(
        "Sæt stedet på kortet, så finder programmet et hold. Er der for lidt at gå efter, så afvis."
    ),
    HoldReason.HANDED_BACK: lazy_gettext(
        "De hold, der er på vagt, har givet den tilbage. Vælg et hold i hånden, eller prøv igen, når et nyt hold er mødt."
    ),
    HoldReason.NEEDS_ATTENTION: lazy_gettext(
        "Programmet har prøvet flere gange. Prøv igen, eller vælg et hold i hånden."
    ),
    HoldReason.NO_ACCESS: lazy_gettext(
        "Holdet kunne ikke komme ind. Find en, der kan lukke op, og send et hold igen, eller videresend til ejeren."
    ),
    HoldReason.NEEDS_OTHER_TEAM: lazy_gettext("Vælg et hold med det rette udstyr i hånden."),
    HoldReason.HAZARD_GUARDED: lazy_gettext(
        "Stedet er afspærret eller sikret. Vælg et hold, der kan fjerne det, eller videresend."
    ),
}
MESSAGE_STATES: dict[str, Any] = {
    MessageState.WAITING: lazy_gettext("Svar til anmelderen venter på at blive sendt"),
    MessageState.SENT: lazy_gettext("Svar sendt til anmelderen"),
    MessageState.KEPT: lazy_gettext("Svar til anmelderen, gemt her og ikke sendt"),
    MessageState.REFUSED: lazy_gettext("Svaret kunne ikke afleveres: adressen blev afvist"),
    MessageState.NO_CONTACT: lazy_gettext("Svar ikke sendt: kontakten er slettet"),
    MessageState.ERASED: lazy_gettext("Svar sendt; teksten er slettet"),
}
ROLES: dict[str, Any] = {
    Role.COORDINATOR: lazy_gettext("Koordinator"),
    Role.CREW: lazy_gettext("Hold"),
    Role.PARTNER: lazy_gettext("Hold fra en anden organisation"),
    Role.SECRETARIAT: lazy_gettext("Sekretariat"),
    Role.ADMIN: lazy_gettext("Administrator"),
}
TRAVEL_TIMES: dict[str, Any] = {
    "osrm": lazy_gettext("rutetjenesten"),
    "street_graph": lazy_gettext("gadenettet"),
    "great_circle": lazy_gettext("luftlinje med tillæg for omveje"),
}
DEED_PROBLEMS: dict[str, Any] = {
    "crew_missing": lazy_gettext("Vælg et hold, der er på vagt"),
    "crew_has_it": lazy_gettext("Vælg et andet hold: det valgte har allerede opgaven"),
    "crew_unfit_no_crew_on_shift": lazy_gettext("Vælg et andet hold: det valgte er ikke på vagt"),
    "crew_unfit_no_crew_fits": lazy_gettext(
        "Vælg et andet hold: det valgte må ikke tage den slags opgaver eller mangler en ladcykel"
    ),
    "crew_unfit_all_on_break": lazy_gettext("Vælg et andet hold: det valgte holder pause"),
    "place_missing": lazy_gettext("Sæt stedet på kortet, eller skriv en adresse"),
    "place_several": lazy_gettext("Vælg en af adresserne, eller skriv mere af den"),
    "place_unknown": lazy_gettext("Skriv en anden adresse, eller sæt stedet på kortet"),
    "reason_missing": lazy_gettext("Vælg, hvorfor henvendelsen afvises"),
    "authority_missing": lazy_gettext("Vælg, hvem der får henvendelsen"),
    "reference_unknown": lazy_gettext("Skriv nummeret på den henvendelse, der skal beholdes"),
    "duplicate_of_itself": lazy_gettext(
        "Vælg en anden henvendelse: den kan ikke være dublet af sig selv"
    ),
}
NUMBERS = ("needles", "other_sharps", "bags")


def age_text(moment: datetime) -> str:
    """`12 min.`, `3 timer`, `2 dage`: how long ago, for a narrow column."""
    return _span((gateways().clock.now() - moment).total_seconds())


def deadline_text(due_at: datetime) -> str:
    """How far the deadline is: `om 25 min.`, `12 min. for sent`."""
    left = (due_at - gateways().clock.now()).total_seconds()
    if left >= 0:
        return str(_("om %(span)s", span=_span(left)))
    return str(_("%(span)s over fristen", span=_span(-left)))


def who_text(by: str) -> str:
    """Who did it: the program, the reporter, or the account's name."""
    known: dict[str, Callable[[], Any]] = {
        "system": lambda: _("programmet"),
        "resident": lambda: _("anmelderen"),
    }
    return str(known[by]()) if by in known else by


def hold_text(reason: str | None) -> str:
    """Why a person must decide; a hold without a known reason says so."""
    return word("hold_word", reason) if reason else str(_("Skal vurderes"))


def hold_advice(reason: str | None) -> str:
    """What usually helps; empty where nothing special does."""
    return str(HOLD_ADVICE.get(reason or "", ""))


def change_text(line: LedgerLine) -> str:
    """What a ledger line means to the desk, shorter and franker than the reporter's sentence."""
    status = word("status_word", line.new)
    detail = _detail(line)
    return f"{status}: {detail}" if detail else status


def counted_text(line: LedgerLine | ObservationLine | TaskLine) -> str:
    """`3 sprøjter og 1 pose affald`; empty where nothing was counted."""
    facts = line.facts if isinstance(line, LedgerLine) else _numbers(line)
    if not any(facts.get(name) for name in NUMBERS):
        return ""
    return removed_words(facts, ServiceCode.LITTER)


def message_text(state: str) -> str:
    return str(MESSAGE_STATES.get(state, state))


def role_text(role: str) -> str:
    return str(ROLES.get(role, role))


def observation_text(line: ObservationLine) -> str:
    """What the crew reported too late, and why it changed nothing."""
    said = word("outcome_word", line.outcome) if line.outcome else word("action_word", line.action)
    because: dict[str, Callable[[], Any]] = {
        "task_done": lambda: _("opgaven var allerede afsluttet"),
        "task_cancelled": lambda: _("opgaven var aflyst"),
        "task_returned": lambda: _("opgaven var givet tilbage"),
    }
    why = because.get(line.why_not, lambda: line.why_not)()
    return str(_("%(who)s meldte: %(said)s, men %(why)s", who=line.by, said=said, why=why))


def why_sentence(task: TaskLine) -> str:
    """Why this crew, in one breath: the chosen one first, then the next best, then who could not."""
    chosen = next((each for each in task.considered if each.crew == task.crew), None)
    if chosen is None:
        return ""
    first = _("%(crew)s blev valgt: %(offer)s.", crew=chosen.crew, offer=_offer(chosen))
    others = [_other(each) for each in task.considered if each is not chosen]
    return " ".join([str(first), *others])


def travel_times_text(provider: str) -> str:
    """Where the travel times came from, when several were used as well."""
    return ", ".join(str(TRAVEL_TIMES.get(each, each)) for each in provider.split("+") if each)


def remark_text(each: Considered) -> str:
    """What counted against a crew, or ruled it out."""
    if each.misfit:
        return word("misfit_word", each.misfit)
    return str(_("Uden for holdets område")) if each.outside_area else ""


def deed_problem_text(problem: FieldProblem) -> str:
    """What to do about a deed that was refused."""
    known = DEED_PROBLEMS.get(problem.code)
    return str(known) if known else problem_text(problem)


def filter_words(wanted: DeskFilter, crews: Mapping[str, str]) -> list[str]:
    """What a filter leaves out, in words; nothing when everything open is shown."""
    crew = None if wanted.crew_id is None else crews.get(str(wanted.crew_id), str(wanted.crew_id))
    words = [
        _statuses_text(wanted),
        str(_("kræver beslutning")) if wanted.decide else "",
        str(_("over fristen")) if wanted.late else "",
        word("service_word", wanted.service_code),
        word("priority_word", wanted.priority),
        word("source_word", wanted.source),
        crew,
        wanted.kvarter,
        str(_("fra %(day)s", day=day(wanted.since))) if wanted.since else "",
        str(_("til og med %(day)s", day=day(wanted.until - HALF_A_DAY))) if wanted.until else "",
    ]
    return [each for each in words if each]


def _statuses_text(wanted: DeskFilter) -> str:
    if wanted.statuses == OPEN:
        return ""
    if len(wanted.statuses) == 1:
        return word("status_word", next(iter(wanted.statuses)))
    return str(_("afsluttede")) if wanted.closed_only else str(_("åbne og afsluttede"))


def _numbers(line: ObservationLine | TaskLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in NUMBERS}


def _detail(line: LedgerLine) -> str:
    if line.outcome:
        return word("outcome_word", line.outcome).lower()
    match line.new:
        case Status.HELD:
            return hold_text(line.reason).lower() if line.reason else ""
        case Status.DECLINED:
            return word("decline_word", line.reason).lower()
        case Status.FORWARDED:
            return word("authority_word", line.facts.get("authority"))
        case Status.DUPLICATE:
            return str(_("følger %(reference)s", reference=line.facts.get("of", "")))
        case Status.RECEIVED | Status.ASSIGNED:
            return _came_back(line.reason)
    return ""


def _came_back(reason: str | None) -> str:
    reasons: dict[str | None, Callable[[], Any]] = {
        "handed_back": lambda: _("givet tilbage af holdet"),
        "shift_ended": lambda: _("holdets vagt sluttede"),
        "not_solved": lambda: _("anmelderen skriver: ikke løst"),
        "reopened": lambda: _("åbnet igen"),
        "moved": lambda: _("flyttes til et andet hold"),
        "by_hand": lambda: _("valgt i hånden"),
    }
    return str(reasons[reason]()) if reason in reasons else ""


def _offer(each: Considered) -> str:
    parts = [
        str(_("%(minutes)s ekstra vej", minutes=minutes_text((each.extra_travel_s or 0) / 60)))
    ]
    if each.arrive_at:
        parts.append(str(_("fremme kl. %(time)s", time=clock(each.arrive_at))))
    if each.late_s:
        parts.append(str(_("%(minutes)s for sent", minutes=minutes_text(each.late_s / 60))))
    if each.outside_area:
        parts.append(str(_("uden for sit område")))
    return ", ".join(parts)


def _other(each: Considered) -> str:
    if each.misfit:
        reason = word("misfit_word", each.misfit)
        return str(_("%(crew)s kunne ikke: %(reason)s.", crew=each.crew, reason=reason.lower()))
    return f"{each.crew}: {_offer(each)}."


def _span(seconds: float) -> str:
    if seconds < HOUR_S * 2:
        return minutes_text(seconds / 60)
    if seconds < DAY_S * 2:
        return str(ngettext("%(num)d time", "%(num)d timer", int(seconds // HOUR_S)))
    return str(ngettext("%(num)d dag", "%(num)d dage", int(seconds // DAY_S)))


SENTENCES: tuple[Callable[[Any], str], ...] = (
    age_text, deadline_text, who_text, hold_text, hold_advice, change_text, counted_text,
    message_text, role_text, observation_text, why_sentence, travel_times_text, remark_text,
)  # fmt: skip
