"""The coordinator has seen an incident and takes it from here. What is done about it is not kept here."""

from sqlalchemy import update

from dispatch.gateways import gateways
from dispatch.models import Incident
from dispatch.models.transaction import transaction
from dispatch.rules.problems import AlreadyDone, NotFound


def acknowledge(incident_id: int, *, by: str) -> None:
    """Say that it has been seen, once; raises AlreadyDone when someone was first."""
    now = gateways().clock.now()
    with transaction() as session:
        seen = session.execute(
            update(Incident)
            .where(Incident.id == incident_id, Incident.acknowledged_at.is_(None))
            .values(acknowledged_at=now, acknowledged_by=by)
        )
        if seen.rowcount:  # type: ignore[attr-defined]
            return
        if session.get(Incident, incident_id) is None:
            raise NotFound("incident_not_found")
        raise AlreadyDone("incident_acknowledged")
