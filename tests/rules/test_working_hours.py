"""Deadlines over nights, weekends, Danish holidays and the two nights when the clock is moved."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.rules.policy import Policy
from dispatch.rules.working_hours import (
    add_duty_hours,
    at_hour,
    duty_of,
    is_duty,
    is_working_day,
    next_duty,
    next_working_noon,
)

POLICY = Policy()
REST_ON_HOLIDAYS = Policy(duty_on_public_holidays=False)
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
moments = st.integers(1_735_686_000, 1_925_000_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)


def at(text: str) -> datetime:
    """A moment as Copenhagen's clocks show it."""
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN).astimezone(UTC)


def shown(moment: datetime) -> str:
    assert moment.tzinfo is UTC
    return moment.astimezone(COPENHAGEN).strftime("%Y-%m-%dT%H:%M")


def test_an_hour_inside_duty_is_an_hour() -> None:
    assert shown(add_duty_hours(at("2026-11-18T10:15"), 1, POLICY)) == "2026-11-18T11:15"


def test_an_hour_begun_at_half_past_nine_in_the_evening_ends_at_half_past_six() -> None:
    assert shown(add_duty_hours(at("2026-11-18T21:30"), 1, POLICY)) == "2026-11-19T06:30"


def test_an_hour_begun_at_night_is_counted_from_the_morning() -> None:
    assert shown(add_duty_hours(at("2026-11-19T02:40"), 1, POLICY)) == "2026-11-19T07:00"


def test_an_hour_used_up_at_closing_time_ends_at_closing_time() -> None:
    assert shown(add_duty_hours(at("2026-11-18T21:00"), 1, POLICY)) == "2026-11-18T22:00"


def test_an_hour_begun_at_closing_time_ends_next_morning() -> None:
    assert shown(add_duty_hours(at("2026-11-18T22:00"), 1, POLICY)) == "2026-11-19T07:00"


def test_more_hours_than_a_day_holds_run_over_two_nights() -> None:
    assert shown(add_duty_hours(at("2026-11-18T20:00"), 20, POLICY)) == "2026-11-20T08:00"


def test_summer_and_winter_time_show_the_same_clock() -> None:
    assert add_duty_hours(at("2026-07-01T23:00"), 1, POLICY) == datetime(2026, 7, 2, 5, tzinfo=UTC)
    assert add_duty_hours(at("2026-12-01T23:00"), 1, POLICY) == datetime(2026, 12, 2, 6, tzinfo=UTC)


@pytest.mark.parametrize("evening", ["2026-03-28T21:30", "2026-10-24T21:30"])
def test_the_night_the_clock_is_moved_neither_gives_nor_takes_time(evening: str) -> None:
    due = add_duty_hours(at(evening), 1, POLICY)
    assert shown(due)[11:] == "06:30"


def test_duty_round_the_clock_counts_the_hour_that_autumn_repeats() -> None:
    always = Policy(duty_from_hour=0, duty_until_hour=24)
    due = add_duty_hours(at("2026-10-25T00:30"), 3, always)
    assert shown(due) == "2026-10-25T02:30"
    assert due - at("2026-10-25T00:30") == timedelta(hours=3)


def test_duty_round_the_clock_skips_the_hour_that_spring_takes() -> None:
    always = Policy(duty_from_hour=0, duty_until_hour=24)
    assert shown(add_duty_hours(at("2026-03-29T01:30"), 1, always)) == "2026-03-29T03:30"


def test_crews_are_on_duty_on_a_public_holiday() -> None:
    assert shown(add_duty_hours(at("2026-12-25T10:00"), 1, POLICY)) == "2026-12-25T11:00"


def test_the_coordinator_can_take_public_holidays_out_of_duty() -> None:
    before_easter = at("2026-04-01T21:30")
    assert shown(add_duty_hours(before_easter, 1, REST_ON_HOLIDAYS)) == "2026-04-04T06:30"


def test_closing_time_itself_is_no_longer_duty() -> None:
    assert is_duty(at("2026-11-18T06:00"), POLICY)
    assert is_duty(at("2026-11-18T21:59"), POLICY)
    assert not is_duty(at("2026-11-18T22:00"), POLICY)
    assert not is_duty(at("2026-11-18T05:59"), POLICY)


def test_duty_on_a_holiday_is_the_coordinators_choice() -> None:
    christmas = at("2026-12-25T12:00")
    assert is_duty(christmas, POLICY)
    assert not is_duty(christmas, REST_ON_HOLIDAYS)


def test_noon_next_working_day_is_tomorrow_on_a_wednesday() -> None:
    assert shown(next_working_noon(at("2026-11-18T16:00"), POLICY)) == "2026-11-19T12:00"


def test_noon_next_working_day_after_friday_is_monday() -> None:
    assert shown(next_working_noon(at("2026-11-20T16:00"), POLICY)) == "2026-11-23T12:00"


def test_noon_next_working_day_passes_over_easter() -> None:
    assert shown(next_working_noon(at("2026-04-01T16:00"), POLICY)) == "2026-04-07T12:00"


def test_noon_next_working_day_passes_over_christmas_and_the_weekend_behind_it() -> None:
    assert shown(next_working_noon(at("2026-12-24T16:00"), POLICY)) == "2026-12-28T12:00"


def test_noon_next_working_day_passes_over_new_year() -> None:
    assert shown(next_working_noon(at("2026-12-31T16:00"), POLICY)) == "2027-01-04T12:00"


def test_noon_after_midnight_in_copenhagen_counts_from_the_local_day() -> None:
    half_past_midnight_thursday = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    noon = next_working_noon(half_past_midnight_thursday, POLICY)
    assert shown(noon) == "2026-07-03T12:00"


def test_the_great_day_of_prayer_is_a_working_day_since_2024() -> None:
    assert not is_working_day(date(2023, 5, 5))
    assert is_working_day(date(2026, 5, 1))


def test_days_that_are_only_often_free_are_working_days() -> None:
    assert is_working_day(date(2026, 12, 24))
    assert is_working_day(date(2026, 6, 5))
    assert not is_working_day(date(2026, 12, 25))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        add_duty_hours(datetime(2026, 11, 18, 10), 1, POLICY)  # noqa: DTZ001


def test_an_hour_that_spring_skips_is_read_as_the_one_after() -> None:
    assert shown(at_hour(date(2026, 3, 29), 2.5)) == "2026-03-29T03:30"


@given(moments, st.floats(min_value=0.01, max_value=100))
def test_a_deadline_is_always_inside_duty_or_at_its_end(start: datetime, hours: float) -> None:
    due = add_duty_hours(start, hours, POLICY)
    begins, ends = duty_of(due.astimezone(COPENHAGEN).date(), POLICY)
    assert begins <= due <= ends


@given(moments, st.floats(min_value=0.01, max_value=50), st.floats(min_value=0.01, max_value=50))
def test_more_hours_never_end_earlier(start: datetime, hours: float, more: float) -> None:
    sooner = add_duty_hours(start, hours, POLICY)
    assert start + timedelta(hours=hours) <= sooner + timedelta(seconds=1)
    assert sooner <= add_duty_hours(start, hours + more, POLICY)


@given(moments, st.booleans())
def test_next_duty_is_duty_and_never_in_the_past(start: datetime, holidays: bool) -> None:
    policy = Policy(duty_on_public_holidays=holidays)
    moment = next_duty(start, policy)
    closing = duty_of(moment.astimezone(COPENHAGEN).date(), policy)[1]
    assert moment >= start
    assert is_duty(moment, policy) or moment == closing
    assert moment == start or not is_duty(start, policy)


@given(moments)
def test_noon_next_working_day_is_never_today_and_never_a_free_day(start: datetime) -> None:
    noon = next_working_noon(start, POLICY).astimezone(COPENHAGEN)
    assert noon.date() > start.astimezone(COPENHAGEN).date()
    assert is_working_day(noon.date())
    assert (noon.hour, noon.minute) == (12, 0)
