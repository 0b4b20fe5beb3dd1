"""Finish whatever was left half-way: every two seconds, by one process among many.

Looks for work rows that are due and that no job has taken within a few seconds, and does them
here and now, also with no broker at all. Nothing is decided here.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.lifecycle.lease import take_lease
from dispatch.lifecycle.perform import perform
from dispatch.models import Heartbeat, Via, Work, WorkKind
from dispatch.models.transaction import insert_into, transaction

log = logging.getLogger("renhold.sweep")

EVERY = timedelta(seconds=2)
GRACE = timedelta(seconds=5)
LEASE = timedelta(seconds=8)
AT_ONCE = 200


def sweep(*, grace: timedelta = GRACE) -> int:
    """Do what is overdue by `grace`, oldest first; returns how many pieces were done."""
    done = 0
    for kind, subject_id in _left_over(grace):
        done += _do(kind, subject_id)
    return done


def sweep_if_leader() -> int:
    """Sweep when this process holds the lease, which it renews by sweeping."""
    if not take_lease("sweep", LEASE, renew=True):
        return 0
    return sweep()


def record_heartbeat(queue: str) -> None:
    """A real job of this queue ran to its end."""
    now = gateways().clock.now()
    with transaction() as session:
        session.execute(
            insert_into(session, Heartbeat)
            .values(queue=queue, beat_at=now)
            .on_conflict_do_update(index_elements=["queue"], set_={"beat_at": now})
        )


def _left_over(grace: timedelta) -> list[tuple[WorkKind, int]]:
    now: datetime = gateways().clock.now()
    rows = db.session.execute(
        select(Work.kind, Work.subject_id)
        .where(Work.due_at <= now - grace)
        .where(or_(Work.claimed_until.is_(None), Work.claimed_until < now))
        .order_by(Work.due_at)
        .limit(AT_ONCE)
    ).all()
    db.session.rollback()
    return [(kind, subject_id) for kind, subject_id in rows]


def _do(kind: WorkKind, subject_id: int) -> bool:
    try:
        return perform(kind, subject_id, Via.SWEEP)
    except Exception:
        # One piece of bad work must not stop the others; its error is kept on its row.
        log.exception("sweep could not finish %s %s", kind.value, subject_id)
        return False
