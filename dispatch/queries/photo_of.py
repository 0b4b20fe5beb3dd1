"""Which stored photo a served name means, and whether this reader may see it.

Coordinators see every photo. A crew sees those of a request it has a live task for, or that it
closed today: what it needs for the work and no archive. Bytes are in the photo store.
"""

from datetime import datetime

from sqlalchemy import and_, or_, select

from dispatch.extensions import db
from dispatch.models import Photo, PhotoState, Task
from dispatch.rules.status import LIVE_TASKS, TaskState
from dispatch.rules.working_hours import COPENHAGEN


def photo_of(served_name: str) -> str | None:
    """The SHA-256 of the WebP behind this name; None where there is none to show."""
    return db.session.scalar(
        select(Photo.sha256).where(
            Photo.served_name == served_name, Photo.state == PhotoState.READY
        )
    )


def photo_of_crew(served_name: str, crew_id: int, now: datetime) -> str | None:
    """As `photo_of`, for a crew at work on the request now, or that ended it today."""
    midnight = now.astimezone(COPENHAGEN).replace(hour=0, minute=0, second=0, microsecond=0)
    ended_today = and_(Task.state == TaskState.DONE, Task.ended_at >= midnight)
    return db.session.scalar(
        select(Photo.sha256)
        .join(Task, Task.service_request_id == Photo.service_request_id)
        .where(Photo.served_name == served_name, Photo.state == PhotoState.READY)
        .where(Task.crew_id == crew_id, or_(Task.state.in_(LIVE_TASKS), ended_today))
        .limit(1)
    )
