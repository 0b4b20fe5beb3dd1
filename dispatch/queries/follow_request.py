"""What the reporter may read with the tracking link: where it is, the story, by when.

Never the contact, the text, another reporter's number or who on the staff did it. A link that is
past its time is Gone; one that never was is NotFound.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from dispatch.extensions import db
from dispatch.models import Photo, ServiceRequest, StatusChange
from dispatch.models.photo import PhotoKind, PhotoState
from dispatch.rules.catalogue import PlaceKind, Priority, ServiceCode
from dispatch.rules.outcome import Outcome
from dispatch.rules.policy import Policy
from dispatch.rules.problems import Gone, NotFound
from dispatch.rules.retention import Part, due_for_erasure
from dispatch.rules.status import CLOSED, OPEN, Status
from dispatch.rules.telling import promises_visit


@dataclass(frozen=True)
class StoryLine:
    """One line of the ledger, without who did it."""

    old: Status | None
    new: Status
    outcome: Outcome | None
    reason: str | None
    note: str
    facts: dict[str, Any] | None
    at: datetime


@dataclass(frozen=True)
class FollowedRequest:
    """A request as its reporter sees it; `story` newest first.

    `kept_status` is where the request is that a duplicate follows; None for all others. `late`: it
    is open and its deadline has passed. `due_at` is None where no visit is promised.
    """

    reference: str
    token: str
    status: Status
    outcome: Outcome | None
    service_code: ServiceCode
    place_kind: PlaceKind | None
    address: str
    has_place: bool
    priority: Priority | None
    due_at: datetime | None
    due_reason: dict[str, Any] | None
    created_at: datetime
    closed_at: datetime | None
    personal_data_seen: bool
    photos_ready: int
    photos_bad: int
    story: tuple[StoryLine, ...]
    kept_status: Status | None
    late: bool

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


def follow_request(token: str, *, now: datetime, policy: Policy) -> FollowedRequest:
    """Raises NotFound for an unknown link and Gone for one that has expired."""
    row = db.session.scalar(select(ServiceRequest).where(ServiceRequest.token == token))
    if row is None:
        raise NotFound("report_not_found")
    due = due_for_erasure(
        created_at=row.created_at, closed_at=row.closed_at, now=now, policy=policy
    )
    if Part.TRACKING in due and row.status in CLOSED:
        raise Gone("report_expired")
    photos = _photos(row.id)
    due_at = row.due_at if promises_visit(row.service_code, row.place_kind) else None
    return FollowedRequest(
        reference=row.reference,
        token=row.token,
        status=row.status,
        outcome=row.outcome,
        service_code=row.service_code,
        place_kind=row.place_kind,
        address=row.address,
        has_place=row.lat is not None,
        priority=row.priority,
        due_at=due_at,
        due_reason=row.due_reason,
        created_at=row.created_at,
        closed_at=row.closed_at,
        personal_data_seen=row.personal_data_seen,
        photos_ready=photos.get(PhotoState.READY, 0) + photos.get(PhotoState.WAITING, 0),
        photos_bad=photos.get(PhotoState.BAD, 0),
        story=_story(row.id),
        kept_status=row.duplicate_of.status if row.duplicate_of else None,
        late=row.status in OPEN and due_at is not None and due_at < now,
    )


def _story(request_id: int) -> tuple[StoryLine, ...]:
    lines = db.session.scalars(
        select(StatusChange)
        .where(StatusChange.service_request_id == request_id)
        .order_by(StatusChange.id.desc())
    )
    return tuple(
        StoryLine(line.old, line.new, line.outcome, line.reason, line.note, line.facts, line.at)
        for line in lines
    )


def _photos(request_id: int) -> dict[PhotoState, int]:
    """How many of the reporter's own photos are in which state."""
    rows = db.session.execute(
        select(Photo.state, func.count())
        .where(Photo.service_request_id == request_id, Photo.kind == PhotoKind.REPORT)
        .group_by(Photo.state)
    )
    return {row[0]: row[1] for row in rows}
