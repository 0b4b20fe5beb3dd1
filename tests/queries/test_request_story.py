"""One request's whole story: complete, in order, in a fixed number of queries, without secrets."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle import decide
from dispatch.queries.request_lookup import (
    contact_of,
    find_reference,
    newest_change_of,
    request_id_of,
)
from dispatch.queries.request_story import RequestStory, request_story
from dispatch.rules.status import Status, TaskState
from tests.people import People
from tests.statements import statements

WorkOff = Callable[[], int]


def story_of(reference: str) -> RequestStory:
    db.session.rollback()
    found = request_story(request_id_of(reference) or 0)
    assert found is not None
    return found


def test_an_unknown_reference_has_no_story(app: object):
    assert request_story(999_999) is None
    assert request_id_of("2026-999999") is None
    assert request_id_of("\x00") is None


def test_the_facts_are_those_of_the_report(people: People):
    text = "Første linje\n  <script>alert(1)</script> ${7*7}"
    receipt = people.report(description=text, needle_count=4, capped=False, surface="grass")
    facts = story_of(receipt.reference).facts
    assert (facts.description, facts.needle_count, facts.capped) == (text, 4, False)
    assert (facts.status, facts.is_open, facts.may_reopen) == (Status.RECEIVED, True, False)
    assert facts.due_reason and facts.due_reason["code"]


def test_the_whole_life_stands_in_order_with_the_message_each_line_gave(
    people: People, clock: SettableClock, work_off: WorkOff
):
    member = people.crew("Istedholdet")
    receipt = people.report(contact="anna@example.dk")
    work_off()
    clock.advance(timedelta(minutes=9))
    people.act(member, "start", task_id=people.live_task(receipt))
    people.act(member, "done", task_id=people.live_task(receipt), needles=2, minutes=6, note="Tak")
    work_off()
    told = story_of(receipt.reference)
    assert [line.new for line in told.ledger] == ["received", "assigned", "attending", "resolved"]
    assert told.ledger[-1].facts == {"needles": 2}
    assert [line.message_state for line in told.ledger] == ["sent", None, None, "sent"]
    assert told.task is not None
    assert (told.task.crew, told.task.state, told.task.needles) == ("Istedholdet", "done", 2)


def test_the_story_says_which_crews_were_considered_and_what_each_would_have_cost(
    people: People, work_off: WorkOff
):
    people.crew("Nær")
    people.crew("Fjern", start_lat=55.6480, start_lon=12.5400)
    people.crew("Uden kanyler", skills=())
    receipt = people.report()
    work_off()
    task = story_of(receipt.reference).task
    assert task is not None
    assert [each.crew for each in task.considered] == ["Nær", "Fjern", "Uden kanyler"]
    near, far, unfit = task.considered
    assert near.cost is not None and far.cost is not None and near.cost < far.cost
    assert near.arrive_at is not None and near.arrive_at.tzinfo is not None
    assert (unfit.misfit, unfit.cost) == ("skill_missing", None)
    assert task.travel_times


def test_a_request_that_was_handed_back_has_no_crew_now_but_remembers_who_had_it(
    people: People, work_off: WorkOff
):
    member = people.crew()
    receipt = people.report()
    work_off()
    people.act(member, "hand_back", task_id=people.live_task(receipt), note="For langt")
    told = story_of(receipt.reference)
    assert told.task is None
    assert [task.state for task in told.tasks] == [TaskState.RETURNED]
    assert told.ledger[-1].note == "For langt"


def test_what_came_too_late_is_told_beside_the_story(people: People, work_off: WorkOff):
    member = people.crew()
    receipt = people.report()
    work_off()
    task_id = people.live_task(receipt)
    decide.decline(receipt.service_request_id, reason="other", note="", by="K")
    people.act(member, "done", task_id=task_id, needles=3, note="Var der")
    (seen,) = story_of(receipt.reference).observations
    assert (seen.why_not, seen.needles, seen.note) == ("task_cancelled", 3, "Var der")


def test_duplicates_know_each_other(people: People):
    kept, copy = people.report(), people.report()
    decide.mark_duplicate(copy.service_request_id, of_reference=kept.reference, by="K")
    assert story_of(copy.reference).facts.duplicate_of == kept.reference
    assert story_of(kept.reference).followers == (copy.reference,)


def test_the_story_tells_that_there_is_a_contact_but_not_which(people: People):
    receipt = people.report(contact="anna@example.dk")
    told = story_of(receipt.reference)
    assert told.contact_kind == "mail"
    assert "anna" not in repr(told)
    assert receipt.token not in repr(told)
    assert contact_of(receipt.service_request_id) == "anna@example.dk"


def test_the_number_of_queries_is_the_same_for_a_short_and_a_long_story(
    people: People, work_off: WorkOff
):
    people.crew()
    short, long = people.report(), people.report(contact="anna@example.dk")
    work_off()
    for _ in range(3):
        decide.release(long.service_request_id, note="", by="K")
        work_off()
    counted = []
    for receipt in (short, long):
        db.session.rollback()
        with statements() as sent:
            request_story(receipt.service_request_id)
        counted.append(len(sent))
    assert counted == [7, 7]


# --- from what a person has in hand -----------------------------------------------------------


def test_a_reference_is_found_whole_or_by_its_number(people: People, clock: SettableClock):
    reference = people.report().reference
    year = clock.now().year
    number = str(int(reference[-6:]))
    for text in (reference, f" {reference} ", number, number.zfill(4)):
        assert find_reference(text, year) == reference, text
    assert request_id_of(reference) is not None


def test_a_number_means_the_newest_year_that_has_it(people: People, clock: SettableClock):
    old = people.report().reference
    clock.advance(timedelta(days=365))
    new = people.report().reference
    assert old[-6:] == new[-6:]
    assert find_reference(new[-6:], clock.now().year) == new
    assert find_reference(old, clock.now().year) == old


@pytest.mark.parametrize("text", ["", "abc", "-", "2026-", "20-1", "1234567", "٣", "1 OR 1=1", "%"])
def test_what_is_no_reference_finds_nothing(people: People, clock: SettableClock, text: str):
    people.report()
    assert find_reference(text, clock.now().year) is None


def test_the_newest_line_moves_when_the_request_does(people: People):
    receipt = people.report()
    before = newest_change_of(receipt.service_request_id)
    decide.decline(receipt.service_request_id, reason="other", note="", by="K")
    after = newest_change_of(receipt.service_request_id)
    assert before is not None and after is not None and after > before
