"""The shape of one thing a crew did, and of the answer it gets. No decisions here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

MOST_NOTE = 1000
MOST_MEMBERS = 200
MOST_COUNTED = 9999


@dataclass(frozen=True)
class CrewAction:
    """One action, whatever way it came. `key` is the phone's own; `occurred_at` the phone's time.

    A form does not know when: `occurred_at` None means when it is received, and a repeat of the
    form is the same action still.

    `outcome` goes with done and problem; `photos` are names of uploads in the photo store;
    `lat`/`lon` (WGS 84) and `service_code` go with own_find; `vehicle`, `members` with shift_start.
    """

    key: str
    account_id: int
    crew_id: int
    by: str
    action: str
    occurred_at: datetime | None
    task_id: int | None = None
    task_version: int | None = None
    outcome: str | None = None
    needles: int | None = None
    other_sharps: int | None = None
    bags: int | None = None
    minutes: int | None = None
    note: str = ""
    photos: tuple[str, ...] = ()
    vehicle: str | None = None
    members: str = ""
    service_code: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True)
class ActionAnswer:
    """`kind` is applied, observation (kept, changed no status) or nothing (was so already)."""

    kind: str
    code: str
    task_id: int | None = None
    task_version: int | None = None
    route_version: int | None = None


Step = Callable[[Session, CrewAction, datetime], ActionAnswer]
