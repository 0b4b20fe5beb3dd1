"""What a crew sees of its day: its own open stops in order, at a cost that does not grow."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import event

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle.decide import assign_by_hand
from dispatch.lifecycle.receive import Receipt
from dispatch.lifecycle.withdraw import not_solved, withdraw
from dispatch.queries.crew_arrivals import arrivals
from dispatch.queries.crew_day import CrewDay, crew_at_rest, crew_day, was_ours
from dispatch.queries.photo_of import photo_of, photo_of_crew
from dispatch.rules.status import TaskState
from tests.people import HALMTORVET, CrewMember, People
from tests.pictures import jpeg

WorkOff = Callable[[], int]


def day_of(member: CrewMember) -> CrewDay:
    db.session.rollback()
    day = crew_day(member.crew_id)
    assert day is not None
    return day


@contextmanager
def queries() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def reports(people: People, count: int) -> None:
    for step in range(count):
        people.report(lat=55.6650 + step * 0.0002, lon=12.5450 + step * 0.0004)


# --- what is on it ----------------------------------------------------------------------------


def test_without_a_shift_there_is_no_day(people: People) -> None:
    assert crew_day(people.crew(on_shift=False).crew_id) is None


def test_a_crew_at_rest_has_its_name_and_its_usual_vehicle(people: People) -> None:
    member = people.crew("Hold Nord", on_shift=False, vehicle="walking")
    assert crew_at_rest(member.crew_id).name == "Hold Nord"
    assert crew_at_rest(member.crew_id).vehicle == "walking"


def test_stops_come_in_the_routes_order_and_are_numbered_from_one(
    people: People, work_off: WorkOff
) -> None:
    member = people.crew()
    reports(people, 4)
    work_off()
    stops = day_of(member).stops
    assert [stop.position for stop in stops] == [1, 2, 3, 4]
    people.act(member, "start", task_id=stops[2].task_id)
    assert day_of(member).stops[0].task_id == stops[2].task_id


def test_a_stop_has_what_the_report_said(people: People, work_off: WorkOff) -> None:
    member = people.crew()
    said = {
        "needle_count": 6, "surface": "grass", "capped": False, "risk_now": True,
        "description": "Under bænken\n<b>ved</b> gyngen", "address": "Halmtorvet 1",
    }  # fmt: skip
    people.report(place_kind="playground", **said)
    work_off()
    (stop,) = day_of(member).stops
    assert {name: getattr(stop, name) for name in said} == said
    assert (stop.priority, stop.place_kind, stop.many_needles) == ("akut", "playground", True)
    assert stop.due_reason is not None


def test_nothing_tells_who_reported(people: People, work_off: WorkOff) -> None:
    member = people.crew()
    receipt = people.report(contact="anna@example.dk")
    work_off()
    told = repr(day_of(member))
    assert "anna" not in told
    assert receipt.token not in told


def test_another_crews_stops_are_not_on_it(people: People, work_off: WorkOff) -> None:
    member = people.crew()
    people.report()
    work_off()
    stranger = people.crew()
    assert len(day_of(member).stops) == 1
    assert day_of(stranger).stops == ()


def test_what_is_done_withdrawn_or_given_back_is_gone_and_counted_once(
    people: People, work_off: WorkOff
) -> None:
    member = people.crew()
    receipts = [people.report() for _ in range(4)]
    work_off()
    tasks = [people.live_task(receipt) for receipt in receipts]
    people.act(member, "done", task_id=tasks[0], needles=3)
    withdraw(receipts[1].token)
    people.act(member, "hand_back", task_id=tasks[2])
    day = day_of(member)
    assert [stop.task_id for stop in day.stops] == [tasks[3]]
    assert (day.shift.done, day.shift.needles, day.shift.box.needles) == (1, 3, 3)


def test_yesterdays_shift_counts_for_nothing_today(
    people: People, work_off: WorkOff, clock: SettableClock
) -> None:
    member = people.crew()
    receipt = people.report()
    work_off()
    people.act(member, "done", task_id=people.live_task(receipt), needles=5)
    people.act(member, "shift_end")
    clock.advance(timedelta(days=1))
    people.act(member, "shift_start")
    shift = day_of(member).shift
    assert (shift.done, shift.needles) == (0, 0)


def test_a_reopened_report_says_so(people: People, work_off: WorkOff) -> None:
    member = people.crew()
    receipt = people.report()
    work_off()
    people.act(member, "done", task_id=people.live_task(receipt))
    not_solved(receipt.token, "")
    work_off()
    (stop,) = day_of(member).stops
    assert stop.first_in_line


def test_a_crew_sees_what_others_wrote_too_late_but_not_who(
    people: People, work_off: WorkOff
) -> None:
    before = people.crew()
    receipt = people.report()
    work_off()
    task_id = people.live_task(receipt)
    after = people.crew()
    assign_by_hand(receipt.service_request_id, after.crew_id, by="Koordinator")
    people.act(before, "done", task_id=task_id, needles=2, note="hemmeligt")
    (stop,) = day_of(after).stops
    (seen,) = stop.seen_by_others
    assert (seen.outcome, seen.needles) == ("removed", 2)
    assert before.name not in repr(stop)
    assert "hemmeligt" not in repr(stop)


def test_a_task_is_known_to_have_been_ours_after_it_is_gone(
    people: People, work_off: WorkOff
) -> None:
    member, stranger = people.crew(), people.crew(on_shift=False)
    receipt = people.report()
    work_off()
    task_id = people.live_task(receipt)
    withdraw(receipt.token)
    assert was_ours(task_id, member.crew_id)
    assert not was_ours(task_id, stranger.crew_id)


# --- when -------------------------------------------------------------------------------------


def test_arrivals_follow_the_route_and_know_what_is_late(
    people: People, work_off: WorkOff, clock: SettableClock
) -> None:
    member = people.crew()
    reports(people, 5)
    work_off()
    day = day_of(member)
    times = [arrivals(day, clock.now())[stop.task_id].arrive_at for stop in day.stops]
    assert times == sorted(times)
    assert times[0] > clock.now()
    clock.advance(timedelta(hours=6))
    assert all(each.late_seconds > 0 for each in arrivals(day, clock.now()).values())


def test_the_way_to_the_first_stop_is_in_metres_and_in_the_shifts_speed(
    people: People, work_off: WorkOff, clock: SettableClock
) -> None:
    member = people.crew(on_shift=False)
    people.act(member, "shift_start", vehicle="walking")
    people.report(lat=HALMTORVET[0] + 0.002)
    work_off()
    day = day_of(member)
    (arrival,) = arrivals(day, clock.now()).values()
    assert 222 < arrival.leg_metres < 400
    assert arrival.leg_seconds == pytest.approx(arrival.leg_metres / 1.25, rel=0.01)


def test_a_crew_that_stands_there_is_there(
    people: People, work_off: WorkOff, clock: SettableClock
) -> None:
    member = people.crew(on_shift=False)
    people.act(member, "shift_start", vehicle="walking")
    receipt = people.report(lat=HALMTORVET[0] + 0.002)
    work_off()
    people.act(member, "arrive", task_id=people.live_task(receipt))
    (arrival,) = arrivals(day_of(member), clock.now()).values()
    assert arrival.arrive_at == clock.now()


# --- what it costs ----------------------------------------------------------------------------


def test_it_takes_five_questions_however_many_stops(people: People, work_off: WorkOff) -> None:
    member = people.crew()
    counts = []
    for more in (1, 9):
        reports(people, more)
        work_off()
        with queries() as seen:
            day = crew_day(member.crew_id)
            arrivals(day, gateways().clock.now())  # type: ignore[arg-type]
        counts.append(len(seen))
    assert counts == [5, 5]


def test_no_question_reads_a_whole_table(people: People, work_off: WorkOff) -> None:
    if db.engine.dialect.name != "sqlite":
        return  # PostgreSQL reads small tables whole on purpose
    member = people.crew()
    reports(people, 3)
    work_off()
    with queries() as seen:
        crew_day(member.crew_id)
    db.session.rollback()
    connection = db.session.connection()
    for statement in seen:
        marks = (0,) * statement.count("?")
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", marks).all()
        scans = [row[3] for row in plan if row[3].startswith("SCAN")]
        assert [scan for scan in scans if scan != "SCAN policy_value"] == []


# --- photos -----------------------------------------------------------------------------------


def with_photo(people: People) -> Receipt:
    name = gateways().photo_store.put_incoming(BytesIO(jpeg()), 10_000_000)
    return people.report(photos=(name,))


def test_a_photo_is_on_the_stop_when_it_is_ready(people: People, work_off: WorkOff) -> None:
    member = people.crew()
    with_photo(people)
    work_off()
    (stop,) = day_of(member).stops
    assert len(stop.photos) == 1
    assert photo_of(stop.photos[0]) is not None


def test_a_crew_may_see_it_while_it_has_the_task_and_the_rest_of_the_day(
    people: People, work_off: WorkOff, clock: SettableClock
) -> None:
    member, stranger = people.crew(), people.crew(on_shift=False)
    receipt = with_photo(people)
    work_off()
    name = day_of(member).stops[0].photos[0]
    assert photo_of_crew(name, member.crew_id, clock.now())
    assert photo_of_crew(name, stranger.crew_id, clock.now()) is None
    people.act(member, "done", task_id=people.live_task(receipt))
    assert photo_of_crew(name, member.crew_id, clock.now() + timedelta(hours=11))
    assert photo_of_crew(name, member.crew_id, clock.now() + timedelta(hours=15)) is None


def test_a_crew_that_gave_the_task_back_sees_it_no_more(
    people: People, work_off: WorkOff, clock: SettableClock
) -> None:
    member = people.crew()
    receipt = with_photo(people)
    work_off()
    name = day_of(member).stops[0].photos[0]
    people.act(member, "hand_back", task_id=people.live_task(receipt))
    assert photo_of_crew(name, member.crew_id, clock.now()) is None


def test_photos_of_what_was_cleaned_are_not_shown_as_the_place(
    people: People, work_off: WorkOff
) -> None:
    member = people.crew()
    receipt = people.report()
    work_off()
    name = gateways().photo_store.put_incoming(BytesIO(jpeg()), 10_000_000)
    people.act(member, "done", task_id=people.live_task(receipt), photos=(name,))
    not_solved(receipt.token, "")
    work_off()
    (stop,) = day_of(member).stops
    assert stop.state == TaskState.PLANNED
    assert stop.photos == ()
