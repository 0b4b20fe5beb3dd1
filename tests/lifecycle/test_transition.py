"""The one door for a status: the table, the compare-and-set, and the line of history."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle.transition import SYSTEM, Change, change_status
from dispatch.models import ServiceRequest, StatusChange
from dispatch.models.transaction import transaction
from dispatch.rules.outcome import Outcome
from dispatch.rules.problems import AlreadyDone
from dispatch.rules.status import ALLOWED, CLOSED, Status
from tests.people import People

EVERY_STEP = [(old, new) for old in Status for new in Status]
ALLOWED_STEPS = [(old, new) for old, new in EVERY_STEP if new in ALLOWED[old]]
REFUSED_STEPS = [step for step in EVERY_STEP if step not in ALLOWED_STEPS]


def stand_at(request_id: int, status: Status, **also: Any) -> None:
    """Put a request at a status without history, as the start of a test."""
    with transaction() as session:
        session.execute(
            update(ServiceRequest)
            .where(ServiceRequest.id == request_id)
            .values(status=status, **also)
        )


def change(request_id: int, wanted: Change) -> None:
    with transaction() as session:
        change_status(session, session.get_one(ServiceRequest, request_id), wanted)


def ledger(request_id: int) -> list[StatusChange]:
    db.session.rollback()
    return list(
        db.session.scalars(
            select(StatusChange)
            .where(StatusChange.service_request_id == request_id)
            .order_by(StatusChange.id)
        )
    )


@pytest.mark.parametrize(("old", "new"), ALLOWED_STEPS)
def test_an_allowed_step_is_taken_and_written_down(people: People, old: Status, new: Status):
    receipt = people.report()
    stand_at(receipt.service_request_id, old)
    change(receipt.service_request_id, Change(new, SYSTEM))
    assert people.row(receipt).status == new
    last = ledger(receipt.service_request_id)[-1]
    assert (last.old, last.new, last.by) == (old, new, SYSTEM)


def test_a_step_that_is_not_in_the_table_changes_nothing(people: People):
    receipt = people.report()
    for old, new in REFUSED_STEPS:
        stand_at(receipt.service_request_id, old)
        with pytest.raises(AlreadyDone):
            change(receipt.service_request_id, Change(new, SYSTEM))
        assert people.row(receipt).status == old
    assert len(ledger(receipt.service_request_id)) == 1


def test_whoever_comes_second_learns_where_it_is_now_and_writes_nothing(people: People):
    receipt = people.report()
    with transaction() as session:
        stale = session.get_one(ServiceRequest, receipt.service_request_id)
        session.execute(
            update(ServiceRequest)
            .where(ServiceRequest.id == stale.id)
            .values(status=Status.HELD)
            .execution_options(synchronize_session=False)
        )
        with pytest.raises(AlreadyDone):
            change_status(session, stale, Change(Status.ASSIGNED, SYSTEM))
    assert people.row(receipt).status == Status.HELD
    assert len(ledger(receipt.service_request_id)) == 1


@pytest.mark.parametrize("closed", sorted(CLOSED - {Status.RESOLVED}))
def test_closing_notes_the_moment(people: People, clock: SettableClock, closed: Status):
    receipt = people.report()
    closed_at = clock.advance(timedelta(minutes=7))
    change(receipt.service_request_id, Change(closed, "Koordinator"))
    row = people.row(receipt)
    assert (row.closed_at, row.updated_at) == (closed_at, closed_at)


def test_reopening_takes_the_moment_of_closing_and_the_old_reasons_away(people: People):
    kept = people.report()
    receipt = people.report()
    also = {"duplicate_of_id": kept.service_request_id}
    change(receipt.service_request_id, Change(Status.DUPLICATE, "Koordinator", also=also))
    assert people.row(receipt).duplicate_of_id == kept.service_request_id
    change(receipt.service_request_id, Change(Status.RECEIVED, "Koordinator"))
    row = people.row(receipt)
    assert (row.closed_at, row.duplicate_of_id, row.reason) == (None, None, None)


def test_the_ledger_remembers_outcome_reason_note_and_numbers(people: People):
    receipt = people.report()
    wanted = Change(
        Status.HELD,
        "Istedholdet",
        outcome=Outcome.NO_ACCESS,
        reason="no_access",
        note="Porten var låst",
        facts={"needles": 2},
    )
    change(receipt.service_request_id, wanted)
    last = ledger(receipt.service_request_id)[-1]
    assert (last.outcome, last.reason, last.note) == ("no_access", "no_access", "Porten var låst")
    assert last.facts == {"needles": 2}
    assert people.row(receipt).reason == "no_access"


def test_what_was_held_says_no_more_why_once_it_moves_on(people: People):
    receipt = people.report()
    stand_at(receipt.service_request_id, Status.HELD, hold_detail="ConnectionError")
    change(receipt.service_request_id, Change(Status.RECEIVED, "Koordinator"))
    row = people.row(receipt)
    assert (row.hold_detail, row.reason) == (None, None)


def test_only_a_crews_own_find_goes_straight_from_received_to_resolved(people: People):
    receipt = people.report()
    straight = Change(Status.RESOLVED, "Istedholdet", outcome=Outcome.REMOVED)
    with pytest.raises(AlreadyDone):
        change(receipt.service_request_id, straight)
    change(receipt.service_request_id, Change(Status.RESOLVED, "Istedholdet", own_find=True))
    assert people.row(receipt).status == Status.RESOLVED
