"""What the coordinator decides by hand, and what each decision leaves for crew, reporter and ledger."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle import decide
from dispatch.lifecycle.receive import Receipt
from dispatch.lifecycle.withdraw import withdraw
from dispatch.models import CrewRoute, StatusChange, Task, Work
from dispatch.models.work import WorkKind
from dispatch.rules.problems import AlreadyDone, NotFound, Refused
from dispatch.rules.status import LIVE_TASKS, Status, TaskState
from tests.people import HALMTORVET, People

WorkOff = Callable[[], int]
BY = "Koordinator"
OUTSIDE = (55.7000, 12.5000)
ISTEDGADE = (55.6700, 12.5540)


def last_line(receipt: Receipt) -> StatusChange:
    db.session.rollback()
    return db.session.scalars(
        select(StatusChange)
        .where(StatusChange.service_request_id == receipt.service_request_id)
        .order_by(StatusChange.id.desc())
    ).first()  # type: ignore[return-value]


def live_crews() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Task.crew_id).where(Task.state.in_(LIVE_TASKS))))


def owed(kind: WorkKind) -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Work.subject_id).where(Work.kind == kind)))


def held(people: People, work_off: WorkOff) -> Receipt:
    receipt = people.report(place_kind="yard_stairwell")
    work_off()
    assert people.row(receipt).status == Status.HELD
    return receipt


# --- assign by hand ---------------------------------------------------------------------------


def test_the_coordinator_gives_a_held_request_to_a_crew_of_her_choice(
    people: People, work_off: WorkOff
):
    people.crew("Nær")
    chosen = people.crew("Fjern", start_lat=55.6480, start_lon=12.5400)
    receipt = held(people, work_off)
    decide.assign_by_hand(receipt.service_request_id, chosen.crew_id, by=BY)
    assert people.row(receipt).status == Status.ASSIGNED
    assert live_crews() == [chosen.crew_id]
    assert (last_line(receipt).by, last_line(receipt).reason) == (BY, "by_hand")


def test_a_task_moved_by_hand_leaves_the_first_crews_route_and_tells_its_phone(
    people: People, work_off: WorkOff
):
    first = people.crew("Nær")
    receipt = people.report()
    work_off()
    second = people.crew("Anden")
    version = db.session.scalar(select(CrewRoute.version).order_by(CrewRoute.id))
    decide.assign_by_hand(receipt.service_request_id, second.crew_id, by=BY)
    assert live_crews() == [second.crew_id]
    states = dict(db.session.execute(select(Task.crew_id, Task.state)).tuples().all())
    assert states[first.crew_id] == TaskState.CANCELLED
    assert db.session.scalar(select(CrewRoute.version).order_by(CrewRoute.id)) > version


def test_the_crew_that_has_it_already_is_not_given_it_again(people: People, work_off: WorkOff):
    member = people.crew()
    receipt = people.report()
    work_off()
    with pytest.raises(Refused, match="crew_has_it"):
        decide.assign_by_hand(receipt.service_request_id, member.crew_id, by=BY)
    assert len(live_crews()) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"on_shift": False}, "crew_unfit_no_crew_on_shift"),
        ({"skills": ()}, "crew_unfit_no_crew_fits"),
    ],
)
def test_a_crew_that_cannot_is_refused_with_the_reason(
    people: People, work_off: WorkOff, changes: dict[str, object], code: str
):
    receipt = held(people, work_off)
    member = people.crew(**changes)
    with pytest.raises(Refused, match=code):
        decide.assign_by_hand(receipt.service_request_id, member.crew_id, by=BY)
    assert people.row(receipt).status == Status.HELD


def test_a_crew_on_break_is_not_given_more_by_hand_either(people: People, work_off: WorkOff):
    member = people.crew()
    receipt = held(people, work_off)
    people.act(member, "break_start")
    with pytest.raises(Refused, match="crew_unfit_all_on_break"):
        decide.assign_by_hand(receipt.service_request_id, member.crew_id, by=BY)


def test_without_a_place_no_crew_can_be_sent(people: People, work_off: WorkOff):
    member = people.crew()
    receipt = people.report(lat=None, lon=None, address="Bag muren", place_unverified=True)
    with pytest.raises(Refused, match="place_missing"):
        decide.assign_by_hand(receipt.service_request_id, member.crew_id, by=BY)


def test_a_closed_request_is_not_assigned(people: People):
    member = people.crew()
    receipt = people.report()
    decide.decline(receipt.service_request_id, reason="abuse", note="", by=BY)
    with pytest.raises(AlreadyDone):
        decide.assign_by_hand(receipt.service_request_id, member.crew_id, by=BY)
    assert live_crews() == []


# --- release ----------------------------------------------------------------------------------


def test_a_released_request_is_routed_by_the_rules(people: People, work_off: WorkOff):
    member = people.crew()
    receipt = held(people, work_off)
    decide.release(receipt.service_request_id, note="Ejeren har sagt ja", by=BY)
    assert last_line(receipt).note == "Ejeren har sagt ja"
    work_off()
    assert people.row(receipt).status == Status.ASSIGNED
    assert live_crews() == [member.crew_id]


def test_releasing_twice_is_releasing_once(people: People, work_off: WorkOff):
    receipt = held(people, work_off)
    decide.release(receipt.service_request_id, note="", by=BY)
    with pytest.raises(AlreadyDone):
        decide.release(receipt.service_request_id, note="", by=BY)


def test_what_has_no_place_is_not_released(people: People, clock: SettableClock, work_off: WorkOff):
    receipt = people.report(lat=None, lon=None, address="Bag muren", place_unverified=True)
    clock.advance(timedelta(minutes=11))
    work_off()
    with pytest.raises(Refused, match="place_missing"):
        decide.release(receipt.service_request_id, note="", by=BY)
    assert people.row(receipt).status == Status.HELD


# --- decline, forward -------------------------------------------------------------------------


def test_declining_takes_the_stop_off_the_route_and_keeps_the_reason(
    people: People, work_off: WorkOff
):
    people.crew()
    receipt = people.report()
    work_off()
    decide.decline(receipt.service_request_id, reason="not_cleaning", note="En cykel", by=BY)
    row = people.row(receipt)
    assert (row.status, row.reason) == (Status.DECLINED, "not_cleaning")
    assert (last_line(receipt).note, last_line(receipt).by) == ("En cykel", BY)
    assert live_crews() == []


def test_declining_needs_a_reason_that_the_reporter_can_be_told(people: People):
    receipt = people.report()
    with pytest.raises(Refused, match="reason_missing"):
        decide.decline(receipt.service_request_id, reason="", note="", by=BY)
    assert people.row(receipt).status == Status.RECEIVED


def test_a_crew_at_work_is_not_declined_behind_its_back(people: People, work_off: WorkOff):
    member = people.crew()
    receipt = people.report()
    work_off()
    people.act(member, "start", task_id=people.live_task(receipt))
    with pytest.raises(AlreadyDone):
        decide.decline(receipt.service_request_id, reason="abuse", note="", by=BY)
    assert live_crews() == [member.crew_id]


def test_forwarding_names_the_authority(people: People):
    receipt = people.report()
    decide.forward(receipt.service_request_id, authority="parks", note="", by=BY)
    row = people.row(receipt)
    assert (row.status, row.forwarded_to) == (Status.FORWARDED, "parks")
    assert last_line(receipt).facts == {"authority": "parks"}


def test_forwarding_to_nobody_is_refused(people: People):
    receipt = people.report()
    with pytest.raises(Refused, match="authority_missing"):
        decide.forward(receipt.service_request_id, authority="min nabo", note="", by=BY)


def test_a_note_is_kept_without_control_characters(people: People):
    receipt = people.report()
    note = "\x00\x1b[31mHej\n" + "x" * 1990
    decide.decline(receipt.service_request_id, reason="other", note=note, by=BY)
    assert last_line(receipt).note == "[31mHej\n" + "x" * 1990


DECISIONS_WITH_A_NOTE: dict[str, dict[str, str]] = {
    "release": {},
    "decline": {"reason": "other"},
    "forward": {"authority": "owner"},
    "reopen": {},
}


@pytest.mark.parametrize(
    ("note", "code"), [("x" * 2001, "text_too_long"), ("Det var 010190-1234", "cpr_in_text")]
)
@pytest.mark.parametrize("decision", DECISIONS_WITH_A_NOTE)
def test_a_note_that_cannot_be_kept_whole_stops_the_decision(
    people: People, work_off: WorkOff, decision: str, note: str, code: str
):
    receipt = held(people, work_off)
    if decision == "reopen":
        decide.decline(receipt.service_request_id, reason="other", note="", by=BY)
    before = last_line(receipt).id
    with pytest.raises(Refused) as refused:
        getattr(decide, decision)(
            receipt.service_request_id, note=note, by=BY, **DECISIONS_WITH_A_NOTE[decision]
        )
    assert [(each.field, each.code) for each in refused.value.problems] == [("note", code)]
    assert last_line(receipt).id == before


# --- duplicates -------------------------------------------------------------------------------


def test_a_duplicate_follows_the_one_that_is_kept(people: People):
    kept, copy = people.report(), people.report()
    decide.mark_duplicate(copy.service_request_id, of_reference=f" {kept.reference} ", by=BY)
    row = people.row(copy)
    assert (row.status, row.duplicate_of_id) == (Status.DUPLICATE, kept.service_request_id)
    assert last_line(copy).facts == {"of": kept.reference}
    assert people.row(kept).status == Status.RECEIVED


def test_a_duplicate_of_a_duplicate_follows_the_head(people: People):
    kept, copy, third = people.report(), people.report(), people.report()
    decide.mark_duplicate(copy.service_request_id, of_reference=kept.reference, by=BY)
    decide.mark_duplicate(third.service_request_id, of_reference=copy.reference, by=BY)
    assert people.row(third).duplicate_of_id == kept.service_request_id


def test_a_ring_of_duplicates_is_refused(people: People):
    kept, copy = people.report(), people.report()
    decide.mark_duplicate(copy.service_request_id, of_reference=kept.reference, by=BY)
    for of in (copy, kept):
        with pytest.raises(Refused, match="duplicate_of_itself"):
            decide.mark_duplicate(kept.service_request_id, of_reference=of.reference, by=BY)
    assert people.row(kept).status == Status.RECEIVED


def test_an_unknown_reference_is_refused(people: People):
    receipt = people.report()
    with pytest.raises(Refused, match="reference_unknown"):
        decide.mark_duplicate(receipt.service_request_id, of_reference="2026-999999", by=BY)


def test_marking_a_duplicate_twice_is_marking_it_once(people: People):
    kept, copy = people.report(), people.report()
    decide.mark_duplicate(copy.service_request_id, of_reference=kept.reference, by=BY)
    with pytest.raises(AlreadyDone):
        decide.mark_duplicate(copy.service_request_id, of_reference=kept.reference, by=BY)


# --- reopen, move -----------------------------------------------------------------------------


def test_a_reopened_request_is_first_in_line_with_a_deadline_from_now(
    people: People, clock: SettableClock, work_off: WorkOff
):
    people.crew()
    receipt = people.report()
    first_due = people.row(receipt).due_at
    decide.decline(receipt.service_request_id, reason="other", note="", by=BY)
    clock.advance(timedelta(hours=2))
    decide.reopen(receipt.service_request_id, note="Det var en fejl", by=BY)
    row = people.row(receipt)
    assert (row.status, row.first_in_line, row.closed_at) == (Status.RECEIVED, True, None)
    assert row.due_at == first_due + timedelta(hours=2)
    work_off()
    assert people.row(receipt).status == Status.ASSIGNED


def test_an_open_request_is_not_reopened(people: People):
    receipt = people.report()
    with pytest.raises(AlreadyDone):
        decide.reopen(receipt.service_request_id, note="", by=BY)


def test_what_the_reporter_withdrew_stays_withdrawn(people: People):
    receipt = people.report()
    withdraw(receipt.token)
    with pytest.raises(AlreadyDone):
        decide.reopen(receipt.service_request_id, note="", by=BY)


def test_a_place_set_by_hand_gives_area_address_and_deadline_and_finds_a_crew(
    people: People, work_off: WorkOff
):
    member = people.crew()
    receipt = people.report(lat=None, lon=None, address="Bag muren", place_unverified=True)
    decide.move_pin(
        receipt.service_request_id, lat=HALMTORVET[0], lon=HALMTORVET[1], address="", by=BY
    )
    row = people.row(receipt)
    assert (row.lat, row.lon) == HALMTORVET
    assert row.address and row.kvarter
    work_off()
    assert live_crews() == [member.crew_id]
    assert owed(WorkKind.LOCATE_REQUEST) == []


def test_a_place_outside_the_area_is_refused(people: People):
    receipt = people.report()
    with pytest.raises(Refused, match="outside_area"):
        decide.move_pin(
            receipt.service_request_id, lat=OUTSIDE[0], lon=OUTSIDE[1], address="", by=BY
        )
    assert (people.row(receipt).lat, people.row(receipt).lon) == HALMTORVET


def test_moving_the_pin_of_a_task_tells_the_crews_phone(people: People, work_off: WorkOff):
    people.crew()
    receipt = people.report()
    work_off()
    before = db.session.scalar(select(CrewRoute.version))
    decide.move_pin(
        receipt.service_request_id, lat=ISTEDGADE[0], lon=ISTEDGADE[1], address="", by=BY
    )
    db.session.rollback()
    assert db.session.scalar(select(CrewRoute.version)) == before + 1


def test_the_deadline_of_a_closed_request_is_history(people: People):
    receipt = people.report()
    decide.decline(receipt.service_request_id, reason="other", note="", by=BY)
    with pytest.raises(AlreadyDone):
        decide.move_pin(
            receipt.service_request_id, lat=ISTEDGADE[0], lon=ISTEDGADE[1], address="", by=BY
        )


def test_a_request_that_is_not_there_is_not_found(people: People):
    with pytest.raises(NotFound):
        decide.release(12345, note="", by=BY)
