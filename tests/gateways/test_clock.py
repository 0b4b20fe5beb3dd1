"""The clock: aware, in UTC, and standing still when a test holds it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dispatch.gateways.clock import SettableClock, SystemClock

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_the_machines_time_is_aware_and_in_utc():
    now = SystemClock().now()
    assert now.utcoffset() == timedelta(0)
    assert abs(now.timestamp() - datetime.now(UTC).timestamp()) < 5


def test_a_held_clock_stands_still():
    clock = SettableClock(NOON)
    assert clock.now() == clock.now() == NOON


def test_a_held_clock_moves_only_when_told():
    clock = SettableClock(NOON)
    assert clock.advance(timedelta(hours=3)) == NOON + timedelta(hours=3)
    assert clock.now() == NOON + timedelta(hours=3)


def test_a_held_clock_does_not_advance_backwards():
    with pytest.raises(ValueError):
        SettableClock(NOON).advance(timedelta(seconds=-1))


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError):
        SettableClock(NOON.replace(tzinfo=None))


def test_copenhagens_time_is_kept_as_utc():
    clock = SettableClock(datetime(2026, 11, 22, 13, 0, tzinfo=timezone(timedelta(hours=1))))
    assert clock.now() == NOON
    assert clock.now().utcoffset() == timedelta(0)


def test_a_machine_whose_clock_was_wrong_can_be_set_back():
    clock = SettableClock(NOON)
    clock.set(NOON - timedelta(days=1))
    assert clock.now() == NOON - timedelta(days=1)
