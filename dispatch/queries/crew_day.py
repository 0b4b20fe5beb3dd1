"""What a crew on shift sees: its shift and its own open tasks in the order of the route.

Five queries whatever the number of stops, and none that reads anything older than the shift.
Deliberately not here: who reported, the reporter's token, other crews' tasks, closed tasks.
When the crew reaches each stop is in `crew_arrivals.py`, because that costs a travel table.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from dispatch.extensions import db
from dispatch.models import (
    Crew,
    CrewRoute,
    Observation,
    Photo,
    PhotoKind,
    PhotoState,
    ServiceRequest,
    Shift,
    Task,
)
from dispatch.models.policy_in_force import policy_in_force
from dispatch.rules.catalogue import (
    SERVICES,
    PlaceKind,
    Priority,
    ServiceCode,
    Skill,
    Surface,
    Vehicle,
)
from dispatch.rules.outcome import Outcome
from dispatch.rules.sharps_box import BoxFill
from dispatch.rules.status import LIVE_TASKS, TaskState


@dataclass(frozen=True)
class ShiftNow:
    """The open shift, its route, and what was done on it so far."""

    id: int
    crew_id: int
    crew_name: str
    skills: tuple[str, ...]
    vehicle: Vehicle
    members: str
    started_at: datetime
    ends_at: datetime
    break_since: datetime | None
    box_needles: int
    route_version: int
    last_lat: float
    last_lon: float
    done: int
    needles: int

    @property
    def box(self) -> BoxFill:
        return BoxFill(self.box_needles)

    @property
    def handles_needles(self) -> bool:
        return Skill.NEEDLES in self.skills


@dataclass(frozen=True)
class SeenHere:
    """What a crew wrote about the same request when its close no longer counted."""

    outcome: Outcome | None
    needles: int | None
    occurred_at: datetime


@dataclass(frozen=True)
class Stop:
    """One open task at its place on the route; `lat`, `lon` in WGS 84, `position` from 1."""

    task_id: int
    version: int
    position: int
    state: TaskState
    reference: str
    service_code: ServiceCode
    lat: float
    lon: float
    address: str
    place_kind: PlaceKind | None
    needle_count: int | None
    surface: Surface | None
    capped: bool | None
    risk_now: bool
    many_needles: bool
    description: str
    priority: Priority | None
    due_at: datetime
    due_reason: dict[str, Any] | None
    first_in_line: bool
    photos: tuple[str, ...] = ()
    seen_by_others: tuple[SeenHere, ...] = ()

    @property
    def under_way(self) -> bool:
        return self.state != TaskState.PLANNED

    @property
    def handles_needles(self) -> bool:
        return Skill.NEEDLES in SERVICES[self.service_code].skills


@dataclass(frozen=True)
class CrewDay:
    """A shift and its stops in order. Equal days have equal `repr`s, so it can be a version."""

    shift: ShiftNow
    stops: tuple[Stop, ...] = ()

    def stop(self, task_id: int) -> Stop | None:
        return next((stop for stop in self.stops if stop.task_id == task_id), None)


@dataclass(frozen=True)
class CrewAtRest:
    """A crew that is not on shift: what the form for starting one begins with."""

    crew_id: int
    name: str
    vehicle: Vehicle


@dataclass(frozen=True)
class _Beside:
    """What hangs on the requests of a route: photos and observations by request id."""

    photos: dict[int, tuple[str, ...]] = field(default_factory=dict)
    seen: dict[int, tuple[SeenHere, ...]] = field(default_factory=dict)


def crew_at_rest(crew_id: int) -> CrewAtRest:
    """The crew itself; one query."""
    row = db.session.execute(
        select(Crew.id, Crew.name, Crew.vehicle).where(Crew.id == crew_id)
    ).one()
    return CrewAtRest(row.id, row.name, row.vehicle)


def crew_day(crew_id: int) -> CrewDay | None:
    """The crew's open shift with its stops; None when no shift is open."""
    found = _shift(crew_id)
    if found is None:
        return None
    shift, route_id = found
    rows = _tasks(route_id)
    if not rows:
        return CrewDay(shift)
    request_ids = [row["service_request_id"] for row in rows]
    beside = _Beside(_photos(request_ids), _seen(request_ids))
    many = policy_in_force().many_needles
    return CrewDay(shift, tuple(_stop(row, i, beside, many) for i, row in enumerate(rows, 1)))


def was_ours(task_id: int, crew_id: int) -> bool:
    """Whether the task is or was this crew's, so that it may be told that it is gone."""
    found = select(Task.id).where(Task.id == task_id, Task.crew_id == crew_id)
    return db.session.scalar(found) is not None


def _shift(crew_id: int) -> tuple[ShiftNow, int] | None:
    row = db.session.execute(
        select(
            Shift.id, Shift.crew_id, Shift.vehicle, Shift.members, Shift.started_at, Shift.ends_at,
            Shift.break_since, Shift.box_needles, Crew.name, Crew.skills,
            CrewRoute.id.label("route_id"), CrewRoute.version, CrewRoute.last_lat, CrewRoute.last_lon,
            func.sum(case((Task.state == TaskState.DONE, 1), else_=0)).label("done"),
            func.sum(case((Task.state == TaskState.DONE, Task.needles))).label("needles"),
        )
        .join(Shift.crew)
        .join(CrewRoute, CrewRoute.shift_id == Shift.id)
        .outerjoin(Task, Task.crew_route_id == CrewRoute.id)
        .where(Shift.crew_id == crew_id, Shift.ended_at.is_(None))
        .group_by(Shift.id, Crew.id, CrewRoute.id)
    ).first()  # fmt: skip
    if row is None:
        return None
    shift = ShiftNow(
        id=row.id,
        crew_id=row.crew_id,
        crew_name=row.name,
        skills=tuple(row.skills),
        vehicle=row.vehicle,
        members=row.members,
        started_at=row.started_at,
        ends_at=row.ends_at,
        break_since=row.break_since,
        box_needles=row.box_needles,
        route_version=row.version,
        last_lat=row.last_lat,
        last_lon=row.last_lon,
        done=row.done or 0,
        needles=row.needles or 0,
    )
    return shift, row.route_id


OF_TASK = (Task.id.label("task_id"), Task.version, Task.state, Task.service_request_id)
OF_REQUEST = (
    "reference", "service_code", "lat", "lon", "address", "place_kind", "needle_count", "surface",
    "capped", "risk_now", "description", "priority", "due_at", "due_reason", "first_in_line",
)  # fmt: skip


def _tasks(route_id: int) -> list[dict[str, Any]]:
    """A live task always has a place and a deadline; one without could not have been routed."""
    rows = db.session.execute(
        select(*OF_TASK, *(getattr(ServiceRequest, name) for name in OF_REQUEST))
        .join(Task.service_request)
        .where(Task.crew_route_id == route_id, Task.state.in_(LIVE_TASKS))
        .where(ServiceRequest.lat.is_not(None), ServiceRequest.due_at.is_not(None))
        .order_by(Task.position, Task.id)
    )
    return [dict(row) for row in rows.mappings()]


def _stop(row: dict[str, Any], position: int, beside: _Beside, many: int) -> Stop:
    request_id = row.pop("service_request_id")
    return Stop(
        **row,
        position=position,
        many_needles=(row["needle_count"] or 0) >= many,
        photos=beside.photos.get(request_id, ()),
        seen_by_others=beside.seen.get(request_id, ()),
    )


def _photos(request_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The reporter's photos and those a crew took before, once they are ready; names, not bytes."""
    rows = db.session.execute(
        select(Photo.service_request_id, Photo.served_name)
        .where(Photo.service_request_id.in_(request_ids), Photo.state == PhotoState.READY)
        .where(Photo.kind != PhotoKind.AFTER)
        .order_by(Photo.id)
    )
    return _grouped((request_id, name) for request_id, name in rows)


def _seen(request_ids: Sequence[int]) -> dict[int, tuple[SeenHere, ...]]:
    rows = db.session.execute(
        select(
            Observation.service_request_id,
            Observation.outcome,
            Observation.needles,
            Observation.occurred_at,
        )
        .where(Observation.service_request_id.in_(request_ids))
        .order_by(Observation.id)
    )
    return _grouped((row[0], SeenHere(*row[1:])) for row in rows)


def _grouped(pairs: Any) -> dict[int, tuple[Any, ...]]:
    found: dict[int, tuple[Any, ...]] = {}
    for request_id, value in pairs:
        found[request_id] = (*found.get(request_id, ()), value)
    return found
