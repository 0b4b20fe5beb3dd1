"""What a crew found, and the status that follows from it.

Outcome decides status, so that nobody meets a deadline by closing what was not cleaned.
"""

from enum import StrEnum

from dispatch.rules.status import Status


class Outcome(StrEnum):
    REMOVED = "removed"
    NOTHING_FOUND = "nothing_found"
    NO_ACCESS = "no_access"
    NEEDS_OTHER_TEAM = "needs_other_team"
    HAZARD_GUARDED = "hazard_guarded"
    DUPLICATE = "duplicate"
    HANDED_OVER = "handed_over"


_STATUS_AFTER = {
    Outcome.REMOVED: Status.RESOLVED,
    Outcome.NOTHING_FOUND: Status.RESOLVED,
    Outcome.NO_ACCESS: Status.HELD,
    Outcome.NEEDS_OTHER_TEAM: Status.HELD,
    Outcome.HAZARD_GUARDED: Status.HELD,
    Outcome.DUPLICATE: Status.DUPLICATE,
    Outcome.HANDED_OVER: Status.FORWARDED,
}


def status_after(outcome: Outcome) -> Status:
    """The status a request takes when a crew ends its task with this outcome."""
    return _STATUS_AFTER[outcome]
