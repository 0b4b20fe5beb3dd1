"""The desk's list: what needs a decision first, then what is late, then the rest by deadline.

Reads only, and only what a page shows: three queries whatever the number of rows. Open requests
cost what is open; closed ones are read newest first within a span of days, never all of history.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from dispatch.extensions import db
from dispatch.models import Crew, Observation, ServiceRequest, Task
from dispatch.queries.desk_filter import GIVEN, DeskFilter, conditions_of, is_late, needs_decision
from dispatch.rules.catalogue import PlaceKind, Priority, ServiceCode
from dispatch.rules.outcome import Outcome
from dispatch.rules.status import LIVE_TASKS, OPEN, Status, TaskState

PAGE_ROWS = 50
MOST_PAGES = 100
MOST_COUNTED = 1000
MOST_WORDS = 8
EXCERPT = 160


class Bucket(IntEnum):
    """Where in the list a row stands, most pressing first."""

    DECIDE = 0
    LATE = 1
    OPEN = 2
    CLOSED = 3


@dataclass(frozen=True)
class DeskRow:
    """One line of the list. `crew` has it now, or did it; `late`: the deadline passed before arrival."""

    id: int
    reference: str
    service_code: ServiceCode
    status: Status
    outcome: Outcome | None
    reason: str | None
    hold_detail: str | None
    priority: Priority | None
    risk_now: bool
    needle_count: int | None
    place_kind: PlaceKind | None
    address: str
    kvarter: str | None
    lat: float | None
    lon: float | None
    due_at: datetime | None
    created_at: datetime
    closed_at: datetime | None
    excerpt: str
    late: bool
    bucket: Bucket
    crew: str | None = None
    task_state: TaskState | None = None
    arrive_at: datetime | None = None
    observations: int = 0

    @property
    def will_be_late(self) -> bool:
        """The plan itself says that the deadline will be missed."""
        if self.late or self.arrive_at is None or self.due_at is None or self.status not in OPEN:
            return False
        return self.task_state == TaskState.PLANNED and self.arrive_at > self.due_at


@dataclass(frozen=True)
class DeskPage:
    """One page of the list; `counted` stops at MOST_COUNTED, and `more` says that pages follow."""

    rows: tuple[DeskRow, ...]
    page: int
    counted: int
    more: bool

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_ROWS + 1

    @property
    def last(self) -> int:
        return (self.page - 1) * PAGE_ROWS + len(self.rows)


def desk_page(wanted: DeskFilter, now: datetime) -> DeskPage:
    """The rows of one page, with crews; pages beyond MOST_PAGES show the last one."""
    page = min(max(wanted.page, 1), MOST_PAGES)
    conditions = conditions_of(wanted, now)
    statement = _ordered(_columns(now), wanted, now).where(*conditions)
    rows = _rows(statement.limit(PAGE_ROWS + 1).offset((page - 1) * PAGE_ROWS))
    return DeskPage(
        rows=_with_crews(rows[:PAGE_ROWS]),
        page=page,
        counted=_count(conditions),
        more=len(rows) > PAGE_ROWS and page < MOST_PAGES,
    )


def search_desk(text: str, since: datetime, now: datetime) -> tuple[DeskRow, ...]:
    """The newest requests that hold every word of `text` in report, address or reference."""
    words = text.split()[:MOST_WORDS]
    if not words:
        return ()
    statement = (
        _columns(now)
        .where(ServiceRequest.created_at >= since, *(_holds(word) for word in words))
        .order_by(ServiceRequest.created_at.desc(), ServiceRequest.id.desc())
        .limit(PAGE_ROWS)
    )
    return _with_crews(_rows(statement))


def _columns(now: datetime) -> Select[Any]:
    it = ServiceRequest
    late = is_late(now)
    bucket = case(
        (it.status.not_in(OPEN), int(Bucket.CLOSED)),
        (needs_decision(now), int(Bucket.DECIDE)),
        (late, int(Bucket.LATE)),
        else_=int(Bucket.OPEN),
    )
    plain = (
        it.id, it.reference, it.service_code, it.status, it.outcome, it.reason, it.hold_detail,
        it.priority, it.risk_now, it.needle_count, it.place_kind, it.address, it.kvarter, it.lat,
        it.lon, it.due_at, it.created_at, it.closed_at,
    )  # fmt: skip
    excerpt = func.substr(it.description, 1, EXCERPT).label("excerpt")
    return select(*plain, excerpt, late.label("late"), bucket.label("bucket"))


def _ordered(statement: Select[Any], wanted: DeskFilter, now: datetime) -> Select[Any]:
    if wanted.open_only:
        return statement.order_by("bucket", ServiceRequest.due_at.nulls_last(), ServiceRequest.id)
    moment = ServiceRequest.closed_at if wanted.closed_only else ServiceRequest.created_at
    return statement.order_by(moment.desc(), ServiceRequest.id.desc())


def _holds(word: str) -> ColumnElement[bool]:
    """SQLite folds the case of a–z only, so that a word with Ø is tried in several spellings."""
    it = ServiceRequest
    spellings = {word, word.lower(), word.upper(), word.capitalize()}
    columns = [it.description, it.address, *([it.reference] if word[-1].isdigit() else [])]
    return or_(
        *(
            column.icontains(spelling, autoescape=True)
            for spelling in ({word} if word.isascii() else spellings)
            for column in columns
        )
    )


def _rows(statement: Select[Any]) -> list[DeskRow]:
    found = [dict(row) for row in db.session.execute(statement).mappings()]
    return [
        DeskRow(**row | {"bucket": Bucket(row["bucket"]), "late": bool(row["late"])})
        for row in found
    ]


def _count(conditions: Iterable[ColumnElement[bool]]) -> int:
    few = select(ServiceRequest.id).where(*conditions).limit(MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(few)) or 0


def _with_crews(rows: Sequence[DeskRow]) -> tuple[DeskRow, ...]:
    """The crew that has each row now, or did it, and how many observations lie beside it."""
    ids = [row.id for row in rows]
    tasks = _latest_tasks(ids)
    observed = _observed(ids)
    return tuple(
        replace(row, observations=observed.get(row.id, 0), **_task_facts(row, tasks.get(row.id)))
        for row in rows
    )


def _task_facts(row: DeskRow, task: Any) -> dict[str, Any]:
    if task is None or (row.status in OPEN and task.state not in LIVE_TASKS):
        return {}
    return {"crew": task.name, "task_state": task.state, "arrive_at": task.arrive_at}


def _latest_tasks(ids: Sequence[int]) -> dict[int, Any]:
    statement = (
        select(Task.service_request_id, Task.state, Task.arrive_at, Crew.name)
        .join(Task.crew)
        .where(Task.service_request_id.in_(ids), Task.state.in_(GIVEN))
        .order_by(Task.id)
    )
    return {row.service_request_id: row for row in db.session.execute(statement)}


def _observed(ids: Sequence[int]) -> dict[int, int]:
    statement = (
        select(Observation.service_request_id, func.count())
        .where(Observation.service_request_id.in_(ids))
        .group_by(Observation.service_request_id)
    )
    return dict(db.session.execute(statement).tuples().all())
