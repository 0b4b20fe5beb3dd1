"""The reporter may take a report back, or say that it is not solved; nobody else can."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle.receive import Receipt
from dispatch.lifecycle.withdraw import not_solved, withdraw
from dispatch.models import Task
from dispatch.rules.problems import AlreadyDone, NotFound, Refused
from dispatch.rules.status import LIVE_TASKS, Status, TaskState
from tests.people import CrewMember, People

WorkOff = Callable[[], int]


def solved(people: People, work_off: WorkOff) -> tuple[Receipt, CrewMember]:
    member = people.crew()
    receipt = people.report()
    work_off()
    people.act(member, "done", task_id=people.live_task(receipt), needles=1)
    return receipt, member


def test_a_withdrawn_report_leaves_the_crews_route(people: People, work_off: WorkOff) -> None:
    people.crew()
    receipt = people.report()
    work_off()
    withdraw(receipt.token)
    assert people.row(receipt).status == Status.WITHDRAWN
    assert db.session.scalars(select(Task.state)).all() == [TaskState.CANCELLED]


def test_withdrawing_twice_says_it_is_done(people: People) -> None:
    receipt = people.report()
    withdraw(receipt.token)
    with pytest.raises(AlreadyDone):
        withdraw(receipt.token)


def test_a_stranger_with_a_wrong_link_changes_nothing(people: People) -> None:
    receipt = people.report()
    for deed in (withdraw, lambda token: not_solved(token, "")):
        with pytest.raises(NotFound):
            deed(receipt.token[:-1] + "x")
    assert people.row(receipt).status == Status.RECEIVED


def test_not_solved_routes_it_again_with_a_new_deadline(
    people: People, work_off: WorkOff, clock: SettableClock
) -> None:
    receipt, _ = solved(people, work_off)
    clock.advance(timedelta(hours=2))
    not_solved(receipt.token, "Den ligger der stadig")
    row = people.row(receipt)
    assert (row.status, row.reason, row.first_in_line) == (Status.RECEIVED, "not_solved", True)
    assert row.due_at is not None
    assert row.due_at > clock.now()
    work_off()
    assert people.row(receipt).status == Status.ASSIGNED


def test_a_reopened_report_is_next_after_the_stop_the_crew_is_going_to(
    people: People, work_off: WorkOff
) -> None:
    receipt, _ = solved(people, work_off)
    for number in range(5):
        people.report(lat=55.6692 + number * 0.0003, service_code="litter")
        work_off()
    not_solved(receipt.token, "")
    work_off()
    db.session.rollback()
    order = db.session.scalars(
        select(Task.service_request_id).where(Task.state.in_(LIVE_TASKS)).order_by(Task.position)
    ).all()
    assert order.index(receipt.service_request_id) == 1


def test_not_solved_is_for_a_fortnight(
    people: People, work_off: WorkOff, clock: SettableClock
) -> None:
    receipt, _ = solved(people, work_off)
    clock.advance(timedelta(days=15))
    with pytest.raises(AlreadyDone) as late:
        not_solved(receipt.token, "")
    assert late.value.code == "too_late_to_reopen"


def test_a_cpr_number_in_the_note_is_refused(people: People, work_off: WorkOff) -> None:
    receipt, _ = solved(people, work_off)
    with pytest.raises(Refused):
        not_solved(receipt.token, "010190-1234")
    assert people.row(receipt).status == Status.RESOLVED
