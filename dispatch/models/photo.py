"""A photo of a place: from the reporter, or from the crew before and after.

The row knows only hashes; the bytes are in the photo store.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.extensions import Base
from dispatch.models.columns import Code, UtcDateTime


class PhotoState(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    BAD = "bad"
    ERASED = "erased"


class PhotoKind(StrEnum):
    REPORT = "report"
    BEFORE = "before"
    AFTER = "after"


class Photo(Base):
    """`incoming` names the upload the WebP was made of; `sha256` is that of the WebP."""

    __tablename__ = "photo"
    __table_args__ = (Index("ix_photo_service_request_id", "service_request_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    service_request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    kind: Mapped[PhotoKind] = mapped_column(Code(PhotoKind))
    state: Mapped[PhotoState] = mapped_column(Code(PhotoState))
    served_name: Mapped[str] = mapped_column(String(32), unique=True)
    incoming: Mapped[str | None] = mapped_column(String(64), index=True)
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    bytes: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    bad_code: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
