"""What is still owed: the only work list, and the small rows that keep it moving.

The queue is a nudge; these rows are the truth. History is not here but in `StatusChange`.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.extensions import Base
from dispatch.models.columns import Code, UtcDateTime


class WorkKind(StrEnum):
    """Each kind is one job in `jobs.py`, named by the value."""

    LOCATE_REQUEST = "locate_request"
    ASSIGN_REQUEST = "assign_request"
    PREPARE_PHOTO = "prepare_photo"
    SEND_MESSAGE = "send_message"


class Via(StrEnum):
    """Who did the work: a job from the queue, or the sweep that finishes what was left."""

    QUEUE = "queue"
    SWEEP = "sweep"


class Work(Base):
    """One owed piece of work; deleted in the transaction that completes it."""

    __tablename__ = "work"
    __table_args__ = (UniqueConstraint("kind", "subject_id"), Index("ix_work_due_at", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[WorkKind] = mapped_column(Code(WorkKind))
    subject_id: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(200))
    waits_for: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WorkTally(Base):
    """How many pieces of work were completed, by whom: one row a kind, way and worker slot."""

    __tablename__ = "work_tally"

    kind: Mapped[WorkKind] = mapped_column(Code(WorkKind), primary_key=True)
    via: Mapped[Via] = mapped_column(Code(Via), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    done: Mapped[int] = mapped_column(default=0)


class Lease(Base):
    """Who may do a thing that only one may do at a time, until when."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Heartbeat(Base):
    """The last time a real job of this queue ran to its end."""

    __tablename__ = "heartbeat"

    queue: Mapped[str] = mapped_column(String(20), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GeocodeAnswer(Base):
    """A kept answer of the address service, so that a question is asked once."""

    __tablename__ = "geocode_answer"

    question: Mapped[str] = mapped_column(String(240), primary_key=True)
    found: Mapped[bool]
    label: Mapped[str] = mapped_column(String(240), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
