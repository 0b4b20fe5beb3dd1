"""The reporter's own page tells the truth, tells it once, and tells it to nobody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from dispatch.gateways.clock import SettableClock
from dispatch.gateways.messenger import RecordingMessenger
from dispatch.lifecycle.decide import decline, forward, mark_duplicate
from dispatch.lifecycle.receive import Receipt
from dispatch.rules.status import Status
from dispatch.web.page_frame import SENTENCES
from tests.people import CrewMember, People, csrf_of

WorkOff = Callable[[], int]
FIXED_PAGES = ("/", "/report", "/safety", "/privacy", "/accessibility")


def link(receipt: Receipt) -> str:
    return f"/r/{receipt.token}"


def text_of(page: str) -> str:
    return BeautifulSoup(page, "html.parser").get_text(" ", strip=True)


def story(client: FlaskClient, receipt: Receipt) -> list[str]:
    """What the page says has happened, newest first."""
    soup = BeautifulSoup(client.get(link(receipt)).text, "html.parser")
    return [each.get_text(strip=True) for each in soup.select(".story-what")]


def press(client: FlaskClient, receipt: Receipt, action: str, **fields: str) -> int:
    """Press a button of the reporter's page; the status of the answer."""
    token = csrf_of(client.get(link(receipt)).text)
    answer = client.post(f"{link(receipt)}/{action}", data={"csrf_token": token} | fields)
    return answer.status_code


@pytest.fixture
def crew(people: People) -> CrewMember:
    return people.crew()


def cleaned(people: People, crew: CrewMember, receipt: Receipt, **facts: object) -> None:
    task = people.live_task(receipt)
    people.act(crew, "start", task_id=task)
    people.act(crew, "done", task_id=task, **({"outcome": "removed"} | facts))


def test_the_receipt_says_number_deadline_and_reason(client: FlaskClient, people: People) -> None:
    receipt = people.report(place_kind="playground")
    page = text_of(client.get(link(receipt)).text)
    assert "Tak for din henvendelse" in page
    assert receipt.reference in page
    assert "senest i dag kl. 11.00" in page
    assert "Akut: sprøjte på en legeplads" in page


def test_a_deadline_that_has_passed_is_owned_up_to(
    client: FlaskClient, people: People, clock: SettableClock
) -> None:
    receipt = people.report()
    clock.advance(timedelta(hours=5))
    page = text_of(client.get(link(receipt)).text)
    assert "Vi er forsinkede. Vi skulle have været på stedet senest i dag kl. 13.00" in page


def test_a_syringe_comes_with_the_advice_not_to_touch_it(
    client: FlaskClient, people: People
) -> None:
    assert "Rør den ikke" in client.get(link(people.report())).text
    assert "Rør den ikke" not in client.get(link(people.report(service_code="litter"))).text


def test_the_story_tells_what_the_crew_removed_where_and_when(
    client: FlaskClient, people: People, crew: CrewMember, work_off: WorkOff
) -> None:
    receipt = people.report(address="Halmtorvet 9")
    work_off()
    cleaned(people, crew, receipt, needles=2)
    assert story(client, receipt) == [
        "Vi har fjernet 2 kanyler ved Halmtorvet 9 kl. 10.00.",
        "Holdet er på vej eller på stedet.",
        "Et hold har fået opgaven på sin rute.",
        f"Tak. Vi har modtaget din henvendelse {receipt.reference}. "
        "Vi forventer at være på stedet senest i dag kl. 13.00.",
    ]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"needles": 1}, "1 kanyle ved"),
        ({"needles": 3, "bags": 1}, "3 kanyler og 1 pose affald ved"),
        ({"needles": 3, "other_sharps": 1, "bags": 2}, "3 kanyler, 1 anden skarp ting og 2 poser"),
        ({}, "Vi har fjernet sprøjterne ved"),
        ({"needles": 0}, "Vi har fjernet sprøjterne ved"),
    ],
)
def test_counts_are_told_as_people_count(
    client: FlaskClient,
    people: People,
    crew: CrewMember,
    work_off: WorkOff,
    facts: dict[str, int],
    words: str,
) -> None:
    receipt = people.report(address="Halmtorvet 9")
    work_off()
    cleaned(people, crew, receipt, **facts)
    assert words in story(client, receipt)[0]


def test_nothing_found_asks_for_a_better_place(
    client: FlaskClient, people: People, crew: CrewMember, work_off: WorkOff
) -> None:
    receipt = people.report()
    work_off()
    cleaned(people, crew, receipt, outcome="nothing_found")
    assert "fandt ikke noget. Skriv gerne mere præcist" in story(client, receipt)[0]


def test_a_crew_s_own_note_and_name_are_not_told(
    client: FlaskClient, people: People, crew: CrewMember, work_off: WorkOff
) -> None:
    receipt = people.report()
    work_off()
    cleaned(people, crew, receipt, needles=1, note="Sur beboer i nr. 7")
    page = client.get(link(receipt)).text
    assert "Sur beboer" not in page
    assert crew.name not in page


def test_private_ground_says_so(client: FlaskClient, people: People, work_off: WorkOff) -> None:
    receipt = people.report(place_kind="yard_stairwell")
    work_off()
    assert story(client, receipt)[0].startswith("Stedet er privat.")


def test_a_no_comes_with_its_reason_and_who_can_help(client: FlaskClient, people: People) -> None:
    receipt = people.report()
    decline(receipt.service_request_id, reason="about_person", note="", by="Ida")
    told = story(client, receipt)[0]
    assert "112" in told and "114" in told
    assert "Ida" not in client.get(link(receipt)).text


def test_a_forwarded_one_names_the_authority(client: FlaskClient, people: People) -> None:
    receipt = people.report()
    forward(receipt.service_request_id, authority="police", note="", by="Ida")
    assert "videre til politiet" in story(client, receipt)[0]


def test_a_duplicate_tells_where_the_kept_one_is_but_nothing_of_it(
    client: FlaskClient, people: People
) -> None:
    kept = people.report(description="Min nabo skrev det her", contact="nabo@example.dk")
    receipt = people.report()
    mark_duplicate(receipt.service_request_id, of_reference=kept.reference, by="Ida")
    page = client.get(link(receipt)).text
    assert "Andre har meldt det samme sted" in page
    for secret in (kept.reference, kept.token, "Min nabo", "nabo@example.dk"):
        assert secret not in page


def test_the_page_never_shows_the_contact_or_the_text(client: FlaskClient, people: People) -> None:
    receipt = people.report(contact="beboer@example.dk", description="Under min bil")
    page = client.get(link(receipt)).text
    assert "beboer@example.dk" not in page
    assert "Under min bil" not in page


def test_a_telephone_number_in_the_text_earns_a_gentle_word(
    client: FlaskClient, people: People
) -> None:
    receipt = people.report(description="Ring til mig på 22 33 44 55")
    assert "oplysninger om en person" in client.get(link(receipt)).text


def test_the_page_is_kept_by_no_search_engine_cache_or_referrer(
    client: FlaskClient, people: People
) -> None:
    answer = client.get(link(people.report()))
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'content="noindex"' in answer.text


@pytest.mark.parametrize("token", ["x", "A" * 32, "..", "%00", "2026-000001"])
def test_an_unknown_link_is_not_found(client: FlaskClient, people: People, token: str) -> None:
    people.report()
    assert client.get(f"/r/{token}").status_code == 404


def test_the_link_ends_thirty_days_after_closing(
    client: FlaskClient, people: People, clock: SettableClock
) -> None:
    receipt = people.report()
    decline(receipt.service_request_id, reason="other", note="", by="Ida")
    clock.advance(timedelta(days=29, hours=23))
    assert client.get(link(receipt)).status_code == 200
    clock.advance(timedelta(hours=2))
    answer = client.get(link(receipt))
    assert answer.status_code == 410
    assert "udløbet" in answer.text


def test_an_open_report_s_link_lives_as_long_as_it_is_open(
    client: FlaskClient, people: People, clock: SettableClock
) -> None:
    receipt = people.report()
    clock.advance(timedelta(days=200))
    assert client.get(link(receipt)).status_code == 200


def test_a_reporter_can_take_the_report_back(client: FlaskClient, people: People) -> None:
    receipt = people.report()
    assert press(client, receipt, "withdraw") == 303
    assert people.row(receipt).status == Status.WITHDRAWN
    assert story(client, receipt)[0] == "Du har trukket henvendelsen tilbage."


def test_taking_it_back_twice_says_that_it_is_done(client: FlaskClient, people: People) -> None:
    receipt = people.report()
    token = csrf_of(client.get(link(receipt)).text)
    for _ in range(2):
        client.post(f"{link(receipt)}/withdraw", data={"csrf_token": token})
    assert "Det er allerede sket" in client.get(link(receipt)).text


def test_not_solved_opens_it_again_first_in_line(
    client: FlaskClient, people: People, crew: CrewMember, work_off: WorkOff
) -> None:
    receipt = people.report()
    work_off()
    cleaned(people, crew, receipt, needles=1)
    assert press(client, receipt, "not-solved", note="Der ligger to mere") == 303
    row = people.row(receipt)
    assert (row.status, row.first_in_line) == (Status.RECEIVED, True)
    assert story(client, receipt)[0].startswith("Tak for besked. Vi sender et hold ud igen.")


def test_not_solved_is_offered_only_when_something_was_done(
    client: FlaskClient, people: People
) -> None:
    assert "Ikke løst" not in client.get(link(people.report())).text


def test_a_cpr_number_in_the_note_is_refused_and_the_note_kept(
    client: FlaskClient, people: People, crew: CrewMember, work_off: WorkOff
) -> None:
    receipt = people.report()
    work_off()
    cleaned(people, crew, receipt)
    token = csrf_of(client.get(link(receipt)).text)
    answer = client.post(
        f"{link(receipt)}/not-solved", data={"csrf_token": token, "note": "010203-1234 lå der"}
    )
    assert answer.status_code == 422
    assert "Fjern CPR-nummeret" in answer.text
    assert "010203-1234 lå der" in answer.text
    assert people.row(receipt).status == Status.RESOLVED


@pytest.mark.parametrize("action", ["withdraw", "not-solved"])
def test_the_buttons_need_the_page_s_own_token(
    client: FlaskClient, people: People, action: str
) -> None:
    receipt = people.report()
    assert client.post(f"{link(receipt)}/{action}").status_code == 400
    assert people.row(receipt).status == Status.RECEIVED


def test_the_message_says_the_same_sentence_as_the_page(
    client: FlaskClient, people: People, work_off: WorkOff, messenger: RecordingMessenger
) -> None:
    receipt = people.report(contact="beboer@example.dk")
    work_off()
    assert story(client, receipt)[-1] in messenger.sent[-1].text


@pytest.mark.parametrize("address", FIXED_PAGES)
def test_every_page_has_one_heading_a_language_and_a_way_past_the_menu(
    client: FlaskClient, address: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    soup = BeautifulSoup(answer.text, "html.parser")
    assert len(soup.find_all("h1")) == 1
    assert soup.html is not None and soup.html["lang"] == "da"
    assert soup.select_one('a.skip-link[href="#main"]') and soup.find(id="main")


@pytest.mark.parametrize("address", FIXED_PAGES)
def test_no_page_carries_script_or_style_in_its_lines(client: FlaskClient, address: str) -> None:
    soup = BeautifulSoup(client.get(address).text, "html.parser")
    assert not soup.select("[style], style")
    assert all(script.get("src") for script in soup.find_all("script"))
    assert not [tag for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]


@pytest.mark.parametrize("address", FIXED_PAGES)
def test_no_page_fetches_anything_from_another_host(client: FlaskClient, address: str) -> None:
    soup = BeautifulSoup(client.get(address).text, "html.parser")
    fetched = [tag.get("src") or tag.get("href") for tag in soup.select("script, link, img, use")]
    assert fetched and all(str(each).startswith("/") for each in fetched)


def test_the_privacy_page_shows_the_periods_in_force(client: FlaskClient) -> None:
    page = text_of(client.get("/privacy").text)
    assert "30 dage efter, at sagen er afsluttet" in page
    assert "90 dage efter, at sagen er afsluttet" in page
    assert "12 måneder efter, at du sendte" in page


def test_the_safety_page_says_first_aid_and_that_it_must_be_approved(client: FlaskClient) -> None:
    page = text_of(client.get("/safety").text)
    assert "Vask stedet grundigt med vand og sæbe" in page
    assert "1813" in page and "112" in page
    assert "skal godkendes af en sundhedsfaglig person" in page


def test_no_syringe_number_is_shown_where_none_is_set(app: Flask, client: FlaskClient) -> None:
    numbers = {
        str(each["href"])
        for each in BeautifulSoup(client.get("/safety").text, "html.parser").select("a[href^=tel]")
    }
    assert numbers == {"tel:112", "tel:114", "tel:1813"}


def test_all_sentences_are_filters_of_the_templates(app: Flask) -> None:
    assert {sentence.__name__ for sentence in SENTENCES} <= set(app.jinja_env.filters)
