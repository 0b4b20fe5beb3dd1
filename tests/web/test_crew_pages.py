"""The crew's pages without any script: what is shown, what each button does, and to whom."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle.receive import Receipt
from dispatch.lifecycle.withdraw import withdraw
from dispatch.models import (
    Incident,
    Observation,
    Photo,
    Role,
    ServiceRequest,
    Shift,
    StatusChange,
    Task,
)
from dispatch.rules.status import Status, TaskState
from tests.people import CrewMember, People
from tests.pictures import jpeg

WorkOff = Callable[[], int]
HOSTILE = "<script>alert(1)</script> ${7*7} {{ 7*7 }} \"'><img src=x onerror=alert(2)>"


class Page:
    """What a browser without a script makes of an answer: text, forms, links."""

    def __init__(self, phone: FlaskClient, answer: TestResponse) -> None:
        self.phone, self.status = phone, answer.status_code
        self.html = BeautifulSoup(answer.text, "html.parser")
        main = self.html.find("main")
        self.text = " ".join(main.get_text(" ").split()) if main else answer.text

    def form(self, action: str) -> Tag:
        for form in self.html.find_all("form"):
            field = form.find("input", {"name": "action"})
            if field and field["value"] == action:
                return form
        raise AssertionError(f"no form for {action}")

    def has(self, action: str) -> bool:
        return bool(self.html.find("input", {"name": "action", "value": action}))

    def sends(self, action: str) -> dict[str, str]:
        """The fields of a form as they would be sent untouched."""
        fields: dict[str, str] = {}
        for field in self.form(action).find_all(["input", "textarea"]):
            kind, name = field.get("type"), field.get("name")
            chosen = kind not in {"radio", "checkbox"} or field.has_attr("checked")
            if name and kind != "file" and chosen:
                fields[name] = field.get("value", "") or field.get_text()
        return fields

    def send(self, form: str, **changes: object) -> "Page":
        data = self.sends(form) | changes
        answer = self.phone.post("/crew/actions", data=data)
        if answer.status_code == 303:
            return visit(self.phone, answer.location)
        return Page(self.phone, answer)


def visit(phone: FlaskClient, address: str = "/crew") -> Page:
    return Page(phone, phone.get(address, follow_redirects=True))


@pytest.fixture
def member(people: People) -> CrewMember:
    return people.crew("Hold Nord")


@pytest.fixture
def phone(people: People, member: CrewMember) -> FlaskClient:
    return people.signed_in(member.name)


@pytest.fixture
def receipt(people: People, member: CrewMember, work_off: WorkOff) -> Receipt:
    made = people.report(address="Halmtorvet 1", needle_count=2)
    work_off()
    db.session.rollback()
    return made


def row_of(receipt: Receipt) -> ServiceRequest:
    db.session.rollback()
    return db.session.get_one(ServiceRequest, receipt.service_request_id)


def row_of_find() -> ServiceRequest:
    db.session.rollback()
    return db.session.scalars(select(ServiceRequest).where(ServiceRequest.source == "crew")).one()


def one_task() -> Task:
    db.session.rollback()
    return db.session.scalars(select(Task)).one()


# --- a shift ----------------------------------------------------------------------------------


def test_before_a_shift_the_page_asks_who_and_how_and_starts_it(people: People) -> None:
    phone = people.signed_in(people.crew("Hold Syd", on_shift=False).name)
    page = visit(phone)
    assert page.html.find("h1").get_text() == "Start vagt"
    assert page.sends("shift_start")["vehicle"] == "cargo_bike"
    page = page.send("shift_start", vehicle="walking", members="Amina og Bo")
    assert "Vagten er startet." in page.text
    assert "På vagt: Amina og Bo" in page.text
    assert db.session.scalar(select(Shift.vehicle)) == "walking"


def test_a_shift_without_stops_says_that_they_come_by_themselves(phone: FlaskClient) -> None:
    page = visit(phone)
    assert "Ingen stop lige nu" in page.text
    assert page.html.find("a", href="/crew/found") is not None


def test_ending_a_shift_warns_of_what_is_left_and_gives_it_to_others(
    phone: FlaskClient, receipt: Receipt
) -> None:
    page = visit(phone, "/crew/end")
    assert "1 stop er ikke klaret" in page.text
    assert "De går til andre hold" in page.text
    page = page.send("shift_end")
    assert "Vagten er slut." in page.text
    assert one_task().state == TaskState.RETURNED
    assert page.has("shift_start")


def test_ending_a_shift_with_nothing_left_warns_of_nothing(phone: FlaskClient) -> None:
    assert "ikke klaret" not in visit(phone, "/crew/end").text


def test_a_break_begins_and_ends(phone: FlaskClient) -> None:
    page = visit(phone).send("break_start")
    assert "Pause siden kl. 10.00" in page.text
    assert not page.has("break_start")
    page = page.send("break_end")
    assert "Pausen er slut." in page.text
    assert page.has("break_start")


@pytest.mark.parametrize(
    ("needles", "warning"),
    [(79, None), (80, "Tøm snart kanyleboksen"), (100, "Kanyleboksen er fuld")],
)
def test_the_box_shows_its_fill_and_warns_from_eighty(
    people: People, member: CrewMember, phone: FlaskClient, receipt: Receipt, needles, warning
) -> None:
    people.act(member, "done", task_id=people.live_task(receipt), needles=needles)
    page = visit(phone)
    assert f"{needles}/100" in page.text
    assert ("kanyleboks" in page.text.lower()) == bool(warning)
    if warning:
        assert warning in page.text
        assert "0/100" in page.send("box_emptied").text


def test_a_crew_without_needles_has_no_box(people: People) -> None:
    member = people.crew("Hold Fej", skills=())
    page = visit(people.signed_in(member.name))
    assert "/100" not in page.text
    assert not page.has("box_emptied")


# --- a stop -----------------------------------------------------------------------------------


def test_the_next_stop_says_what_how_many_where_when_and_why(
    people: People, phone: FlaskClient, work_off: WorkOff
) -> None:
    people.report(
        place_kind="playground", address="Skydebanehaven", needle_count=7, surface="grass",
        capped=False, risk_now=True, description="Under bænken\nved hegnet",
    )  # fmt: skip
    work_off()
    page = visit(phone)
    for words in (
        "Sprøjter eller kanyler", "7 stk.", "Skydebanehaven", "Legeplads", "Græs", "Uden hætte",
        "Fare nu for barn eller dyr", "Mange sprøjter", "Akut", "Senest i dag kl. 11.00",
        "Et barn eller et dyr".lower(), "Under bænken ved hegnet", "fremme kl. 10.",
    ):  # fmt: skip
        assert words.lower() in page.text.lower(), words
    link = page.html.find("a", href=re.compile("^geo:55.6699,12.5605"))
    assert link is not None


def test_the_words_of_a_report_are_shown_and_never_run(
    people: People, phone: FlaskClient, work_off: WorkOff
) -> None:
    people.report(description=HOSTILE, address=HOSTILE)
    people.report(description=HOSTILE, address=HOSTILE)
    work_off()
    page = visit(phone)
    assert page.html.find("blockquote").get_text() == HOSTILE
    assert page.html.find("img", src="x") is None
    assert "alert" not in "".join(each.get_text() for each in page.html.find_all("script"))
    later = visit(phone, page.html.find("a", class_="later-stop")["href"])
    assert later.html.find("blockquote").get_text() == HOSTILE


def test_a_long_text_folds_and_is_all_there(
    people: People, phone: FlaskClient, work_off: WorkOff
) -> None:
    text = "Bag skuret. " * 60
    people.report(description=text)
    work_off()
    folded = visit(phone).html.find("details", class_="words-long")
    assert folded.find("blockquote").get_text() == text.strip()


def test_an_overdue_stop_says_so_in_words(
    phone: FlaskClient, receipt: Receipt, clock: SettableClock
) -> None:
    clock.advance(timedelta(hours=4))
    assert "Overskredet: senest i dag kl. 13.00" in visit(phone).text


def test_nothing_on_the_page_tells_who_reported(
    people: People, phone: FlaskClient, work_off: WorkOff
) -> None:
    receipt = people.report(contact="anna@example.dk")
    work_off()
    html = phone.get("/crew").text
    assert receipt.token not in html
    assert "anna" not in html


def test_one_button_after_the_other_leads_through_a_stop(
    phone: FlaskClient, receipt: Receipt
) -> None:
    page = visit(phone).send("start")
    assert "I er på vej." in page.text
    assert row_of(receipt).status == Status.ATTENDING
    page = page.send("arrive")
    assert "I er fremme." in page.text
    page = page.send("done", needles="3", bags="1", note="Alt væk")
    assert "Gemt: fjernet." in page.text
    assert "Ingen stop lige nu" in page.text
    task = one_task()
    assert (task.state, task.needles, task.bags, task.note) == (TaskState.DONE, 3, 1, "Alt væk")
    assert row_of(receipt).status == Status.RESOLVED


def test_a_later_stop_can_be_seen_and_taken_first(
    people: People, phone: FlaskClient, receipt: Receipt, work_off: WorkOff
) -> None:
    people.report(lat=55.6720, lon=12.5560, service_code="glass")
    work_off()
    link = visit(phone).html.find("a", class_="later-stop")["href"]
    page = visit(phone, link)
    name = page.html.find("h1").get_text()
    assert "Stop 2 af 2" in page.text
    page = page.send("start")
    assert page.html.find("article").find("h2").get_text() == name


def test_removed_needles_are_counted_before_a_stop_closes(
    phone: FlaskClient, receipt: Receipt
) -> None:
    page = visit(phone).send("start").send("arrive")
    refused = page.send("done", note="Væk", bags="2")
    assert refused.status == 422
    assert refused.html.find("a", href="#needles").get_text().startswith("Skriv, hvor mange")
    assert refused.sends("done") | {"note": "Væk", "bags": "2"} == refused.sends("done")
    assert one_task().state == TaskState.ARRIVED
    assert "Gemt: fjernet." in refused.send("done", needles="0").text


def test_nothing_found_needs_no_count(phone: FlaskClient, receipt: Receipt) -> None:
    page = visit(phone).send("start").send("arrive")
    assert "Gemt: intet fundet." in page.send("done", outcome="nothing_found").text
    assert row_of(receipt).outcome == "nothing_found"


def test_a_refused_note_keeps_the_photo_that_came_with_it(
    phone: FlaskClient, receipt: Receipt, work_off: WorkOff
) -> None:
    page = visit(phone).send("start").send("arrive")
    photo = (BytesIO(jpeg()), "sted.jpg")
    refused = page.send("done", needles="1", note="CPR 010190-1234", photo=photo)
    assert refused.status == 422
    assert "Fjern CPR-nummeret" in refused.text
    assert "1 billede er med" in refused.text
    refused.send("done", note="Væk")
    db.session.rollback()
    assert db.session.scalars(select(Photo.task_id)).all() == [one_task().id]


def test_a_file_that_is_no_photo_never_holds_up_the_close(
    phone: FlaskClient, receipt: Receipt
) -> None:
    page = visit(phone).send("start").send("arrive")
    page = page.send("done", needles="1", photo=(BytesIO(b"<svg/>"), "x.jpg"))
    assert "Gemt: fjernet." in page.text
    assert "Vælg et billede fra et kamera" in page.text
    assert one_task().state == TaskState.DONE


def test_a_form_sent_twice_is_done_once(phone: FlaskClient, receipt: Receipt) -> None:
    page = visit(phone).send("start").send("arrive")
    for _ in range(2):
        page.send("done", needles="3")
    db.session.rollback()
    assert db.session.scalars(select(Observation)).all() == []


def test_a_form_without_a_key_is_done_all_the_same(phone: FlaskClient, receipt: Receipt) -> None:
    visit(phone).send("start", idempotency_key="")
    assert one_task().state == TaskState.STARTED


def test_a_form_sent_again_with_other_words_says_that_it_is_saved(
    phone: FlaskClient, receipt: Receipt
) -> None:
    page = visit(phone).send("start").send("arrive")
    page.send("done", needles="3")
    again = page.send("done", needles="4")
    assert "Det er allerede gemt." in again.text
    assert one_task().needles == 3


# --- problems ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "told", "status"),
    [
        ("no_access", "ingen adgang", Status.HELD),
        ("needs_other_team", "kræver et andet hold", Status.HELD),
        ("hazard_guarded", "sikret, ikke fjernet", Status.HELD),
        ("nothing_found", "intet fundet", Status.RESOLVED),
    ],
)
def test_a_problem_is_two_taps_and_says_what_follows(
    phone: FlaskClient, receipt: Receipt, outcome, told, status
) -> None:
    link = visit(phone).html.find("a", href=re.compile("problem$"))["href"]
    page = visit(phone, link).send("problem", outcome=outcome)
    assert f"Gemt: {told}." in page.text
    assert row_of(receipt).status == status


def test_a_problem_nobody_chose_is_asked_for(phone: FlaskClient, receipt: Receipt) -> None:
    page = visit(phone, f"/crew/stops/{one_task().id}/problem").send("problem")
    assert page.status == 422
    assert page.html.find("a", href="#outcome") is not None


def test_a_stop_is_given_back_with_a_reason_the_coordinator_can_read(
    phone: FlaskClient, receipt: Receipt
) -> None:
    address = f"/crew/stops/{one_task().id}/problem"
    asked = visit(phone, address).send("hand_back")
    assert (asked.status, asked.html.find("a", href="#back_reason") is not None) == (422, True)
    visit(phone, f"{address}?lang=en")
    page = visit(phone, address).send("hand_back", back_reason="gear_missing")
    assert page.status == 200
    db.session.rollback()
    notes = db.session.scalars(select(StatusChange.note).order_by(StatusChange.id)).all()
    assert notes[-1] == "Vi mangler udstyr"


# --- too late ---------------------------------------------------------------------------------


def test_a_close_that_came_too_late_is_told_to_be_kept(
    phone: FlaskClient, receipt: Receipt
) -> None:
    page = visit(phone).send("start").send("arrive")
    withdraw(receipt.token)
    told = page.send("done", needles="2").text
    assert "Stoppet var taget af jeres rute." in told
    assert "gemt som en bemærkning" in told
    assert row_of(receipt).status == Status.WITHDRAWN


def test_the_second_of_two_phones_is_told_that_somebody_was_first(
    people: People, member: CrewMember, phone: FlaskClient, receipt: Receipt
) -> None:
    page = visit(phone).send("start").send("arrive")
    people.act(member, "done", task_id=one_task().id, needles=2)
    assert "Nogen var først" in page.send("done", needles="2").text


def test_a_stop_that_is_gone_leads_back_to_today(phone: FlaskClient, receipt: Receipt) -> None:
    address = f"/crew/stops/{one_task().id}"
    withdraw(receipt.token)
    assert "Stoppet er ikke på jeres rute." in visit(phone, address).text


# --- found on the way -------------------------------------------------------------------------


def test_a_find_is_one_form_that_is_nearly_filled(phone: FlaskClient) -> None:
    page = visit(phone, "/crew/found")
    assert page.sends("own_find")["service_code"] == "syringe"
    assert page.sends("own_find")["needles"] == "1"
    assert page.html.find("input", {"value": "toilet"}) is None
    page = page.send("own_find", lat="55.6699", lon="12.5605")
    assert "Gemt. Tak, fordi I tog det med." in page.text
    found = row_of_find()
    assert (found.status, found.source) == (Status.RESOLVED, "crew")


def test_a_find_without_a_script_takes_an_address(phone: FlaskClient) -> None:
    page = visit(phone, "/crew/found").send("own_find", address="Enghave Plads")
    assert "Gemt." in page.text
    assert row_of_find().lat == pytest.approx(55.667, abs=0.002)


def test_a_find_at_the_stop_is_where_the_stop_is(phone: FlaskClient, receipt: Receipt) -> None:
    visit(phone).send("start").send("arrive")
    page = visit(phone, "/crew/found")
    tick = page.form("own_find").find("input", {"name": "at_stop"})
    page.send("own_find", at_stop=tick["value"], lat="57.0", lon="9.9")
    found = row_of_find()
    assert (found.lat, found.lon) == (row_of(receipt).lat, row_of(receipt).lon)


@pytest.mark.parametrize(
    ("place", "sentence", "target"),
    [
        ({}, "Brug jeres placering, eller skriv en adresse", "#address"),
        ({"address": "Ingensteds 99999"}, "Skriv gade og husnummer", "#address"),
        ({"lat": "57.0", "lon": "9.9"}, "uden for Vesterbro", "#address"),
        ({"lat": "nord", "lon": "9.9"}, "Brug jeres placering igen", "#address"),
    ],
)
def test_a_find_without_a_place_of_ours_is_asked_for_one(
    phone: FlaskClient, place, sentence, target
) -> None:
    page = visit(phone, "/crew/found").send("own_find", needles="4", **place)
    assert page.status == 422
    assert sentence in page.html.find("a", href=target).get_text()
    assert page.sends("own_find")["needles"] == "4"


def test_the_address_of_a_refused_form_leads_back_to_today(phone: FlaskClient) -> None:
    answer = phone.get("/crew/actions?lang=en")
    assert (answer.status_code, answer.location) == (303, "/crew")
    assert visit(phone).html.html["lang"] == "en"


# --- needle-stick -----------------------------------------------------------------------------

FIRST_AID = ("sæbe", "Klem ikke", "Desinficér", "1813", "112", "sundhedsfaglig")


@pytest.mark.parametrize("address", ["/crew", "/crew/found", "/crew/end", "/crew/needle-stick"])
def test_first_aid_is_on_every_page_without_asking_the_server(
    phone: FlaskClient, address: str
) -> None:
    html = visit(phone, address).html
    panel = html.find("details", class_="needle-stick").get_text(" ")
    for words in FIRST_AID:
        assert words in panel


def test_a_needle_stick_reaches_the_coordinator_and_shows_first_aid_again(
    people: People,
) -> None:
    member = people.crew(on_shift=False)
    page = visit(people.signed_in(member.name)).send("needle_stick")
    assert "Koordinatoren får besked nu." in page.text
    assert all(words in page.text for words in FIRST_AID)
    assert db.session.scalars(select(Incident.crew_id)).all() == [member.crew_id]


# --- who may ----------------------------------------------------------------------------------

PAGES = ("/crew", "/crew/found", "/crew/end", "/crew/needle-stick", "/crew/stops/1")


@pytest.mark.parametrize("address", PAGES)
def test_a_stranger_is_sent_to_sign_in(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.location.split("?")[0]) == (303, "/staff/sign-in")


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMIN, Role.SECRETARIAT])
@pytest.mark.parametrize("address", PAGES)
def test_the_desk_does_not_use_the_crews_door(people: People, role: Role, address: str) -> None:
    assert people.signed_in(people.coordinator("Ida", role)).get(address).status_code == 403


@pytest.mark.parametrize("number", [999_999, 2**31, 10**20])
def test_a_stop_with_a_number_nobody_has_is_not_there(phone: FlaskClient, number: int) -> None:
    for address in (f"/crew/stops/{number}", f"/crew/stops/{number}/problem"):
        assert phone.get(address).status_code == 404


def test_a_form_for_a_stop_with_a_number_nobody_has_does_nothing(
    phone: FlaskClient, receipt: Receipt
) -> None:
    fields = visit(phone).sends("start") | {"task_id": "9" * 20}
    assert phone.post("/crew/actions", data=fields).status_code in (303, 404)
    assert one_task().state == TaskState.PLANNED


def test_another_crews_stop_is_not_there(people: People, receipt: Receipt) -> None:
    stranger = people.signed_in(people.crew().name)
    task_id = one_task().id
    for address in (f"/crew/stops/{task_id}", f"/crew/stops/{task_id}/problem"):
        assert stranger.get(address).status_code == 404
    fields = visit(stranger).sends("break_start") | {"action": "start", "task_id": str(task_id)}
    assert stranger.post("/crew/actions", data=fields).status_code == 404
    assert one_task().state == TaskState.PLANNED


def test_a_form_whose_phone_was_signed_out_leads_to_the_sign_in(
    phone: FlaskClient, receipt: Receipt, clock: SettableClock
) -> None:
    fields = visit(phone).sends("start")
    clock.advance(timedelta(days=40))
    answer = phone.post("/crew/actions", data=fields)
    assert (answer.status_code, answer.location.split("?")[0]) == (303, "/staff/sign-in")


def test_a_form_without_its_token_does_nothing(phone: FlaskClient, receipt: Receipt) -> None:
    fields = visit(phone).sends("start") | {"csrf_token": "made up"}
    answer = phone.post("/crew/actions", data=fields)
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert one_task().state == TaskState.PLANNED


@pytest.mark.parametrize(
    "changes",
    [
        {"task_id": "9" * 5000},
        {"task_id": "-1"},
        {"task_id": ""},
        {"action": "dance"},
        {"action": ""},
        {"idempotency_key": "x" * 500},
    ],
)
def test_a_form_somebody_bent_leads_back_to_today_and_does_nothing(
    phone: FlaskClient, receipt: Receipt, changes: dict[str, str]
) -> None:
    page = visit(phone).send("start", **changes)
    assert page.status == 200
    assert one_task().state == TaskState.PLANNED


def test_no_page_of_a_crew_is_kept_by_a_cache(phone: FlaskClient, receipt: Receipt) -> None:
    for address in PAGES:
        assert phone.get(address).headers["Cache-Control"] == "no-store"
