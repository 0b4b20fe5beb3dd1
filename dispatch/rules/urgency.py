"""How urgent a report is, when it is due, and the reason in a form a page can put into words.

The bands are those of the coordinator's table; every number comes from the policy. Reason codes:

| code | band | values |
|---|---|---|
| `risk_now` | akut | none: a child or an animal is at risk now |
| `needle_on` | akut, haster | `kind` (a place kind, or a kind of `NearPlace`), `name` (may be empty) |
| `needle_near` | akut, haster | `kind`, `name` (may be empty), `metres` |
| `five_or_more` | haster | `count` |
| `other_needle` | normal | none |
| `service_normal` | normal | `service` |
| `service_planned` | planlagt | `service`, `hours` |

A reason names the strongest fact, and of equals the nearest. Who is sent is not decided here, nor
whether private ground is anybody's task.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispatch.rules.catalogue import PlaceKind, Priority, ServiceCode
from dispatch.rules.policy import Policy

CHILDREN = frozenset({"playground", "school", "kindergarten"})
BUSY = frozenset({"supermarket", "station"})


@dataclass(frozen=True)
class NearPlace:
    """A place that decides urgency: `kind` is one of CHILDREN or BUSY, 0 metres is on it."""

    kind: str
    name: str
    metres: float


@dataclass(frozen=True)
class Reason:
    """Why a band was chosen: a stable code, and values that JSON can hold."""

    code: str
    values: dict[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True)
class Urgency:
    """The band, the deadline (aware UTC) and why."""

    priority: Priority
    due_at: datetime
    reason: Reason
