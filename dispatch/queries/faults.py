"""What `renhold doctor` finds: places where rows, tasks, photos, outbox and ledger disagree.

Each check is one query, or one question to the broker, that returns nothing when all is well. Mending is not done here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, exists, func, not_, or_, select

from dispatch.extensions import bound, db
from dispatch.gateways import gateways
from dispatch.job_queue import broker_answers
from dispatch.models import (
    CrewRoute,
    Message,
    MessageState,
    Photo,
    PhotoState,
    ServiceRequest,
    Shift,
    StatusChange,
    Task,
    Work,
    WorkKind,
)
from dispatch.rules.status import CLOSED, LIVE_TASKS, Status

OVERDUE = timedelta(minutes=2)


@dataclass(frozen=True)
class Fault:
    """One disagreement: what kind, which row, and how to mend it."""

    kind: str
    subject: str
    words: str


def find_faults() -> list[Fault]:
    """All faults, oldest kind of harm first; an empty list is health."""
    checks = (
        _ledger_disagrees,
        _closed_without_time,
        _received_without_work,
        _on_route_without_task,
        _task_without_status,
        _task_on_ended_shift,
        _two_live_tasks,
        _message_without_work,
        _photo_without_work,
        _overdue_work,
        _photo_missing,
        _orphaned_photo_files,
        _broker_silent,
    )
    return [fault for check in checks for fault in check()]


def _ledger_disagrees() -> Iterator[Fault]:
    last = (
        select(StatusChange.service_request_id, func.max(StatusChange.id).label("id"))
        .group_by(StatusChange.service_request_id)
        .subquery()
    )
    rows = db.session.execute(
        select(ServiceRequest.reference, ServiceRequest.status, StatusChange.new)
        .outerjoin(last, last.c.service_request_id == ServiceRequest.id)
        .outerjoin(StatusChange, StatusChange.id == last.c.id)
        .where(or_(StatusChange.new.is_(None), StatusChange.new != ServiceRequest.status))
    )
    for reference, status, new in rows:
        yield Fault(
            "ledger",
            reference,
            f"status is {status.value}, the ledger says {new}: reopen it by hand.",
        )


def _closed_without_time() -> Iterator[Fault]:
    wrong = or_(
        and_(ServiceRequest.status.in_(CLOSED), ServiceRequest.closed_at.is_(None)),
        and_(not_(ServiceRequest.status.in_(CLOSED)), ServiceRequest.closed_at.is_not(None)),
    )
    for reference in db.session.scalars(select(ServiceRequest.reference).where(wrong)):
        yield Fault("closing-time", reference, "status and closing time disagree.")


def _received_without_work() -> Iterator[Fault]:
    owed = exists().where(
        Work.subject_id == ServiceRequest.id,
        Work.kind.in_((WorkKind.ASSIGN_REQUEST, WorkKind.LOCATE_REQUEST)),
    )
    rows = db.session.scalars(
        select(ServiceRequest.reference).where(ServiceRequest.status == Status.RECEIVED, not_(owed))
    )
    for reference in rows:
        yield Fault("forgotten", reference, "received, but nobody owes it a route: release it.")


def _on_route_without_task() -> Iterator[Fault]:
    live = exists().where(Task.service_request_id == ServiceRequest.id, Task.state.in_(LIVE_TASKS))
    rows = db.session.scalars(
        select(ServiceRequest.reference).where(
            ServiceRequest.status.in_((Status.ASSIGNED, Status.ATTENDING)), not_(live)
        )
    )
    for reference in rows:
        yield Fault("no-task", reference, "assigned, but no crew has a task for it: release it.")


def _task_without_status() -> Iterator[Fault]:
    rows = db.session.execute(
        select(Task.id, ServiceRequest.reference)
        .join(Task.service_request)
        .where(Task.state.in_(LIVE_TASKS))
        .where(not_(ServiceRequest.status.in_((Status.ASSIGNED, Status.ATTENDING))))
    )
    for task_id, reference in rows:
        yield Fault(
            "stray-task", f"{reference} task {task_id}", "a crew has it, the status says no."
        )


def _task_on_ended_shift() -> Iterator[Fault]:
    rows = db.session.execute(
        select(Task.id, ServiceRequest.reference)
        .join(Task.service_request)
        .join(Task.crew_route)
        .join(CrewRoute.shift)
        .where(Task.state.in_(LIVE_TASKS), Shift.ended_at.is_not(None))
    )
    for task_id, reference in rows:
        yield Fault("ended-shift", f"{reference} task {task_id}", "open task on an ended shift.")


def _two_live_tasks() -> Iterator[Fault]:
    rows = db.session.execute(
        select(Task.service_request_id, func.count())
        .where(Task.state.in_(LIVE_TASKS))
        .group_by(Task.service_request_id)
        .having(func.count() > 1)
    )
    for request_id, number in rows:
        yield Fault("double-task", f"request {request_id}", f"{number} crews have it.")


def _message_without_work() -> Iterator[Fault]:
    owed = exists().where(Work.subject_id == Message.id, Work.kind == WorkKind.SEND_MESSAGE)
    rows = db.session.execute(
        select(Message.id, ServiceRequest.reference)
        .join(ServiceRequest, ServiceRequest.id == Message.service_request_id)
        .where(Message.state == MessageState.WAITING, not_(owed))
    )
    for message_id, reference in rows:
        words = "waits, but nobody owes it: tell the reporter by hand."
        yield Fault("unsent", f"{reference} message {message_id}", words)


def _photo_without_work() -> Iterator[Fault]:
    owed = exists().where(Work.subject_id == Photo.id, Work.kind == WorkKind.PREPARE_PHOTO)
    rows = db.session.execute(
        select(Photo.id, ServiceRequest.reference)
        .join(ServiceRequest, ServiceRequest.id == Photo.service_request_id)
        .where(Photo.state == PhotoState.WAITING, not_(owed))
    )
    for photo_id, reference in rows:
        words = "waits, but nobody owes its preparation: ask for the photo again."
        yield Fault("unprepared", f"{reference} photo {photo_id}", words)


def _overdue_work() -> Iterator[Fault]:
    before = gateways().clock.now() - OVERDUE
    rows = db.session.execute(
        select(Work.kind, Work.subject_id, Work.attempts, Work.last_error).where(
            Work.due_at < before, Work.waits_for.is_(None)
        )
    )
    for kind, subject, attempts, error in rows:
        words = f"owed for over two minutes, {attempts} attempts, last error {error or 'none'}."
        yield Fault("overdue-work", f"{kind.value} {subject}", f"{words} Are workers running?")


def _photo_missing() -> Iterator[Fault]:
    there = set(gateways().photo_store.ready_names())
    rows = db.session.execute(select(Photo.id, Photo.sha256).where(Photo.state == PhotoState.READY))
    for photo_id, sha256 in rows:
        if sha256 not in there:
            yield Fault(
                "photo", f"photo {photo_id}", "its file is missing: restore it or delete it."
            )


def _orphaned_photo_files() -> Iterator[Fault]:
    """Files first, rows after: what a worker puts down meanwhile is not taken for an orphan."""
    there = set(gateways().photo_store.ready_names())
    db.session.rollback()  # the rows as they are now, not as they were at our first question
    named = db.session.scalars(select(Photo.sha256).where(Photo.sha256.is_not(None)))
    orphans = there - set(named)
    if orphans:
        words = "no photo names them: delete them from ready/ in PHOTO_STORE."
        yield Fault("orphaned-files", f"{len(orphans)} files, first {min(orphans)}", words)


def _broker_silent() -> Iterator[Fault]:
    if bound("settings").redis_url and not broker_answers():
        words = (
            "does not answer: start it, or correct REDIS_URL. The sweep does the work meanwhile."
        )
        yield Fault("broker", "REDIS_URL", words)
