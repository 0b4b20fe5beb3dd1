"""Each decision is a plain form: done and answered 303, refused with what was typed, or too late."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle import decide
from dispatch.lifecycle.receive import Receipt
from dispatch.models import StaffLogEntry, StatusChange, Task
from dispatch.rules.status import LIVE_TASKS, Status
from tests.people import HALMTORVET, People

WorkOff = Callable[[], int]
DEEDS = ("assign", "release", "decline", "duplicate", "forward", "reopen", "place")


@pytest.fixture
def desk(people: People) -> FlaskClient:
    return people.signed_in(people.coordinator("Karen"))


def address_of(receipt: Receipt) -> str:
    return f"/desk/requests/{receipt.reference}"


def page_of(desk: FlaskClient, receipt: Receipt) -> BeautifulSoup:
    return BeautifulSoup(desk.get(address_of(receipt)).text, "html.parser")


def hidden_fields(page: BeautifulSoup, deed: str) -> dict[str, str]:
    form = page.select_one(f'form[action$="/{deed}"]')
    assert form is not None, f"the page offers no {deed}"
    return {each["name"]: each.get("value", "") for each in form.select("input[type=hidden]")}


def do(desk: FlaskClient, receipt: Receipt, deed: str, **fields: Any) -> TestResponse:
    """Fill in the form as it stands on the page, and send it."""
    hidden = hidden_fields(page_of(desk, receipt), deed)
    return desk.post(f"{address_of(receipt)}/{deed}", data=hidden | fields)


def offered(desk: FlaskClient, receipt: Receipt) -> set[str]:
    forms = page_of(desk, receipt).select(".deeds form")
    return {form["action"].rpartition("/")[2] for form in forms}


def words(answer: TestResponse) -> str:
    return " ".join(BeautifulSoup(answer.text, "html.parser").get_text(" ").split())


def last_by() -> str:
    db.session.rollback()
    return db.session.query(StatusChange).order_by(StatusChange.id.desc()).first().by


def held(people: People, work_off: WorkOff) -> Receipt:
    receipt = people.report(place_kind="yard_stairwell")
    work_off()
    return receipt


# --- who may decide ---------------------------------------------------------------------------


@pytest.mark.parametrize("deed", [*DEEDS, "contact"])
def test_a_crew_and_a_stranger_decide_nothing(
    people: People, client: FlaskClient, desk: FlaskClient, deed: str
):
    receipt = people.report()
    address = f"{address_of(receipt)}/{deed}"
    assert people.signed_in(people.crew().name).post(address).status_code == 403
    assert client.post(address).location.startswith("/staff/sign-in")
    assert people.row(receipt).status == Status.RECEIVED


@pytest.mark.parametrize("deed", [*DEEDS, "contact"])
def test_a_form_without_its_token_changes_nothing(people: People, desk: FlaskClient, deed: str):
    receipt = people.report()
    answer = desk.post(f"{address_of(receipt)}/{deed}", data={"reason": "other"})
    assert answer.status_code == 400
    assert people.row(receipt).status == Status.RECEIVED


def test_an_unknown_deed_is_not_found(people: People, desk: FlaskClient):
    assert desk.post(f"{address_of(people.report())}/explode").status_code in (400, 404, 405)


def test_a_request_that_is_not_there_is_not_found(people: People, desk: FlaskClient):
    hidden = hidden_fields(page_of(desk, people.report()), "decline")
    answer = desk.post("/desk/requests/2026-999999/decline", data=hidden | {"reason": "other"})
    assert answer.status_code == 404


# --- done -------------------------------------------------------------------------------------


def test_a_crew_is_chosen_by_hand(people: People, desk: FlaskClient, work_off: WorkOff):
    people.crew("Nær")
    chosen = people.crew("Fjern")
    receipt = held(people, work_off)
    answer = do(desk, receipt, "assign", crew_id=chosen.crew_id)
    assert answer.status_code == 303
    assert "Opgaven er givet til holdet" in words(desk.get(answer.location))
    assert people.row(receipt).status == Status.ASSIGNED
    assert last_by() == "Karen"


def test_the_program_finds_a_crew_when_asked(people: People, desk: FlaskClient, work_off: WorkOff):
    people.crew()
    receipt = held(people, work_off)
    assert do(desk, receipt, "release", note="Ejeren har sagt ja").status_code == 303
    work_off()
    assert people.row(receipt).status == Status.ASSIGNED


def test_declining_forwarding_and_reopening_answer_303_back(people: People, desk: FlaskClient):
    steps = [
        ("decline", {"reason": "not_cleaning", "note": "En cykel"}, Status.DECLINED),
        ("reopen", {"note": ""}, Status.RECEIVED),
        ("forward", {"authority": "parks"}, Status.FORWARDED),
    ]
    receipt = people.report()
    for deed, fields, status in steps:
        answer = do(desk, receipt, deed, **fields)
        assert (answer.status_code, answer.location.partition("?")[0]) == (
            303,
            address_of(receipt),
        )
        assert people.row(receipt).status == status


@pytest.mark.parametrize("written", ["{whole}", " {whole} ", "{number}"])
def test_a_duplicate_is_named_by_its_number_in_any_spelling(
    people: People, desk: FlaskClient, written: str
):
    kept, copy = people.report(), people.report()
    number = str(int(kept.reference[-6:]))
    of = written.format(whole=kept.reference, number=number)
    assert do(desk, copy, "duplicate", of_reference=of).status_code == 303
    assert people.row(copy).duplicate_of_id == kept.service_request_id
    assert copy.reference in words(desk.get(address_of(kept)))


# --- the place --------------------------------------------------------------------------------


@pytest.fixture
def lost(people: People, clock: SettableClock, work_off: WorkOff) -> Receipt:
    """A report whose place nobody found."""
    receipt = people.report(lat=None, lon=None, address="Bag muren", place_unverified=True)
    clock.advance(timedelta(minutes=11))
    work_off()
    assert people.row(receipt).status == Status.HELD
    return receipt


def test_a_place_from_the_map_is_kept_and_a_crew_is_found(
    people: People, desk: FlaskClient, lost: Receipt, work_off: WorkOff
):
    people.crew()
    fields = {"lat": f"{HALMTORVET[0]}", "lon": f"{HALMTORVET[1]}", "address": "", "release": "1"}
    assert do(desk, lost, "place", **fields).status_code == 303
    work_off()
    row = people.row(lost)
    assert (row.lat, row.lon, row.status) == (*HALMTORVET, Status.ASSIGNED)


def test_a_place_is_also_set_by_its_address_without_any_script(
    people: People, desk: FlaskClient, lost: Receipt
):
    assert do(desk, lost, "place", address="Istedgade 20").status_code == 303
    row = people.row(lost)
    assert row.lat is not None and row.address.startswith("Istedgade 20")
    (entry,) = db.session.query(StaffLogEntry).filter_by(deed="place_set")
    assert entry.by == "Karen"
    assert row.status == Status.HELD


def test_an_address_that_means_several_places_is_asked_about(
    people: People, desk: FlaskClient, lost: Receipt
):
    answer = do(desk, lost, "place", address="Isted")
    assert answer.status_code == 422
    found = BeautifulSoup(answer.text, "html.parser").select("input[name=choice]")
    again = do(desk, lost, "place", address="Isted", choice=found[0]["value"])
    assert again.status_code == 303
    assert people.row(lost).address == found[0]["value"]


def test_an_address_nobody_knows_keeps_what_was_typed(
    people: People, desk: FlaskClient, lost: Receipt
):
    answer = do(desk, lost, "place", address="Xyzzyvej 99")
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.select_one("#address")["value"] == "Xyzzyvej 99"
    assert "Skriv en anden adresse" in page.select_one(".error-summary").get_text()


@pytest.mark.parametrize(
    "fields",
    [
        {"lat": "nan", "lon": "12.5"},
        {"lat": "1e400", "lon": "12.5"},
        {"lat": "55.7", "lon": "12.5"},
        {"lat": "", "lon": "", "address": ""},
    ],
)
def test_a_place_that_is_none_is_refused(
    people: People, desk: FlaskClient, lost: Receipt, fields: dict[str, str]
):
    answer = do(desk, lost, "place", **fields)
    assert answer.status_code == 422
    assert people.row(lost).lat is None


# --- refused ----------------------------------------------------------------------------------


def test_a_refused_form_says_what_to_do_and_keeps_what_was_typed(people: People, desk: FlaskClient):
    receipt = people.report()
    answer = do(desk, receipt, "decline", reason="", note="En lang <b>forklaring</b>")
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    assert "Vælg, hvorfor henvendelsen afvises" in page.select_one(".error-summary").get_text()
    assert page.select_one("#decline-note").get_text() == "En lang <b>forklaring</b>"
    assert "open" in page.select_one("#deed-decline").attrs
    assert people.row(receipt).status == Status.RECEIVED


@pytest.mark.parametrize(
    ("deed", "fields", "sentence"),
    [
        ("forward", {"authority": ""}, "Vælg, hvem der får henvendelsen"),
        ("duplicate", {"of_reference": "2026-999999"}, "Skriv nummeret på den henvendelse"),
        ("duplicate", {"of_reference": ""}, "Skriv nummeret på den henvendelse"),
        ("assign", {"crew_id": ""}, "Vælg et hold, der er på vagt"),
        ("assign", {"crew_id": "999999"}, "det valgte er ikke på vagt"),
    ],
)
def test_each_refusal_has_its_sentence(
    people: People, desk: FlaskClient, deed: str, fields: dict[str, str], sentence: str
):
    people.crew()
    answer = do(desk, people.report(), deed, **fields)
    assert answer.status_code == 422
    assert sentence in words(answer)


# --- someone was first ------------------------------------------------------------------------


def test_a_page_that_is_out_of_date_decides_nothing(
    people: People, desk: FlaskClient, work_off: WorkOff
):
    member = people.crew("Istedholdet")
    receipt = held(people, work_off)
    seen = hidden_fields(page_of(desk, receipt), "decline")
    decide.assign_by_hand(receipt.service_request_id, member.crew_id, by="En kollega")
    fields = seen | {"reason": "other", "note": "Det tager vi ikke"}
    answer = desk.post(f"{address_of(receipt)}/decline", data=fields)
    assert answer.status_code == 409
    assert "Nogen var før dig" in words(answer)
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.select_one("#decline-note").get_text() == "Det tager vi ikke"
    assert people.row(receipt).status == Status.ASSIGNED
    db.session.rollback()
    assert db.session.query(Task).filter(Task.state.in_(LIVE_TASKS)).count() == 1


def test_sending_twice_does_it_once(people: People, desk: FlaskClient):
    receipt = people.report()
    fields = hidden_fields(page_of(desk, receipt), "decline") | {"reason": "other"}
    address = f"{address_of(receipt)}/decline"
    assert [desk.post(address, data=fields).status_code for _ in range(2)] == [303, 409]
    db.session.rollback()
    assert db.session.query(StatusChange).filter_by(new="declined").count() == 1


# --- what is offered --------------------------------------------------------------------------


def test_the_page_offers_what_the_table_of_steps_allows(
    people: People, desk: FlaskClient, work_off: WorkOff
):
    member = people.crew()
    receipt = people.report()
    everything = {"assign", "decline", "duplicate", "forward", "place"}
    assert offered(desk, receipt) == everything
    work_off()
    assert offered(desk, receipt) == everything | {"release"}
    people.act(member, "start", task_id=people.live_task(receipt))
    assert offered(desk, receipt) == (everything | {"release"}) - {"decline"}
    people.act(member, "done", task_id=people.live_task(receipt), needles=1)
    assert offered(desk, receipt) == {"reopen"}


def test_a_toilet_is_never_offered_to_a_crew(people: People, desk: FlaskClient, work_off: WorkOff):
    people.crew()
    receipt = people.report(service_code="toilet")
    work_off()
    assert offered(desk, receipt) == {"decline", "duplicate", "forward", "place"}


def test_what_usually_helps_stands_open(people: People, desk: FlaskClient, lost: Receipt):
    page = page_of(desk, lost)
    assert [each["id"] for each in page.select(".deed[open]")] == ["deed-place"]


def test_a_note_with_a_cpr_number_is_refused_beside_its_field_and_kept_for_correction(
    desk: FlaskClient, people: People
) -> None:
    receipt = people.report()
    note = "Ejeren er 010190-1234"
    answer = do(desk, receipt, "decline", reason="other", note=note)
    assert answer.status_code == 422
    assert "Fjern CPR-nummeret" in words(answer)
    assert note in answer.text
    assert people.row(receipt).status == Status.RECEIVED
