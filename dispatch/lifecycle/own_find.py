"""What a crew finds and cleans on its way: a request that is received and resolved at once."""

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.gateways import gateways
from dispatch.lifecycle.assess import assess
from dispatch.lifecycle.attach_photo import attach_photo
from dispatch.lifecycle.crew_action import ActionAnswer, CrewAction
from dispatch.lifecycle.receive import TOKEN_BYTES, next_reference
from dispatch.lifecycle.resolve import facts_of, note_of
from dispatch.lifecycle.transition import Change, change_status, write_ledger
from dispatch.models import CrewRoute, PhotoKind, ServiceRequest, Shift, Task
from dispatch.rules.catalogue import ServiceCode, Source
from dispatch.rules.outcome import Outcome
from dispatch.rules.problems import AlreadyDone, Refused
from dispatch.rules.status import Status, TaskState


def own_find(session: Session, action: CrewAction, now: datetime) -> ActionAnswer:
    """Store and close it in one transaction, with the crew's numbers; needs an open shift."""
    if action.service_code not in set(ServiceCode):
        raise Refused.at("service_code", "service_unknown")
    if action.lat is None or action.lon is None:
        raise Refused.at("place", "place_missing")
    if not gateways().place_data.covers(action.lat, action.lon):
        raise Refused.at("place", "outside_area")
    route = session.scalar(
        select(CrewRoute)
        .join(CrewRoute.shift)
        .where(Shift.crew_id == action.crew_id, Shift.ended_at.is_(None))
    )
    if route is None:
        raise AlreadyDone("no_shift")
    request = _request(session, action, now)
    write_ledger(session, request, None, Change(Status.RECEIVED, action.by), now)
    task = _task(action, request, route, now)
    session.add(task)
    session.flush()
    change = Change(
        Status.RESOLVED,
        action.by,
        outcome=Outcome.REMOVED,
        facts=facts_of(action),
        own_find=True,
    )
    change_status(session, request, change)
    route.shift.box_needles += action.needles or 0
    for name in action.photos:
        attach_photo(session, request.id, name, PhotoKind.AFTER, task.id)
    return ActionAnswer("applied", "ok", task.id, task.version, route.version)


def _request(session: Session, action: CrewAction, now: datetime) -> ServiceRequest:
    lat, lon = action.lat or 0.0, action.lon or 0.0
    request = ServiceRequest(
        reference=next_reference(session, now),
        token=secrets.token_urlsafe(TOKEN_BYTES),
        form_key=sha256(f"crew {action.crew_id} {action.key}".encode()).hexdigest(),
        source=Source.CREW,
        service_code=ServiceCode(action.service_code or ""),
        status=Status.RECEIVED,
        lat=lat,
        lon=lon,
        address=gateways().place_data.address_at(lat, lon) or "",
        needle_count=action.needles,
        description=note_of(action),
        created_at=now,
        updated_at=now,
    )
    assess(request, reported_at=now)
    session.add(request)
    session.flush()
    return request


def _task(action: CrewAction, request: ServiceRequest, route: CrewRoute, now: datetime) -> Task:
    return Task(
        service_request_id=request.id,
        crew_route_id=route.id,
        crew_id=action.crew_id,
        state=TaskState.DONE,
        position=0,
        outcome=Outcome.REMOVED,
        needles=action.needles,
        other_sharps=action.other_sharps,
        bags=action.bags,
        minutes=action.minutes,
        planned_at=now,
        started_at=now,
        arrived_at=now,
        ended_at=now,
    )
