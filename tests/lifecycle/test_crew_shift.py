"""A crew's shift: who is on it, its pauses, its box, and what becomes of the stops that are left."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.models import CrewRoute, Incident, ServiceRequest, Shift, StatusChange, Task
from dispatch.rules.problems import Refused
from dispatch.rules.status import Status, TaskState
from tests.people import HALMTORVET, People

WorkOff = Callable[[], int]


def shift() -> Shift:
    db.session.rollback()
    return db.session.scalars(select(Shift).order_by(Shift.id.desc())).first()  # type: ignore[return-value]


def test_a_shift_says_who_is_on_it_and_how_they_move(people: People) -> None:
    member = people.crew(on_shift=False)
    answer = people.act(member, "shift_start", vehicle="walking", members=" Amina og Bo\x00 ")
    assert (answer.kind, answer.route_version) == ("applied", 1)
    assert (shift().vehicle, shift().members) == ("walking", "Amina og Bo")


def test_a_crew_that_does_not_say_moves_as_usual_and_starts_from_its_place(people: People) -> None:
    people.crew()
    route = db.session.scalars(select(CrewRoute)).one()
    assert shift().vehicle == "cargo_bike"
    assert (route.last_lat, route.last_lon) == HALMTORVET


def test_a_shift_is_planned_to_the_crews_usual_hour(people: People) -> None:
    people.crew()
    assert shift().ends_at == datetime(2026, 11, 25, 21, 0, tzinfo=UTC)


def test_a_shift_started_late_is_planned_for_an_hour(people: People, clock: SettableClock) -> None:
    clock.advance(timedelta(hours=12, minutes=30))
    people.crew()
    assert shift().ends_at == clock.now() + timedelta(hours=1)


def test_starting_twice_opens_one_shift(people: People) -> None:
    member = people.crew()
    assert people.act(member, "shift_start").code == "already_so"
    assert len(db.session.scalars(select(Shift)).all()) == 1


def test_a_vehicle_nobody_knows_is_refused(people: People) -> None:
    with pytest.raises(Refused):
        people.act(people.crew(on_shift=False), "shift_start", vehicle="helicopter")
    assert db.session.scalars(select(Shift)).all() == []


def test_what_is_left_at_the_end_goes_to_the_others(people: People, work_off: WorkOff) -> None:
    member = people.crew()
    receipts = [people.report(), people.report()]
    work_off()
    people.act(member, "start", task_id=people.live_task(receipts[0]))
    colleague = people.crew()
    people.act(member, "shift_end")
    db.session.rollback()
    assert set(db.session.scalars(select(Task.state))) == {TaskState.RETURNED}
    work_off()
    live = [people.live_task(receipt) for receipt in receipts]
    crews = set(db.session.scalars(select(Task.crew_id).where(Task.id.in_(live))))
    assert crews == {colleague.crew_id}


def test_the_story_says_that_the_shift_ended(people: People, work_off: WorkOff) -> None:
    member = people.crew()
    receipt = people.report()
    work_off()
    people.act(member, "shift_end")
    row = people.row(receipt)
    assert (row.status, row.reason) == (Status.RECEIVED, "shift_ended")
    reasons = db.session.scalars(select(StatusChange.reason).order_by(StatusChange.id)).all()
    assert reasons[-1] == "shift_ended"


def test_ending_twice_changes_nothing(people: People) -> None:
    member = people.crew()
    people.act(member, "shift_end")
    assert people.act(member, "shift_end").code == "already_so"


def test_a_crew_on_its_next_shift_gets_back_what_nobody_took(
    people: People, work_off: WorkOff
) -> None:
    member = people.crew()
    receipt = people.report()
    work_off()
    people.act(member, "shift_end")
    work_off()
    people.act(member, "shift_start")
    work_off()
    assert people.row(receipt).status == Status.ASSIGNED


def test_nothing_new_is_planned_for_a_crew_on_break(
    people: People, work_off: WorkOff, clock: SettableClock
) -> None:
    member = people.crew()
    people.act(member, "break_start")
    receipt = people.report()
    work_off()
    assert people.row(receipt).status == Status.RECEIVED
    people.act(member, "break_end")
    work_off()
    assert people.row(receipt).status == Status.ASSIGNED


def test_a_break_keeps_the_stops_there_are(people: People, work_off: WorkOff) -> None:
    member = people.crew()
    receipt = people.report()
    work_off()
    people.act(member, "break_start")
    assert shift().break_since is not None
    assert people.live_task(receipt)
    assert people.act(member, "break_start").code == "already_so"


def test_a_break_that_is_not_taken_cannot_end(people: People) -> None:
    assert people.act(people.crew(), "break_end").code == "already_so"


def test_emptying_the_box_starts_it_from_nothing(people: People, work_off: WorkOff) -> None:
    member = people.crew()
    receipt = people.report()
    work_off()
    people.act(member, "done", task_id=people.live_task(receipt), needles=90)
    people.act(member, "box_emptied")
    assert shift().box_needles == 0


def test_every_change_of_the_shift_reaches_the_open_page(people: People) -> None:
    member = people.crew()
    versions = [1]
    for action in ("break_start", "break_end", "box_emptied"):
        versions.append(people.act(member, action).route_version or 0)
    assert versions == [1, 2, 3, 4]


def test_a_needle_stick_waits_for_the_coordinator_and_says_nothing_of_the_person(
    people: People,
) -> None:
    member = people.crew(on_shift=False)
    people.act(member, "needle_stick", note="Det var Bo, i venstre hånd")
    incident = db.session.scalars(select(Incident)).one()
    assert (incident.crew_id, incident.acknowledged_at) == (member.crew_id, None)
    assert "Bo" not in str(incident.__dict__)


def test_a_stranger_crews_shift_is_not_ended(people: People) -> None:
    people.crew()
    stranger = people.crew(on_shift=False)
    assert people.act(stranger, "shift_end").kind == "nothing"
    assert shift().ended_at is None


def test_starting_a_shift_wakes_all_that_waited(people: People, work_off: WorkOff) -> None:
    for _ in range(3):
        people.report()
    work_off()
    people.crew()
    work_off()
    db.session.rollback()
    assert set(db.session.scalars(select(ServiceRequest.status))) == {Status.ASSIGNED}
