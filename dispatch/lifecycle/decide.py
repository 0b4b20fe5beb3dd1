"""What the coordinator decides by hand: assign, release, decline, merge, forward, reopen.

Each ends the live task where there is one and writes its reason in the ledger. `by` is the
account's name. Automatic routing is not here but in `assign.py`.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.lifecycle.assess import assess
from dispatch.lifecycle.assign import MOST_TRIES, Plan, RouteMoved, place_task, plan_for
from dispatch.lifecycle.resolve import bump_route, end_task
from dispatch.lifecycle.transition import Change, change_status
from dispatch.lifecycle.work_list import owe, writing
from dispatch.models import ServiceRequest, Task, WorkKind
from dispatch.rules.catalogue import Authority, DeclineReason
from dispatch.rules.personal_data import blocks, clean_text, find_personal_data
from dispatch.rules.problems import AlreadyDone, NotFound, Refused
from dispatch.rules.status import CLOSED, LIVE_TASKS, Status, TaskState

MOST_NOTE = 2000


def assign_by_hand(request_id: int, crew_id: int, *, by: str) -> None:
    """Put it on this crew's route now; raises Refused when the crew has no open route."""
    for _ in range(MOST_TRIES):
        try:
            return _assign_once(request_id, crew_id, by)
        except RouteMoved:
            continue
    raise AlreadyDone("route_moved")


def release(request_id: int, *, note: str, by: str) -> None:
    """Take it out of held, or off a route, and let the rules route it.

    What it was held for is thereby answered: private ground may be entered, and crews that gave it
    back may be asked again.
    """

    def step(session: Session, request: ServiceRequest, now: datetime) -> None:
        if request.lat is None:
            raise Refused.at("place", "place_missing")
        _end_live_task(session, request, now)
        also = {"released_at": now}
        change_status(session, request, Change(Status.RECEIVED, by, note=_note(note), also=also))
        owe(session, WorkKind.ASSIGN_REQUEST, request.id)

    _change(request_id, step)


def decline(request_id: int, *, reason: str, note: str, by: str) -> None:
    """Say no, with a reason the reporter can read."""
    if reason not in set(DeclineReason):
        raise Refused.at("reason", "reason_missing")
    _end(request_id, Change(Status.DECLINED, by, reason=reason, note=_note(note)))


def forward(request_id: int, *, authority: str, note: str, by: str) -> None:
    """Pass it to a named authority; nothing personal leaves through the program."""
    if authority not in set(Authority):
        raise Refused.at("authority", "authority_missing")
    also = {"forwarded_to": authority}
    change = Change(
        Status.FORWARDED, by, note=_note(note), facts={"authority": authority}, also=also
    )
    _end(request_id, change)


def mark_duplicate(request_id: int, *, of_reference: str, by: str) -> None:
    """Let it follow the one that is kept; a chain is cut to its head, a ring is refused."""

    def step(session: Session, request: ServiceRequest, now: datetime) -> None:
        kept = _head_of(session, of_reference)
        if kept.id == request.id:
            raise Refused.at("of_reference", "duplicate_of_itself")
        _end_live_task(session, request, now)
        also = {"duplicate_of_id": kept.id}
        change = Change(Status.DUPLICATE, by, facts={"of": kept.reference}, also=also)
        change_status(session, request, change)

    _change(request_id, step)


def reopen(request_id: int, *, note: str, by: str) -> None:
    """Open a closed one again; it is routed first in line, with a new deadline from now."""

    def step(session: Session, request: ServiceRequest, now: datetime) -> None:
        if request.status not in CLOSED:
            raise AlreadyDone("status_is", status=request.status.value)
        bring_back(
            session, request, Change(Status.RECEIVED, by, reason="reopened", note=_note(note))
        )

    _change(request_id, step)


def move_pin(request_id: int, *, lat: float, lon: float, address: str, by: str) -> None:
    """Set the place of a request that has none, or a wrong one; then it can be released."""

    def step(session: Session, request: ServiceRequest, now: datetime) -> None:
        if request.status in CLOSED:
            raise AlreadyDone("status_is", status=request.status.value)
        if not gateways().place_data.covers(lat, lon):
            raise Refused.at("place", "outside_area")
        if blocks(find_personal_data(address)):
            raise Refused.at("address", "cpr_in_text")
        request.lat, request.lon = lat, lon
        request.address = clean_text(address).strip()[:240] or (
            gateways().place_data.address_at(lat, lon) or ""
        )
        request.updated_at = now
        assess(request, reported_at=request.created_at)
        task = live_task(session, request.id)
        if task is not None:
            bump_route(session, task.crew_route_id)
        elif request.status == Status.RECEIVED:
            owe(session, WorkKind.ASSIGN_REQUEST, request.id)

    _change(request_id, step)


def bring_back(session: Session, request: ServiceRequest, change: Change) -> None:
    """Reopen within a transaction: new deadline from now, first in line, routed at once."""
    change_status(session, request, change)
    request.first_in_line = True
    assess(request, reported_at=gateways().clock.now())
    session.flush()
    kind = WorkKind.ASSIGN_REQUEST if request.lat is not None else WorkKind.LOCATE_REQUEST
    owe(session, kind, request.id)


def _assign_once(request_id: int, crew_id: int, by: str) -> None:
    request = _get(db.session(), request_id)
    if request.lat is None:
        raise Refused.at("place", "place_missing")
    has_it = live_task(db.session(), request_id)
    if has_it is not None and has_it.crew_id == crew_id:
        raise Refused.at("crew_id", "crew_has_it")
    plan = plan_for(request, only_crew_id=crew_id)
    if not isinstance(plan, Plan):
        raise Refused.at("crew_id", f"crew_unfit_{plan.why.value}")

    def step(session: Session, row: ServiceRequest, now: datetime) -> None:
        _end_live_task(session, row, now)
        if row.status in {Status.ASSIGNED, Status.ATTENDING}:
            change_status(session, row, Change(Status.RECEIVED, by, reason="moved"))
        place_task(session, row, plan, Change(Status.ASSIGNED, by, reason="by_hand"), now)

    _change(request_id, step)


def _end(request_id: int, change: Change) -> None:
    def step(session: Session, request: ServiceRequest, now: datetime) -> None:
        _end_live_task(session, request, now)
        change_status(session, request, change)

    _change(request_id, step)


def _change(request_id: int, step: Callable[[Session, ServiceRequest, datetime], None]) -> None:
    with writing() as session:
        step(session, _get(session, request_id), gateways().clock.now())


def _head_of(session: Session, reference: str) -> ServiceRequest:
    """The request that the one with this reference follows, itself when it follows none."""
    kept = session.scalar(
        select(ServiceRequest).where(ServiceRequest.reference == reference.strip())
    )
    if kept is None:
        raise Refused.at("of_reference", "reference_unknown")
    seen: set[int] = set()
    while kept.duplicate_of is not None and kept.id not in seen:
        seen.add(kept.id)
        kept = kept.duplicate_of
    return kept


def _get(session: Session, request_id: int) -> ServiceRequest:
    request = session.get(ServiceRequest, request_id)
    if request is None:
        raise NotFound("request_not_found")
    return request


def _end_live_task(session: Session, request: ServiceRequest, now: datetime) -> None:
    task = live_task(session, request.id)
    if task is not None:
        end_task(session, task, TaskState.CANCELLED, now)
        session.flush()


def live_task(session: Session, request_id: int) -> Task | None:
    """The task a crew has for this request now."""
    return session.scalar(
        select(Task).where(Task.service_request_id == request_id, Task.state.in_(LIVE_TASKS))
    )


def _note(note: str) -> str:
    text = clean_text(note).strip()
    if len(text) > MOST_NOTE:
        raise Refused.at("note", "text_too_long", **{"most": MOST_NOTE, "is": len(text)})
    if blocks(find_personal_data(text)):
        raise Refused.at("note", "cpr_in_text")
    return text
