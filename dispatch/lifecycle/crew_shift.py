"""A crew's shift: begin, break, box, end; and the needle-stick that the coordinator must see.

Starting a shift opens a route and wakes every request that waited for a crew. Ending it gives
back what was not done. How the tasks themselves end is in `resolve.py`.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.lifecycle.crew_action import MOST_MEMBERS, ActionAnswer, CrewAction
from dispatch.lifecycle.resolve import bump_route, end_task
from dispatch.lifecycle.transition import SYSTEM, Change, change_status
from dispatch.lifecycle.work_list import owe
from dispatch.models import Crew, CrewRoute, Incident, ServiceRequest, Shift, Task, WorkKind
from dispatch.rules.catalogue import Vehicle
from dispatch.rules.personal_data import clean_text
from dispatch.rules.problems import AlreadyDone, Refused
from dispatch.rules.status import LIVE_TASKS, Status, TaskState
from dispatch.rules.working_hours import COPENHAGEN

SHORTEST = timedelta(hours=1)


def shift_start(session: Session, action: CrewAction, now: datetime) -> ActionAnswer:
    """Open a shift and its route; requests that waited for a crew are routed now."""
    if _open_shift(session, action.crew_id) is not None:
        return ActionAnswer("nothing", "already_so")
    crew = session.get_one(Crew, action.crew_id)
    if action.vehicle and action.vehicle not in set(Vehicle):
        raise Refused.at("vehicle", "vehicle_unknown")
    shift = Shift(
        crew_id=crew.id,
        vehicle=Vehicle(action.vehicle) if action.vehicle else crew.vehicle,
        members=clean_text(action.members).strip()[:MOST_MEMBERS],
        started_at=now,
        ends_at=_planned_end(crew, now),
    )
    session.add(shift)
    session.flush()
    route = CrewRoute(shift_id=shift.id, last_lat=crew.start_lat, last_lon=crew.start_lon)
    session.add(route)
    session.flush()
    wake_waiting(session)
    return ActionAnswer("applied", "ok", route_version=route.version)


def shift_end(session: Session, action: CrewAction, now: datetime) -> ActionAnswer:
    """Close the shift; what was not done is received again and routed to others."""
    shift = _open_shift(session, action.crew_id)
    if shift is None:
        return ActionAnswer("nothing", "already_so")
    shift.ended_at = now
    shift.break_since = None
    session.flush()
    route = _route_of(session, shift)
    for task in session.scalars(
        select(Task).where(Task.crew_route_id == route.id, Task.state.in_(LIVE_TASKS))
    ).all():
        end_task(session, task, TaskState.RETURNED, now)
        change_status(
            session, task.service_request, Change(Status.RECEIVED, SYSTEM, reason="shift_ended")
        )
        owe(session, WorkKind.ASSIGN_REQUEST, task.service_request_id)
    return ActionAnswer("applied", "ok")


def break_start(session: Session, action: CrewAction, now: datetime) -> ActionAnswer:
    """Nothing new is planned for a crew on break."""
    shift = _shift_needed(session, action.crew_id)
    if shift.break_since is not None:
        return ActionAnswer("nothing", "already_so")
    shift.break_since = now
    return _shift_changed(session, shift)


def break_end(session: Session, action: CrewAction, now: datetime) -> ActionAnswer:
    """Back on the street; what waited meanwhile is routed."""
    shift = _shift_needed(session, action.crew_id)
    if shift.break_since is None:
        return ActionAnswer("nothing", "already_so")
    shift.break_since = None
    session.flush()
    wake_waiting(session)
    return _shift_changed(session, shift)


def box_emptied(session: Session, action: CrewAction, now: datetime) -> ActionAnswer:
    """The sharps box is empty again."""
    shift = _shift_needed(session, action.crew_id)
    shift.box_needles = 0
    return _shift_changed(session, shift)


def needle_stick(session: Session, action: CrewAction, now: datetime) -> ActionAnswer:
    """An accident the coordinator must see; no words about the person are kept."""
    session.add(
        Incident(
            crew_id=action.crew_id,
            kind="needle_stick",
            occurred_at=action.occurred_at,
            received_at=now,
        )
    )
    return ActionAnswer("applied", "ok")


def wake_waiting(session: Session) -> None:
    """Owe routing now for every request that is received and placed but on no route."""
    for request_id in session.scalars(
        select(ServiceRequest.id)
        .where(ServiceRequest.status == Status.RECEIVED, ServiceRequest.lat.is_not(None))
        .order_by(ServiceRequest.due_at)
    ).all():
        owe(session, WorkKind.ASSIGN_REQUEST, request_id)


def _open_shift(session: Session, crew_id: int) -> Shift | None:
    return session.scalar(select(Shift).where(Shift.crew_id == crew_id, Shift.ended_at.is_(None)))


def _shift_needed(session: Session, crew_id: int) -> Shift:
    shift = _open_shift(session, crew_id)
    if shift is None:
        raise AlreadyDone("no_shift")
    return shift


def _route_of(session: Session, shift: Shift) -> CrewRoute:
    return session.scalars(select(CrewRoute).where(CrewRoute.shift_id == shift.id)).one()


def _shift_changed(session: Session, shift: Shift) -> ActionAnswer:
    session.flush()
    route = _route_of(session, shift)
    bump_route(session, route.id)
    session.refresh(route)
    return ActionAnswer("applied", "ok", route_version=route.version)


def _planned_end(crew: Crew, now: datetime) -> datetime:
    """The crew's usual hour today, but at least an hour from now."""
    today = now.astimezone(COPENHAGEN).date()
    whole_day, hour = divmod(crew.ends_hour, 24)
    usual = datetime.combine(today + timedelta(days=whole_day), time(hour), COPENHAGEN)
    return max(usual, now + SHORTEST)
