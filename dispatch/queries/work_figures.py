"""Numbers about the work itself, for the operators' monitor: done, owed, unsent, by status."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from dispatch.extensions import db
from dispatch.models import Message, MessageState, ServiceRequest, Work, WorkKind, WorkTally
from dispatch.queries.health import NO_CREW, heartbeat_ages
from dispatch.rules.status import Status


@dataclass(frozen=True)
class WorkDone:
    """Completed pieces of one kind, by the queue's jobs or by the sweep."""

    kind: str
    via: str
    done: int


@dataclass(frozen=True)
class WorkWaiting:
    """Owed pieces of one kind; `oldest_s` counts from when the first was due."""

    kind: str
    waiting: int
    for_a_shift: int
    oldest_s: float


@dataclass(frozen=True)
class WorkFigures:
    """Everything at one moment; nothing in it says whose report it is."""

    done: tuple[WorkDone, ...]
    waiting: tuple[WorkWaiting, ...]
    outbox_waiting: int
    outbox_oldest_s: float
    by_status: dict[str, int]
    heartbeats: dict[str, int]


def work_figures_at(now: datetime) -> WorkFigures:
    """All figures at `now`; kinds and statuses without rows count nought."""
    unsent, oldest = _outbox(now)
    return WorkFigures(_done(), _waiting(now), unsent, oldest, _by_status(), heartbeat_ages(now))


def _done() -> tuple[WorkDone, ...]:
    rows = db.session.execute(
        select(WorkTally.kind, WorkTally.via, func.sum(WorkTally.done)).group_by(
            WorkTally.kind, WorkTally.via
        )
    )
    return tuple(WorkDone(kind.value, via.value, int(done)) for kind, via, done in rows)


def _waiting(now: datetime) -> tuple[WorkWaiting, ...]:
    no_crew = Work.waits_for == NO_CREW
    first_due = func.min(case((no_crew, None), else_=Work.due_at), type_=Work.due_at.type)
    rows = db.session.execute(
        select(Work.kind, func.count(), func.count(case((no_crew, 1))), first_due).group_by(
            Work.kind
        )
    ).all()
    found = {
        kind: WorkWaiting(kind.value, waiting, shift, _age_s(now, due_at))
        for kind, waiting, shift, due_at in rows
    }
    return tuple(found.get(kind, WorkWaiting(kind.value, 0, 0, 0.0)) for kind in WorkKind)


def _outbox(now: datetime) -> tuple[int, float]:
    unsent, first = db.session.execute(
        select(func.count(), func.min(Message.created_at)).where(
            Message.state == MessageState.WAITING
        )
    ).one()
    return unsent, _age_s(now, first)


def _by_status() -> dict[str, int]:
    rows = db.session.execute(
        select(ServiceRequest.status, func.count()).group_by(ServiceRequest.status)
    )
    found = {status: int(number) for status, number in rows}
    return {status.value: found.get(status, 0) for status in Status}


def _age_s(now: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
