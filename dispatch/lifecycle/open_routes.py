"""The routes of the crews on shift, as the planner's rules want to see them.

Reads only, and remembers each route's version so that a plan made on it can be compared and set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.models import CrewRoute, ServiceRequest, Shift, Task
from dispatch.rules.catalogue import SERVICES, Priority, Skill
from dispatch.rules.distance import Point
from dispatch.rules.matching import CrewOnShift
from dispatch.rules.route_planning import OpenRoute, PlannedStop
from dispatch.rules.status import LIVE_TASKS, TaskState


@dataclass(frozen=True)
class RouteSeen:
    """One open route at one version."""

    crew_route_id: int
    version: int
    route: OpenRoute


def open_routes(session: Session, now: datetime) -> list[RouteSeen]:
    """Every open route with its live stops in order: two queries, whatever the number of crews."""
    rows = session.scalars(
        select(CrewRoute)
        .join(CrewRoute.shift)
        .join(Shift.crew)
        .where(Shift.ended_at.is_(None))
        .order_by(CrewRoute.id)
    ).all()
    stops = _stops(session, [row.id for row in rows])
    return [
        RouteSeen(row.id, row.version, _open_route(row, stops.get(row.id, []), now)) for row in rows
    ]


def planned_stop(
    task_id: int, request: ServiceRequest, *, locked: bool = False, first: bool = False
) -> PlannedStop:
    """One task as a stop; a request without a place is the caller's mistake."""
    if request.lat is None or request.lon is None or request.due_at is None:
        raise ValueError(f"service request {request.id} has no place yet")
    return PlannedStop(
        task_id=task_id,
        at=Point(request.lat, request.lon),
        due_at=request.due_at,
        priority=request.priority or Priority.NORMAL,
        work_minutes=SERVICES[request.service_code].work_minutes,
        locked=locked,
        first_in_line=first,
    )


def crew_on_shift(shift: Shift) -> CrewOnShift:
    """The crew as it is today: the shift's vehicle, not the crew's usual one."""
    return CrewOnShift(
        crew_id=shift.crew_id,
        name=shift.crew.name,
        skills=frozenset(Skill(skill) for skill in shift.crew.skills),
        kvarterer=frozenset(shift.crew.kvarterer),
        vehicle=shift.vehicle,
        shift_ends_at=shift.ends_at,
        on_break=shift.break_since is not None,
    )


def _stops(
    session: Session, route_ids: Sequence[int]
) -> dict[int, list[tuple[Task, ServiceRequest]]]:
    found: dict[int, list[tuple[Task, ServiceRequest]]] = {}
    rows = session.execute(
        select(Task, ServiceRequest)
        .join(Task.service_request)
        .where(Task.crew_route_id.in_(route_ids), Task.state.in_(LIVE_TASKS))
        .order_by(Task.crew_route_id, Task.position, Task.id)
    )
    for task, request in rows:
        found.setdefault(task.crew_route_id, []).append((task, request))
    return found


def _open_route(
    row: CrewRoute, stops: Sequence[tuple[Task, ServiceRequest]], now: datetime
) -> OpenRoute:
    """Stops under way, and the one after them, stay where they are."""
    locked = 1 + sum(1 for task, _ in stops if task.state != TaskState.PLANNED)
    return OpenRoute(
        crew=crew_on_shift(row.shift),
        start=Point(row.last_lat, row.last_lon),
        free_at=now,
        stops=tuple(
            planned_stop(task.id, request, locked=place < locked, first=request.first_in_line)
            for place, (task, request) in enumerate(stops)
        ),
    )
