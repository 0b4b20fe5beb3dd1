"""The desk's list: the right rows in the right order, at a cost that neither rows nor history move."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle import decide
from dispatch.lifecycle.sweep import record_heartbeat
from dispatch.models import ServiceRequest
from dispatch.models.transaction import transaction
from dispatch.queries.desk_filter import DeskFilter, open_kvarterer
from dispatch.queries.desk_list import PAGE_ROWS, Bucket, desk_page, search_desk
from dispatch.queries.desk_points import desk_points
from dispatch.queries.desk_pulse import desk_pulse, silent_queues
from dispatch.rules.catalogue import Priority, ServiceCode, Source
from dispatch.rules.status import CLOSED, Status
from tests.people import People
from tests.statements import statements

WorkOff = Callable[[], int]
EVERYTHING = frozenset(Status)


def references(clock: SettableClock, **wanted: Any) -> list[str]:
    db.session.rollback()
    return [row.reference for row in desk_page(DeskFilter(**wanted), clock.now()).rows]


def history(clock: SettableClock, number: int, **also: Any) -> None:
    """So many closed requests, all at once and without their stories."""
    then = clock.now() - timedelta(days=200)
    values = {
        "source": Source.FORM,
        "service_code": ServiceCode.LITTER,
        "status": Status.RESOLVED,
        "created_at": then,
        "updated_at": then,
        "closed_at": then,
        "due_at": then,
        "risk_now": False,
        "personal_data_seen": False,
        "first_in_line": False,
        "language": "da",
        "address": "",
        "description": "",
    }
    rows = [
        values | {"reference": f"2025-{n:06d}", "token": f"t{n}", "form_key": f"k{n}"} | also
        for n in range(number)
    ]
    with transaction() as session:
        session.execute(insert(ServiceRequest), rows)


# --- order ------------------------------------------------------------------------------------


def test_decisions_come_first_then_what_is_late_then_the_rest_by_deadline(
    people: People, clock: SettableClock, work_off: WorkOff
):
    late = people.report()
    clock.advance(timedelta(hours=4))
    late_akut = people.report(place_kind="playground")
    clock.advance(timedelta(hours=2))
    soon = people.report()
    later = people.report(service_code="litter")
    held = people.report(service_code="litter", place_kind="yard_stairwell")
    work_off()
    wanted = [late_akut, held, late, soon, later]
    assert references(clock) == [receipt.reference for receipt in wanted]
    buckets = [row.bucket for row in desk_page(DeskFilter(), clock.now()).rows]
    assert buckets == [Bucket.DECIDE, Bucket.DECIDE, Bucket.LATE, Bucket.OPEN, Bucket.OPEN]


def test_a_deadline_is_met_by_arriving_even_if_the_work_takes_longer(
    people: People, clock: SettableClock, work_off: WorkOff
):
    member = people.crew()
    receipt = people.report()
    work_off()
    people.act(member, "arrive", task_id=people.live_task(receipt))
    clock.advance(timedelta(hours=5))
    (row,) = desk_page(DeskFilter(), clock.now()).rows
    assert (row.late, row.bucket) == (False, Bucket.OPEN)


def test_a_plan_that_will_miss_the_deadline_says_so_before_it_does(
    people: People, clock: SettableClock, work_off: WorkOff
):
    people.crew(start_lat=55.6480, start_lon=12.5400, vehicle="walking")
    for _ in range(12):
        people.report(service_code="syringe")
    work_off()
    clock.advance(timedelta(minutes=5))
    rows = desk_page(DeskFilter(), clock.now()).rows
    assert {row.will_be_late for row in rows} <= {True, False}
    for row in rows:
        assert row.will_be_late == (row.arrive_at is not None and row.arrive_at > row.due_at)


def test_closed_ones_stand_newest_first(people: People, clock: SettableClock):
    first, second = people.report(), people.report()
    for receipt in (second, first):
        decide.decline(receipt.service_request_id, reason="other", note="", by="K")
        clock.advance(timedelta(minutes=1))
    assert references(clock, statuses=CLOSED) == [first.reference, second.reference]


# --- what a row tells -------------------------------------------------------------------------


def test_a_row_names_the_crew_that_has_it_and_when_it_comes(
    people: People, clock: SettableClock, work_off: WorkOff
):
    people.crew("Istedholdet")
    people.report(needle_count=3)
    work_off()
    (row,) = desk_page(DeskFilter(), clock.now()).rows
    assert (row.crew, row.task_state, row.needle_count) == ("Istedholdet", "planned", 3)
    assert row.arrive_at is not None


def test_a_row_that_was_handed_back_names_no_crew(
    people: People, clock: SettableClock, work_off: WorkOff
):
    member = people.crew("Istedholdet")
    receipt = people.report()
    work_off()
    people.act(member, "hand_back", task_id=people.live_task(receipt))
    (row,) = desk_page(DeskFilter(), clock.now()).rows
    assert (row.status, row.crew) == (Status.RECEIVED, None)


def test_a_closed_row_names_the_crew_that_did_it(
    people: People, clock: SettableClock, work_off: WorkOff
):
    member = people.crew("Istedholdet")
    receipt = people.report()
    work_off()
    people.act(member, "done", task_id=people.live_task(receipt), needles=1)
    (row,) = desk_page(DeskFilter(statuses=CLOSED), clock.now()).rows
    assert (row.crew, row.outcome) == ("Istedholdet", "removed")


def test_a_row_flags_what_came_too_late_to_count(
    people: People, clock: SettableClock, work_off: WorkOff
):
    member = people.crew()
    receipt = people.report()
    work_off()
    task_id = people.live_task(receipt)
    decide.decline(receipt.service_request_id, reason="other", note="", by="K")
    people.act(member, "done", task_id=task_id, needles=1)
    (row,) = desk_page(DeskFilter(statuses=CLOSED), clock.now()).rows
    assert row.observations == 1


# --- filters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    [
        {"statuses": frozenset({Status.HELD})},
        {"service_code": ServiceCode.GLASS},
        {"priority": Priority.NORMAL},
        {"source": Source.PHONE},
    ],
    ids=["status", "service", "priority", "source"],
)
def test_each_filter_leaves_only_what_fits(
    people: People, clock: SettableClock, work_off: WorkOff, wanted: dict[str, Any]
):
    people.report()
    fitting = people.report(service_code="glass", source=Source.PHONE, place_kind="yard_stairwell")
    work_off()
    assert references(clock, **wanted) == [fitting.reference]


def test_the_crew_filter_shows_what_the_crew_has_and_what_it_did(
    people: People, clock: SettableClock, work_off: WorkOff
):
    member = people.crew()
    done, waiting = people.report(), people.report()
    work_off()
    people.act(member, "done", task_id=people.live_task(done), needles=1)
    people.report(place_kind="yard_stairwell")
    work_off()
    mine = {"crew_id": member.crew_id}
    assert references(clock, **mine) == [waiting.reference]
    assert set(references(clock, statuses=EVERYTHING, **mine)) == {
        done.reference,
        waiting.reference,
    }


def test_the_kvarter_filter_offers_what_is_open_and_finds_it(people: People, clock: SettableClock):
    receipt = people.report()
    kvarter = people.row(receipt).kvarter
    assert open_kvarterer() == (kvarter,)
    assert references(clock, kvarter=kvarter) == [receipt.reference]
    assert references(clock, kvarter="Nørrebro") == []


def test_the_late_filter_shows_only_what_is_late(people: People, clock: SettableClock):
    late = people.report()
    clock.advance(timedelta(hours=4))
    people.report()
    assert references(clock, late=True) == [late.reference]


def test_days_are_about_receiving_for_open_ones_and_about_closing_for_closed_ones(
    people: People, clock: SettableClock
):
    old, closed_today = people.report(), people.report()
    clock.advance(timedelta(days=2))
    since = clock.now() - timedelta(hours=1)
    decide.decline(closed_today.service_request_id, reason="other", note="", by="K")
    new = people.report()
    assert references(clock, since=since) == [new.reference]
    assert references(clock, until=since) == [old.reference]
    assert references(clock, statuses=CLOSED, since=since) == [closed_today.reference]


# --- pages and cost ---------------------------------------------------------------------------


def test_a_page_holds_fifty_and_the_next_one_goes_on(people: People, clock: SettableClock):
    history(clock, PAGE_ROWS + 7, status=Status.RECEIVED, closed_at=None)
    first = desk_page(DeskFilter(), clock.now())
    second = desk_page(DeskFilter(page=2), clock.now())
    assert (len(first.rows), first.more, first.counted) == (PAGE_ROWS, True, PAGE_ROWS + 7)
    assert (len(second.rows), second.more) == (7, False)
    assert (second.first, second.last) == (PAGE_ROWS + 1, PAGE_ROWS + 7)
    assert not {row.id for row in first.rows} & {row.id for row in second.rows}


@pytest.mark.parametrize("page", [0, -3, 10**9])
def test_a_page_that_cannot_be_is_a_page_all_the_same(
    people: People, clock: SettableClock, page: int
):
    people.report()
    assert 1 <= desk_page(DeskFilter(page=page), clock.now()).page <= 100


def test_the_number_of_queries_does_not_grow_with_the_rows(
    people: People, clock: SettableClock, work_off: WorkOff
):
    people.crew()
    counted = []
    for number in (1, 9):
        for _ in range(number):
            people.report()
        work_off()
        db.session.rollback()
        with statements() as sent:
            desk_page(DeskFilter(), clock.now())
        counted.append(len(sent))
    assert counted == [4, 4]


def test_an_empty_desk_asks_no_more_than_a_full_one(app: object, clock: SettableClock):
    with statements() as sent:
        assert desk_page(DeskFilter(), clock.now()).rows == ()
    assert len(sent) <= 4


@pytest.mark.parametrize(
    "wanted", [DeskFilter(), DeskFilter(late=True), DeskFilter(statuses=frozenset({Status.HELD}))]
)
def test_open_rows_are_found_by_their_index_and_not_by_reading_history(
    people: People, clock: SettableClock, wanted: DeskFilter
):
    if db.engine.dialect.name != "sqlite":
        return  # PostgreSQL plans by what it has counted, and so few rows it reads through
    history(clock, 500)
    people.report()
    with statements() as sent:
        desk_page(wanted, clock.now())
        desk_pulse(clock.now(), clock.now())
    assert_no_scan_of_requests(sent)


def assert_no_scan_of_requests(sent: list[str]) -> None:
    for statement in sent:
        number = statement.count("?")
        plan = db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", tuple([0] * number)
        )
        lines = [row[3] for row in plan]
        assert not [line for line in lines if line.startswith("SCAN service_request")], lines


# --- search -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["bænken", "BÆNKEN", "bænk trappe", "trappe", "100%", "under_", "<b>", "C:\\sti"]
)
def test_a_search_finds_words_of_the_report_as_they_were_written(
    people: People, clock: SettableClock, words: str
):
    found = people.report(description="Under_ bænken ved Trappen <b>100%</b> C:\\sti")
    people.report(description="Noget helt andet 1000 undere")
    rows = search_desk(words, clock.now() - timedelta(days=1), clock.now())
    assert [row.reference for row in rows] == [found.reference]


def test_a_search_finds_addresses_and_part_of_a_number(people: People, clock: SettableClock):
    receipt = people.report(address="Istedgade 20")
    since = clock.now() - timedelta(days=1)
    for words in ("istedgade", "ISTEDGADE 20", receipt.reference, receipt.reference[-4:]):
        assert len(search_desk(words, since, clock.now())) == 1, words
    assert search_desk("Øresund", since, clock.now()) == ()


def test_an_empty_search_finds_nothing(people: People, clock: SettableClock):
    people.report()
    assert search_desk("   ", clock.now() - timedelta(days=1), clock.now()) == ()


def test_a_search_goes_no_further_back_than_asked(people: People, clock: SettableClock):
    people.report(description="bænken")
    clock.advance(timedelta(days=3))
    assert search_desk("bænken", clock.now() - timedelta(days=1), clock.now()) == ()


# --- points and counts ------------------------------------------------------------------------


def test_the_map_gets_codes_and_places_and_never_words(people: People, clock: SettableClock):
    receipt = people.report(description="hemmelige ord", address="Istedgade 20")
    people.report(lat=None, lon=None, address="Bag muren", place_unverified=True)
    with statements() as sent:
        (point,) = desk_points(DeskFilter(), clock.now())
    assert (point.reference, point.late) == (receipt.reference, False)
    assert "hemmelige" not in repr(point) and "Isted" not in repr(point)
    assert len(sent) == 1


def test_the_counts_are_those_of_the_list(people: People, clock: SettableClock, work_off: WorkOff):
    member = people.crew()
    people.report(place_kind="yard_stairwell")
    late = people.report(place_kind="playground")
    closed = people.report()
    work_off()
    decide.decline(closed.service_request_id, reason="other", note="", by="K")
    people.act(member, "needle_stick")
    people.act(member, "shift_end")
    clock.advance(timedelta(hours=2))
    db.session.rollback()
    pulse = desk_pulse(clock.now(), clock.now() - timedelta(hours=3))
    assert (pulse.decide, pulse.late, pulse.open, pulse.without_crew) == (2, 1, 2, 1)
    assert (pulse.closed_today, pulse.incidents) == (1, 1)
    assert references(clock, late=True) == [late.reference]
    assert len(references(clock, decide=True)) == pulse.decide


def test_counts_cost_two_queries_and_an_empty_desk_counts_nothing(
    app: object, clock: SettableClock
):
    with statements() as sent:
        pulse = desk_pulse(clock.now(), clock.now())
    assert (pulse.decide, pulse.open, pulse.latest) == (0, 0, 0)
    assert len(sent) == 2


def test_a_queue_nobody_has_worked_on_for_a_minute_is_silent(app: object, clock: SettableClock):
    assert silent_queues(("routing", "photos"), clock.now()) == ("routing", "photos")
    record_heartbeat("routing")
    assert silent_queues(("routing", "photos"), clock.now()) == ("photos",)
    clock.advance(timedelta(seconds=61))
    db.session.rollback()
    assert silent_queues(("routing",), clock.now()) == ("routing",)
