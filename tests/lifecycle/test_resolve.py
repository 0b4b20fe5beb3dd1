"""What a crew does to one task. The outcome decides the status; what comes too late is kept."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle.decide import assign_by_hand
from dispatch.lifecycle.receive import Receipt
from dispatch.lifecycle.withdraw import withdraw
from dispatch.models import CrewRoute, Observation, Shift, StatusChange, Task
from dispatch.rules.problems import NotFound, Refused
from dispatch.rules.status import Status, TaskState
from tests.people import CrewMember, People

WorkOff = Callable[[], int]


def task_of(task_id: int) -> Task:
    db.session.rollback()
    return db.session.get_one(Task, task_id)


def route() -> CrewRoute:
    db.session.rollback()
    return db.session.scalars(select(CrewRoute)).one()


def observation() -> Observation:
    db.session.rollback()
    return db.session.scalars(select(Observation)).one()


def last_line(receipt: Receipt) -> StatusChange:
    db.session.rollback()
    return db.session.scalars(
        select(StatusChange)
        .where(StatusChange.service_request_id == receipt.service_request_id)
        .order_by(StatusChange.id.desc())
    ).first()  # type: ignore[return-value]


@pytest.fixture
def given(people: People, work_off: WorkOff) -> tuple[CrewMember, Receipt, int]:
    """A crew on shift, a report, and the task it became."""
    member, receipt = people.crew(), people.report()
    work_off()
    return member, receipt, people.live_task(receipt)


# --- on the way -------------------------------------------------------------------------------


def test_starting_tells_the_reporter_that_somebody_is_on_it(people: People, given) -> None:
    member, receipt, task_id = given
    answer = people.act(member, "start", task_id=task_id)
    assert (answer.kind, answer.task_version) == ("applied", 2)
    assert people.row(receipt).status == Status.ATTENDING
    assert task_of(task_id).state == TaskState.STARTED


def test_arriving_without_starting_counts_as_both(people: People, given) -> None:
    member, receipt, task_id = given
    people.act(member, "arrive", task_id=task_id)
    task = task_of(task_id)
    assert (task.state, task.started_at) == (TaskState.ARRIVED, task.arrived_at)
    assert people.row(receipt).status == Status.ATTENDING


def test_after_arriving_the_next_way_begins_there(people: People, work_off: WorkOff) -> None:
    member = people.crew()
    receipt = people.report(lat=55.6680, lon=12.5560)
    work_off()
    people.act(member, "arrive", task_id=people.live_task(receipt))
    assert (route().last_lat, route().last_lon) == (55.6680, 12.5560)


def test_starting_twice_changes_nothing_the_second_time(people: People, given) -> None:
    member, _, task_id = given
    people.act(member, "start", task_id=task_id)
    before = route().version
    answer = people.act(member, "start", task_id=task_id)
    assert (answer.kind, answer.code, route().version) == ("nothing", "already_so", before)


def test_a_late_start_after_arriving_does_not_go_back(people: People, given) -> None:
    member, _, task_id = given
    people.act(member, "arrive", task_id=task_id)
    assert people.act(member, "start", task_id=task_id).kind == "nothing"
    assert task_of(task_id).state == TaskState.ARRIVED


def test_a_crew_that_takes_a_later_stop_first_gets_it_first(
    people: People, work_off: WorkOff
) -> None:
    member = people.crew()
    for step in range(3):
        people.report(lon=12.5605 + step / 500)
    work_off()
    order = list(db.session.scalars(select(Task.id).order_by(Task.position)))
    people.act(member, "start", task_id=order[2])
    db.session.rollback()
    assert db.session.scalars(select(Task.id).order_by(Task.position)).first() == order[2]


def test_each_step_moves_the_routes_version(people: People, given) -> None:
    member, _, task_id = given
    versions = [route().version]
    for action in ("start", "arrive", "done"):
        people.act(member, action, task_id=task_id)
        versions.append(route().version)
    assert versions == sorted(set(versions))


# --- how it ends ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "outcome", "status"),
    [
        ("done", "removed", Status.RESOLVED),
        ("done", "nothing_found", Status.RESOLVED),
        ("done", "duplicate", Status.DUPLICATE),
        ("done", "handed_over", Status.FORWARDED),
        ("problem", "nothing_found", Status.RESOLVED),
        ("problem", "no_access", Status.HELD),
        ("problem", "needs_other_team", Status.HELD),
        ("problem", "hazard_guarded", Status.HELD),
    ],
)
def test_the_outcome_decides_the_status(people: People, given, action, outcome, status) -> None:
    member, receipt, task_id = given
    people.act(member, action, task_id=task_id, outcome=outcome)
    row = people.row(receipt)
    assert (row.status, row.outcome) == (status, outcome)
    assert task_of(task_id).state == TaskState.DONE


def test_nobody_meets_a_deadline_by_closing_what_is_still_there(people: People, given) -> None:
    member, receipt, task_id = given
    people.act(member, "problem", task_id=task_id, outcome="no_access")
    row = people.row(receipt)
    assert (row.status, row.reason, row.closed_at) == (Status.HELD, "no_access", None)


def test_the_numbers_are_kept_as_numbers(people: People, given) -> None:
    member, receipt, task_id = given
    numbers = {"needles": 3, "other_sharps": 1, "bags": 2, "minutes": 12}
    people.act(member, "done", task_id=task_id, note="Under bænken", **numbers)
    task = task_of(task_id)
    assert {name: getattr(task, name) for name in numbers} == numbers
    line = last_line(receipt)
    assert line.facts == {"needles": 3, "other_sharps": 1, "bags": 2}
    assert (line.by, line.note) == (member.name, "Under bænken")


def test_the_needles_fill_the_sharps_box(people: People, given) -> None:
    member, _, task_id = given
    people.act(member, "done", task_id=task_id, needles=7)
    db.session.rollback()
    assert db.session.scalar(select(Shift.box_needles)) == 7


def test_a_problem_needs_to_say_which(people: People, given) -> None:
    member, receipt, task_id = given
    for outcome in (None, "removed", "gone fishing"):
        with pytest.raises(Refused) as refused:
            people.act(member, "problem", task_id=task_id, outcome=outcome)
        assert refused.value.code == "outcome_unknown"
    assert people.row(receipt).status == Status.ASSIGNED


# --- giving back ------------------------------------------------------------------------------


def test_what_is_given_back_goes_to_another_crew_with_the_reason(
    people: People, work_off: WorkOff, given
) -> None:
    member, receipt, task_id = given
    colleague = people.crew()
    people.act(member, "hand_back", task_id=task_id, note="For langt væk")
    assert last_line(receipt).note == "For langt væk"
    work_off()
    assert task_of(people.live_task(receipt)).crew_id == colleague.crew_id
    assert task_of(task_id).state == TaskState.RETURNED


def test_what_nobody_else_can_take_is_put_before_a_person(
    people: People, work_off: WorkOff, given
) -> None:
    member, receipt, task_id = given
    people.act(member, "hand_back", task_id=task_id)
    work_off()
    row = people.row(receipt)
    assert (row.status, row.reason) == (Status.HELD, "handed_back")


# --- too late ---------------------------------------------------------------------------------


def test_a_close_after_the_reporter_withdrew_is_kept_and_changes_nothing(
    people: People, given
) -> None:
    member, receipt, task_id = given
    people.act(member, "arrive", task_id=task_id)
    withdraw(receipt.token)
    answer = people.act(member, "done", task_id=task_id, needles=2, note="Væk nu")
    assert (answer.kind, answer.code) == ("observation", "task_cancelled")
    kept = observation()
    assert (kept.outcome, kept.needles, kept.note) == ("removed", 2, "Væk nu")
    assert people.row(receipt).status == Status.WITHDRAWN


def test_the_second_of_two_closes_is_kept_beside_the_first(people: People, given) -> None:
    member, receipt, task_id = given
    people.act(member, "done", task_id=task_id, needles=2)
    answer = people.act(member, "problem", task_id=task_id, outcome="no_access")
    assert (answer.kind, answer.code) == ("observation", "task_done")
    assert people.row(receipt).status == Status.RESOLVED
    assert (task_of(task_id).needles, observation().outcome) == (2, "no_access")


def test_the_facts_kept_do_not_depend_on_which_came_first(people: People, work_off) -> None:
    closes = [("done", "removed", 2), ("problem", "no_access", None)]
    kept = []
    for order in (closes, closes[::-1]):
        member, receipt = people.crew(), people.report()
        work_off()
        task_id = people.live_task(receipt)
        member = CrewMember(member.account_id, task_of(task_id).crew_id, member.name)
        for action, outcome, needles in order:
            people.act(member, action, task_id=task_id, outcome=outcome, needles=needles)
        seen = db.session.scalars(select(Observation).where(Observation.task_id == task_id)).one()
        task = task_of(task_id)
        kept.append({(task.outcome, task.needles), (seen.outcome, seen.needles)})
    assert kept[0] == kept[1]


def test_a_close_of_a_task_that_was_moved_is_kept_and_the_new_crew_keeps_it(
    people: People, work_off: WorkOff, given
) -> None:
    member, receipt, task_id = given
    colleague = people.crew()
    assign_by_hand(receipt.service_request_id, colleague.crew_id, by="Koordinator")
    answer = people.act(member, "done", task_id=task_id, needles=4)
    assert (answer.kind, answer.code) == ("observation", "task_cancelled")
    assert task_of(people.live_task(receipt)).crew_id == colleague.crew_id
    assert people.row(receipt).status == Status.ASSIGNED


def test_needles_of_a_close_that_came_too_late_do_not_fill_the_box_twice(
    people: People, given
) -> None:
    member, _, task_id = given
    people.act(member, "done", task_id=task_id, needles=5)
    people.act(member, "done", task_id=task_id, needles=5)
    db.session.rollback()
    assert db.session.scalar(select(Shift.box_needles)) == 5


def test_giving_back_what_is_gone_already_is_kept_too(people: People, given) -> None:
    member, receipt, task_id = given
    withdraw(receipt.token)
    assert people.act(member, "hand_back", task_id=task_id).kind == "observation"
    assert (observation().outcome, observation().action) == (None, "hand_back")


def test_the_phones_time_of_a_late_close_is_kept(
    people: People, given, clock: SettableClock
) -> None:
    member, receipt, task_id = given
    withdraw(receipt.token)
    claimed = clock.now()
    clock.advance(timedelta(hours=2))
    people.act(member, "done", task_id=task_id, occurred_at=claimed)
    assert (observation().occurred_at, observation().received_at) == (claimed, clock.now())


@pytest.mark.parametrize("task_id", [None, 999_999])
def test_a_task_that_never_was_is_not_found(people: People, task_id: int | None) -> None:
    with pytest.raises(NotFound):
        people.act(people.crew(), "start", task_id=task_id)
