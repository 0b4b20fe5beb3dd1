"""Crews and their shifts. Teams are data: what they can, where they work, how they move.

No sign-ins here (see `account.py`) and no tasks (see `crew_route.py`).
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.extensions import Base
from dispatch.models.columns import Code, UtcDateTime
from dispatch.rules.catalogue import Vehicle


class Crew(Base):
    """A team. `kvarterer` empty means the whole district; `skills` are `rules.catalogue.Skill` values."""

    __tablename__ = "crew"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    organisation: Mapped[str] = mapped_column(String(120), default="")
    funding_line: Mapped[str] = mapped_column(String(80), default="")
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    kvarterer: Mapped[list[str]] = mapped_column(JSON, default=list)
    vehicle: Mapped[Vehicle] = mapped_column(Code(Vehicle))
    start_lat: Mapped[float]
    start_lon: Mapped[float]
    starts_hour: Mapped[int] = mapped_column(default=6)
    ends_hour: Mapped[int] = mapped_column(default=22)
    active: Mapped[bool] = mapped_column(default=True)


class Shift(Base):
    """A crew at work: from `started_at` until `ended_at`; at most one open shift a crew."""

    __tablename__ = "shift"
    __table_args__ = (
        Index(
            "uq_shift_open",
            "crew_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    crew_id: Mapped[int] = mapped_column(ForeignKey("crew.id"))
    vehicle: Mapped[Vehicle] = mapped_column(Code(Vehicle))
    members: Mapped[str] = mapped_column(String(200), default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    break_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    box_needles: Mapped[int] = mapped_column(default=0)

    crew: Mapped[Crew] = relationship()
