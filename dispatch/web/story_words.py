"""The story of a request in plain words, one sentence a line of the ledger.

Used by the reporter's page and by the messages. Says what was done and when, never who did it;
a crew's own note is not told, nor another reporter's words or number.
"""

from collections.abc import Callable
from typing import Any, Protocol

from flask_babel import gettext as _
from flask_babel import ngettext

from dispatch.rules.catalogue import DeclineReason, ServiceCode
from dispatch.rules.outcome import Outcome
from dispatch.rules.status import Status
from dispatch.rules.telling import promises_visit
from dispatch.web.date_words import clock, when_near
from dispatch.web.wording import word


class Line(Protocol):
    """A line of the ledger, as the table or a query gives it."""

    old: Any
    new: Any
    outcome: Any
    reason: Any
    note: Any
    facts: Any
    at: Any


class Told(Protocol):
    """The request the line belongs to."""

    reference: Any
    service_code: Any
    place_kind: Any
    address: Any
    due_at: Any


def story_sentence(line: Line, request: Told) -> str:
    """What this line means to the reporter, with what to do where there is something to do."""
    return SENTENCES[Status(line.new)](line, request)


def place_words(address: str) -> str:
    """` ved Istedgade 20`, or nothing; an address that already says "ved" does not say it twice."""
    if not address:
        return ""
    return str(_(" ved %(place)s", place=address.removeprefix("ved ")))


def removed_words(facts: dict[str, Any] | None, service_code: ServiceCode) -> str:
    """`3 sprøjter og 2 poser affald`; without numbers the kind of thing that was reported."""
    counted = _counted(facts or {})
    if not counted:
        return _things(service_code)
    if len(counted) == 1:
        return counted[0]
    return str(_("%(most)s og %(last)s", most=", ".join(counted[:-1]), last=counted[-1]))


def _counted(facts: dict[str, Any]) -> list[str]:
    words = []
    if needles := int(facts.get("needles") or 0):
        words.append(str(ngettext("%(num)d kanyle", "%(num)d kanyler", needles)))
    if sharps := int(facts.get("other_sharps") or 0):
        words.append(str(ngettext("%(num)d anden skarp ting", "%(num)d andre skarpe ting", sharps)))
    if bags := int(facts.get("bags") or 0):
        words.append(str(ngettext("%(num)d pose affald", "%(num)d poser affald", bags)))
    return words


def _things(service_code: ServiceCode) -> str:
    things: dict[str, Callable[[], Any]] = {
        ServiceCode.SYRINGE: lambda: _("sprøjterne"),
        ServiceCode.DRUG_LITTER: lambda: _("udstyret"),
        ServiceCode.HUMAN_WASTE: lambda: _("afføringen"),
        ServiceCode.LITTER: lambda: _("affaldet"),
        ServiceCode.FULL_BIN: lambda: _("affaldet fra kurven"),
        ServiceCode.BULKY: lambda: _("storskraldet"),
        ServiceCode.GLASS: lambda: _("glasskårene"),
    }
    return str(things.get(service_code, lambda: _("det"))())


def _received(line: Line, request: Told) -> str:
    match (line.old, line.reason):
        case (None, _):
            thanks = _("Tak. Vi har modtaget din henvendelse %(number)s.", number=request.reference)
            return f"{thanks} {expected(request)}".strip()
        case (_, "not_solved"):
            again = _("Tak for besked. Vi sender et hold ud igen.")
            return f"{again} {expected(request)}".strip()
        case (_, "reopened"):
            again = _("Vi har åbnet din henvendelse igen.")
            return f"{again} {expected(request)}".strip()
        case _:
            return str(_("Vi finder et hold, der kan tage opgaven."))


def expected(request: Told) -> str:
    """By when, in words; nothing where nothing is promised."""
    if request.due_at is None or not promises_visit(request.service_code, request.place_kind):
        return ""
    when = when_near(request.due_at)
    return str(_("Vi forventer at være på stedet senest %(when)s.", when=when))


def _held(line: Line, request: Told) -> str:
    place = place_words(request.address)
    match line.reason:
        case "private_ground":
            return str(
                _("Stedet er privat. Vi vurderer, hvem der kan rydde op. Rør ikke sprøjter.")
            )
        case "toilet":
            return str(
                _(
                    "Tak. Meldinger om toiletter samler vi og giver videre. Der kommer ikke et hold ud."
                )
            )
        case "place_not_found":
            return str(_("Vi kunne ikke finde stedet på kortet. Koordinatoren leder efter det."))
        case Outcome.NO_ACCESS:
            return str(
                _(
                    "Vi var på stedet%(place)s kl. %(time)s, men kunne ikke komme ind. Koordinatoren finder en løsning.",
                    place=place,
                    time=clock(line.at),
                )
            )
        case Outcome.HAZARD_GUARDED:
            return str(
                _(
                    "Vi har sikret stedet%(place)s kl. %(time)s. Resten kræver andet udstyr.",
                    place=place,
                    time=clock(line.at),
                )
            )
        case Outcome.NEEDS_OTHER_TEAM:
            return str(_("Vi har set på det. Opgaven kræver et andet hold, og det finder vi nu."))
        case _:
            return str(_("Koordinatoren ser på din henvendelse."))


def _resolved(line: Line, request: Told) -> str:
    place, time = place_words(request.address), clock(line.at)
    if line.outcome == Outcome.NOTHING_FOUND:
        return str(
            _(
                "Vi var på stedet%(place)s kl. %(time)s, men fandt ikke noget. Skriv gerne mere præcist, hvor det er.",
                place=place,
                time=time,
            )
        )
    things = removed_words(line.facts, request.service_code)
    return str(
        _(
            "Vi har fjernet %(things)s%(place)s kl. %(time)s.",
            things=things,
            place=place,
            time=time,
        )
    )


def _declined(line: Line, _request: Told) -> str:
    return _with_note(str(_decline_words(line.reason)), line.note)


def _decline_words(reason: str | None) -> str:
    words: dict[str | None, Callable[[], Any]] = {
        DeclineReason.ABOUT_PERSON: lambda: _(
            "Din henvendelse handler om en person, og det kan vi ikke hjælpe med. Er der fare for liv, så ring 112. Politiet har nummer 114. Er du bekymret for et menneske på gaden, så ring til Socialforvaltningen."
        ),
        DeclineReason.PRIVATE_GROUND: lambda: _(
            "Stedet er privat, så ejeren skal selv rydde op. Rør ikke sprøjter. Spørg grundens ejer, boligforeningen eller viceværten."
        ),
        DeclineReason.OUTSIDE_AREA: lambda: _(
            "Stedet ligger uden for vores område. Meld det i kommunens Giv et praj."
        ),
        DeclineReason.ORDINARY_ROUND: lambda: _(
            "Det hører til den almindelige renholdelse, som kommer forbi af sig selv. Er det der stadig i overmorgen, så meld det i Giv et praj."
        ),
        DeclineReason.NOT_CLEANING: lambda: _(
            "Det kan vi ikke løse ved at gøre rent. Meld det i kommunens Giv et praj."
        ),
        DeclineReason.TOO_LITTLE_KNOWN: lambda: _(
            "Vi kan ikke finde stedet ud fra det, du har skrevet. Send gerne en ny henvendelse, og sæt stedet på kortet."
        ),
        DeclineReason.ABUSE: lambda: _("Vi har afsluttet din henvendelse uden at gøre mere."),
    }
    return str(words.get(reason, lambda: _("Vi kan ikke tage din henvendelse."))())


def _forwarded(line: Line, _request: Told) -> str:
    authority = (line.facts or {}).get("authority")
    if not authority:
        return str(_("Vi har givet opgaven videre til dem, der kan løse den."))
    sentence = _(
        "Vi har givet opgaven videre til %(authority)s. De passer den nu.",
        authority=_inside(word("authority_word", authority)),
    )
    return _with_note(str(sentence), line.note)


def _inside(name: str) -> str:
    """A name that begins a sentence, as it stands inside one: `Politiet` → `politiet`."""
    proper = ("DSB", "Giv", "Metro", "Social")
    return name if name.startswith(proper) else name[:1].lower() + name[1:]


def _with_note(sentence: str, note: str | None) -> str:
    return f"{sentence} {note}".strip() if note else sentence


SENTENCES: dict[Status, Callable[[Line, Told], str]] = {
    Status.RECEIVED: _received,
    Status.HELD: _held,
    Status.ASSIGNED: lambda _line, _told: str(_("Et hold har fået opgaven på sin rute.")),
    Status.ATTENDING: lambda _line, _told: str(_("Holdet er på vej eller på stedet.")),
    Status.RESOLVED: _resolved,
    Status.DECLINED: _declined,
    Status.DUPLICATE: lambda _line, _told: str(
        _("Andre har meldt det samme sted. Vi løser det sammen med deres henvendelse.")
    ),
    Status.FORWARDED: _forwarded,
    Status.WITHDRAWN: lambda _line, _told: str(_("Du har trukket henvendelsen tilbage.")),
}
