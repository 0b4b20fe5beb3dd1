"""What its reporter is told: which steps are news by message, and whether a visit is promised.

The words themselves are in `web/story_words.py`; the page shows every step anyway.
"""

from dispatch.rules.catalogue import SERVICES, HoldReason, PlaceKind, ServiceCode
from dispatch.rules.outcome import Outcome
from dispatch.rules.status import CLOSED, Status


def is_news(
    *, old: Status | None, new: Status, outcome: Outcome | None, reason: str | None
) -> bool:
    """Received or reopened, ended, or waiting for something the reporter should know about.

    Being put on a route, taken off it or moved is the city's own business; whoever withdraws
    knows it already.
    """
    if new == Status.RECEIVED:
        return old is None or old in CLOSED
    if new == Status.HELD:
        return outcome is not None or reason == HoldReason.PRIVATE_GROUND
    return new in CLOSED and new != Status.WITHDRAWN


def promises_visit(service_code: ServiceCode, place_kind: PlaceKind | None) -> bool:
    """Whether a deadline may be told: toilets are counted, and private ground is its owner's."""
    return SERVICES[service_code].dispatched and place_kind != PlaceKind.YARD_STAIRWELL
