"""What the coordinator asks to see, as conditions on rows: list, map and counts ask alike.

No rows are read here but the answers a filter offers.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select

from dispatch.extensions import db
from dispatch.models import ServiceRequest, Task
from dispatch.rules.catalogue import Priority, ServiceCode, Source
from dispatch.rules.status import LIVE_TASKS, OPEN, Status, TaskState

GIVEN = LIVE_TASKS | {TaskState.DONE}


@dataclass(frozen=True)
class DeskFilter:
    """What the coordinator asked to see; the default is everything open.

    `since` and `until` (exclusive) are about the day of closing where only closed ones are asked
    for, else about the day of receiving: so either has an index to go by.
    """

    statuses: frozenset[Status] = OPEN
    service_code: ServiceCode | None = None
    priority: Priority | None = None
    crew_id: int | None = None
    kvarter: str | None = None
    source: Source | None = None
    late: bool = False
    decide: bool = False
    since: datetime | None = None
    until: datetime | None = None
    page: int = 1

    @property
    def open_only(self) -> bool:
        return self.statuses <= OPEN

    @property
    def closed_only(self) -> bool:
        return not self.statuses & OPEN


def is_late(now: datetime) -> ColumnElement[bool]:
    """Open, past its deadline, and no crew there yet: a deadline is met by arriving."""
    arrived = exists().where(
        Task.service_request_id == ServiceRequest.id, Task.state == TaskState.ARRIVED
    )
    return and_(ServiceRequest.status.in_(OPEN), ServiceRequest.due_at < now, ~arrived)


def needs_decision(now: datetime) -> ColumnElement[bool]:
    """Held for a person, or Akut and late: Akut never waits its turn."""
    return or_(
        ServiceRequest.status == Status.HELD,
        and_(ServiceRequest.priority == Priority.AKUT, is_late(now)),
    )


def conditions_of(wanted: DeskFilter, now: datetime) -> list[ColumnElement[bool]]:
    """What a filter asks of a row; the map asks the same."""
    it = ServiceRequest
    # Without a status the day's index decides; asking for all nine would hide that from SQLite.
    whole = wanted.statuses == frozenset(Status)
    found: list[ColumnElement[bool]] = [] if whole else [it.status.in_(wanted.statuses)]
    equal = {
        it.service_code: wanted.service_code,
        it.priority: wanted.priority,
        it.kvarter: wanted.kvarter,
        it.source: wanted.source,
    }
    found += [column == value for column, value in equal.items() if value is not None]
    if wanted.crew_id is not None:
        found.append(_given_to(wanted.crew_id))
    if wanted.late:
        found.append(is_late(now))
    if wanted.decide:
        found.append(needs_decision(now))
    moment = it.closed_at if wanted.closed_only else it.created_at
    if wanted.since is not None:
        found.append(moment >= wanted.since)
    if wanted.until is not None:
        found.append(moment < wanted.until)
    return found


def _given_to(crew_id: int) -> ColumnElement[bool]:
    return exists().where(
        Task.service_request_id == ServiceRequest.id,
        Task.crew_id == crew_id,
        Task.state.in_(GIVEN),
    )


def open_kvarterer() -> tuple[str, ...]:
    """The small districts that have something open now, for a filter."""
    statement = (
        select(ServiceRequest.kvarter)
        .where(ServiceRequest.status.in_(OPEN), ServiceRequest.kvarter.is_not(None))
        .distinct()
    )
    return tuple(name for name in db.session.scalars(statement) if name)
