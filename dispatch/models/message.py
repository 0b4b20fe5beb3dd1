"""The outbox: what a reporter is told, written in the transaction that gave the reason.

The words are made from the ledger row when the message is sent; the address is read from the
contact at that moment, so erasing a contact also silences what was not yet sent.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.extensions import Base
from dispatch.models.columns import Code, UtcDateTime


class MessageState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    KEPT = "kept"
    REFUSED = "refused"
    NO_CONTACT = "no_contact"
    ERASED = "erased"


class Message(Base):
    """One message about one ledger line. KEPT: a demonstration kept it instead of sending it."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_service_request_id", "service_request_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    service_request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"))
    status_change_id: Mapped[int] = mapped_column(ForeignKey("status_change.id"), unique=True)
    state: Mapped[MessageState] = mapped_column(Code(MessageState))
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
