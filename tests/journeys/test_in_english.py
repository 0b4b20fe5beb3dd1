"""The main job for somebody who reads English: every page on the way, resident, crew and desk."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESKTOP, NewVisitor
from tests.journeys.languages import assert_speaks
from tests.journeys.resident_at_page import Resident
from tests.journeys.running_app import RunningApp
from tests.journeys.staff_at_page import CrewPhone, Desk
from tests.supervision.processes import until

ENGLISH = "en-GB"
WORDS = "Behind the green container."
# What is a name, and stays as it is in every language.
NAMES = (
    "Renhold på Vesterbro", "Giv et praj", "Fleksibelt renhold", "Istedholdet", "Cykelholdet",
    "Enghaveholdet", "Grundlæggerne", "Vesterbro øst", "Vesterbro syd", "Vesterbro vest",
    "Skydebanehaven", "Vesterbro central", "Kongens Enghave",
)  # fmt: skip


def test_a_syringe_goes_from_report_to_told_in_english(running: RunningApp, visitor: NewVisitor):
    resident = Resident(visitor(language=ENGLISH, has_touch=True))
    desk = Desk(visitor(running.sign_in("coordinator"), language=ENGLISH, viewport=DESKTOP))

    resident.opens_report()
    resident.chooses("service_code", "syringe")
    resident.taps_the_map(right=-30)
    resident.chooses("place_kind", "street")
    resident.counts_needles(2)
    resident.writes(WORDS)
    resident.leaves_contact("resident@example.com")
    expect(resident.page.locator(".safety-advice")).to_contain_text("Do not touch")
    assert_speaks(resident.page, "en", names=_names(resident))
    resident.sends()
    address, reference = resident.receipt()
    assert_speaks(resident.page, "en", names=NAMES)

    assert until(lambda: desk.request(reference)["status"] == "assigned", seconds=5)
    row = desk.request(reference)
    names = (*NAMES, row["address"])
    desk.opens(reference)
    assert_speaks(desk.page, "en", names=names)
    desk.page.goto("/desk")
    assert_speaks(desk.page, "en", names=names)

    who = next(crew for crew in running.crews() if crew.name == row["crew"].lower())
    phone = CrewPhone(visitor(who, language=ENGLISH))
    task_id = row["tasks"][-1]["id"]
    phone.opens_today()
    assert_speaks(phone.page, "en", names=names)
    phone.goes_to(task_id)
    assert_speaks(phone.page, "en", names=names)
    phone.page.goto(f"/crew/stops/{task_id}/problem")
    assert_speaks(phone.page, "en", names=names)
    phone.opens_stop(task_id)
    phone.closes(needles=2)
    assert_speaks(phone.page, "en", names=names)

    resident.page.goto(address)
    expect(resident.page.locator("main")).to_contain_text("2 needles")
    assert_speaks(resident.page, "en", names=names)
    desk.opens(reference)
    for answer in desk.page.locator("details.answer summary").all():
        answer.click()
    expect(desk.page.locator("main")).to_contain_text("2 needles")
    assert_speaks(desk.page, "en", names=names)


@pytest.mark.parametrize(
    "address", ["/safety", "/privacy", "/accessibility", "/staff/sign-in", "/nowhere", "/r/wrong"]
)
def test_a_page_speaks_english(visitor: NewVisitor, address: str):
    page = visitor(language=ENGLISH)
    page.goto(address)
    assert_speaks(page, "en", names=NAMES)


@pytest.mark.parametrize("address", ["/desk/map", "/desk/crews"])
def test_a_page_of_the_desk_speaks_english(running: RunningApp, visitor: NewVisitor, address: str):
    page = visitor(running.sign_in("coordinator"), language=ENGLISH, viewport=DESKTOP)
    page.goto(address)
    assert_speaks(page, "en", names=NAMES)


@pytest.mark.parametrize("address", ["/crew/found", "/crew/end", "/crew/needle-stick"])
def test_a_page_of_the_crew_speaks_english(running: RunningApp, visitor: NewVisitor, address: str):
    page = visitor(running.sign_in("crew"), language=ENGLISH)
    page.goto(address)
    assert_speaks(page, "en", names=NAMES)


def test_the_language_is_changed_by_a_link_and_remembered(visitor: NewVisitor):
    page = visitor()
    page.goto("/report")
    assert_speaks(page, "da")
    page.get_by_role("link", name="English").click()
    page.wait_for_load_state()
    assert_speaks(page, "en", names=NAMES)
    page.goto("/safety")
    assert_speaks(page, "en", names=NAMES)
    page.get_by_role("link", name="Dansk").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^da$"))


def _names(resident: Resident) -> tuple[str, ...]:
    """Names, and the address that stands beside the pin."""
    said: Any = resident.page.locator("#address").input_value()
    return (*NAMES, *([said] if said else []))
