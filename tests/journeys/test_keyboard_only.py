"""A whole report without touching mouse or screen: Tab, arrows, Space, Enter and letters."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, NewVisitor
from tests.journeys.resident_at_page import Resident

MOST_TABS = 60


def test_a_whole_report_is_sent_by_keyboard_alone(visitor: NewVisitor):
    page = visitor(viewport=DESKTOP)
    resident = Resident(page)
    resident.opens_report()
    keys = page.keyboard

    # The first stop of all leads past the band.
    keys.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    keys.press("Enter")

    # What: the first tile by Space.
    _tab_to(page, "input[name=service_code]")
    keys.press("Space")
    expect(page.locator("input[name=service_code][value=syringe]")).to_be_checked()

    # Where: an address from the list of suggestions.
    _tab_to(page, "#address")
    keys.type("istedg", delay=20)
    expect(page.locator("#address-suggestions [role=option]").first).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("#address")).to_have_value(re.compile("^Istedgade"))
    expect(page.locator('[data-place="lat"]')).to_have_value(re.compile(r"^55\.6"))

    # Or the map: arrows move it, Enter sets the pin in its middle.
    before = page.locator('[data-place="lat"]').input_value()
    _tab_to(page, '[data-place="map"]')
    keys.press("ArrowDown")
    page.wait_for_timeout(400)  # the map glides
    keys.press("Enter")
    expect(page.locator('[data-place="lat"]')).not_to_have_value(before)

    # How many: the plus button.
    _tab_to(page, '.stepper:has(#needle_count) [data-step="1"]')
    keys.press("Enter")
    keys.press("Enter")
    expect(page.locator("#needle_count")).to_have_value("2")

    _tab_to(page, "#description")
    keys.type("Ved trappen.")
    _tab_to(page, ".send [type=submit]")
    keys.press("Enter")
    resident.receipt()
    expect(page.locator("main")).to_contain_text("Tak for din henvendelse")

    # And it is taken back by keyboard, too.
    _tab_to(page, "details summary")
    keys.press("Enter")
    _tab_to(page, 'form[action$="/withdraw"] [type=submit]')
    keys.press("Enter")
    expect(page.locator(".tag-withdrawn")).to_be_visible()


def test_where_the_keyboard_is_can_always_be_seen(visitor: NewVisitor):
    page = visitor(viewport=DESKTOP)
    page.goto("/report")
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.locator(".foot a:focus").count():
            break
        assert page.evaluate(IS_MARKED), page.evaluate("document.activeElement.outerHTML")


def test_a_refused_report_leads_the_keyboard_to_the_problem(visitor: NewVisitor):
    page = visitor(viewport=DESKTOP)
    page.goto("/report")
    _tab_to(page, ".send [type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=service_code]").first).to_be_focused()


# The focused element, or what stands for it, has an outline or a shadow that it had not.
IS_MARKED = """() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return true;
  const faces = [focused, ...focused.parentElement.querySelectorAll('.choice-face, .button'), focused.parentElement];
  return faces.some((face) => {
    const style = getComputedStyle(face);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
  });
}"""


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until something that fits has the focus."""
    for _ in range(MOST_TABS):
        if page.locator(selector).and_(page.locator(":focus")).count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")
