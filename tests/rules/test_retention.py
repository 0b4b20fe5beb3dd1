"""What is due to be erased, and when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.rules.policy import Policy
from dispatch.rules.retention import Part, due_for_erasure, erase_at, rounded_place

POLICY = Policy()
MADE = datetime(2026, 1, 10, 8, tzinfo=UTC)
CLOSED = datetime(2026, 1, 12, 12, tzinfo=UTC)
moments = st.integers(1_735_686_000, 1_925_000_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)


def due(now: datetime, closed_at: datetime | None = CLOSED) -> frozenset[Part]:
    return due_for_erasure(created_at=MADE, closed_at=closed_at, now=now, policy=POLICY)


def test_contact_and_tracking_go_thirty_days_after_closing() -> None:
    last_moment = CLOSED + timedelta(days=30)
    assert due(last_moment - timedelta(seconds=1)) == set()
    assert due(last_moment) == {Part.CONTACT, Part.TRACKING}


def test_photos_go_ninety_days_after_closing() -> None:
    last_moment = CLOSED + timedelta(days=90)
    assert Part.PHOTOS not in due(last_moment - timedelta(seconds=1))
    assert Part.PHOTOS in due(last_moment)


def test_text_and_exact_place_go_twelve_months_after_the_report_was_made() -> None:
    a_year_on = datetime(2027, 1, 10, 8, tzinfo=UTC)
    assert not {Part.TEXT, Part.PLACE} & due(a_year_on - timedelta(seconds=1))
    assert due(a_year_on) == set(Part)


def test_an_open_request_keeps_its_contact_and_photos() -> None:
    assert due(MADE + timedelta(days=200), closed_at=None) == set()


def test_nothing_about_a_person_outlives_the_text_even_of_an_open_request() -> None:
    assert due(datetime(2027, 1, 10, 8, tzinfo=UTC), closed_at=None) == set(Part)


def test_a_request_closed_late_does_not_keep_its_photos_beyond_the_text() -> None:
    dates = erase_at(created_at=MADE, closed_at=datetime(2026, 12, 30, tzinfo=UTC), policy=POLICY)
    assert dates[Part.PHOTOS] == dates[Part.TEXT]


@pytest.mark.parametrize(
    ("made", "months", "gone"),
    [
        (datetime(2028, 2, 29, tzinfo=UTC), 12, datetime(2029, 2, 28, tzinfo=UTC)),
        (datetime(2026, 8, 31, tzinfo=UTC), 6, datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2026, 12, 1, tzinfo=UTC), 12, datetime(2027, 12, 1, tzinfo=UTC)),
        (datetime(2026, 12, 1, tzinfo=UTC), 1, datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_months_are_those_of_the_calendar(made: datetime, months: int, gone: datetime) -> None:
    policy = Policy(text_months_after_creation=months)
    assert erase_at(created_at=made, closed_at=None, policy=policy)[Part.TEXT] == gone


def test_the_coordinators_periods_are_used() -> None:
    policy = Policy(contact_days_after_closing=0, photo_days_after_closing=1)
    gone = due_for_erasure(created_at=MADE, closed_at=CLOSED, now=CLOSED, policy=policy)
    assert gone == {Part.CONTACT}


def test_a_rounded_place_is_about_a_kilometre_wide() -> None:
    assert rounded_place(lat=55.67123, lon=12.55876, policy=POLICY) == (55.67, 12.56)


@given(moments, st.none() | st.integers(0, 2000), st.integers(0, 1000), st.integers(0, 1000))
def test_what_was_due_stays_due(made: datetime, open_days: int | None, day: int, more: int) -> None:
    closed_at = None if open_days is None else made + timedelta(days=open_days)

    def due_on(days: int) -> frozenset[Part]:
        now = made + timedelta(days=days)
        return due_for_erasure(created_at=made, closed_at=closed_at, now=now, policy=POLICY)

    assert due_on(day) <= due_on(day + more)
