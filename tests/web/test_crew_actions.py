"""What a phone sends and asks as JSON: the contract's answers, for the right crew and nobody else."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.gateways.clock import SettableClock
from dispatch.models import Incident, Photo, Role, Shift, Task
from dispatch.rules.status import Status, TaskState
from dispatch.staffing.accounts import add_account
from dispatch.staffing.adjust import change_policy
from tests.people import HALMTORVET, PASSWORD, CrewMember, People, csrf_of
from tests.pictures import jpeg

WorkOff = Callable[[], int]


class Phone:
    """A signed-in phone whose script knows the page's token."""

    def __init__(self, browser: FlaskClient) -> None:
        self.browser = browser
        self._token = csrf_of(browser.get("/crew").text)

    def send(self, action: str, *, key: str | None = None, **values: Any) -> TestResponse:
        return self.send_body({"action": action} | values, key=key)

    def send_body(self, body: Any, *, key: str | None = None, **headers: str) -> TestResponse:
        named = {"X-CSRFToken": self._token, "Idempotency-Key": key or str(uuid4())} | headers
        return self.browser.post("/crew/actions", json=body, headers=named)

    def put(self, name: str, content: bytes) -> TestResponse:
        return self.browser.put(
            f"/crew/photos/{name}", data=content, headers={"X-CSRFToken": self._token}
        )

    def day(self, etag: str = "") -> TestResponse:
        headers = {"If-None-Match": etag} if etag else {}
        return self.browser.get("/crew/day.json", headers=headers)


@pytest.fixture
def member(people: People) -> CrewMember:
    return people.crew()


@pytest.fixture
def phone(people: People, member: CrewMember) -> Phone:
    return Phone(people.signed_in(member.name))


@pytest.fixture
def task_id(people: People, member: CrewMember, work_off: WorkOff) -> int:
    receipt = people.report()
    work_off()
    return people.live_task(receipt)


def named(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def state_of(task_id: int) -> TaskState:
    db.session.rollback()
    return db.session.get_one(Task, task_id).state


# --- actions ----------------------------------------------------------------------------------


def test_a_stop_goes_from_start_to_done(phone: Phone, task_id: int, people: People) -> None:
    day = phone.day().json
    version = day["stops"][0]["version"]
    for action in ("start", "arrive"):
        answer = phone.send(action, task_id=task_id, task_version=version)
        assert (answer.status_code, answer.json["kind"]) == (200, "applied")
        version = answer.json["task_version"]
    closed = phone.send(
        "done", task_id=task_id, task_version=version, outcome="removed", needles=3, bags=1,
        minutes=7, occurred_at="2026-11-25T10:04:00+01:00",
    )  # fmt: skip
    db.session.rollback()
    assert set(closed.json) == {"kind", "code", "task_id", "task_version", "route_version"}
    task = db.session.get_one(Task, task_id)
    assert (task.state, task.needles, task.minutes) == (TaskState.DONE, 3, 7)
    assert task.service_request.status == Status.RESOLVED
    assert phone.day().json["stops"] == []


def test_the_same_key_and_body_gets_the_same_answer(phone: Phone, task_id: int) -> None:
    first = phone.send("start", key="k-1", task_id=task_id)
    again = phone.send("start", key="k-1", task_id=task_id)
    assert (again.status_code, again.json) == (200, first.json)
    assert again.json["kind"] == "applied"


def test_the_same_key_with_another_body_is_422(phone: Phone, task_id: int) -> None:
    phone.send("start", key="k-1", task_id=task_id)
    other = phone.send("arrive", key="k-1", task_id=task_id)
    assert (other.status_code, other.json["code"]) == (422, "key_reused")
    assert state_of(task_id) == TaskState.STARTED


def test_another_time_is_another_body(phone: Phone) -> None:
    phone.send("needle_stick", key="k-1", occurred_at="2026-11-25T09:00:00Z")
    other = phone.send("needle_stick", key="k-1", occurred_at="2026-11-25T09:00:01Z")
    assert other.status_code == 422
    same = phone.send("needle_stick", key="k-1", occurred_at="2026-11-25T10:00:00+01:00")
    assert same.status_code == 200


def test_a_close_that_came_too_late_is_an_observation(phone: Phone, task_id: int) -> None:
    phone.send("done", task_id=task_id, needles=1)
    late = phone.send("problem", task_id=task_id, outcome="no_access")
    assert (late.status_code, late.json["kind"], late.json["code"]) == (
        200,
        "observation",
        "task_done",
    )


def test_another_crews_task_is_404_and_tells_nothing(people: People, task_id: int) -> None:
    stranger = Phone(people.signed_in(people.crew().name))
    for action in ("start", "done", "hand_back"):
        answer = stranger.send(action, task_id=task_id)
        assert answer.status_code == 404
        assert "Halmtorvet" not in answer.text
    assert state_of(task_id) == TaskState.PLANNED


def test_a_task_that_never_was_looks_the_same_as_another_crews(
    people: People, task_id: int
) -> None:
    stranger = Phone(people.signed_in(people.crew().name))
    answers = [stranger.send("start", task_id=number) for number in (task_id, 424_242)]
    assert answers[0].json == answers[1].json


def test_a_colleague_on_another_phone_of_the_crew_may_go_on(
    people: People, member: CrewMember, phone: Phone, task_id: int
) -> None:
    add_account("Amina", Role.CREW, PASSWORD, crew_id=member.crew_id)
    colleague = Phone(people.signed_in("Amina"))
    phone.send("start", task_id=task_id)
    assert colleague.send("arrive", task_id=task_id).json["kind"] == "applied"


def test_a_partners_crew_works_like_our_own(people: People, work_off: WorkOff) -> None:
    crew_id = people.crew().crew_id
    add_account("Mændenes Hjem", Role.PARTNER, PASSWORD, crew_id=crew_id)
    receipt = people.report()
    work_off()
    partner = Phone(people.signed_in("Mændenes Hjem"))
    assert partner.send("start", task_id=people.live_task(receipt)).json["kind"] == "applied"


def test_a_find_is_sent_with_kind_and_place(phone: Phone) -> None:
    answer = phone.send(
        "own_find", service_code="syringe", needles=2, lat=HALMTORVET[0], lon=HALMTORVET[1]
    )
    assert (answer.status_code, answer.json["kind"]) == (200, "applied")
    assert db.session.get_one(Task, answer.json["task_id"]).needles == 2


def test_a_whole_shift_without_a_page(people: People) -> None:
    member = people.crew(on_shift=False)
    phone = Phone(people.signed_in(member.name))
    steps = [
        phone.send("shift_start", vehicle="walking", members=["Amina", "Bo"]),
        phone.send("break_start"), phone.send("break_end"), phone.send("box_emptied"),
        phone.send("needle_stick"), phone.send("shift_end"),
    ]  # fmt: skip
    assert [step.json["kind"] for step in steps] == ["applied"] * 6
    shift = db.session.scalars(select(Shift)).one()
    assert (shift.members, shift.ended_at is not None) == ("Amina, Bo", True)
    assert db.session.scalars(select(Incident)).one().crew_id == member.crew_id


def test_without_a_shift_a_break_is_409(people: People) -> None:
    phone = Phone(people.signed_in(people.crew(on_shift=False).name))
    answer = phone.send("break_start")
    assert (answer.status_code, answer.json["code"]) == (409, "no_shift")
    assert answer.json["sentence"]


# --- shapes nobody knows ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"action": "dance"}, "action", "action_unknown"),
        ({"action": None}, "action", "action_unknown"),
        ({"action": ["start"]}, "action", "action_unknown"),
        ({"task_id": None}, "task_id", "task_missing"),
        ({"task_id": "1; DROP TABLE task"}, "task_id", "number_strange"),
        ({"task_id": True}, "task_id", "number_strange"),
        ({"task_id": 2**80}, "task_id", "number_strange"),
        ({"needles": -1}, "needles", "number_strange"),
        ({"needles": 2.5}, "needles", "number_strange"),
        ({"needles": "mange"}, "needles", "number_strange"),
        ({"bags": 10_000}, "bags", "number_strange"),
        ({"minutes": False}, "minutes", "number_strange"),
        ({"outcome": "gone fishing"}, "outcome", "outcome_unknown"),
        ({"note": {"a": 1}}, "note", "text_unreadable"),
        ({"note": "x" * 1001}, "note", "text_too_long"),
        ({"note": "Hans CPR er 010190-1234"}, "note", "cpr_in_text"),
        ({"occurred_at": "i morges"}, "occurred_at", "time_unreadable"),
        ({"occurred_at": "2026-11-25T10:00:00"}, "occurred_at", "time_unreadable"),
        ({"occurred_at": 1764061200}, "occurred_at", "time_unreadable"),
        ({"photos": "abc"}, "photos", "photo_unknown"),
        ({"photos": ["../../etc/passwd"]}, "photos", "photo_unknown"),
        ({"photos": ["ab" * 32]}, "photos", "photo_unknown"),
        ({"photos": ["ab" * 32] * 4}, "photos", "too_many_photos"),
        ({"vehicle": "helicopter"}, "vehicle", "vehicle_unknown"),
        ({"service_code": "gold"}, "service_code", "service_unknown"),
        ({"lat": "55"}, "place", "place_unreadable"),
        ({"lat": 10**400}, "place", "place_unreadable"),
        ({"lon": 181}, "place", "place_unreadable"),
    ],
)
def test_a_shape_nobody_knows_is_400_with_the_field(
    phone: Phone, task_id: int, changes: dict[str, Any], field: str, code: str
) -> None:
    answer = phone.send_body({"action": "done", "task_id": task_id} | changes)
    assert answer.status_code == 400
    assert (answer.json["field"], answer.json["code"]) == (field, code)
    assert len(answer.json["sentence"]) > 5
    assert state_of(task_id) == TaskState.PLANNED


@pytest.mark.parametrize("body", [[], "start", 5, True])
def test_a_body_that_is_no_object_is_400(phone: Phone, body: Any) -> None:
    answer = phone.send_body(body)
    assert (answer.status_code, answer.json["code"]) == (400, "body_unreadable")


@pytest.mark.parametrize("text", ["{", "", "null", "[" * 100_000, '{"action": "start", "lat": NaN'])
def test_a_body_that_is_no_json_is_400(phone: Phone, text: str) -> None:
    answer = phone.browser.post(
        "/crew/actions",
        data=text,
        headers={"X-CSRFToken": phone._token, "Idempotency-Key": "k", **AS_JSON},
    )
    assert (answer.status_code, answer.json["code"]) == (400, "body_unreadable")


AS_JSON = {"Content-Type": "application/json"}


def test_all_that_is_wrong_is_told_at_once_in_the_accounts_language(
    phone: Phone, task_id: int
) -> None:
    body = {"action": "done", "task_id": task_id, "needles": -1, "bags": "x"}
    answer = phone.send_body(body)
    assert [each["field"] for each in answer.json["problems"]] == ["needles", "bags"]
    assert "helt tal" in answer.json["sentence"]


@pytest.mark.parametrize("key", ["", "æøå", "k" * 65, "a b"])
def test_an_action_without_a_usable_key_is_400(phone: Phone, key: str) -> None:
    answer = phone.send_body({"action": "break_start"}, **{"Idempotency-Key": key})
    assert (answer.status_code, answer.json["code"]) == (400, "key_missing")


def test_halves_of_letters_and_control_signs_do_no_harm(phone: Phone, task_id: int) -> None:
    body = json.dumps({"action": "done", "task_id": task_id, "note": "a\ud800b\x00c\x1bd"})
    answer = phone.browser.post(
        "/crew/actions",
        data=body,
        headers={"X-CSRFToken": phone._token, "Idempotency-Key": "k", **AS_JSON},
    )
    assert (answer.status_code, state_of(task_id)) == (200, TaskState.DONE)
    assert db.session.get_one(Task, task_id).note == "abcd"


def test_what_the_phone_adds_and_we_do_not_know_is_left_aside(phone: Phone, task_id: int) -> None:
    answer = phone.send("start", task_id=task_id, device="abc", sequence=7)
    assert answer.json["kind"] == "applied"


def test_a_task_named_for_a_break_does_no_harm(phone: Phone) -> None:
    assert phone.send("break_start", task_id=999_999).json["kind"] == "applied"


@pytest.mark.parametrize("kind", ["text/json", "text/plain", ""])
def test_an_action_that_is_neither_form_nor_json_is_415_and_not_done(
    phone: Phone, task_id: int, kind: str
) -> None:
    answer = phone.browser.post(
        "/crew/actions",
        data=json.dumps({"action": "start", "task_id": task_id}),
        headers={"X-CSRFToken": phone._token, "Idempotency-Key": "k"},
        content_type=kind,
    )
    assert (answer.status_code, answer.json["code"]) == (415, "body_unreadable")
    assert answer.json["sentence"].startswith("Telefonen sendte noget")
    assert state_of(task_id) == TaskState.PLANNED


# --- clocks that are wrong --------------------------------------------------------------------

FAR_TIMES = (
    "9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+12:00",
)  # fmt: skip


@pytest.mark.parametrize("claimed", FAR_TIMES)
def test_a_clock_that_is_far_off_loses_no_action_and_breaks_no_page(
    people: People, phone: Phone, work_off: WorkOff, claimed: str
) -> None:
    receipt = people.report()
    work_off()
    task_id = people.live_task(receipt)
    assert phone.send("needle_stick", occurred_at=claimed).json["kind"] == "applied"
    phone.send("problem", task_id=task_id, outcome="no_access")
    late = phone.send("done", task_id=task_id, needles=1, occurred_at=claimed)
    assert late.json["kind"] == "observation"
    desk = people.signed_in(people.coordinator())
    for address in ("/desk", "/desk/crews", f"/desk/requests/{receipt.reference}"):
        assert desk.get(address).status_code == 200, address
    assert phone.browser.get("/crew").status_code == 200


def test_a_wrong_clock_repeats_its_action_like_any_other(phone: Phone) -> None:
    answers = [phone.send("needle_stick", key="k", occurred_at=FAR_TIMES[0]) for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert len(db.session.scalars(select(Incident)).all()) == 1


# --- who may ----------------------------------------------------------------------------------


def test_a_stranger_gets_401_with_the_reason(client: FlaskClient) -> None:
    for answer in (
        client.get("/crew/day.json"),
        client.post("/crew/actions", json={"action": "start"}),
        client.put(f"/crew/photos/{'ab' * 32}", data=b"x"),
    ):
        assert (answer.status_code, answer.json) == (401, {"reason": "signed_out"})


def test_an_expired_phone_is_told_so_and_nothing_is_wiped(
    phone: Phone, clock: SettableClock
) -> None:
    clock.advance(timedelta(days=30))
    answer = phone.send("break_start")
    assert (answer.status_code, answer.json["reason"]) == (401, "expired")
    assert "Clear-Site-Data" not in answer.headers


def test_a_person_who_opens_the_actions_address_gets_a_page(
    client: FlaskClient, phone: Phone
) -> None:
    answer = client.get("/crew/actions")
    assert (answer.status_code, answer.location.split("?")[0]) == (303, "/staff/sign-in")
    headers = {"X-CSRFToken": phone._token}
    wrong = phone.browser.delete("/crew/actions", headers=headers)
    assert (wrong.status_code, wrong.mimetype) == (405, "text/html")


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMIN, Role.SECRETARIAT])
def test_the_desk_has_no_phone(people: People, role: Role, task_id: int) -> None:
    browser = people.signed_in(people.coordinator("Ida", role))
    token = csrf_of(browser.get("/crew").text)
    answer = browser.post(
        "/crew/actions",
        json={"action": "start", "task_id": task_id},
        headers={"X-CSRFToken": token, "Idempotency-Key": "k"},
    )
    assert answer.status_code == 403
    assert browser.get("/crew/day.json").status_code == 403
    assert state_of(task_id) == TaskState.PLANNED


def test_without_the_pages_token_nothing_is_done(phone: Phone, task_id: int) -> None:
    body = {"action": "start", "task_id": task_id}
    answer = phone.send_body(body, **{"X-CSRFToken": "made up"})
    assert (answer.status_code, answer.json["reason"]) == (400, "csrf")
    assert state_of(task_id) == TaskState.PLANNED


# --- the day ----------------------------------------------------------------------------------

STOP_FIELDS = {
    "id", "task_id", "reference", "version", "position", "state", "service_code", "lat", "lon",
    "address", "place_kind", "needle_count", "surface", "capped", "risk_now", "description",
    "priority", "due_at", "due_reason", "arrive_at", "photos", "seen_by_others",
}  # fmt: skip


def test_the_day_says_what_where_and_when(people: People, phone: Phone, work_off: WorkOff) -> None:
    receipt = people.report(
        address="Halmtorvet 1", needle_count=2, surface="asphalt", description="Ved muren"
    )
    work_off()
    day = phone.day().json
    (stop,) = day["stops"]
    assert set(stop) == STOP_FIELDS
    assert (stop["reference"], stop["position"], stop["state"]) == (
        receipt.reference,
        1,
        "planned",
    )
    assert (stop["priority"], stop["due_at"]) == ("haster", "2026-11-25T12:00:00Z")
    assert stop["due_reason"].startswith("sprøjte ved")
    assert stop["arrive_at"].endswith("Z")
    assert day["shift"]["vehicle"] == "cargo_bike"
    assert day["route_version"] == 2


def test_the_day_has_no_contact_no_token_and_nobody_elses_stops(
    people: People, phone: Phone, work_off: WorkOff
) -> None:
    receipt = people.report(contact="anna@example.dk", description="Se her")
    work_off()
    text = phone.day().text
    assert receipt.token not in text
    assert "anna" not in text
    stranger = Phone(people.signed_in(people.crew().name))
    assert stranger.day().json["stops"] == []


def test_an_unchanged_day_is_304_and_a_new_stop_is_not(
    people: People, phone: Phone, work_off: WorkOff
) -> None:
    etag = phone.day().headers["ETag"]
    unchanged = phone.day(etag)
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    people.report()
    work_off()
    fresh = phone.day(etag)
    assert (fresh.status_code, len(fresh.json["stops"])) == (200, 1)
    assert fresh.headers["ETag"] != etag


def test_arrival_times_are_asked_for_anew_now_and_then(
    phone: Phone, task_id: int, clock: SettableClock
) -> None:
    etag = phone.day().headers["ETag"]
    clock.advance(timedelta(seconds=30))
    assert phone.day(etag).status_code == 304
    clock.advance(timedelta(minutes=6))
    assert phone.day(etag).status_code == 200


def test_a_day_without_a_shift_is_empty_and_changes_when_it_starts(people: People) -> None:
    phone = Phone(people.signed_in(people.crew(on_shift=False).name))
    day = phone.day()
    assert day.json == {"shift": None, "route_version": None, "stops": []}
    phone.send("shift_start")
    assert phone.day(day.headers["ETag"]).status_code == 200


def test_the_day_is_kept_by_no_cache(phone: Phone, task_id: int) -> None:
    assert phone.day().headers["Cache-Control"] == "no-store"


# --- photos -----------------------------------------------------------------------------------


def test_a_photo_is_kept_under_its_hash_and_twice_is_harmless(phone: Phone) -> None:
    photo = jpeg()
    first, again = (phone.put(named(photo), photo) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json == {"sha256": named(photo)}
    with gateways().photo_store.open_incoming(named(photo)) as kept:
        assert kept.read() == photo


def test_how_many_photos_an_action_has_is_the_coordinators_number(phone: Phone) -> None:
    change_policy({"photos_per_report": "1"}, by="Karen")
    answer = phone.send("own_find", photos=["ab" * 32, "cd" * 32])
    assert (answer.status_code, answer.json["code"]) == (400, "too_many_photos")
    assert "højst 1 " in answer.json["sentence"]


def test_a_photo_goes_with_the_close_and_staff_may_see_it(
    people: People, phone: Phone, task_id: int, work_off: WorkOff
) -> None:
    photo = jpeg()
    phone.put(named(photo), photo)
    answer = phone.send("done", task_id=task_id, photos=[named(photo)])
    assert answer.json["kind"] == "applied"
    db.session.rollback()
    work_off()
    name = db.session.scalars(select(Photo.served_name)).one()
    desk = people.signed_in(people.coordinator())
    assert desk.get(f"/staff/photos/{name}.webp").mimetype == "image/webp"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<svg onload=alert(1)></svg>", 415, "unknown_format"),
        (b"GIF89a" + b"\0" * 40, 415, "unknown_format"),
        (b"", 415, "unknown_format"),
    ],
)
def test_what_is_no_photo_is_not_kept(phone: Phone, content, status, code) -> None:
    answer = phone.put(named(content), content)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert list(gateways().photo_store.incoming_names()) == []


def test_a_photo_under_a_wrong_name_is_not_kept(phone: Phone) -> None:
    answer = phone.put("ab" * 32, jpeg())
    assert (answer.status_code, answer.json["code"]) == (422, "photo_hash_differs")
    assert list(gateways().photo_store.incoming_names()) == []


def test_another_photo_under_the_name_of_a_kept_one_is_refused_too(phone: Phone) -> None:
    photo = jpeg()
    phone.put(named(photo), photo)
    answer = phone.put(named(photo), photo + b"more")
    assert (answer.status_code, answer.json["code"]) == (422, "photo_hash_differs")
    with gateways().photo_store.open_incoming(named(photo)) as kept:
        assert kept.read() == photo


def test_a_photo_that_is_too_large_is_413_and_says_how_large_it_may_be(phone: Phone) -> None:
    photo = jpeg() + b"\0" * (15 * 1024 * 1024)
    answer = phone.put(named(photo), photo)
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")
    assert answer.json["sentence"] == "Vælg et mindre billede: det må højst fylde 15 MB"
    assert list(gateways().photo_store.incoming_names()) == []


@pytest.mark.parametrize("name", ["x", "AB" * 32, "..%2f..%2fetc", "ab" * 33])
def test_a_photo_needs_a_hash_for_a_name(phone: Phone, name: str) -> None:
    assert phone.put(name, jpeg()).status_code in (400, 404)
    assert list(gateways().photo_store.incoming_names()) == []
