"""Where a service request and its task can be, and which steps between are allowed.

The table is the whole truth; `lifecycle/transition.py` is the only reader that acts on it.
"""

from enum import StrEnum


class Status(StrEnum):
    RECEIVED = "received"
    HELD = "held"
    ASSIGNED = "assigned"
    ATTENDING = "attending"
    RESOLVED = "resolved"
    DECLINED = "declined"
    DUPLICATE = "duplicate"
    FORWARDED = "forwarded"
    WITHDRAWN = "withdrawn"


class TaskState(StrEnum):
    PLANNED = "planned"
    STARTED = "started"
    ARRIVED = "arrived"
    DONE = "done"
    RETURNED = "returned"
    CANCELLED = "cancelled"


OPEN = frozenset({Status.RECEIVED, Status.HELD, Status.ASSIGNED, Status.ATTENDING})
CLOSED = frozenset(Status) - OPEN
LIVE_TASKS = frozenset({TaskState.PLANNED, TaskState.STARTED, TaskState.ARRIVED})

_ASIDE = frozenset(
    {Status.HELD, Status.DECLINED, Status.DUPLICATE, Status.FORWARDED, Status.WITHDRAWN}
)

ALLOWED: dict[Status, frozenset[Status]] = {
    Status.RECEIVED: _ASIDE | {Status.ASSIGNED},
    Status.HELD: (_ASIDE - {Status.HELD}) | {Status.RECEIVED, Status.ASSIGNED},
    Status.ASSIGNED: _ASIDE | {Status.ATTENDING, Status.RESOLVED, Status.RECEIVED},
    Status.ATTENDING: (_ASIDE - {Status.DECLINED}) | {Status.RESOLVED, Status.RECEIVED},
    Status.RESOLVED: frozenset({Status.RECEIVED}),
    Status.DECLINED: frozenset({Status.RECEIVED}),
    Status.DUPLICATE: frozenset({Status.RECEIVED}),
    Status.FORWARDED: frozenset({Status.RECEIVED}),
    Status.WITHDRAWN: frozenset(),
}


def may_change(old: Status, new: Status, *, own_find: bool = False) -> bool:
    """Whether `old` may become `new`; only a crew's own find goes straight to resolved."""
    if own_find and (old, new) == (Status.RECEIVED, Status.RESOLVED):
        return True
    return new in ALLOWED[old]
