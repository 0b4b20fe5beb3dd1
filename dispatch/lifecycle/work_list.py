"""What is owed: owing, claiming, finishing and postponing one piece of work.

Commit first, nudge on the next line: `writing` does both, so that no step can forget either.
What the work *is* stands in the other files of this room.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from dispatch import job_queue
from dispatch.gateways import gateways
from dispatch.models import Via, Work, WorkKind, WorkTally
from dispatch.models.transaction import insert_into, transaction

log = logging.getLogger("renhold.work")

OWED = "renhold_owed"
MOST_ATTEMPTS = 5
TALLY_SLOTS = 16
CLAIM = {
    WorkKind.LOCATE_REQUEST: timedelta(seconds=15),
    WorkKind.ASSIGN_REQUEST: timedelta(seconds=5),
    WorkKind.PREPARE_PHOTO: timedelta(seconds=45),
    WorkKind.SEND_MESSAGE: timedelta(seconds=30),
}


@dataclass
class Finish:
    """The open transaction that ends a piece of work, unless it is put off."""

    session: Session
    put_off_until: datetime | None = None
    waits_for: str | None = None

    def postpone(self, until: datetime, waits_for: str) -> None:
        """Keep the row: the work cannot be done now, and that is nobody's failure."""
        self.put_off_until, self.waits_for = until, waits_for


@contextmanager
def writing() -> Iterator[Session]:
    """One transaction; what it owed is nudged after the commit."""
    with transaction() as session:
        owed: list[tuple[str, int]] = session.info.setdefault(OWED, [])
        owed.clear()
        yield session
    for kind, subject_id in list(owed):
        job_queue.nudge(kind, subject_id)


def owe(
    session: Session, kind: WorkKind, subject_id: int, *, due_at: datetime | None = None
) -> None:
    """Write down that this must be done; owing it twice is owing it once, from now."""
    now = gateways().clock.now()
    fresh = {"attempts": 0, "last_error": None, "waits_for": None, "claimed_until": None}
    statement = insert_into(session, Work).values(
        kind=kind, subject_id=subject_id, created_at=now, due_at=due_at or now, **fresh
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "subject_id"], set_={"due_at": due_at or now, **fresh}
        )
    )
    if due_at is None or due_at <= now:
        session.info.setdefault(OWED, []).append((kind.value, subject_id))


def claim(kind: WorkKind, subject_id: int) -> bool:
    """Take the work for a short while; False when it is done, not due, or in other hands."""
    now = gateways().clock.now()
    with transaction() as session:
        taken = session.execute(
            update(Work)
            .where(Work.kind == kind, Work.subject_id == subject_id, Work.due_at <= now)
            .where(or_(Work.claimed_until.is_(None), Work.claimed_until < now))
            .values(claimed_until=now + CLAIM[kind], attempts=Work.attempts + 1)
        )
        return bool(taken.rowcount)  # type: ignore[attr-defined]


@contextmanager
def finishing(kind: WorkKind, subject_id: int, via: Via) -> Iterator[Finish]:
    """The transaction that does the work and strikes it from the list, both or neither."""
    with writing() as session:
        finish = Finish(session)
        yield finish
        if finish.put_off_until is not None:
            _put_off(session, kind, subject_id, finish)
        else:
            _strike(session, kind, subject_id, via)


def record_failure(kind: WorkKind, subject_id: int, error: BaseException) -> int:
    """Keep the error's name and try again later, further apart each time; returns the attempts."""
    now = gateways().clock.now()
    with transaction() as session:
        work = session.scalar(select(Work).where(Work.kind == kind, Work.subject_id == subject_id))
        if work is None:
            return 0
        work.last_error = type(error).__name__
        work.claimed_until = None
        work.due_at = now + timedelta(seconds=2**work.attempts)
        return work.attempts


def strike_failed(session: Session, kind: WorkKind, subject_id: int) -> None:
    """Give the work up, after a person has been told."""
    session.execute(delete(Work).where(Work.kind == kind, Work.subject_id == subject_id))


def _put_off(session: Session, kind: WorkKind, subject_id: int, finish: Finish) -> None:
    session.execute(
        update(Work)
        .where(Work.kind == kind, Work.subject_id == subject_id)
        .values(
            due_at=finish.put_off_until, waits_for=finish.waits_for, attempts=0, claimed_until=None
        )
    )


def _strike(session: Session, kind: WorkKind, subject_id: int, via: Via) -> None:
    struck = session.execute(delete(Work).where(Work.kind == kind, Work.subject_id == subject_id))
    if not struck.rowcount:  # type: ignore[attr-defined]
        return
    _count(session, kind, via)


def _count(session: Session, kind: WorkKind, via: Via) -> None:
    # One row a process slot, so that many workers do not queue for the same tally row.
    slot = os.getpid() % TALLY_SLOTS
    session.execute(
        insert_into(session, WorkTally)
        .values(kind=kind, via=via, slot=slot, done=1)
        .on_conflict_do_update(
            index_elements=["kind", "via", "slot"], set_={"done": WorkTally.done + 1}
        )
    )
