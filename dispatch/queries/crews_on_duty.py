"""Crews as the coordinator sees them: who is out, what they carry, what went wrong.

A fixed number of queries. What a crew itself sees is in `crew_day.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from dispatch.extensions import db
from dispatch.models import (
    Account,
    Crew,
    CrewRoute,
    Incident,
    Role,
    ServiceRequest,
    Shift,
    StaffSession,
    Task,
)
from dispatch.rules.catalogue import Vehicle
from dispatch.rules.sharps_box import BoxFill
from dispatch.rules.status import LIVE_TASKS, TaskState

MOST_INCIDENTS = 50


@dataclass(frozen=True)
class Stop:
    """One live stop of a crew's route."""

    reference: str
    address: str
    state: TaskState
    arrive_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True)
class CrewOnDuty:
    """A crew and its open shift, if it has one; `stops` in the order of the route."""

    id: int
    name: str
    organisation: str
    skills: tuple[str, ...]
    kvarterer: tuple[str, ...]
    starts_hour: int
    ends_hour: int
    vehicle: Vehicle
    members: str
    started_at: datetime | None
    ends_at: datetime | None
    break_since: datetime | None
    box: BoxFill
    stops: tuple[Stop, ...]

    @property
    def on_shift(self) -> bool:
        return self.started_at is not None

    def late_stops(self, now: datetime) -> int:
        """Stops whose deadline has passed, or will have when the crew arrives."""
        return sum(1 for stop in self.stops if _misses(stop, now))


@dataclass(frozen=True)
class IncidentLine:
    """A needle-stick; acknowledged when the coordinator has seen it."""

    id: int
    crew: str
    kind: str
    occurred_at: datetime
    received_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None


@dataclass(frozen=True)
class AccountLine:
    """A staff sign-in, without anything secret."""

    name: str
    role: Role
    crew: str | None
    active: bool
    last_seen_at: datetime | None


def crews_on_duty() -> tuple[CrewOnDuty, ...]:
    """Every active crew, those on shift first: two queries."""
    rows = db.session.execute(
        select(Crew, Shift, CrewRoute.id)
        .outerjoin(Shift, (Shift.crew_id == Crew.id) & Shift.ended_at.is_(None))
        .outerjoin(CrewRoute, CrewRoute.shift_id == Shift.id)
        .where(Crew.active)
        .order_by(Shift.id.is_(None), Crew.name)
    ).all()
    stops = _stops([route_id for _, _, route_id in rows if route_id is not None])
    return tuple(_crew(crew, shift, stops.get(route_id, [])) for crew, shift, route_id in rows)


def crew_names() -> list[tuple[int, str]]:
    """Id and name of every active crew, for a filter."""
    rows = db.session.execute(select(Crew.id, Crew.name).where(Crew.active).order_by(Crew.name))
    return [(crew_id, name) for crew_id, name in rows]


def crews_to_choose() -> list[tuple[int, str]]:
    """Id and name of every crew that is on shift now, for assigning by hand."""
    rows = db.session.execute(
        select(Crew.id, Crew.name)
        .join(Shift, (Shift.crew_id == Crew.id) & Shift.ended_at.is_(None))
        .order_by(Crew.name)
    )
    return [(crew_id, name) for crew_id, name in rows]


def open_incidents() -> tuple[IncidentLine, ...]:
    """Incidents nobody has acknowledged yet, the oldest first."""
    return _incidents(
        _incident_columns().where(Incident.acknowledged_at.is_(None)).order_by(Incident.id)
    )


def past_incidents() -> tuple[IncidentLine, ...]:
    """Incidents that were acknowledged, the newest first."""
    return _incidents(
        _incident_columns()
        .where(Incident.acknowledged_at.is_not(None))
        .order_by(Incident.id.desc())
    )


def accounts() -> tuple[AccountLine, ...]:
    """Every sign-in with the last time it was used; one query."""
    seen = (
        select(StaffSession.account_id, func.max(StaffSession.last_seen_at).label("last_seen_at"))
        .group_by(StaffSession.account_id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            Account.name, Account.role, Crew.name.label("crew"), Account.active, seen.c.last_seen_at
        )
        .outerjoin(Account.crew)
        .outerjoin(seen, seen.c.account_id == Account.id)
        .order_by(Account.active.desc(), Account.role, Account.name)
    )
    return tuple(AccountLine(**row) for row in rows.mappings())


def _incident_columns() -> Any:
    return (
        select(
            Incident.id,
            Crew.name.label("crew"),
            Incident.kind,
            Incident.occurred_at,
            Incident.received_at,
            Incident.acknowledged_at,
            Incident.acknowledged_by,
        )
        .join(Incident.crew)
        .limit(MOST_INCIDENTS)
    )


def _incidents(statement: Any) -> tuple[IncidentLine, ...]:
    return tuple(IncidentLine(**row) for row in db.session.execute(statement).mappings())


def _stops(route_ids: list[int]) -> dict[int, list[Stop]]:
    found: dict[int, list[Stop]] = {}
    it = ServiceRequest
    rows = db.session.execute(
        select(Task.crew_route_id, it.reference, it.address, Task.state, Task.arrive_at, it.due_at)
        .join(Task.service_request)
        .where(Task.crew_route_id.in_(route_ids), Task.state.in_(LIVE_TASKS))
        .order_by(Task.position, Task.id)
    )
    for route_id, *stop in rows:
        found.setdefault(route_id, []).append(Stop(*stop))
    return found


def _crew(crew: Crew, shift: Shift | None, stops: list[Stop]) -> CrewOnDuty:
    return CrewOnDuty(
        id=crew.id,
        name=crew.name,
        organisation=crew.organisation,
        skills=tuple(crew.skills),
        kvarterer=tuple(crew.kvarterer),
        starts_hour=crew.starts_hour,
        ends_hour=crew.ends_hour,
        vehicle=shift.vehicle if shift else crew.vehicle,
        members=shift.members if shift else "",
        started_at=shift.started_at if shift else None,
        ends_at=shift.ends_at if shift else None,
        break_since=shift.break_since if shift else None,
        box=BoxFill(shift.box_needles if shift else 0),
        stops=tuple(stops),
    )


def _misses(stop: Stop, now: datetime) -> bool:
    if stop.due_at is None or stop.state == TaskState.ARRIVED:
        return False
    return max(stop.arrive_at or now, now) > stop.due_at
