"""Staff sign-ins: accounts, their sessions, and the log of who looked at or changed what.

Residents have no account. Sessions are rows so that they can be revoked.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.extensions import Base
from dispatch.models.columns import Code, UtcDateTime
from dispatch.models.crew import Crew


class Role(StrEnum):
    COORDINATOR = "coordinator"
    CREW = "crew"
    PARTNER = "partner"
    SECRETARIAT = "secretariat"
    ADMIN = "admin"


class Account(Base):
    """A staff sign-in. Roles crew and partner belong to one crew."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[Role] = mapped_column(Code(Role))
    crew_id: Mapped[int | None] = mapped_column(ForeignKey("crew.id"))
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    crew: Mapped[Crew | None] = relationship()


class StaffSession(Base):
    """One signed-in browser; `token_hash` is SHA-256 of the cookie's value."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()


class StaffLogEntry(Base):
    """Who looked at or changed something sensitive, when and why; never what it said."""

    __tablename__ = "staff_log_entry"
    __table_args__ = (Index("ix_staff_log_entry_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(String(120))
    deed: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PolicyValue(Base):
    """A number the coordinator has set; what is not here keeps the default of `rules/policy.py`."""

    __tablename__ = "policy_value"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
