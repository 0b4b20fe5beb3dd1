"""Erase personal data when its time has come: contacts, photos, texts and exact places.

Daily by the workers, by hand with `renhold forget`, and as a dry run that only counts. What is due
when is decided in `rules/retention.py`. Copies go too: kept messages, old answers of the address
service, uploads that no row names, ended sessions.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.lifecycle.lease import take_lease
from dispatch.lifecycle.work_list import writing
from dispatch.models import (
    Contact,
    CrewActionReceipt,
    GeocodeAnswer,
    Message,
    MessageState,
    Observation,
    Photo,
    PhotoState,
    ServiceRequest,
    Shift,
    StaffSession,
    StatusChange,
    Task,
)
from dispatch.models.policy_in_force import policy_in_force
from dispatch.rules.policy import Policy
from dispatch.rules.retention import Part, due_for_erasure, rounded_place

log = logging.getLogger("renhold.forget")

AT_ONCE = 200
ONCE_A_DAY = timedelta(hours=20)
LONELY_UPLOAD = timedelta(days=1)


@dataclass
class Forgotten:
    """How many requests lost which part, or would lose it in a dry run."""

    parts: dict[str, int] = field(default_factory=dict)

    def add(self, part: str, number: int = 1) -> None:
        self.parts[part] = self.parts.get(part, 0) + number


def forget_if_due() -> None:
    """The daily run: whichever worker takes the day's lease does it."""
    if take_lease("forget", ONCE_A_DAY):
        forget()


def forget(*, dry_run: bool = False) -> Forgotten:
    """Erase all that is past its time, a few hundred rows a transaction."""
    forgotten = Forgotten()
    policy, now = policy_in_force(), gateways().clock.now()
    last_id = 0
    while batch := _batch(last_id, now, policy):
        for request_id, parts in batch:
            last_id = request_id
            for part in parts:
                forgotten.add(part.value)
            if parts and not dry_run:
                _erase(request_id, parts, now, policy)
    if not dry_run:
        _erase_copies(now, policy)
        _drop_lonely_uploads(now)
    log.info("forgotten", extra={"dry_run": dry_run, **forgotten.parts})
    return forgotten


def _batch(after_id: int, now: datetime, policy: Policy) -> list[tuple[int, frozenset[Part]]]:
    """The next requests that may hold something due, with the parts that are."""
    oldest_text = now - timedelta(days=policy.text_months_after_creation * 28)
    first_closing = now - timedelta(
        days=min(policy.contact_days_after_closing, policy.photo_days_after_closing)
    )
    rows = db.session.scalars(
        select(ServiceRequest)
        .where(ServiceRequest.id > after_id, ServiceRequest.text_erased_at.is_(None))
        .where(
            or_(ServiceRequest.closed_at <= first_closing, ServiceRequest.created_at <= oldest_text)
        )
        .order_by(ServiceRequest.id)
        .limit(AT_ONCE)
    ).all()
    found = [(row.id, _parts_left(row, now, policy)) for row in rows]
    db.session.rollback()
    return found


def _parts_left(row: ServiceRequest, now: datetime, policy: Policy) -> frozenset[Part]:
    due = due_for_erasure(
        created_at=row.created_at, closed_at=row.closed_at, now=now, policy=policy
    )
    gone = {
        Part.CONTACT: row.contact_erased_at,
        Part.PHOTOS: row.photos_erased_at,
        Part.TEXT: row.text_erased_at,
        Part.PLACE: row.text_erased_at,
    }
    return frozenset(part for part in due if part in gone and gone[part] is None)


def _erase(request_id: int, parts: frozenset[Part], now: datetime, policy: Policy) -> None:
    files: list[str] = []
    with writing() as session:
        request = session.get_one(ServiceRequest, request_id)
        if Part.CONTACT in parts:
            _erase_contact(session, request, now)
        if Part.PHOTOS in parts:
            files = _erase_photos(session, request, now)
        if Part.TEXT in parts:
            _erase_text(session, request, now, policy)
    _delete_files(files)


def _erase_contact(session: Session, request: ServiceRequest, now: datetime) -> None:
    session.execute(delete(Contact).where(Contact.service_request_id == request.id))
    _erase_messages(session, request)
    request.contact_erased_at = now


def _erase_messages(session: Session, request: ServiceRequest) -> None:
    session.execute(
        update(Message)
        .where(Message.service_request_id == request.id)
        .values(state=MessageState.ERASED, subject="", body="")
    )


def _erase_photos(session: Session, request: ServiceRequest, now: datetime) -> list[str]:
    rows = session.scalars(select(Photo).where(Photo.service_request_id == request.id)).all()
    files = [row.sha256 for row in rows if row.sha256]
    for row in rows:
        row.state, row.sha256, row.incoming = PhotoState.ERASED, None, None
        row.bytes = row.width = row.height = None
    request.photos_erased_at = now
    return files


def _erase_text(session: Session, request: ServiceRequest, now: datetime, policy: Policy) -> None:
    """After this only kind, small area, band, counts and times are left."""
    request.description, request.address, request.hold_detail = "", "", None
    request.form_digest = ""
    if request.lat is not None and request.lon is not None:
        request.lat, request.lon = rounded_place(lat=request.lat, lon=request.lon, policy=policy)
    if request.due_reason:
        request.due_reason = {"code": request.due_reason["code"], "values": {}}
    for table in (StatusChange, Task, Observation):
        session.execute(update(table).where(table.service_request_id == request.id).values(note=""))
    _erase_messages(session, request)
    request.text_erased_at = now


def _delete_files(sha256s: list[str]) -> None:
    """Drop the files that no other row names."""
    for sha256 in sha256s:
        named = select(Photo.id).where(Photo.sha256 == sha256).limit(1)
        if db.session.scalar(named) is None:
            gateways().photo_store.delete_ready(sha256)


def _erase_copies(now: datetime, policy: Policy) -> None:
    receipts_until = now - timedelta(days=policy.receipt_days)
    answers_until = now - timedelta(days=policy.text_months_after_creation * 28)
    with writing() as session:
        session.execute(
            delete(CrewActionReceipt).where(CrewActionReceipt.received_at < receipts_until)
        )
        session.execute(delete(GeocodeAnswer).where(GeocodeAnswer.asked_at < answers_until))
        session.execute(delete(StaffSession).where(StaffSession.expires_at < now))
        session.execute(update(Shift).where(Shift.ended_at < answers_until).values(members=""))


def _drop_lonely_uploads(now: datetime) -> None:
    """Uploads of reports that were never sent, and half-written ones."""
    store = gateways().photo_store
    store.drop_unfinished(LONELY_UPLOAD.total_seconds(), now.timestamp())
    for name in store.incoming_names():
        if store.incoming_age_s(name, now.timestamp()) < LONELY_UPLOAD.total_seconds():
            continue
        if db.session.scalar(select(Photo.id).where(Photo.incoming == name).limit(1)) is None:
            store.delete_incoming(name)
