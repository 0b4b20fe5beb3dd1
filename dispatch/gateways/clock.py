"""The time, asked for in one place so that tests can set it.

Only aware UTC leaves this room; showing it in Copenhagen's time is the doors' business.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What everything that needs to know the time asks."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SettableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self._now = _in_utc(now)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move on and return the new time; a clock never goes back."""
        if by < timedelta(0):
            raise ValueError("a clock does not go back")
        self._now += by
        return self._now

    def set(self, now: datetime) -> None:
        """Stand at this time, earlier or later: what a machine with a wrong clock does."""
        self._now = _in_utc(now)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without its zone is no time")
    return moment.astimezone(UTC)
