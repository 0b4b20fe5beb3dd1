"""Found on the way: received, cleaned and closed in one step, and counted like everything else."""

import pytest
from sqlalchemy import func, select

from dispatch.extensions import db
from dispatch.models import Contact, Message, ServiceRequest, Shift, StatusChange, Task
from dispatch.rules.problems import AlreadyDone, Refused
from dispatch.rules.status import Status, TaskState
from tests.people import HALMTORVET, People

HERE = {"service_code": "syringe", "lat": HALMTORVET[0], "lon": HALMTORVET[1]}


def the_find() -> ServiceRequest:
    db.session.rollback()
    return db.session.scalars(select(ServiceRequest)).one()


def test_a_find_is_a_closed_request_with_a_reference_and_a_done_task(people: People) -> None:
    member = people.crew()
    answer = people.act(member, "own_find", needles=2, **HERE)
    found = the_find()
    assert (found.status, found.outcome, found.source) == (Status.RESOLVED, "removed", "crew")
    assert found.reference == "2026-000001"
    assert found.closed_at == found.created_at
    task = db.session.get_one(Task, answer.task_id)
    assert (task.state, task.needles, task.crew_id) == (TaskState.DONE, 2, member.crew_id)


def test_its_story_has_both_steps_and_the_crew_as_author(people: People) -> None:
    member = people.crew()
    people.act(member, "own_find", **HERE)
    lines = db.session.scalars(select(StatusChange).order_by(StatusChange.id)).all()
    assert [(line.old, line.new) for line in lines] == [
        (None, Status.RECEIVED),
        (Status.RECEIVED, Status.RESOLVED),
    ]
    assert {line.by for line in lines} == {member.name}


def test_it_is_placed_and_weighed_like_a_report(people: People) -> None:
    people.act(people.crew(), "own_find", **HERE)
    found = the_find()
    assert found.kvarter is not None
    assert found.priority is not None
    assert found.due_at is not None


def test_its_needles_fill_the_box(people: People) -> None:
    people.act(people.crew(), "own_find", needles=3, **HERE)
    db.session.rollback()
    assert db.session.scalar(select(Shift.box_needles)) == 3


def test_all_that_was_counted_is_in_its_story(people: People) -> None:
    people.act(people.crew(), "own_find", needles=3, other_sharps=2, bags=1, **HERE)
    facts = db.session.scalars(select(StatusChange.facts).order_by(StatusChange.id)).all()[-1]
    assert facts == {"needles": 3, "other_sharps": 2, "bags": 1}


def test_nobody_is_told(people: People) -> None:
    people.act(people.crew(), "own_find", **HERE)
    for table in (Contact, Message):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0


def test_the_crews_words_are_kept_without_control_signs(people: People) -> None:
    people.act(people.crew(), "own_find", note="Bag\x07 skuret\r\nved muren", **HERE)
    assert the_find().description == "Bag skuret\nved muren"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"service_code": "gold"}, "service_unknown"),
        ({"service_code": None}, "service_unknown"),
        ({"lat": None}, "place_missing"),
        ({"lat": 57.05, "lon": 9.92}, "outside_area"),
        ({"needles": -1}, "number_strange"),
    ],
)
def test_what_cannot_be_a_find_is_refused_and_leaves_nothing(people: People, changes, code) -> None:
    with pytest.raises(Refused) as refused:
        people.act(people.crew(), "own_find", **(HERE | changes))
    assert refused.value.code == code
    assert db.session.scalars(select(ServiceRequest)).all() == []


def test_without_a_shift_there_is_no_find(people: People) -> None:
    with pytest.raises(AlreadyDone):
        people.act(people.crew(on_shift=False), "own_find", **HERE)


def test_the_same_find_sent_twice_is_one(people: People) -> None:
    member = people.crew()
    first = people.act(member, "own_find", key="find-1", **HERE)
    assert people.act(member, "own_find", key="find-1", **HERE) == first
    assert the_find()


def test_long_keys_that_end_differently_are_two_finds(people: People) -> None:
    member = people.crew()
    for end in "ab":
        people.act(member, "own_find", key="k" * 63 + end, **HERE)
    db.session.rollback()
    assert len(db.session.scalars(select(ServiceRequest)).all()) == 2


def test_a_find_changes_nothing_on_the_route(people: People, work_off) -> None:
    member = people.crew()
    receipt = people.report()
    work_off()
    task_id = people.live_task(receipt)
    people.act(member, "own_find", **HERE)
    assert people.live_task(receipt) == task_id
    assert people.row(receipt).status == Status.ASSIGNED
