"""How urgent a report is, when it is due, and the reason in a form a page can put into words.

The bands are those of the coordinator's table; every number comes from the policy. Reason codes:

| code | band | values |
|---|---|---|
| `risk_now` | akut | none: a child or an animal is at risk now |
| `needle_on` | akut, haster | `kind` (a place kind, or a kind of `NearPlace`), `name` (may be empty) |
| `needle_near` | akut, haster | `kind`, `name` (may be empty), `metres` |
| `five_or_more` | haster | `count` |
| `other_needle` | normal | none |
| `service_normal` | normal | `service` |
| `service_planned` | planlagt | `service`, `hours` |

A reason names the strongest fact, and of equals the nearest. Who is sent is not decided here, nor
whether private ground is anybody's task.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispatch.rules.catalogue import PlaceKind, Priority, ServiceCode
from dispatch.rules.policy import Policy
from dispatch.rules.working_hours import (
    add_duty_hours,
    at_hour,
    duty_of,
    is_duty_day,
    local,
    next_duty,
    next_working_noon,
)

CHILDREN = frozenset({"playground", "school", "kindergarten"})
BUSY = frozenset({"supermarket", "station"})
ON_CHILDREN = frozenset({PlaceKind.PLAYGROUND, PlaceKind.SCHOOL})
ON_BUSY = frozenset({PlaceKind.STREET, PlaceKind.STAIRS, PlaceKind.STATION})
NORMAL_SERVICES = frozenset({ServiceCode.DRUG_LITTER, ServiceCode.HUMAN_WASTE, ServiceCode.GLASS})
SLOW_SERVICES = frozenset({ServiceCode.BULKY, ServiceCode.TOILET})


@dataclass(frozen=True)
class NearPlace:
    """A place that decides urgency: `kind` is one of CHILDREN or BUSY, 0 metres is on it."""

    kind: str
    name: str
    metres: float


@dataclass(frozen=True)
class Reason:
    """Why a band was chosen: a stable code, and values that JSON can hold."""

    code: str
    values: dict[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True)
class Urgency:
    """The band, the deadline (aware UTC) and why."""

    priority: Priority
    due_at: datetime
    reason: Reason


def judge(
    *,
    service_code: ServiceCode,
    place_kind: PlaceKind | None,
    needle_count: int | None,
    risk_now: bool,
    near: Sequence[NearPlace],
    reported_at: datetime,
    policy: Policy,
) -> Urgency:
    """The first band whose condition holds, from the most urgent down."""
    needles = _needles(service_code, needle_count)
    reason = _akut(place_kind, needles, risk_now, near, policy)
    if reason:
        due_at = add_duty_hours(reported_at, policy.akut_hours, policy)
        return Urgency(Priority.AKUT, due_at, reason)
    reason = _haster(place_kind, needles, near, policy)
    if reason:
        due_at = add_duty_hours(reported_at, policy.haster_hours, policy)
        return Urgency(Priority.HASTER, due_at, reason)
    if needles or service_code in NORMAL_SERVICES:
        return Urgency(Priority.NORMAL, _normal_due(reported_at, policy), _normal(service_code))
    return _planned(service_code, reported_at, policy)


def _needles(service_code: ServiceCode, needle_count: int | None) -> int:
    """How many needles to reckon with: a syringe report is at least one, whatever was counted."""
    counted = max(needle_count or 0, 0)
    return max(counted, 1) if service_code == ServiceCode.SYRINGE else counted


def _akut(
    place_kind: PlaceKind | None,
    needles: int,
    risk_now: bool,
    near: Sequence[NearPlace],
    policy: Policy,
) -> Reason | None:
    if risk_now:
        return Reason("risk_now")
    if not needles:
        return None
    if place_kind in ON_CHILDREN:
        return _on(str(place_kind), near, policy.near_children_metres)
    closest = _closest(near, CHILDREN, policy.near_children_metres)
    return _beside(closest) if closest else None


def _haster(
    place_kind: PlaceKind | None, needles: int, near: Sequence[NearPlace], policy: Policy
) -> Reason | None:
    if not needles:
        return None
    if needles >= policy.many_needles:
        return Reason("five_or_more", {"count": needles})
    closest = _closest(near, BUSY, policy.near_busy_metres)
    if closest and place_kind != PlaceKind.STATION:
        return _beside(closest)
    if place_kind in ON_BUSY:
        return _on(str(place_kind), near, policy.near_busy_metres)
    return None


def _on(kind: str, near: Sequence[NearPlace], within: float) -> Reason:
    """The reporter says where it lies; the name comes from place data when that agrees."""
    agreeing = _closest(near, frozenset({kind}), within)
    return Reason("needle_on", {"kind": kind, "name": agreeing.name if agreeing else ""})


def _beside(place: NearPlace) -> Reason:
    metres = round(place.metres)
    if not metres:
        return Reason("needle_on", {"kind": place.kind, "name": place.name})
    return Reason("needle_near", {"kind": place.kind, "name": place.name, "metres": metres})


def _closest(near: Iterable[NearPlace], kinds: frozenset[str], within: float) -> NearPlace | None:
    """The nearest place of these kinds, the limit included; names decide between equals."""
    fitting = [place for place in near if place.kind in kinds and place.metres <= within]
    return min(fitting, key=lambda place: (place.metres, place.kind, place.name), default=None)


def _normal(service_code: ServiceCode) -> Reason:
    if service_code in NORMAL_SERVICES:
        return Reason("service_normal", {"service": str(service_code)})
    return Reason("other_needle")


def _normal_due(reported_at: datetime, policy: Policy) -> datetime:
    """End of duty the same day, weekends too; from the afternoon on, noon next working day."""
    day = local(reported_at).date()
    in_time = reported_at < at_hour(day, policy.same_day_before_hour)
    _, ends = duty_of(day, policy)
    if in_time and is_duty_day(day, policy) and reported_at < ends:
        return ends
    return next_working_noon(reported_at, policy)


def _planned(service_code: ServiceCode, reported_at: datetime, policy: Policy) -> Urgency:
    """Hours of the clock, night included, moved on to the next duty when they end at night."""
    slow = service_code in SLOW_SERVICES
    hours = policy.bulky_hours if slow else policy.planlagt_hours
    due_at = next_duty(reported_at + timedelta(hours=hours), policy)
    reason = Reason("service_planned", {"service": str(service_code), "hours": hours})
    return Urgency(Priority.PLANLAGT, due_at, reason)
