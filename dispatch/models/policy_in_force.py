"""The coordinator's numbers as they stand: defaults in code, changes as rows."""

from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.account import PolicyValue
from dispatch.rules.policy import Policy


def policy_in_force() -> Policy:
    """The policy that every decision of this moment goes by."""
    rows = db.session.execute(select(PolicyValue.name, PolicyValue.value)).all()
    return Policy.from_stored({row.name: row.value for row in rows})
