"""Points for the coordinator's map: where, which kind, which status, late or not. No words ever.

The words of a report must not reach the map: markers carry a reference, and the page that knows
the reader's language puts text to the codes.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models import ServiceRequest
from dispatch.queries.desk_filter import DeskFilter, conditions_of, is_late
from dispatch.rules.catalogue import Priority, ServiceCode
from dispatch.rules.status import Status

MOST_POINTS = 5000


@dataclass(frozen=True)
class DeskPoint:
    """One request on the map; `lat`, `lon` in WGS 84."""

    id: int
    reference: str
    service_code: ServiceCode
    status: Status
    priority: Priority | None
    late: bool
    lat: float
    lon: float


def desk_points(wanted: DeskFilter, now: datetime) -> tuple[DeskPoint, ...]:
    """The placed requests of a filter, the most pressing deadlines first; one query."""
    it = ServiceRequest
    statement = (
        select(
            it.id,
            it.reference,
            it.service_code,
            it.status,
            it.priority,
            is_late(now).label("late"),
            it.lat,
            it.lon,
        )
        .where(*conditions_of(wanted, now), it.lat.is_not(None), it.lon.is_not(None))
        .order_by(it.due_at.nulls_last() if wanted.open_only else it.id.desc())
        .limit(MOST_POINTS)
    )
    rows = db.session.execute(statement).mappings()
    return tuple(DeskPoint(**dict(row) | {"late": bool(row["late"])}) for row in rows)
