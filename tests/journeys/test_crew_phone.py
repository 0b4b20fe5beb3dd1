"""A crew's open page in a real browser: it keeps itself fresh and takes nothing away from whoever writes."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from dispatch.lifecycle.decide import assign_by_hand
from dispatch.lifecycle.receive import Receipt
from dispatch.lifecycle.withdraw import withdraw
from dispatch.rules.problems import Refused
from tests.journeys.conftest import PHONE, Visits, sign_in
from tests.journeys.hostile_reports import beside
from tests.journeys.pace import within
from tests.journeys.running_app import RunningApp, SignIn, running_app
from tests.journeys.staff_at_page import CrewPhone
from tests.people import PASSWORD, CrewMember, People

ISTEDGADE = {"latitude": 55.6703, "longitude": 12.5571, "accuracy": 9}
FRESH_MS = 2_000
NAMES = count(1)


@dataclass
class Street:
    """A crew of this test alone, and what can be done to its route from elsewhere."""

    app: Flask
    people: People
    member: CrewMember

    @property
    def who(self) -> SignIn:
        return SignIn(self.member.name, "crew", PASSWORD)

    def gets(self, **report: object) -> tuple[Receipt, int]:
        """A new report, put on this crew's route; returns it and its task."""
        with self.app.app_context():
            key = f"street{next(NAMES):026d}"
            receipt = self.people.report(form_key=key, **report)
            with suppress(Refused):  # the workers were first and chose this very crew
                assign_by_hand(receipt.service_request_id, self.member.crew_id, by="Test")
            return receipt, self.people.live_task(receipt)

    def loses(self, receipt: Receipt) -> None:
        with self.app.app_context():
            withdraw(receipt.token)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """A program of its own: crews of the tests here would take stops from those of other journeys."""
    with running_app(tmp_path_factory.mktemp("street") / "var") as app:
        yield app


@pytest.fixture
def street(program: RunningApp) -> Iterator[Street]:
    with beside(program) as app:
        people = People(app)
        yield Street(app, people, people.crew(f"Gadehold {next(NAMES)}"))


@pytest.fixture
def visits(program: RunningApp, chromium: Browser) -> Iterator[Visits]:
    visits = Visits(chromium, program)
    yield visits
    visits.end()


def fresh(milliseconds: float = FRESH_MS) -> float:
    return within(milliseconds)


def test_new_and_lost_stops_come_and_go_by_themselves_and_are_told(street: Street, visits: Visits):
    phone = CrewPhone(visits.page(street.who))
    expect(phone.page.get_by_text("Ingen stop lige nu")).to_be_visible()
    street.gets()
    expect(phone.page.locator("[data-news]")).to_have_text("1 ny", timeout=fresh())
    receipt, task_id = street.gets(lat=55.6690, lon=12.5540)
    expect(phone.stop(task_id)).to_be_visible(timeout=fresh())
    street.loses(receipt)
    expect(phone.stop(task_id)).to_have_count(0, timeout=fresh())
    expect(phone.page.locator("[data-news]")).to_have_text("1 taget af ruten")


def test_what_is_being_written_stays_while_the_route_changes(street: Street, visits: Visits):
    _, first = street.gets()
    phone = CrewPhone(visits.page(street.who))
    phone.goes_to(first)
    phone.opens_today()
    phone.page.locator("#needles").fill("4")
    _, later = street.gets(lat=55.6690, lon=12.5540)
    expect(phone.stop(later)).to_be_visible(timeout=fresh())
    assert phone.page.locator("#needles").input_value() == "4"


def test_of_two_phones_the_second_is_told_and_keeps_its_words(street: Street, visits: Visits):
    receipt, task_id = street.gets()
    one, two = (CrewPhone(visits.page(street.who)) for _ in range(2))
    one.goes_to(task_id)
    for phone in (one, two):
        phone.opens_today()
        phone.page.locator("#needles").fill("3")
    one.presses_step()
    expect(one.told()).to_have_text("Gemt: fjernet.")
    expect(two.page.locator("[data-news]")).to_contain_text("Det, I har skrevet", timeout=fresh())
    assert two.page.locator("#needles").input_value() == "3"
    two.presses_step()
    expect(two.told()).to_contain_text("Nogen var først")
    with street.app.app_context():
        assert street.people.row(receipt).status == "resolved"


def test_a_find_is_two_taps_where_the_phone_knows_the_place(street: Street, visits: Visits):
    page = visits.page(street.who, geolocation=ISTEDGADE, permissions=["geolocation"])
    page.locator(".action-bar a").click()
    expect(page.locator("[data-place-says]")).to_have_text("Fundet, ± 9 m")
    page.locator(".action-bar [type=submit]").click()
    expect(page.locator(".told")).to_contain_text("Gemt.")


def test_a_typed_address_counts_more_than_the_phones_guess(street: Street, visits: Visits):
    place = ISTEDGADE | {"accuracy": 300}
    page = visits.page(street.who, geolocation=place, permissions=["geolocation"])
    page.goto("/crew/found")
    expect(page.locator("[data-place-says]")).to_contain_text("Skriv hellere adressen")
    page.locator("#address").fill("Istedgade 20")
    assert page.locator("[data-lat]").input_value() == ""
    page.locator(".action-bar [type=submit]").click()
    expect(page.locator(".told")).to_contain_text("Gemt.")


def test_an_address_can_be_chosen_from_what_is_offered(street: Street, visits: Visits):
    page = visits.page(street.who)
    page.goto("/crew/found")
    page.locator("#address").press_sequentially("Istedgade 2")
    page.get_by_role("option").first.click()
    assert page.locator("[data-lat]").input_value().startswith("55.6")
    page.locator(".action-bar [type=submit]").click()
    expect(page.locator(".told")).to_contain_text("Gemt.")


def test_the_map_shows_the_stops_of_the_list(street: Street, visits: Visits):
    street.gets()
    street.gets(lat=55.6690, lon=12.5540)
    page = visits.page(street.who)
    page.locator(".route-map").scroll_into_view_if_needed()
    expect(page.locator(".route-mark")).to_have_text(["1", "2"])


@pytest.fixture
def lost_phone(street: Street, program: RunningApp, chromium: Browser) -> Iterator[Page]:
    """Signed in, then without a line. Not watched: its browser complains of that, and rightly."""
    context = chromium.new_context(base_url=program.url, locale="da-DK", viewport=PHONE)
    page = context.new_page()
    sign_in(page, street.who)
    expect(page.locator("[data-today]")).to_be_visible()
    context.set_offline(True)
    yield page
    context.close()


def test_first_aid_opens_without_the_server(lost_phone: Page):
    lost_phone.locator(".needle-stick summary").click()
    expect(lost_phone.get_by_text("Vask med sæbe")).to_be_visible()
    expect(lost_phone.locator('a[href="tel:1813"]')).to_be_visible()


def test_a_page_without_a_line_says_so_and_comes_back(lost_phone: Page):
    page, context = lost_phone, lost_phone.context
    expect(page.locator("[data-news]")).to_contain_text("Ingen forbindelse", timeout=fresh(8_000))
    context.set_offline(False)
    expect(page.locator("[data-news]")).to_be_hidden(timeout=fresh(12_000))
    context.clear_cookies()
    expect(page.locator("[data-news] a")).to_have_text("I er logget af. Log på igen.")
