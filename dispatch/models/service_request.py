"""One stored report, and the parts of it that are erased on schedule.

Status is changed by `lifecycle/transition.py` alone; nothing here decides anything.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.extensions import Base
from dispatch.models.columns import Code, UtcDateTime
from dispatch.rules.catalogue import PlaceKind, Priority, ServiceCode, Source, Surface
from dispatch.rules.outcome import Outcome
from dispatch.rules.status import Status


class ServiceRequest(Base):
    """A resident's report. `form_key` makes a repeat harmless, `form_digest` tells it from a new one.

    `token` opens the reporter's page.
    """

    __tablename__ = "service_request"
    __table_args__ = (
        Index("ix_service_request_status_due_at", "status", "due_at"),
        Index("ix_service_request_lat_lon", "lat", "lon"),
        Index("ix_service_request_status_closed_at", "status", "closed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    form_digest: Mapped[str] = mapped_column(String(64), default="")
    source: Mapped[Source] = mapped_column(Code(Source))
    service_code: Mapped[ServiceCode] = mapped_column(Code(ServiceCode))
    place_kind: Mapped[PlaceKind | None] = mapped_column(Code(PlaceKind))
    status: Mapped[Status] = mapped_column(Code(Status))
    outcome: Mapped[Outcome | None] = mapped_column(Code(Outcome))
    reason: Mapped[str | None] = mapped_column(String(40))
    hold_detail: Mapped[str | None] = mapped_column(String(200))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    address: Mapped[str] = mapped_column(String(240), default="")
    rode: Mapped[str | None] = mapped_column(String(80))
    kvarter: Mapped[str | None] = mapped_column(String(80))
    needle_count: Mapped[int | None]
    surface: Mapped[Surface | None] = mapped_column(Code(Surface))
    capped: Mapped[bool | None]
    risk_now: Mapped[bool] = mapped_column(default=False)
    description: Mapped[str] = mapped_column(Text, default="")
    personal_data_seen: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(2), default="da")
    priority: Mapped[Priority | None] = mapped_column(Code(Priority))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_reason: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    first_in_line: Mapped[bool] = mapped_column(default=False)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    forwarded_to: Mapped[str | None] = mapped_column(String(40))
    duplicate_of_id: Mapped[int | None] = mapped_column(
        ForeignKey("service_request.id"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contact_erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    photos_erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    text_erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    duplicate_of: Mapped["ServiceRequest | None"] = relationship(remote_side=[id])


class Contact(Base):
    """How the reporter wants to be answered; kept apart so that it can be erased alone."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    service_request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    value: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StatusChange(Base):
    """One line of a request's history: what staff and resident read."""

    __tablename__ = "status_change"
    __table_args__ = (Index("ix_status_change_service_request_id_id", "service_request_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    service_request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"))
    old: Mapped[Status | None] = mapped_column(Code(Status))
    new: Mapped[Status] = mapped_column(Code(Status))
    outcome: Mapped[Outcome | None] = mapped_column(Code(Outcome))
    reason: Mapped[str | None] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ReferenceCounter(Base):
    """The last number given out in a year; one row a year."""

    __tablename__ = "reference_counter"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
