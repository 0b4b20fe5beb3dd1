"""The one door for a status: check the table, compare and set, write the ledger line.

Nothing else in the program assigns `ServiceRequest.status`. A lost race is `AlreadyDone`:
a page says so, a job counts it as success.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from dispatch.gateways import gateways
from dispatch.lifecycle.inform import owe_message
from dispatch.models import ServiceRequest, StatusChange
from dispatch.rules.outcome import Outcome
from dispatch.rules.problems import AlreadyDone
from dispatch.rules.status import CLOSED, Status, may_change

SYSTEM = "system"
RESIDENT = "resident"


@dataclass(frozen=True)
class Change:
    """What is to become of a request, who says so, and what the ledger remembers."""

    new: Status
    by: str
    outcome: Outcome | None = None
    reason: str | None = None
    note: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    own_find: bool = False
    also: dict[str, Any] = field(default_factory=dict)


def change_status(session: Session, request: ServiceRequest, change: Change) -> StatusChange:
    """Move `request` to `change.new`; raises AlreadyDone when the table or another was first.

    `change.also` are columns set in the same compare-and-set, such as `forwarded_to`.
    """
    old = request.status
    if not may_change(old, change.new, own_find=change.own_find):
        raise AlreadyDone("status_is", status=old.value)
    now = gateways().clock.now()
    session.flush()
    moved = session.execute(
        update(ServiceRequest)
        .where(ServiceRequest.id == request.id, ServiceRequest.status == old)
        .values(**_columns(change, now))
        .execution_options(synchronize_session=False)
    )
    if not moved.rowcount:  # type: ignore[attr-defined]
        raise AlreadyDone("status_is", status=old.value)
    session.refresh(request)
    return write_ledger(session, request, old, change, now)


def write_ledger(
    session: Session, request: ServiceRequest, old: Status | None, change: Change, now: datetime
) -> StatusChange:
    """One line of history, and the message it owes to the reporter."""
    line = StatusChange(
        service_request_id=request.id,
        old=old,
        new=change.new,
        outcome=change.outcome,
        reason=change.reason,
        by=change.by,
        note=change.note,
        facts=change.facts or None,
        at=now,
    )
    session.add(line)
    if change.note:
        request.text_erased_at = None  # there is text again, to be erased again
    session.flush()
    owe_message(session, request, line)
    return line


def _columns(change: Change, now: datetime) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "status": change.new,
        "outcome": change.outcome,
        "reason": change.reason,
        "updated_at": now,
        "closed_at": now if change.new in CLOSED else None,
    }
    if change.new != Status.HELD:
        columns["hold_detail"] = None
    if change.new in {Status.RECEIVED, Status.ASSIGNED}:
        columns |= {"duplicate_of_id": None, "forwarded_to": None}
    return columns | change.also
