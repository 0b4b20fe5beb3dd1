"""Personal data goes when its time has come, everywhere it was; a dry run only counts."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle.decide import reopen
from dispatch.lifecycle.forget import forget, forget_if_due
from dispatch.lifecycle.receive import Receipt
from dispatch.lifecycle.withdraw import withdraw
from dispatch.models import Contact, Message, Photo, PhotoState, Shift, StatusChange
from tests.people import People
from tests.pictures import jpeg

WorkOff = Callable[[], int]


@pytest.fixture
def closed(people: People, work_off: WorkOff) -> Receipt:
    """A cleaned report with contact, photo, text and a crew's note."""
    member = people.crew()
    name = gateways().photo_store.put_incoming(BytesIO(jpeg()), 10_000_000)
    receipt = people.report(
        contact="beboer@example.dk", description="Bag den røde dør", photos=(name,)
    )
    work_off()
    people.act(member, "done", task_id=people.live_task(receipt), needles=1, note="lå i kælderen")
    work_off()
    return receipt


def test_within_its_time_nothing_is_erased(closed: Receipt, clock: SettableClock) -> None:
    clock.advance(timedelta(days=29))
    assert forget().parts == {}


def test_the_contact_goes_thirty_days_after_closing_with_what_was_written_to_it(
    closed: Receipt, clock: SettableClock, people: People
) -> None:
    clock.advance(timedelta(days=30))
    assert forget().parts == {"contact": 1}
    assert db.session.scalar(select(func.count(Contact.id))) == 0
    assert set(db.session.scalars(select(Message.body))) == {""}
    assert people.row(closed).description == "Bag den røde dør"


def test_photos_go_ninety_days_after_closing_from_the_disk_too(
    closed: Receipt, clock: SettableClock
) -> None:
    assert len(list(gateways().photo_store.ready_names())) == 1
    clock.advance(timedelta(days=90))
    forget()
    assert db.session.scalars(select(Photo.state)).all() == [PhotoState.ERASED]
    assert list(gateways().photo_store.ready_names()) == []


def test_after_a_year_only_kind_area_band_and_times_are_left(
    closed: Receipt, clock: SettableClock, people: People
) -> None:
    clock.advance(timedelta(days=367))
    forget()
    row = people.row(closed)
    assert (row.description, row.address) == ("", "")
    assert (row.lat, row.lon) == (55.67, 12.56)
    assert row.kvarter is not None
    assert row.priority is not None
    assert set(db.session.scalars(select(StatusChange.note))) == {""}


def test_a_dry_run_counts_and_erases_nothing(closed: Receipt, clock: SettableClock) -> None:
    clock.advance(timedelta(days=367))
    assert forget(dry_run=True).parts["contact"] == 1
    assert db.session.scalar(select(func.count(Contact.id))) == 1


def test_forgetting_twice_finds_nothing_the_second_time(
    closed: Receipt, clock: SettableClock
) -> None:
    clock.advance(timedelta(days=367))
    forget()
    assert forget().parts == {}


def test_an_open_report_keeps_its_contact(people: People, clock: SettableClock) -> None:
    people.report(contact="beboer@example.dk")
    clock.advance(timedelta(days=60))
    forget()
    assert db.session.scalar(select(func.count(Contact.id))) == 1


def test_a_note_added_after_an_erasure_is_erased_in_its_turn(
    closed: Receipt, clock: SettableClock
) -> None:
    clock.advance(timedelta(days=367))
    forget()
    reopen(closed.service_request_id, note="ring til viceværten", by="koordinator")
    forget()
    assert set(db.session.scalars(select(StatusChange.note))) == {""}


def test_who_was_on_a_shift_is_forgotten_a_year_after_it_ended(
    people: People, clock: SettableClock
) -> None:
    member = people.crew(on_shift=False)
    people.act(member, "shift_start", members="Ane og Bo")
    people.act(member, "shift_end")
    clock.advance(timedelta(days=367))
    forget()
    assert db.session.scalars(select(Shift.members)).all() == [""]


def test_the_daily_run_is_taken_once_in_twenty_hours(
    closed: Receipt, people: People, clock: SettableClock
) -> None:
    def contacts() -> int | None:
        db.session.rollback()
        return db.session.scalar(select(func.count(Contact.id)))

    clock.advance(timedelta(hours=10))
    withdraw(people.report(contact="nabo@example.dk").token)
    clock.advance(timedelta(days=30) - timedelta(hours=10))
    forget_if_due()
    assert contacts() == 1
    clock.advance(timedelta(hours=11))
    forget_if_due()
    assert contacts() == 1, "due, but today's run has been taken"
    clock.advance(timedelta(hours=10))
    forget_if_due()
    assert contacts() == 0
