"""Whether the program is ready to serve: the database answers, workers live, nothing lies too long."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from dispatch.extensions import db
from dispatch.models import Heartbeat, Work

HEARTBEAT_S = 60
OLDEST_WORK_S = 300
NO_CREW = "shift"


@dataclass(frozen=True)
class Health:
    """Ages in whole seconds; `reasons` is empty when all is well."""

    database: bool
    reasons: tuple[str, ...]
    heartbeat_age_s: dict[str, int | None] = field(default_factory=dict)
    oldest_work_s: int | None = None


def health_at(now: datetime, *, queues: Iterable[str]) -> Health:
    """How it stands at this moment; never raises when the database does not answer."""
    try:
        beats = heartbeat_ages(now)
        oldest = _oldest_work_s(now)
    except SQLAlchemyError as error:
        return Health(False, (f"database does not answer: {type(error).__name__}",))
    ages = {queue: beats.get(queue) for queue in queues}
    return Health(True, tuple(_reasons(ages, oldest)), ages, oldest)


def heartbeat_ages(now: datetime) -> dict[str, int]:
    """Whole seconds since a worker of each queue last ran a job to its end."""
    rows = db.session.execute(select(Heartbeat.queue, Heartbeat.beat_at)).all()
    return {queue: math.floor((now - beat_at).total_seconds()) for queue, beat_at in rows}


def _reasons(ages: dict[str, int | None], oldest_s: int | None) -> Iterator[str]:
    for queue, age in ages.items():
        if age is None:
            yield f"no worker of {queue} has been seen"
        elif age >= HEARTBEAT_S:
            yield f"no sign of life from the workers of {queue} for {age} s"
    if oldest_s is not None and oldest_s >= OLDEST_WORK_S:
        yield f"work lies unfinished for {oldest_s} s"


def _oldest_work_s(now: datetime) -> int | None:
    """How long the most overdue work is overdue; what waits for a crew's shift is not."""
    due_at = db.session.scalar(
        select(func.min(Work.due_at))
        .where(Work.due_at <= now)
        .where(or_(Work.waits_for.is_(None), Work.waits_for != NO_CREW))
    )
    return None if due_at is None else math.floor((now - due_at).total_seconds())
