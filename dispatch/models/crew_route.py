"""A shift's ordered tasks, what the crew did to them, and what came too late to count.

`CrewRoute.version` counts every change of the plan; phones and planners compare-and-set on it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.extensions import Base
from dispatch.models.columns import Code, UtcDateTime
from dispatch.models.crew import Crew, Shift
from dispatch.models.service_request import ServiceRequest
from dispatch.rules.outcome import Outcome
from dispatch.rules.status import TaskState

LIVE = "state IN ('planned', 'started', 'arrived')"


class CrewRoute(Base):
    """The ordered stops of one shift; `last_lat/last_lon` is where the crew was last known to be."""

    __tablename__ = "crew_route"

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    travel_times: Mapped[str] = mapped_column(String(20), default="")
    last_lat: Mapped[float]
    last_lon: Mapped[float]

    shift: Mapped[Shift] = relationship()


class Task(Base):
    """One service request given to one crew on one route; one live task a request, by index."""

    __tablename__ = "task"
    __table_args__ = (
        Index(
            "uq_task_live",
            "service_request_id",
            unique=True,
            sqlite_where=text(LIVE),
            postgresql_where=text(LIVE),
        ),
        Index("ix_task_crew_route_id_state", "crew_route_id", "state"),
        Index("ix_task_service_request_id", "service_request_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"))
    crew_route_id: Mapped[int] = mapped_column(ForeignKey("crew_route.id"))
    crew_id: Mapped[int] = mapped_column(ForeignKey("crew.id"))
    state: Mapped[TaskState] = mapped_column(Code(TaskState))
    version: Mapped[int] = mapped_column(default=1)
    position: Mapped[int]
    arrive_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    why: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    outcome: Mapped[Outcome | None] = mapped_column(Code(Outcome))
    needles: Mapped[int | None]
    other_sharps: Mapped[int | None]
    bags: Mapped[int | None]
    minutes: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    service_request: Mapped[ServiceRequest] = relationship()
    crew: Mapped[Crew] = relationship()
    crew_route: Mapped[CrewRoute] = relationship()


class CrewActionReceipt(Base):
    """The answer a crew action got, so that a repeat gets the same; never the body itself."""

    __tablename__ = "crew_action_receipt"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    body_digest: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    action: Mapped[str] = mapped_column(String(20))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Observation(Base):
    """A crew's close that no longer fitted: kept beside the request, changes no status."""

    __tablename__ = "observation"
    __table_args__ = (Index("ix_observation_service_request_id", "service_request_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    service_request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    by: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[Outcome | None] = mapped_column(Code(Outcome))
    needles: Mapped[int | None]
    other_sharps: Mapped[int | None]
    bags: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    why_not: Mapped[str] = mapped_column(String(40))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Incident(Base):
    """A needle-stick: the coordinator must see and acknowledge it. No words about a person's health."""

    __tablename__ = "incident"

    id: Mapped[int] = mapped_column(primary_key=True)
    crew_id: Mapped[int] = mapped_column(ForeignKey("crew.id"))
    kind: Mapped[str] = mapped_column(String(20))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[str | None] = mapped_column(String(120))

    crew: Mapped[Crew] = relationship()
