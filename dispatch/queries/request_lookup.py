"""From what a person has in hand to the one thing it means: a reference, an id, a contact.

The whole story of a request is in `request_story.py`.
"""

import re

from sqlalchemy import func, select

from dispatch.extensions import db
from dispatch.models import Contact, ServiceRequest, StatusChange

YEARS_BACK = 5
REFERENCE = re.compile(r"[0-9]{4}-[0-9]{6}")


def request_id_of(reference: str) -> int | None:
    """The id behind a reference; None for what is no reference."""
    if not REFERENCE.fullmatch(reference):
        return None
    return db.session.scalar(select(ServiceRequest.id).where(ServiceRequest.reference == reference))


def newest_change_of(request_id: int) -> int | None:
    """The id of the newest ledger line: when it moves, the request has moved on."""
    return db.session.scalar(
        select(func.max(StatusChange.id)).where(StatusChange.service_request_id == request_id)
    )


def find_reference(text: str, this_year: int) -> str | None:
    """The reference a person means: the whole of it, or its number alone, newest year first."""
    year, _, number = text.strip().rpartition("-")
    if not re.fullmatch(r"[0-9]{1,6}", number) or not re.fullmatch(r"([0-9]{4})?", year):
        return None
    years = [year] if year else [str(this_year - back) for back in range(YEARS_BACK)]
    wanted = [f"{each}-{number.zfill(6)}" for each in years]
    return db.session.scalar(
        select(func.max(ServiceRequest.reference)).where(ServiceRequest.reference.in_(wanted))
    )


def contact_of(request_id: int) -> str | None:
    """How the reporter wants to be answered. Log the viewing before you call this."""
    return db.session.scalar(select(Contact.value).where(Contact.service_request_id == request_id))
