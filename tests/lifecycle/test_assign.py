"""A received request finds its crew, or waits, or is put before a person. Always for a reason."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle.assign import Plan, RouteMoved, place_task, plan_for
from dispatch.lifecycle.decide import release
from dispatch.lifecycle.perform import perform
from dispatch.lifecycle.transition import Change
from dispatch.models import CrewRoute, Task, Via, Work, WorkKind, WorkTally
from dispatch.models.transaction import transaction
from dispatch.rules.status import Status, TaskState
from tests.people import HALMTORVET, People

WorkOff = Callable[[], int]
NORTH_OF_IT = {"start_lat": 55.6725, "start_lon": 12.5560}
FAR_SOUTH = {"start_lat": 55.6480, "start_lon": 12.5400}


def tasks() -> list[Task]:
    db.session.rollback()
    return list(db.session.scalars(select(Task).order_by(Task.crew_route_id, Task.position)))


def test_a_report_is_put_on_the_route_of_the_crew_on_shift(
    people: People, work_off: WorkOff
) -> None:
    member = people.crew()
    receipt = people.report()
    work_off()
    assert people.row(receipt).status == Status.ASSIGNED
    (task,) = tasks()
    assert (task.crew_id, task.state) == (member.crew_id, TaskState.PLANNED)
    assert db.session.scalars(select(Work)).all() == []


def test_without_a_crew_it_waits_and_is_routed_when_a_shift_starts(
    people: People, work_off: WorkOff
) -> None:
    member = people.crew(on_shift=False)
    receipt = people.report()
    work_off()
    assert people.row(receipt).status == Status.RECEIVED
    assert db.session.scalars(select(Work.waits_for)).all() == ["shift"]
    people.act(member, "shift_start")
    work_off()
    assert people.row(receipt).status == Status.ASSIGNED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"place_kind": "yard_stairwell"}, "private_ground"),
        ({"service_code": "toilet"}, "toilet"),
    ],
)
def test_what_no_crew_should_be_sent_to_is_put_before_a_person(
    people: People, work_off: WorkOff, changes: dict[str, str], reason: str
) -> None:
    people.crew()
    receipt = people.report(**changes)
    work_off()
    row = people.row(receipt)
    assert (row.status, row.reason) == (Status.HELD, reason)
    assert tasks() == []


def test_the_nearer_crew_is_chosen_and_the_page_can_say_why(
    people: People, work_off: WorkOff
) -> None:
    near = people.crew("Nær", **NORTH_OF_IT)
    people.crew("Fjern", **FAR_SOUTH)
    people.report()
    work_off()
    (task,) = tasks()
    assert task.crew_id == near.crew_id
    assert task.why is not None
    considered = {each["crew"]: each for each in task.why["considered"]}
    assert considered["Nær"]["cost"] < considered["Fjern"]["cost"]


def test_another_skill_changes_the_chosen_crew(people: People, work_off: WorkOff) -> None:
    people.crew("Nær", **NORTH_OF_IT, skills=())
    far = people.crew("Fjern", **FAR_SOUTH)
    people.report()
    work_off()
    (task,) = tasks()
    assert task.crew_id == far.crew_id
    assert task.why is not None
    assert {each["crew"]: each["misfit"] for each in task.why["considered"]} == {
        "Fjern": None,
        "Nær": "skill_missing",
    }


def test_another_area_changes_the_chosen_crew(people: People, work_off: WorkOff) -> None:
    people.crew("Nær", **NORTH_OF_IT, kvarterer=("Kongens Enghave",))
    far = people.crew("Fjern", start_lat=55.6640, start_lon=12.5560)
    people.report()
    work_off()
    assert [task.crew_id for task in tasks()] == [far.crew_id]


def test_load_changes_the_chosen_crew(people: People, work_off: WorkOff) -> None:
    near = people.crew("Nær", **NORTH_OF_IT)
    far = people.crew("Fjern", start_lat=55.6660, start_lon=12.5600)
    for number in range(12):
        people.report(lat=55.6722 + number * 0.0001, lon=12.5562, place_kind="street")
        work_off()
    chosen = [task.crew_id for task in tasks()]
    assert near.crew_id in chosen
    assert far.crew_id in chosen


def test_a_request_is_on_one_route_only_however_often_it_is_done(
    people: People, work_off: WorkOff
) -> None:
    people.crew()
    receipt = people.report()
    for _ in range(3):
        perform(WorkKind.ASSIGN_REQUEST, receipt.service_request_id, Via.QUEUE)
    work_off()
    assert len(tasks()) == 1


def test_a_plan_made_on_an_older_route_is_not_set(people: People, work_off: WorkOff) -> None:
    people.crew()
    first, second = people.report(), people.report()
    plan = plan_for(people.row(second))
    assert isinstance(plan, Plan)
    db.session.rollback()
    perform(WorkKind.ASSIGN_REQUEST, first.service_request_id, Via.QUEUE)
    with pytest.raises(RouteMoved), transaction() as session:
        row = people.row(second)
        place_task(session, row, plan, Change(Status.ASSIGNED, "system"), row.created_at)
    work_off()
    assert len(tasks()) == 2


def test_each_change_of_the_route_counts_its_version(people: People, work_off: WorkOff) -> None:
    people.crew()
    versions = []
    for _ in range(3):
        people.report()
        work_off()
        versions.append(db.session.scalars(select(CrewRoute.version)).one())
        db.session.rollback()
    assert versions == sorted(set(versions))


def test_what_a_crew_gave_back_goes_to_another_and_then_to_a_person(
    people: People, work_off: WorkOff
) -> None:
    one, two = people.crew("Et", **NORTH_OF_IT), people.crew("To", **FAR_SOUTH)
    receipt = people.report()
    work_off()
    people.act(one, "hand_back", task_id=tasks()[0].id, note="for tung")
    work_off()
    live = [task for task in tasks() if task.state == TaskState.PLANNED]
    assert [task.crew_id for task in live] == [two.crew_id]
    people.act(two, "hand_back", task_id=live[0].id)
    work_off()
    row = people.row(receipt)
    assert (row.status, row.reason) == (Status.HELD, "handed_back")


def test_a_task_by_hand_and_a_task_by_the_queue_are_counted_apart(
    people: People, work_off: WorkOff
) -> None:
    people.crew()
    receipt = people.report()
    perform(WorkKind.ASSIGN_REQUEST, receipt.service_request_id, Via.QUEUE)
    people.report()
    work_off()
    tally = db.session.execute(
        select(WorkTally.via, WorkTally.done).where(WorkTally.kind == WorkKind.ASSIGN_REQUEST)
    ).all()
    assert sorted((via.value, done) for via, done in tally) == [("queue", 1), ("sweep", 1)]


def test_an_acute_needle_goes_before_what_would_make_it_late(
    people: People, work_off: WorkOff, clock: SettableClock
) -> None:
    people.crew(**NORTH_OF_IT)
    for number in range(9):
        people.report(service_code="litter", lat=HALMTORVET[0] + number * 0.0004)
        work_off()
    clock.advance(timedelta(minutes=1))
    acute = people.report(place_kind="playground", lat=HALMTORVET[0] - 0.0016)
    work_off()
    order = [task.service_request_id for task in tasks()]
    assert order.index(acute.service_request_id) <= 4


def test_what_the_desk_releases_is_routed_though_it_was_held(
    people: People, work_off: WorkOff
) -> None:
    people.crew()
    receipt = people.report(place_kind="yard_stairwell")
    work_off()
    release(receipt.service_request_id, note="ejeren har givet lov", by="koordinator")
    work_off()
    assert people.row(receipt).status == Status.ASSIGNED


def test_after_a_release_crews_that_gave_it_back_may_be_asked_again(
    people: People, work_off: WorkOff, clock: SettableClock
) -> None:
    member = people.crew()
    receipt = people.report()
    work_off()
    people.act(member, "hand_back", task_id=people.live_task(receipt))
    work_off()
    assert people.row(receipt).status == Status.HELD
    clock.advance(timedelta(minutes=1))
    release(receipt.service_request_id, note="", by="koordinator")
    work_off()
    assert people.row(receipt).status == Status.ASSIGNED
    clock.advance(timedelta(minutes=1))
    people.act(member, "hand_back", task_id=people.live_task(receipt))
    work_off()
    assert people.row(receipt).status == Status.HELD
