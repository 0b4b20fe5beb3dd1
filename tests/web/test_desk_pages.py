"""The coordinator's desk shows what she needs, to her alone, in words and never as code."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle import decide
from dispatch.lifecycle.attach_photo import attach_photo
from dispatch.lifecycle.work_list import writing
from dispatch.models import PhotoKind, StaffLogEntry
from tests.people import People, csrf_of
from tests.pictures import jpeg
from tests.statements import statements

WorkOff = Callable[[], int]
HOSTILE = "<script>alert(1)</script> ${7*7} {{7*7}} C:\\path\\u1 `tick` " + "langt " * 300
PAGES = ("/desk", "/desk/map", "/desk/crews", "/desk?status=all")


@pytest.fixture
def desk(people: People) -> FlaskClient:
    """The coordinator's browser."""
    return people.signed_in(people.coordinator("Karen"))


def text_of(page: str) -> str:
    return " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())


def rows_of(page: str) -> list[str]:
    soup = BeautifulSoup(page, "html.parser")
    return [" ".join(row.get_text(" ").split()) for row in soup.select(".desk-row")]


# --- who may look -----------------------------------------------------------------------------


@pytest.mark.parametrize("address", [*PAGES, "/desk/pulse.json", "/desk/map.js"])
def test_the_desk_is_for_coordinators_not_for_crews_and_not_for_strangers(
    people: People, desk: FlaskClient, client: FlaskClient, address: str
):
    crew = people.signed_in(people.crew().name)
    assert desk.get(address).status_code == 200
    assert crew.get(address).status_code == 403
    assert client.get(address).status_code in (303, 401)


def test_one_request_is_for_coordinators_alone(
    people: People, desk: FlaskClient, client: FlaskClient
):
    address = f"/desk/requests/{people.report().reference}"
    crew = people.signed_in(people.crew().name)
    assert desk.get(address).status_code == 200
    assert crew.get(address).status_code == 403
    assert client.get(address).location.startswith("/staff/sign-in")


def test_nothing_of_the_desk_is_kept_by_a_cache(people: People, desk: FlaskClient):
    reference = people.report().reference
    for address in (*PAGES, f"/desk/requests/{reference}", "/desk/pulse.json"):
        assert desk.get(address).headers["Cache-Control"] == "no-store", address


# --- the list ---------------------------------------------------------------------------------


def test_an_empty_desk_says_that_all_is_done(desk: FlaskClient):
    assert "Alt er gjort" in text_of(desk.get("/desk").text)


def test_a_row_tells_number_kind_place_status_deadline_crew_and_age(
    people: People, desk: FlaskClient, clock: SettableClock, work_off: WorkOff
):
    people.crew("Istedholdet")
    receipt = people.report(needle_count=3, address="Istedgade 20")
    work_off()
    clock.advance(timedelta(minutes=12))
    (row,) = rows_of(desk.get("/desk").text)
    for word in (receipt.reference, "Sprøjter eller kanyler", "3 stk.", "Istedgade 20", "Tildelt"):
        assert word in row
    for word in ("Haster", "Frist: i dag kl. 13.00", "om 168 min.", "Istedholdet", "12 min."):
        assert word.replace("168 min.", "2 timer") in row, row


def test_a_held_request_says_why_in_words(people: People, desk: FlaskClient, work_off: WorkOff):
    people.report(place_kind="yard_stairwell", description="I porten til nummer 7")
    work_off()
    page = desk.get("/desk").text
    assert "Kræver din beslutning" in text_of(page)
    assert "Privat grund" in rows_of(page)[0]
    assert "I porten til nummer 7" in rows_of(page)[0]


def test_a_late_one_says_by_how_much(people: People, desk: FlaskClient, clock: SettableClock):
    people.report()
    clock.advance(timedelta(hours=3, minutes=25))
    page = desk.get("/desk").text
    assert "25 min. over fristen" in rows_of(page)[0]
    assert "Over fristen" in [h.get_text() for h in BeautifulSoup(page, "html.parser").select("h2")]


def test_a_needle_stick_stands_on_top_until_someone_takes_it(people: People, desk: FlaskClient):
    people.act(people.crew("Istedholdet"), "needle_stick")
    page = desk.get("/desk").text
    assert "Stikuheld: Istedholdet" in text_of(page)
    answer = desk.post("/desk/incidents/1/acknowledge", data={"csrf_token": csrf_of(page)})
    assert answer.status_code == 303
    assert "Stikuheld: Istedholdet" not in text_of(desk.get("/desk").text)
    again = desk.post("/desk/incidents/1/acknowledge", data={"csrf_token": csrf_of(page)})
    assert again.status_code == 409
    assert "Nogen var før dig" in text_of(again.text)
    assert "set af Karen" in text_of(desk.get("/desk/crews").text)


@pytest.mark.parametrize("number", [999_999, 2**31, 10**20])
def test_an_incident_with_a_number_nobody_has_is_not_there(desk: FlaskClient, number: int):
    token = csrf_of(desk.get("/desk/crews").text)
    address = f"/desk/incidents/{number}/acknowledge"
    assert desk.post(address, data={"csrf_token": token}).status_code == 404


def test_a_standstill_of_the_machinery_is_told(desk: FlaskClient):
    page = BeautifulSoup(desk.get("/desk").text, "html.parser")
    assert "hidden" not in page.select_one("[data-still]").attrs


def test_filters_live_in_the_address_and_survive_the_page(
    people: People, desk: FlaskClient, work_off: WorkOff
):
    people.report()
    glass = people.report(service_code="glass")
    page = desk.get("/desk?service_code=glass&status=open&late=0").text
    assert len(rows_of(page)) == 1
    assert glass.reference in rows_of(page)[0]
    chosen = BeautifulSoup(page, "html.parser").select("#service_code option[selected]")
    assert [each["value"] for each in chosen] == ["glass"]


@pytest.mark.parametrize(
    "query",
    [
        "status=nonsense", "page=-1", "page=99999999999", "page=x", "crew=abc", "crew=9" * 40,
        "from=2026-13-99", "to=0001-01-01", "from=9999-12-31", "service_code=%00", "kvarter=%27%3B--",
        "priority[]=akut", "status=held&status=open", "late=yes", "from=2026-11-25&to=2026-11-01",
    ],
)  # fmt: skip
def test_a_filter_nobody_can_mean_is_no_fault(desk: FlaskClient, people: People, query: str):
    people.report()
    assert desk.get(f"/desk?{query}").status_code == 200
    assert desk.get(f"/desk/points.geojson?{query}").status_code == 200


def test_the_second_page_leads_back_and_keeps_the_filter(
    people: People, desk: FlaskClient, clock: SettableClock
):
    for _ in range(52):
        people.report(service_code="glass")
    first = BeautifulSoup(desk.get("/desk?service_code=glass").text, "html.parser")
    following = first.select_one("a[rel=next]")["href"]
    assert "service_code=glass" in following and "page=2" in following
    second = desk.get(following).text
    assert len(rows_of(second)) == 2
    assert "51–52 af 52" in text_of(second)


def test_hostile_text_is_shown_as_it_was_written(
    people: People, desk: FlaskClient, work_off: WorkOff
):
    receipt = people.report(
        description=HOSTILE, lat=None, lon=None, address="<b>${7*7}</b>", place_unverified=True
    )
    for address in (*PAGES, f"/desk/requests/{receipt.reference}"):
        page = desk.get(address).text
        assert "<script>alert" not in page and "<b>$" not in page, address
    story = BeautifulSoup(desk.get(f"/desk/requests/{receipt.reference}").text, "html.parser")
    assert story.select_one(".report-text").get_text() == HOSTILE.strip()


def test_the_desk_speaks_english_to_whoever_asks(people: People, desk: FlaskClient):
    people.report()
    assert desk.get("/desk?lang=en").headers["Content-Language"] == "en"


@pytest.mark.parametrize("address", ["/desk", "/desk/map", "/desk/crews"])
def test_a_page_asks_the_same_number_of_questions_however_much_there_is(
    people: People, desk: FlaskClient, work_off: WorkOff, address: str
):
    counted = []
    for number in (1, 12):
        for _ in range(number):
            people.crew()
            people.report()
            people.report(place_kind="yard_stairwell")
        work_off()
        db.session.rollback()
        with statements() as sent:
            desk.get(address)
        counted.append(len(sent))
    assert counted[0] == counted[1] <= 14


# --- search -----------------------------------------------------------------------------------


def search(desk: FlaskClient, text: str):
    token = csrf_of(desk.get("/desk").text)
    return desk.post("/desk/search", data={"csrf_token": token, "text": text})


def test_a_number_leads_straight_to_the_request(people: People, desk: FlaskClient):
    receipt = people.report()
    for text in (receipt.reference, str(int(receipt.reference[-6:]))):
        assert search(desk, text).location == f"/desk/requests/{receipt.reference}"


def test_words_are_found_and_stand_in_no_address(people: People, desk: FlaskClient):
    people.report(description="ved den røde bænk")
    people.report(description="noget andet")
    found = search(desk, "BÆNK")
    assert found.status_code == 200
    assert len(rows_of(found.text)) == 1
    assert desk.get("/desk/search").location == "/desk"


@pytest.mark.parametrize("text", ["", "   ", "findes ikke", "%", "' OR 1=1 --", "x" * 5000, "\x00"])
def test_a_search_without_a_find_says_so(people: People, desk: FlaskClient, text: str):
    people.report(description="ved bænken")
    answer = search(desk, text)
    assert answer.status_code == 200
    assert rows_of(answer.text) == []


def test_a_search_without_its_token_is_refused(desk: FlaskClient):
    assert desk.post("/desk/search", data={"text": "bænk"}).status_code == 400


# --- the pulse --------------------------------------------------------------------------------


def test_the_pulse_counts_and_costs_no_body_when_nothing_moved(people: People, desk: FlaskClient):
    people.report()
    first = desk.get("/desk/pulse.json")
    assert (first.json["open"], first.json["without_crew"]) == (1, 1)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert desk.get("/desk/pulse.json", headers=tag).status_code == 304
    people.report()
    moved = desk.get("/desk/pulse.json", headers=tag)
    assert moved.status_code == 200
    assert moved.json["latest"] > first.json["latest"]


def test_an_expired_session_is_told_to_the_script_as_such(client: FlaskClient):
    assert client.get("/desk/pulse.json").status_code == 401


# --- one request ------------------------------------------------------------------------------


def test_the_story_explains_why_this_crew_in_one_sentence(
    people: People, desk: FlaskClient, work_off: WorkOff
):
    people.crew("Istedholdet")
    people.crew("Sydholdet", start_lat=55.6480, start_lon=12.5400)
    people.crew("Affaldsholdet", skills=())
    receipt = people.report()
    work_off()
    page = text_of(desk.get(f"/desk/requests/{receipt.reference}").text)
    assert "Istedholdet blev valgt: 0 min. ekstra vej, fremme kl. 10.0" in page
    assert "Sydholdet: " in page
    assert "Affaldsholdet kunne ikke: holdet må ikke tage den slags opgaver." in page
    assert "Rejsetider fra" in page


def test_the_story_gives_the_deadline_with_its_reason(people: People, desk: FlaskClient):
    receipt = people.report(place_kind="playground")
    page = text_of(desk.get(f"/desk/requests/{receipt.reference}").text)
    assert "Akut: sprøjte på" in page


def test_the_contact_is_shown_on_demand_only_and_the_look_is_written_down(
    people: People, desk: FlaskClient, app: Flask
):
    receipt = people.report(contact="anna@example.dk")
    address = f"/desk/requests/{receipt.reference}"
    page = desk.get(address).text
    assert "anna" not in page and "Har oplyst en mailadresse" in text_of(page)
    shown = desk.post(f"{address}/contact", data={"csrf_token": csrf_of(page)})
    assert "anna@example.dk" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    (entry,) = db.session.query(StaffLogEntry).filter_by(deed="contact_seen")
    assert (entry.by, entry.subject) == ("Karen", receipt.reference)
    assert "anna" not in entry.why


def test_the_reporters_link_is_nowhere_on_the_desk(people: People, desk: FlaskClient):
    receipt = people.report()
    for address in (*PAGES, f"/desk/requests/{receipt.reference}"):
        assert receipt.token not in desk.get(address).text


def test_photos_are_shown_and_a_bad_one_says_so(
    people: People, desk: FlaskClient, work_off: WorkOff
):
    receipt = people.report()
    for content in (jpeg(), jpeg()[:90]):
        name = gateways().photo_store.put_incoming(BytesIO(content), 10**6)
        with writing() as session:
            attach_photo(session, receipt.service_request_id, name, PhotoKind.REPORT)
    work_off()
    page = BeautifulSoup(desk.get(f"/desk/requests/{receipt.reference}").text, "html.parser")
    (picture,) = page.select(".photos img")
    assert desk.get(picture["src"]).mimetype == "image/webp"
    assert "Fra anmelderen" in picture["alt"]
    assert "Kunne ikke læses" in page.select_one(".photos").get_text()


def test_what_came_too_late_is_put_before_the_coordinator(
    people: People, desk: FlaskClient, work_off: WorkOff
):
    member = people.crew("Istedholdet")
    receipt = people.report()
    work_off()
    task_id = people.live_task(receipt)
    decide.release(receipt.service_request_id, note="", by="Karen")
    people.act(member, "done", task_id=task_id, needles=3)
    page = text_of(desk.get(f"/desk/requests/{receipt.reference}").text)
    assert "Meldt for sent til at tælle" in page
    assert "meldte: Fjernet, men opgaven var aflyst (3 kanyler)" in page


def test_an_unknown_request_is_not_found(desk: FlaskClient):
    assert desk.get("/desk/requests/2026-999999").status_code == 404
    assert desk.get("/desk/requests/..%2f..%2fetc").status_code == 404


# --- crews ------------------------------------------------------------------------------------


def test_crews_show_shift_load_box_and_break(
    people: People, desk: FlaskClient, clock: SettableClock, work_off: WorkOff
):
    out = people.crew("Istedholdet", organisation="Grundlæggerne")
    people.crew("Aftenholdet", on_shift=False)
    first, _second = people.report(), people.report(address="Istedgade 20")
    work_off()
    people.act(out, "done", task_id=people.live_task(first), needles=83)
    people.act(out, "break_start")
    page = text_of(desk.get("/desk/crews").text)
    for words in ("1 hold er på vagt", "Istedholdet", "Grundlæggerne", "Pause siden 10.00"):
        assert words in page
    for words in ("83 kanyler skal snart tømmes", "Stop på ruten 1", "Istedgade 20", "Aftenholdet"):
        assert words in page


def test_accounts_are_listed_without_anything_secret(people: People, desk: FlaskClient):
    people.crew("Istedholdet")
    page = desk.get("/desk/crews").text
    assert "Istedholdet telefon" in page
    assert "argon2" not in page
