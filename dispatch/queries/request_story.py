"""One request's whole story, as the desk reads it: facts, tasks, ledger, observations, messages, photos.

A fixed number of queries. The contact's value is not read here but in `request_lookup.contact_of`,
which the desk calls only after the viewing has been logged. The reporter's token is never read.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from dispatch.extensions import db
from dispatch.models import (
    Contact,
    Crew,
    Message,
    MessageState,
    Observation,
    Photo,
    PhotoKind,
    PhotoState,
    ServiceRequest,
    StatusChange,
    Task,
)
from dispatch.rules.catalogue import PlaceKind, Priority, ServiceCode, Source, Surface
from dispatch.rules.outcome import Outcome
from dispatch.rules.status import CLOSED, LIVE_TASKS, OPEN, Status, TaskState

MOST_FOLLOWERS = 50


@dataclass(frozen=True)
class Facts:
    """What the report itself says, and where it stands. `lat`, `lon` in WGS 84."""

    id: int
    reference: str
    source: Source
    service_code: ServiceCode
    place_kind: PlaceKind | None
    status: Status
    outcome: Outcome | None
    reason: str | None
    hold_detail: str | None
    lat: float | None
    lon: float | None
    address: str
    rode: str | None
    kvarter: str | None
    needle_count: int | None
    surface: Surface | None
    capped: bool | None
    risk_now: bool
    description: str
    personal_data_seen: bool
    language: str
    priority: Priority | None
    due_at: datetime | None
    due_reason: dict[str, Any] | None
    first_in_line: bool
    forwarded_to: str | None
    duplicate_of: str | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    contact_erased_at: datetime | None
    photos_erased_at: datetime | None
    text_erased_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def may_reopen(self) -> bool:
        return self.status in CLOSED and self.status != Status.WITHDRAWN


@dataclass(frozen=True)
class Considered:
    """One crew the plan looked at; seconds where there is an offer, `misfit` where there is none."""

    crew: str
    misfit: str | None
    outside_area: bool
    load: int
    cost: float | None
    extra_travel_s: float | None
    late_s: float | None
    arrive_at: datetime | None


@dataclass(frozen=True)
class TaskLine:
    """One crew's turn at it. `considered` is empty where nobody kept why."""

    id: int
    crew_id: int
    crew: str
    state: TaskState
    position: int
    arrive_at: datetime | None
    travel_times: str
    considered: tuple[Considered, ...]
    outcome: Outcome | None
    needles: int | None
    other_sharps: int | None
    bags: int | None
    minutes: int | None
    note: str
    planned_at: datetime
    started_at: datetime | None
    arrived_at: datetime | None
    ended_at: datetime | None

    @property
    def live(self) -> bool:
        return self.state in LIVE_TASKS


@dataclass(frozen=True)
class LedgerLine:
    """One line of history, with the message it gave rise to where there is one."""

    id: int
    old: Status | None
    new: Status
    outcome: Outcome | None
    reason: str | None
    by: str
    note: str
    facts: dict[str, Any]
    at: datetime
    message_state: MessageState | None
    message_subject: str | None
    message_body: str | None


@dataclass(frozen=True)
class ObservationLine:
    """A crew's close that no longer fitted."""

    by: str
    action: str
    outcome: Outcome | None
    needles: int | None
    other_sharps: int | None
    bags: int | None
    note: str
    why_not: str
    occurred_at: datetime
    received_at: datetime


@dataclass(frozen=True)
class PhotoLine:
    """One photo; only a READY one can be shown."""

    served_name: str
    kind: PhotoKind
    state: PhotoState
    width: int | None
    height: int | None
    bad_code: str | None
    created_at: datetime


@dataclass(frozen=True)
class RequestStory:
    """Everything the request's page shows; newest last in each part. `followers` are duplicates of it."""

    facts: Facts
    tasks: tuple[TaskLine, ...]
    ledger: tuple[LedgerLine, ...]
    observations: tuple[ObservationLine, ...]
    photos: tuple[PhotoLine, ...]
    followers: tuple[str, ...]
    contact_kind: str | None

    @property
    def task(self) -> TaskLine | None:
        """The task that counts: the live one, else the last that was done."""
        live = [task for task in self.tasks if task.live]
        done = [task for task in self.tasks if task.state == TaskState.DONE]
        if self.facts.is_open:
            return live[-1] if live else None
        return done[-1] if done else None


def request_story(request_id: int) -> RequestStory | None:
    """The story of the request with this id; None when there is none."""
    facts = _facts(request_id)
    if facts is None:
        return None
    return RequestStory(
        facts=facts,
        tasks=_tasks(facts.id),
        ledger=_ledger(facts.id),
        observations=_lines(ObservationLine, Observation, facts.id),
        photos=_lines(PhotoLine, Photo, facts.id),
        followers=_followers(facts.id),
        contact_kind=_contact_kind(facts.id),
    )


def _facts(request_id: int) -> Facts | None:
    kept = aliased(ServiceRequest)
    own = [name for name in Facts.__dataclass_fields__ if name != "duplicate_of"]
    row = (
        db.session.execute(
            select(
                *(getattr(ServiceRequest, name) for name in own),
                kept.reference.label("duplicate_of"),
            )
            .outerjoin(kept, ServiceRequest.duplicate_of_id == kept.id)
            .where(ServiceRequest.id == request_id)
        )
        .mappings()
        .first()
    )
    return Facts(**row) if row else None


def _tasks(request_id: int) -> tuple[TaskLine, ...]:
    plain = [
        name
        for name in TaskLine.__dataclass_fields__
        if name not in {"crew", "travel_times", "considered"}
    ]
    rows = db.session.execute(
        select(*(getattr(Task, name) for name in plain), Crew.name.label("crew"), Task.why)
        .join(Task.crew)
        .where(Task.service_request_id == request_id)
        .order_by(Task.id)
    ).mappings()
    return tuple(_task_line(dict(row)) for row in rows)


def _task_line(row: dict[str, Any]) -> TaskLine:
    why = row.pop("why") or {}
    considered = tuple(_considered(each) for each in why.get("considered", ()))
    return TaskLine(**row, travel_times=why.get("travel_times", ""), considered=considered)


def _considered(kept: dict[str, Any]) -> Considered:
    arrive = kept.get("arrive_at")
    return Considered(
        crew=str(kept.get("crew", "")),
        misfit=kept.get("misfit"),
        outside_area=bool(kept.get("outside_area")),
        load=int(kept.get("load") or 0),
        cost=kept.get("cost"),
        extra_travel_s=kept.get("extra_travel_s"),
        late_s=kept.get("late_s"),
        arrive_at=datetime.fromisoformat(arrive) if arrive else None,
    )


def _ledger(request_id: int) -> tuple[LedgerLine, ...]:
    line = StatusChange
    rows = db.session.execute(
        select(
            line.id, line.old, line.new, line.outcome, line.reason, line.by, line.note, line.facts,
            line.at, Message.state.label("message_state"),
            Message.subject.label("message_subject"), Message.body.label("message_body"),
        )
        .outerjoin(Message, Message.status_change_id == line.id)
        .where(line.service_request_id == request_id)
        .order_by(line.id)
    ).mappings()  # fmt: skip
    return tuple(LedgerLine(**dict(row) | {"facts": row["facts"] or {}}) for row in rows)


def _lines(shape: type[Any], table: type[Any], request_id: int) -> tuple[Any, ...]:
    """Rows of a table that belongs to the request, in the order they came, as frozen `shape`s."""
    columns = [getattr(table, name) for name in shape.__dataclass_fields__]
    rows = db.session.execute(
        select(*columns).where(table.service_request_id == request_id).order_by(table.id)
    )
    return tuple(shape(**row) for row in rows.mappings())


def _followers(request_id: int) -> tuple[str, ...]:
    return tuple(
        db.session.scalars(
            select(ServiceRequest.reference)
            .where(ServiceRequest.duplicate_of_id == request_id)
            .order_by(ServiceRequest.id)
            .limit(MOST_FOLLOWERS)
        )
    )


def _contact_kind(request_id: int) -> str | None:
    return db.session.scalar(select(Contact.kind).where(Contact.service_request_id == request_id))
