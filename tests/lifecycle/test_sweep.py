"""What was left half-way is finished, by one leader among many, with no broker at all."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle import work_list
from dispatch.lifecycle.perform import perform
from dispatch.lifecycle.sweep import record_heartbeat, sweep, sweep_if_leader
from dispatch.models import Heartbeat, Lease, ServiceRequest, Via, Work, WorkKind
from dispatch.models.transaction import transaction
from dispatch.rules.status import Status
from tests.people import People


def work_rows() -> list[Work]:
    db.session.rollback()
    return list(db.session.scalars(select(Work)))


def test_fresh_work_is_left_to_the_queue_and_stale_work_is_done(
    people: People, clock: SettableClock
) -> None:
    people.crew()
    receipt = people.report()
    assert sweep() == 0
    clock.advance(timedelta(seconds=6))
    assert sweep() == 1
    assert people.row(receipt).status == Status.ASSIGNED


def test_work_in_the_hands_of_a_job_is_not_taken_from_it(
    people: People, clock: SettableClock
) -> None:
    people.crew()
    receipt = people.report()
    clock.advance(timedelta(seconds=6))
    assert work_list.claim(WorkKind.ASSIGN_REQUEST, receipt.service_request_id)
    assert sweep() == 0


def test_work_whose_worker_died_is_free_again_after_a_few_seconds(
    people: People, clock: SettableClock
) -> None:
    people.crew()
    receipt = people.report()
    work_list.claim(WorkKind.ASSIGN_REQUEST, receipt.service_request_id)
    clock.advance(timedelta(seconds=7))
    sweep()
    assert people.row(receipt).status == Status.ASSIGNED


def test_only_the_leader_sweeps_until_its_lease_runs_out(
    people: People, clock: SettableClock
) -> None:
    people.crew()
    receipt = people.report()
    clock.advance(timedelta(seconds=6))
    with transaction() as session:
        session.add(Lease(name="sweep", holder="other:1", until=clock.now() + timedelta(seconds=5)))
    assert sweep_if_leader() == 0
    assert people.row(receipt).status == Status.RECEIVED
    clock.advance(timedelta(seconds=6))
    assert sweep_if_leader() == 1


def test_a_leader_renews_its_own_lease(people: People) -> None:
    people.crew()
    people.report()
    assert sweep_if_leader() == 0
    assert sweep_if_leader() == 0
    assert len(db.session.scalars(select(Lease)).all()) == 1


def broken_request(people: People) -> int:
    """A request whose deadline was lost, which no route can be planned with."""
    receipt = people.report()
    with transaction() as session:
        row = people.row(receipt)
        session.merge(row).due_at = None
    return receipt.service_request_id


def test_work_that_fails_is_tried_further_and_further_apart(
    people: People, clock: SettableClock
) -> None:
    people.crew()
    request_id = broken_request(people)
    waits = []
    for _ in range(3):
        with pytest.raises(ValueError, match="has no place"):
            perform(WorkKind.ASSIGN_REQUEST, request_id, Via.QUEUE)
        (row,) = work_rows()
        waits.append((row.due_at - clock.now()).total_seconds())
        assert row.last_error == "ValueError"
        clock.set(row.due_at)
    assert waits == [2, 4, 8]


def test_after_five_failures_a_person_is_asked_and_the_error_is_named(
    people: People, clock: SettableClock
) -> None:
    people.crew()
    request_id = broken_request(people)
    for _ in range(5):
        clock.advance(timedelta(minutes=2))
        sweep()
    rows = work_rows()
    request = db.session.get_one(ServiceRequest, request_id)
    assert (request.status, request.reason) == (Status.HELD, "needs_attention")
    assert request.hold_detail == "assign_request: ValueError"
    assert rows == []


def test_one_bad_piece_of_work_does_not_stop_the_others(
    people: People, clock: SettableClock
) -> None:
    people.crew()
    broken_request(people)
    good = people.report()
    clock.advance(timedelta(seconds=10))
    sweep()
    assert people.row(good).status == Status.ASSIGNED


def test_a_sign_of_life_keeps_only_the_last_time(people: People, clock: SettableClock) -> None:
    record_heartbeat("routing")
    clock.advance(timedelta(seconds=10))
    record_heartbeat("routing")
    assert db.session.scalars(select(Heartbeat.beat_at)).all() == [clock.now()]
