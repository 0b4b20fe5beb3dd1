"""Give a received request to the crew that can reach it best, at the best place on its route.

1. What no crew should be sent to is held for a person, with the reason.
2. The rules choose crew and place on a snapshot of the open routes, outside any transaction.
3. One short transaction compares the route's version and sets; a lost race plans again.
No crew on shift: the request waits and is routed when a shift starts.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.lifecycle.open_routes import RouteSeen, open_routes, planned_stop
from dispatch.lifecycle.transition import SYSTEM, Change, change_status
from dispatch.lifecycle.work_list import finishing
from dispatch.models import CrewRoute, ServiceRequest, Shift, Task, Via, WorkKind
from dispatch.models.policy_in_force import policy_in_force
from dispatch.rules.catalogue import SERVICES, HoldReason, PlaceKind
from dispatch.rules.matching import Need
from dispatch.rules.route_planning import Considered, NoPlace, Placement, place_on_route
from dispatch.rules.status import LIVE_TASKS, Status, TaskState

log = logging.getLogger("renhold.assign")

NEW_STOP = 0
MOST_TRIES = 8
LOOK_AGAIN = timedelta(minutes=2)


class RouteMoved(Exception):
    """The chosen route changed between the plan and the transaction."""


@dataclass(frozen=True)
class Plan:
    """A placement made on one version of one route; `travel_times` names the provider used."""

    seen: RouteSeen
    placement: Placement
    travel_times: str


def assign_request(service_request_id: int, via: Via) -> None:
    """Route one request; held, put off or already done are all good ends."""
    for _ in range(MOST_TRIES):
        try:
            return _assign_once(service_request_id, via)
        except RouteMoved:
            continue
    raise RouteMoved(f"service request {service_request_id} lost {MOST_TRIES} races")


def held_because(request: ServiceRequest) -> HoldReason | None:
    """Why a person must decide before any crew is sent; None when a crew may go."""
    if request.lat is None or request.lon is None:
        return HoldReason.PLACE_NOT_FOUND
    if not SERVICES[request.service_code].dispatched:
        return HoldReason.TOILET
    if request.place_kind == PlaceKind.YARD_STAIRWELL and request.released_at is None:
        return HoldReason.PRIVATE_GROUND
    return None


def place_task(
    session: Session, request: ServiceRequest, plan: Plan, change: Change, now: datetime
) -> Task:
    """Put the request on the route at its place, if the route is still as it was planned on."""
    route_id = plan.seen.crew_route_id
    moved = session.execute(
        update(CrewRoute)
        .where(CrewRoute.id == route_id, CrewRoute.version == plan.seen.version)
        .values(version=CrewRoute.version + 1, travel_times=plan.travel_times)
    )
    if not moved.rowcount:  # type: ignore[attr-defined]
        raise RouteMoved
    change_status(session, request, change)
    position = _make_room(session, route_id, plan.placement.position)
    task = Task(
        service_request_id=request.id,
        crew_route_id=route_id,
        crew_id=plan.placement.crew_id,
        state=TaskState.PLANNED,
        position=position,
        arrive_at=plan.placement.arrive_at,
        why=_why(plan),
        planned_at=now,
    )
    session.add(task)
    session.flush()
    return task


def plan_for(
    request: ServiceRequest,
    *,
    only_crew_id: int | None = None,
    not_crews: frozenset[int] = frozenset(),
) -> Plan | NoPlace:
    """The best crew and place as the routes stand now; reads only."""
    now = gateways().clock.now()
    seen = [
        each
        for each in open_routes(db.session(), now)
        if only_crew_id in (None, each.route.crew.crew_id)
        and each.route.crew.crew_id not in not_crews
    ]
    service = SERVICES[request.service_code]
    need = Need(request.service_code, service.skills, request.kvarter)
    providers: set[str] = set()

    def travel(vehicle: Any, points: Any) -> Any:
        table = gateways().travel_times.table(vehicle, points)
        providers.add(table.provider)
        return table.seconds

    stop = planned_stop(NEW_STOP, request, first=request.first_in_line)
    answer = place_on_route(stop, need, [each.route for each in seen], travel, policy_in_force())
    if isinstance(answer, NoPlace):
        return answer
    chosen = next(each for each in seen if each.route.crew.crew_id == answer.crew_id)
    return Plan(chosen, answer, "+".join(sorted(providers)))


def handed_back_by(request: ServiceRequest) -> frozenset[int]:
    """Crews on shift that gave it back since the desk last released it; not asked again today."""
    tasks = (
        select(Task.crew_id)
        .join(Task.crew_route)
        .join(CrewRoute.shift)
        .where(
            Task.service_request_id == request.id,
            Task.state == TaskState.RETURNED,
            Shift.ended_at.is_(None),
        )
    )
    if request.released_at is not None:
        tasks = tasks.where(Task.ended_at > request.released_at)
    return frozenset(db.session.scalars(tasks))


def _assign_once(service_request_id: int, via: Via) -> None:
    request = db.session.get_one(ServiceRequest, service_request_id)
    hold = held_because(request)
    given_back = handed_back_by(request)
    plan = None if hold else plan_for(request, not_crews=given_back)
    db.session.rollback()
    now = gateways().clock.now()
    with finishing(WorkKind.ASSIGN_REQUEST, service_request_id, via) as finish:
        row = finish.session.get_one(ServiceRequest, service_request_id)
        if row.status != Status.RECEIVED:
            return
        if hold:
            change_status(finish.session, row, Change(Status.HELD, SYSTEM, reason=hold))
        elif isinstance(plan, Plan):
            place_task(finish.session, row, plan, Change(Status.ASSIGNED, SYSTEM), now)
        elif given_back:
            change_status(
                finish.session, row, Change(Status.HELD, SYSTEM, reason=HoldReason.HANDED_BACK)
            )
        else:
            finish.postpone(now + LOOK_AGAIN, "shift")


def _make_room(session: Session, route_id: int, place: int) -> int:
    """The stored position that puts a task at `place` among the route's live tasks."""
    positions = session.scalars(
        select(Task.position)
        .where(Task.crew_route_id == route_id, Task.state.in_(LIVE_TASKS))
        .order_by(Task.position, Task.id)
    ).all()
    if place >= len(positions):
        last = session.scalar(select(func.max(Task.position)).where(Task.crew_route_id == route_id))
        return (last or 0) + 1
    session.execute(
        update(Task)
        .where(
            Task.crew_route_id == route_id,
            Task.state.in_(LIVE_TASKS),
            Task.position >= positions[place],
        )
        .values(position=Task.position + 1)
    )
    return positions[place]


def _why(plan: Plan) -> dict[str, Any]:
    return {
        "travel_times": plan.travel_times,
        "considered": [_considered(each) for each in plan.placement.considered],
    }


def _considered(each: Considered) -> dict[str, Any]:
    return {
        "crew": each.name,
        "misfit": each.misfit.value if each.misfit else None,
        "outside_area": each.outside_area,
        "load": each.load,
        "cost": round(each.cost) if each.cost is not None else None,
        "extra_travel_s": round(each.extra_travel_s) if each.extra_travel_s is not None else None,
        "late_s": round(each.late_s) if each.late_s is not None else None,
        "arrive_at": each.arrive_at.isoformat() if each.arrive_at else None,
    }
