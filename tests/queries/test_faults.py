"""`renhold doctor` finds each planted fault, names it, and finds nothing in a healthy house."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, update

from dispatch.extensions import Base, db
from dispatch.gateways import gateways
from dispatch.gateways.clock import SettableClock
from dispatch.models import (
    Message,
    Photo,
    ServiceRequest,
    Shift,
    StatusChange,
    Task,
    Work,
    WorkKind,
)
from dispatch.models.transaction import transaction
from dispatch.queries.faults import Fault, find_faults
from dispatch.rules.status import Status
from tests.people import People
from tests.pictures import jpeg

WorkOff = Callable[[], int]
MAIL = "beboer@example.dk"


def faults() -> list[Fault]:
    db.session.rollback()
    return find_faults()


def the_fault() -> Fault:
    (fault,) = faults()
    return fault


def plant(table: type[Base], **values: Any) -> None:
    """Something changed the rows behind the program's back."""
    with transaction() as session:
        session.execute(update(table).values(**values))


def lose(table: type[Base]) -> None:
    with transaction() as session:
        session.execute(delete(table))


def upload() -> str:
    return gateways().photo_store.put_incoming(BytesIO(jpeg()), 15_000_000)


@pytest.fixture
def assigned(people: People, work_off: WorkOff) -> str:
    """The reference of a report that a crew has on its route."""
    people.crew()
    receipt = people.report()
    work_off()
    assert people.row(receipt).status == Status.ASSIGNED
    return receipt.reference


def test_a_house_at_work_has_no_faults(people: People, work_off: WorkOff):
    people.crew()
    people.report(contact=MAIL, photos=(upload(),))
    assert faults() == []
    work_off()
    assert faults() == []


def test_a_status_the_ledger_does_not_know(people: People, assigned: str):
    plant(StatusChange, new=Status.RECEIVED)
    assert (the_fault().kind, the_fault().subject) == ("ledger", assigned)


def test_a_closing_time_on_an_open_report(assigned: str, clock: SettableClock):
    plant(ServiceRequest, closed_at=clock.now())
    assert (the_fault().kind, the_fault().subject) == ("closing-time", assigned)


def test_a_received_report_that_nobody_owes_a_route(people: People):
    receipt = people.report()
    lose(Work)
    assert (the_fault().kind, the_fault().subject) == ("forgotten", receipt.reference)


def test_an_assigned_report_that_no_crew_has(assigned: str):
    lose(Task)
    assert (the_fault().kind, the_fault().subject) == ("no-task", assigned)


def test_a_task_of_a_report_that_is_not_assigned(assigned: str):
    plant(ServiceRequest, status=Status.HELD)
    assert {fault.kind for fault in faults()} == {"ledger", "stray-task"}


def test_a_task_on_a_shift_that_has_ended(assigned: str, clock: SettableClock):
    plant(Shift, ended_at=clock.now())
    assert the_fault().kind == "ended-shift"
    assert the_fault().subject.startswith(assigned)


def test_work_that_lies_for_more_than_two_minutes(people: People, clock: SettableClock):
    people.report()
    clock.advance(timedelta(minutes=3))
    assert the_fault().kind == "overdue-work"
    assert "Are workers running?" in the_fault().words


def test_a_message_that_waits_but_is_not_owed(people: People, work_off: WorkOff):
    receipt = people.report(contact=MAIL)
    with transaction() as session:
        session.execute(delete(Work).where(Work.kind == WorkKind.SEND_MESSAGE))
    message = db.session.query(Message).one()
    assert (the_fault().kind, the_fault().subject) == (
        "unsent",
        f"{receipt.reference} message {message.id}",
    )


def test_a_photo_that_waits_but_is_not_owed(people: People):
    receipt = people.report(photos=(upload(),))
    with transaction() as session:
        session.execute(delete(Work).where(Work.kind == WorkKind.PREPARE_PHOTO))
    photo = db.session.query(Photo).one()
    assert (the_fault().kind, the_fault().subject) == (
        "unprepared",
        f"{receipt.reference} photo {photo.id}",
    )


def test_a_photo_whose_file_is_gone(people: People, work_off: WorkOff):
    people.report(photos=(upload(),))
    work_off()
    for name in list(gateways().photo_store.ready_names()):
        gateways().photo_store.delete_ready(name)
    assert the_fault().kind == "photo"


def test_files_that_no_photo_names_are_one_line_with_their_number(
    people: People, work_off: WorkOff
):
    people.report(photos=(upload(),))
    work_off()
    for content in (b"one", b"two", b"three"):
        gateways().photo_store.put_ready(content)
    assert the_fault().kind == "orphaned-files"
    assert the_fault().subject.startswith("3 files")


@pytest.fixture
def with_broker(app: Flask) -> Iterator[Callable[[str], None]]:
    settings = app.extensions["renhold.settings"]

    def at(url: str) -> None:
        app.extensions["renhold.settings"] = replace(settings, redis_url=url)

    yield at
    app.extensions["renhold.settings"] = settings


def test_a_broker_that_is_set_and_does_not_answer(with_broker: Callable[[str], None]):
    with_broker("unix:///no/such/broker.sock")
    assert the_fault().kind == "broker"
    assert "does not answer" in the_fault().words
    assert "REDIS_URL" in the_fault().words


def test_a_broker_that_answers_is_no_fault(with_broker: Callable[[str], None], broker_url: str):
    with_broker(broker_url)
    assert faults() == []
