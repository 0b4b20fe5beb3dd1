"""The log of who looked at or changed something sensitive: when and why, never what it said."""

from sqlalchemy.orm import Session

from dispatch.gateways import gateways
from dispatch.models import StaffLogEntry
from dispatch.models.transaction import transaction

COMMAND_LINE = "renhold"


def log_look(by: str, subject: str, *, deed: str = "contact_seen", why: str = "") -> None:
    """Write down that this person saw something personal, before it is shown."""
    with transaction() as session:
        log_deed(session, by, deed, subject, why)


def log_deed(session: Session, by: str, deed: str, subject: str, why: str = "") -> None:
    """One line of the log, in the transaction of the deed itself."""
    session.add(
        StaffLogEntry(by=by, deed=deed, subject=subject, why=why, at=gateways().clock.now())
    )
