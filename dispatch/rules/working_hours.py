"""When crews are on duty, and how a deadline's hours run over nights, holidays and clock changes.

Times come in and go out as aware UTC; the day is Copenhagen's. What is decided here:

- Duty is every day of the week from `duty_from_hour` to `duty_until_hour`, public holidays too:
  a needle on a playground does not wait for the end of Easter. The coordinator can take public
  holidays out of duty (`duty_on_public_holidays`).
- Duty hours stand still outside duty: one hour from 21.30 ends at 06.30 next morning. Hours used
  up exactly at closing time end at closing time. They are hours that pass, not hours of the
  clock's face, so a night when the clock is moved neither gives nor takes any.
- A working day is Monday to Friday and no Danish public holiday. Days that are only often free
  (24 and 31 December, 1 May, 5 June) are working days.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from dispatch.rules.policy import Policy

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def local(at: datetime) -> datetime:
    """The moment as Copenhagen's clocks show it. Raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(COPENHAGEN)


def is_public_holiday(day: date) -> bool:
    return day in _public_holidays(day.year)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and not is_public_holiday(day)


def is_duty_day(day: date, policy: Policy) -> bool:
    return policy.duty_on_public_holidays or not is_public_holiday(day)


def duty_of(day: date, policy: Policy) -> tuple[datetime, datetime]:
    """When duty begins and ends on a local day, were it a duty day."""
    return at_hour(day, policy.duty_from_hour), at_hour(day, policy.duty_until_hour)


def is_duty(at: datetime, policy: Policy) -> bool:
    """Whether crews are on duty; closing time itself is no longer duty."""
    day = local(at).date()
    begins, ends = duty_of(day, policy)
    return is_duty_day(day, policy) and begins <= at < ends


def next_duty(at: datetime, policy: Policy) -> datetime:
    """`at` itself when it is inside duty or exactly at closing time, else when duty next begins."""
    begins, _ = next(_duty_from(at, policy))
    return max(at.astimezone(UTC), begins)


def add_duty_hours(at: datetime, hours: float, policy: Policy) -> datetime:
    """The moment when so many hours of duty have passed since `at`."""
    left = timedelta(hours=hours)
    for begins, ends in _duty_from(at, policy):
        start = max(at, begins)
        if left <= ends - start:
            return (start + left).astimezone(UTC)
        left -= ends - start
    raise AssertionError("duty never ends for good")


def next_working_noon(at: datetime, policy: Policy) -> datetime:
    """`next_day_due_hour` (noon) on the first working day after the local day of `at`."""
    day = local(at).date() + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return next_duty(at_hour(day, policy.next_day_due_hour), policy)


def at_hour(day: date, hour: float) -> datetime:
    """The UTC moment when Copenhagen's clocks show this hour; 24 is the next midnight.

    An hour that the spring change skips is read as the hour after it; of an hour that autumn
    repeats, the first is meant.
    """
    minutes = round(hour * 60)
    over, minutes = divmod(minutes, 24 * 60)
    clock = time(minutes // 60, minutes % 60)
    return datetime.combine(day + timedelta(days=over), clock, COPENHAGEN).astimezone(UTC)


def _duty_from(at: datetime, policy: Policy) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of duty that end at or after `at`, in order, without end."""
    day = local(at).date() - timedelta(days=1)
    while True:
        begins, ends = duty_of(day, policy)
        if is_duty_day(day, policy) and ends >= at:
            yield begins, ends
        day += timedelta(days=1)


@lru_cache(maxsize=32)
def _public_holidays(year: int) -> frozenset[date]:
    """A fixed set a year: the library's own object fills itself while it is read."""
    return frozenset(holidays.country_holidays("DK", years=year))
