"""What of a closed request is due to be erased, and when each part is.

Contact goes 30 days after closing, photos 90 days after, text and the exact place 12 months after
the report was made; the numbers are the policy's. A request that is still open keeps its contact
and photos, but nothing about a person outlives the text. After that only kind, rode, band and
times are left. The erasing itself, and what was copied elsewhere, is the work of `forget`.
"""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from dispatch.rules.policy import Policy


class Part(StrEnum):
    """What is kept apart so that it can be erased apart; PLACE is rounded rather than erased."""

    CONTACT = "contact"
    TRACKING = "tracking"
    PHOTOS = "photos"
    TEXT = "text"
    PLACE = "place"


def erase_at(
    *, created_at: datetime, closed_at: datetime | None, policy: Policy
) -> dict[Part, datetime]:
    """When each part is due to be erased, as far as is known now; reopening clears `closed_at`."""
    last = _months_after(created_at, policy.text_months_after_creation)
    after_closing = {
        Part.CONTACT: policy.contact_days_after_closing,
        Part.TRACKING: policy.tracking_days_after_closing,
        Part.PHOTOS: policy.photo_days_after_closing,
    }
    dates = {part: _after_closing(closed_at, days, last) for part, days in after_closing.items()}
    return dates | {Part.TEXT: last, Part.PLACE: last}


def due_for_erasure(
    *, created_at: datetime, closed_at: datetime | None, now: datetime, policy: Policy
) -> frozenset[Part]:
    """The parts whose time has come."""
    dates = erase_at(created_at=created_at, closed_at=closed_at, policy=policy)
    return frozenset(part for part, at in dates.items() if at <= now)


def rounded_place(*, lat: float, lon: float, policy: Policy) -> tuple[float, float]:
    """What stays of a place: two decimals are about a kilometre."""
    return round(lat, policy.position_decimals), round(lon, policy.position_decimals)


def _after_closing(closed_at: datetime | None, days: int, last: datetime) -> datetime:
    return last if closed_at is None else min(closed_at + timedelta(days=days), last)


def _months_after(at: datetime, months: int) -> datetime:
    """The same day and time so many months on, or the month's last day where it has no such day."""
    start = at.astimezone(UTC)
    years, before = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, before + 1
    day = min(start.day, monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day)
