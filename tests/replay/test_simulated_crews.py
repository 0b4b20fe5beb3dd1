"""Crews on the wire: one key an action, the first stop first, and home when told."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from threading import Event, Thread
from typing import Any

import pytest

from dispatch.replay.demo_staff import SignIn
from dispatch.replay.loopback import Browser
from dispatch.replay.pace import Pace
from dispatch.replay.simulated_crews import SimulatedCrew
from tests.replay.little_system import DIES, Answer, Asked, LittleSystem, little_system
from tests.replay.rows import ACCEPTED_AT

TOKEN = Answer(200, '<input type="hidden" name="csrf_token" value="token-1">')
TO_CREW = Answer(303, headers={"Location": "/crew"})
SHIFT = {"vehicle": "walking"}
STOP = {
    "task_id": 8,
    "version": 1,
    "state": "planned",
    "service_code": "syringe",
    "needle_count": 4,
    "lat": 55.67,
    "lon": 12.56,
}


def day(*stops: dict[str, Any], shift: dict[str, str] | None = SHIFT) -> Answer:
    body = json.dumps({"shift": shift, "stops": stops})
    return Answer(200, body, {"ETag": f'W/"{len(body)}"'})


def said(kind: str = "applied", code: str = "ok", status: int = 200, reason: str = "") -> Answer:
    body = {"kind": kind, "code": code} if status == 200 else {"reason": reason}
    return Answer(status, json.dumps(body), {"Content-Type": "application/json"})


@pytest.fixture
def system() -> Iterator[LittleSystem]:
    with little_system() as system:
        system.say("GET", "/staff/sign-in", TOKEN)
        system.say("POST", "/staff/sign-in", TO_CREW)
        system.say("GET", "/crew", TOKEN)
        system.say("POST", "/crew/actions", said())
        yield system


def actions(system: LittleSystem) -> list[Asked]:
    return system.posts("/crew/actions")


def deeds(system: LittleSystem) -> list[str]:
    return [each.fields["action"] for each in actions(system)]


def work_until(system: LittleSystem, number: int) -> SimulatedCrew:
    """Let one crew work until the system got so many actions."""
    stop = Event()
    pace = Pace(ACCEPTED_AT, 1_000_000)
    crew = SimulatedCrew(Browser(system.url), SignIn("hold 1", "crew", "x"), pace, 311, stop)
    crew.sign_in()
    thread = Thread(target=crew.work)
    thread.start()
    deadline = time.monotonic() + 10
    while len(actions(system)) < number and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    stop.set()
    thread.join()
    assert len(actions(system)) >= number, deeds(system)
    return crew


def test_a_stop_is_started_reached_and_closed(system: LittleSystem) -> None:
    system.say("GET", "/crew/day.json", day(STOP), day())
    crew = work_until(system, 3)
    assert deeds(system) == ["start", "arrive", "done"]
    close = actions(system)[2].fields
    assert (close["task_id"], close["task_version"]) == (8, 1)
    assert (close["outcome"], close["needles"]) == ("removed", 4)
    assert datetime.fromisoformat(close["occurred_at"]).tzinfo is not None
    assert crew.tally.done == 1


def test_each_action_has_its_own_key_and_the_token(system: LittleSystem) -> None:
    system.say("GET", "/crew/day.json", day(STOP), day())
    work_until(system, 3)
    assert len({each.headers["Idempotency-Key"] for each in actions(system)}) == 3
    assert {each.headers["X-CSRFToken"] for each in actions(system)} == {"token-1"}


def test_an_action_without_an_answer_is_sent_again_with_the_same_key_and_body(
    system: LittleSystem,
) -> None:
    system.say("GET", "/crew/day.json", day(STOP), day())
    system.say("POST", "/crew/actions", DIES, Answer(503), said())
    crew = work_until(system, 5)
    first, second, third = actions(system)[:3]
    assert first.headers["Idempotency-Key"] == third.headers["Idempotency-Key"]
    assert first.fields == second.fields == third.fields
    assert (crew.tally.sent_again, crew.tally.done) == (2, 1)


def test_a_crew_without_a_shift_starts_one(system: LittleSystem) -> None:
    system.say("GET", "/crew/day.json", day(shift=None), day())
    work_until(system, 1)
    assert deeds(system) == ["shift_start"]


def test_the_stop_under_way_comes_before_the_first(system: LittleSystem) -> None:
    begun = STOP | {"task_id": 9, "state": "started"}
    system.say("GET", "/crew/day.json", day(STOP, begun), day())
    work_until(system, 3)
    assert {each.fields["task_id"] for each in actions(system)} == {9}


def test_an_unchanged_day_is_asked_for_by_its_version(system: LittleSystem) -> None:
    system.say("GET", "/crew/day.json", day(), Answer(304), day(STOP), day())
    work_until(system, 3)
    looks = [each for each in system.asked if each.path == "/crew/day.json"]
    assert "If-None-Match" not in looks[0].headers
    assert looks[1].headers["If-None-Match"] == looks[2].headers["If-None-Match"]


def test_a_close_that_came_too_late_is_not_counted_as_done(system: LittleSystem) -> None:
    system.say("GET", "/crew/day.json", day(STOP), day())
    system.say("POST", "/crew/actions", said(), said(), said("observation", "task_cancelled"))
    crew = work_until(system, 3)
    assert (crew.tally.done, crew.tally.kept) == (0, 1)


def test_a_refusal_ends_the_attempt_and_is_counted_by_its_reason(system: LittleSystem) -> None:
    system.say("GET", "/crew/day.json", day(STOP), day())
    system.say("POST", "/crew/actions", said(status=404, reason="task_not_found"))
    crew = work_until(system, 1)
    assert deeds(system) == ["start"]
    assert crew.tally.refused == {"task_not_found": 1}


def test_a_crew_that_was_signed_out_signs_in_and_goes_on(system: LittleSystem) -> None:
    system.say("GET", "/crew/day.json", Answer(401), day(STOP), day())
    system.say("POST", "/crew/actions", Answer(401), said())
    crew = work_until(system, 4)
    assert crew.tally.done == 1
    assert len(system.posts("/staff/sign-in")) == 3


def test_now_and_then_nothing_is_found_and_nothing_counted(system: LittleSystem) -> None:
    system.say("GET", "/crew/day.json", day(STOP | {"task_id": 7}), day())
    work_until(system, 3)
    close = actions(system)[2].fields
    assert close["outcome"] == "nothing_found"
    assert "needles" not in close


def test_a_stop_without_needles_is_closed_with_bags(system: LittleSystem) -> None:
    litter = STOP | {"service_code": "litter", "needle_count": None}
    system.say("GET", "/crew/day.json", day(litter), day())
    work_until(system, 3)
    close = actions(system)[2].fields
    assert close["bags"] == 1
    assert "needles" not in close
