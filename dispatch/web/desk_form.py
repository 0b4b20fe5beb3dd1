"""The desk's forms: filters in the query string, what was searched for, and what a deed needs.

Shape only: what cannot be read is as if it was not asked for. Meaning is decided in `lifecycle`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar

from dispatch.queries.desk_filter import DeskFilter
from dispatch.queries.desk_list import MOST_PAGES
from dispatch.rules.catalogue import Priority, ServiceCode, Source
from dispatch.rules.personal_data import clean_text
from dispatch.rules.status import CLOSED, OPEN, Status
from dispatch.rules.working_hours import COPENHAGEN

CLOSED_SHOWN = timedelta(days=90)
MOST_ID = 2**31 - 1
MOST_SEARCHED = 200
GROUPS = {"open": OPEN, "closed": CLOSED, "all": frozenset(Status)}

C = TypeVar("C", bound=StrEnum)


@dataclass(frozen=True)
class DeedForm:
    """What a coordinator typed for one deed; every field may be empty. `lat`, `lon` in WGS 84.

    `seen` is the newest ledger line that the page showed when the coordinator decided.
    """

    crew_id: int | None = None
    reason: str = ""
    authority: str = ""
    of_reference: str = ""
    note: str = ""
    address: str = ""
    choice: str = ""
    lat: float | None = None
    lon: float | None = None
    release: bool = False
    seen: int | None = None
    typed: Mapping[str, str] = field(default_factory=dict)


def read_filter(args: Mapping[str, str], now: datetime) -> DeskFilter:
    """The filter that a query string asks for; closed ones go 90 days back unless dates are given."""
    statuses = _statuses(args.get("status", ""))
    since = _midnight(args.get("from", ""))
    until = _midnight(args.get("to", ""))
    if since is None and not statuses <= OPEN:
        since = day_began(now - CLOSED_SHOWN)
    return DeskFilter(
        statuses=statuses,
        service_code=_code(ServiceCode, args.get("service_code")),
        priority=_code(Priority, args.get("priority")),
        crew_id=_number(args.get("crew"), MOST_ID),
        kvarter=clean_text(args.get("kvarter", "")) or None,
        source=_code(Source, args.get("source")),
        late=args.get("late") == "1",
        decide=args.get("decide") == "1",
        since=since,
        until=_day_after(until) if until else None,
        page=_number(args.get("page"), MOST_PAGES) or 1,
    )


def query_of(wanted: DeskFilter) -> dict[str, str]:
    """The query string that asks for this filter, without the page."""
    asked = {
        "status": _group_name(wanted.statuses),
        "service_code": wanted.service_code,
        "priority": wanted.priority,
        "crew": str(wanted.crew_id) if wanted.crew_id is not None else None,
        "kvarter": wanted.kvarter,
        "source": wanted.source,
        "late": "1" if wanted.late else None,
        "decide": "1" if wanted.decide else None,
        "from": local_day(wanted.since),
        "to": local_day(wanted.until - timedelta(hours=12)) if wanted.until else None,
    }
    return {name: str(value) for name, value in asked.items() if value}


def read_deed(form: Mapping[str, str]) -> DeedForm:
    """The fields of a deed as they came; `typed` is what is put back when it is refused."""
    lat, lon = _degrees(form.get("lat"), 90), _degrees(form.get("lon"), 180)
    both = lat is not None and lon is not None
    return DeedForm(
        crew_id=_number(form.get("crew_id"), MOST_ID),
        reason=form.get("reason", ""),
        authority=form.get("authority", ""),
        of_reference=clean_text(form.get("of_reference", "")).strip(),
        note=form.get("note", ""),
        address=clean_text(form.get("address", "")).strip(),
        choice=clean_text(form.get("choice", "")),
        lat=lat if both else None,
        lon=lon if both else None,
        release=form.get("release") == "1",
        seen=_number(form.get("seen"), MOST_ID),
        typed={name: value for name, value in form.items() if name != "csrf_token"},
    )


def day_began(now: datetime) -> datetime:
    """Midnight of this moment's day in Copenhagen."""
    return datetime.combine(now.astimezone(COPENHAGEN).date(), time(), COPENHAGEN)


def local_day(moment: datetime | None) -> str | None:
    """The day of this moment in Copenhagen, as a date field writes it."""
    return moment.astimezone(COPENHAGEN).date().isoformat() if moment else None


def _statuses(text: str) -> frozenset[Status]:
    if text in set(Status):
        return frozenset({Status(text)})
    return GROUPS.get(text, OPEN)


def _group_name(statuses: frozenset[Status]) -> str | None:
    if statuses == OPEN:
        return None
    named = next((name for name, group in GROUPS.items() if group == statuses), None)
    return named or (next(iter(statuses)).value if len(statuses) == 1 else None)


def _code(kind: type[C], text: str | None) -> C | None:
    return kind(text) if text in set(kind) else None


def _number(text: str | None, most: int) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    return min(int(text), most)


def _degrees(text: str | None, most: int) -> float | None:
    try:
        degrees = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return degrees if -most <= degrees <= most else None


def _midnight(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= day.year <= 2100:
        return None
    return datetime.combine(day, time(), COPENHAGEN)


def _day_after(midnight: datetime) -> datetime:
    return datetime.combine(midnight.date() + timedelta(days=1), time(), COPENHAGEN)
