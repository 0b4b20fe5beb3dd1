"""Every crew action goes through one function: a repeat gets its first answer, another body is refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle.attend import STEPS, act
from dispatch.lifecycle.crew_action import ActionAnswer, CrewAction
from dispatch.models import CrewActionReceipt, Incident, Observation, Photo, PhotoState, Shift, Task
from dispatch.rules.problems import AlreadyDone, NotFound, Refused
from dispatch.rules.status import Status, TaskState
from tests.people import CrewMember, People
from tests.pictures import jpeg

WorkOff = Callable[[], int]
CONTRACT = {
    "start", "arrive", "done", "problem", "hand_back", "own_find", "shift_start", "shift_end",
    "break_start", "break_end", "box_emptied", "needle_stick",
}  # fmt: skip


def an_action(member: CrewMember, action: str, **values: object) -> CrewAction:
    fixed = {"key": "from-the-phone", "by": member.name, "occurred_at": None}
    named = fixed | {"account_id": member.account_id, "crew_id": member.crew_id} | values
    return CrewAction(action=action, **named)  # type: ignore[arg-type]


def count(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def a_task(people: People, work_off: WorkOff) -> tuple[CrewMember, int]:
    member, receipt = people.crew(), people.report()
    work_off()
    return member, people.live_task(receipt)


def test_the_actions_are_those_of_the_contract() -> None:
    assert set(STEPS) == CONTRACT


def test_a_repeat_gets_the_first_answer_and_is_done_once(people: People) -> None:
    member = people.crew()
    action = an_action(member, "needle_stick")
    first = act(action)
    assert act(action) == first
    assert count(Incident) == 1


def test_a_form_sent_twice_a_minute_apart_is_the_same_action(
    people: People, work_off: WorkOff, clock: SettableClock
) -> None:
    member, task_id = a_task(people, work_off)
    action = an_action(member, "done", task_id=task_id, needles=2)
    first = act(action)
    clock.advance(timedelta(minutes=1))
    assert act(action) == first
    assert (first.kind, count(Observation)) == ("applied", 0)


def test_the_same_key_with_another_body_is_refused_and_changes_nothing(
    people: People, work_off: WorkOff
) -> None:
    member, task_id = a_task(people, work_off)
    action = an_action(member, "done", task_id=task_id, needles=2)
    act(action)
    with pytest.raises(Refused) as refused:
        act(replace(action, needles=3))
    assert refused.value.code == "key_reused"
    assert db.session.get_one(Task, task_id).needles == 2


def test_two_crews_may_use_the_same_key(people: People) -> None:
    for member in (people.crew(), people.crew()):
        assert act(an_action(member, "break_start")).kind == "applied"


def test_a_colleague_with_the_same_phone_gets_the_answer_too(people: People) -> None:
    member = people.crew()
    first = act(an_action(member, "break_start"))
    other_account = people.crew(on_shift=False).account_id
    assert act(an_action(member, "break_start", account_id=other_account)) == first


def test_an_action_nobody_knows_is_refused(people: People) -> None:
    with pytest.raises(Refused) as refused:
        act(an_action(people.crew(), "dance"))
    assert refused.value.code == "action_unknown"


@pytest.mark.parametrize("action", ["start", "arrive", "done", "hand_back"])
def test_another_crews_task_is_not_found_and_not_touched(
    people: People, work_off: WorkOff, action: str
) -> None:
    _, task_id = a_task(people, work_off)
    stranger = people.crew()
    with pytest.raises(NotFound):
        act(an_action(stranger, action, task_id=task_id, outcome=None))
    task = db.session.get_one(Task, task_id)
    assert (task.state, task.version, count(CrewActionReceipt)) == (TaskState.PLANNED, 1, 2)


def test_numbers_nobody_can_count_are_refused_before_anything_is_written(
    people: People, work_off: WorkOff
) -> None:
    member, task_id = a_task(people, work_off)
    for number in (-1, 10_000):
        with pytest.raises(Refused) as refused:
            act(an_action(member, "done", task_id=task_id, bags=number))
        assert refused.value.problems[0].field == "bags"
    assert count(CrewActionReceipt) == 1


def test_a_photo_that_has_not_arrived_is_asked_for(people: People, work_off: WorkOff) -> None:
    member, task_id = a_task(people, work_off)
    action = an_action(member, "done", task_id=task_id, photos=("ab" * 32,))
    with pytest.raises(Refused) as refused:
        act(action)
    assert refused.value.code == "photo_unknown"
    assert db.session.get_one(Task, task_id).state == TaskState.PLANNED


def test_a_photo_comes_with_the_close_and_a_repeat_needs_the_upload_no_more(
    people: People, work_off: WorkOff
) -> None:
    member, task_id = a_task(people, work_off)
    name = gateways().photo_store.put_incoming(BytesIO(jpeg()), 10_000_000)
    action = an_action(member, "done", task_id=task_id, photos=(name,))
    first = act(action)
    work_off()
    photo = db.session.scalars(select(Photo)).one()
    assert (photo.task_id, photo.state) == (task_id, PhotoState.READY)
    gateways().photo_store.delete_incoming(name)
    assert act(action) == first


def test_the_servers_time_is_kept_beside_the_phones(people: People, clock: SettableClock) -> None:
    member = people.crew()
    claimed = clock.now() - timedelta(hours=3)
    act(an_action(member, "needle_stick", occurred_at=claimed))
    incident = db.session.scalars(select(Incident)).one()
    assert (incident.occurred_at, incident.received_at) == (claimed, clock.now())


@pytest.mark.parametrize(
    ("off_by", "kept"),
    [
        (timedelta(days=-31), timedelta(days=-30)),
        (timedelta(days=-29), timedelta(days=-29)),
        (timedelta(minutes=4), timedelta(minutes=4)),
        (timedelta(hours=1), timedelta(minutes=5)),
    ],
)
def test_a_phones_time_is_kept_as_far_as_it_can_be_believed(
    people: People, clock: SettableClock, off_by: timedelta, kept: timedelta
) -> None:
    act(an_action(people.crew(), "needle_stick", occurred_at=clock.now() + off_by))
    incident = db.session.scalars(select(Incident)).one()
    assert (incident.occurred_at, incident.received_at) == (clock.now() + kept, clock.now())


def test_what_was_asked_is_not_kept_with_the_receipt(people: People, work_off: WorkOff) -> None:
    member, task_id = a_task(people, work_off)
    act(an_action(member, "done", task_id=task_id, note="Nøglen ligger hos Karen"))
    receipt = db.session.scalars(
        select(CrewActionReceipt).where(CrewActionReceipt.action == "done")
    ).one()
    assert "Karen" not in str(receipt.__dict__)


def test_without_a_shift_there_is_no_break(people: People) -> None:
    member = people.crew(on_shift=False)
    for action in ("break_start", "break_end", "box_emptied"):
        with pytest.raises(AlreadyDone):
            act(an_action(member, action))


# --- two phones at the same moment ------------------------------------------------------------


def at_once(app: Flask, actions: list[CrewAction]) -> list[ActionAnswer]:
    """Each action in a thread of its own, let go together."""
    start = Barrier(len(actions))

    def one(action: CrewAction) -> ActionAnswer:
        with app.app_context():
            start.wait()
            try:
                return act(action)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(one, actions))


def test_of_two_phones_that_close_one_task_the_first_counts_and_the_other_is_kept(
    app: Flask, people: People, work_off: WorkOff
) -> None:
    for _ in range(5):
        member, receipt = people.crew(), people.report()
        work_off()
        task_id = people.live_task(receipt)
        member = replace(member, crew_id=db.session.get_one(Task, task_id).crew_id)
        keys = [f"{task_id}-{phone}" for phone in "ab"]
        actions = [an_action(member, "done", key=key, task_id=task_id, needles=1) for key in keys]
        kinds = sorted(answer.kind for answer in at_once(app, actions))
        assert kinds == ["applied", "observation"]
        assert people.row(receipt).status == Status.RESOLVED


def test_the_same_key_from_two_phones_at_once_is_done_once(
    app: Flask, people: People, work_off: WorkOff
) -> None:
    member, task_id = a_task(people, work_off)
    action = an_action(member, "done", task_id=task_id, needles=1)
    answers = at_once(app, [action] * 4)
    assert len(set(answers)) == 1
    assert (answers[0].kind, count(Observation)) == ("applied", 0)


def test_two_phones_that_start_the_shift_at_once_open_one(app: Flask, people: People) -> None:
    member = people.crew(on_shift=False)
    actions = [an_action(member, "shift_start", key=key) for key in ("a", "b", "c")]
    kinds = sorted(answer.kind for answer in at_once(app, actions))
    assert kinds == ["applied", "nothing", "nothing"]
    assert count(Shift) == 1
