"""How the desk is doing this moment, in a few numbers that can be asked for every few seconds.

Costs what is open, not what has been: three small queries. The words for it are in the templates.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from dispatch.extensions import db
from dispatch.models import Incident, ServiceRequest, StatusChange
from dispatch.queries.desk_filter import is_late, needs_decision
from dispatch.queries.health import HEARTBEAT_S, heartbeat_ages
from dispatch.rules.status import CLOSED, OPEN, Status


@dataclass(frozen=True)
class Pulse:
    """`latest` is the last ledger line's id: when it moves, something has happened."""

    decide: int
    late: int
    open: int
    without_crew: int
    closed_today: int
    incidents: int
    latest: int


def desk_pulse(now: datetime, today_began: datetime) -> Pulse:
    """The counts above the list; `today_began` is midnight where the coordinator is."""
    it = ServiceRequest
    decide, late, count, without_crew = db.session.execute(
        select(
            func.coalesce(func.sum(case((needs_decision(now), 1), else_=0)), 0),
            func.coalesce(func.sum(case((is_late(now), 1), else_=0)), 0),
            func.count(),
            func.coalesce(func.sum(case((it.status == Status.RECEIVED, 1), else_=0)), 0),
        ).where(it.status.in_(OPEN))
    ).one()
    closed_today = select(func.count()).where(it.status.in_(CLOSED), it.closed_at >= today_began)
    incidents = select(func.count(Incident.id)).where(Incident.acknowledged_at.is_(None))
    latest = select(func.coalesce(func.max(StatusChange.id), 0))
    rest = select(
        closed_today.scalar_subquery(), incidents.scalar_subquery(), latest.scalar_subquery()
    )
    return Pulse(decide, late, count, without_crew, *db.session.execute(rest).one())


def silent_queues(queues: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    """The queues whose workers have given no sign of life for a minute."""
    ages = heartbeat_ages(now)
    return tuple(queue for queue in queues if ages.get(queue, HEARTBEAT_S) >= HEARTBEAT_S)
