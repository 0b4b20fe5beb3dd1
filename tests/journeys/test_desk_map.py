"""The coordinator's map in a real browser: points, popups and list agree, by mouse and by keyboard.

That folium's shell breaks no rule of the pages and asks no other host is what the visitor's watch
sees to: any complaint of the browser fails the test.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, NewVisitor
from tests.journeys.plain_sender import PlainSender
from tests.journeys.running_app import RunningApp

HOSTILE = "C:\\path\\u1 ${7*7} `tick` <script>alert(1)</script>"


@pytest.fixture(scope="module")
def reported(running: RunningApp) -> None:
    """Two reports of one spot, whose words would blank a map that read them."""
    place = {"lat": "55.66990", "lon": "12.56050", "address": "Halmtorvet 9"}
    for last in "12":
        sender = PlainSender(running.port, f"127.0.7.{last}")
        sender.opens_report()
        status, _page = sender.sends(
            service_code="syringe", place_kind="street", description=HOSTILE, **place
        )
        assert status == 303


def opens_map(visitor: NewVisitor, running: RunningApp, size: dict[str, int]) -> Page:
    page = visitor(running.sign_in("coordinator"), viewport=size)
    page.goto("/desk/map")
    expect(page.locator(".point, .point-many").first).to_be_visible()
    return page


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_list_points_at_the_map_and_the_map_leads_to_the_request(
    running: RunningApp, visitor: NewVisitor, reported: None, size: dict[str, int]
):
    page = opens_map(visitor, running, size)
    item = page.locator(".map-item").filter(has_text="Halmtorvet 9").last
    reference = re.search(r"\d{4}-\d{6}", item.inner_text())
    assert reference
    item.locator("[data-show-point]").click()
    popup = page.locator(".point-popup")
    expect(popup).to_contain_text(reference[0])
    expect(popup).to_contain_text("Sprøjter eller kanyler")
    popup.locator("a").click()
    expect(page).to_have_url(re.compile(f"/desk/requests/{reference[0]}$"))
    expect(page.locator(".report-text")).to_have_text(HOSTILE)


def test_a_point_is_opened_from_the_keyboard(
    running: RunningApp, visitor: NewVisitor, reported: None
):
    page = opens_map(visitor, running, DESKTOP)
    page.locator("[data-show-point]").first.press("Enter")
    expect(page.locator(".point-popup a")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".point-popup")).to_be_hidden()
    expect(page.locator("[data-show-point]").first).to_be_focused()
    page.locator(".point").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".point-popup")).to_be_visible()


def test_the_desk_says_when_something_has_happened(
    running: RunningApp, visitor: NewVisitor, reported: None
):
    page = visitor(running.sign_in("coordinator"), viewport=DESKTOP)
    page.goto("/desk")
    expect(page.locator("[data-news]")).to_be_hidden()
    before = int(page.locator('[data-count="open"]').inner_text())
    sender = PlainSender(running.port, "127.0.7.3")
    sender.opens_report()
    sender.sends(service_code="glass", place_kind="street", lat="55.6699", lon="12.5605")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-news]")).to_be_visible()
    expect(page.locator('[data-count="open"]')).to_have_text(str(before + 1))
    page.locator("[data-news] a").click()
    expect(page.locator(".desk-row").filter(has_text="Glasskår").first).to_be_visible()
