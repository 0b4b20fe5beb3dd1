"""axe, the accessibility checker, finds nothing on any page: empty, long, late and hostile.

Each page is loaded once a language, and looked at in light and dark, on a phone and on a desktop. All
rules are asked of two of these four looks; those about colour and size, which no language changes,
of all four in Danish.
"""

from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, Visits
from tests.journeys.hostile_reports import Town, beside, fill_the_town
from tests.journeys.running_app import RunningApp, running_app

WIDTHS = (1000, 320)
# The maps that are drawn at once; a crew's waits until somebody scrolls to it.
MAP = ".map:not([data-map])"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
ALL = ("tag", ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
LOOK = ("rule", ["color-contrast", "target-size", "scrollable-region-focusable"])
LOOKS = (
    ("light", PHONE, ALL),
    ("dark", PHONE, LOOK),
    ("light", DESKTOP, LOOK),
    ("dark", DESKTOP, ALL),
)
both_languages = pytest.mark.parametrize("language", ["da", "en"])


@pytest.fixture(scope="module")
def quiet_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """A program of its own, which nobody has reported anything to yet."""
    with running_app(tmp_path_factory.mktemp("town") / "var") as app:
        yield app


@pytest.fixture(scope="module")
def town(quiet_town: RunningApp) -> Town:
    """The same program after hostile days."""
    with beside(quiet_town) as app:
        return fill_the_town(app)


@pytest.fixture(scope="module")
def seats(quiet_town: RunningApp, chromium: Browser) -> Iterator["Seats"]:
    """Who sits before which page; each signs in once."""
    seats = Seats(quiet_town, Visits(chromium, quiet_town))
    yield seats
    seats.visits.end()


class Seats:
    """One page for each reader and language, used again from test to test."""

    def __init__(self, app: RunningApp, visits: Visits) -> None:
        self._app, self.visits = app, visits
        self._pages: dict[tuple[str, str], Page] = {}

    def page(self, reader: str, language: str) -> Page:
        if (reader, language) not in self._pages:
            self._pages[reader, language] = self._seated(reader, language)
        return self._pages[reader, language]

    def _seated(self, reader: str, language: str) -> Page:
        names = {crew.name: crew for crew in self._app.crews()}
        who = names.get(reader) or (self._app.sign_in(reader) if reader else None)
        locale = {"da": "da-DK", "en": "en-GB"}[language]
        return self.visits.page(who, language=locale, reduced_motion="reduce")


EMPTY = (
    ("", "/report"), ("", "/report?service_code=syringe"), ("", "/safety"), ("", "/privacy"),
    ("", "/accessibility"), ("", "/staff/sign-in"), ("", "/nowhere"), ("coordinator", "/desk"),
    ("coordinator", "/desk/map"), ("coordinator", "/desk/crews"), ("coordinator", "/crew"),
    ("istedholdet", "/crew"), ("istedholdet", "/crew/found"), ("istedholdet", "/crew/end"),
    ("istedholdet", "/crew/needle-stick"), ("istedholdet", "/crew/stops/999"),
)  # fmt: skip
NOT_FOR_THEM = {
    ("", "/nowhere"): 404, ("coordinator", "/crew"): 403, ("istedholdet", "/crew/stops/999"): 404,
}  # fmt: skip
FULL = (
    ("", "/r/{late}"), ("", "/r/{held}"), ("", "/r/{done}"), ("", "/r/{declined}"),
    ("coordinator", "/desk"), ("coordinator", "/desk?status=all&late=1"),
    ("coordinator", "/desk?status=closed"), ("coordinator", "/desk/map"),
    ("coordinator", "/desk/crews"), ("coordinator", "/desk/requests/{late_reference}"),
    ("coordinator", "/desk/requests/{held_reference}"),
    ("coordinator", "/desk/requests/{done_reference}"),
    ("coordinator", "/desk/requests/{declined_reference}"), ("{crew}", "/crew"),
    ("{crew}", "/crew/stops/{stop}"), ("{crew}", "/crew/stops/{stop}/problem"),
    ("{crew}", "/crew/end"), ("grundlæggerne", "/crew"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def nobody_complains(seats: Seats) -> Iterator[None]:
    """The pages are used from test to test; what the browser says is asked after each."""
    yield
    complaints = seats.visits.complaints()
    assert not complaints, "\n".join(complaints)


@both_languages
@pytest.mark.parametrize(("reader", "address"), EMPTY)
def test_axe_finds_nothing_on_an_empty_page(seats: Seats, reader: str, address: str, language: str):
    page = seats.page(reader, language)
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == NOT_FOR_THEM.get((reader, address), 200)
    _is_sound(page)


@both_languages
@pytest.mark.parametrize(("reader", "address"), FULL)
def test_axe_finds_nothing_on_a_page_of_hostile_data(
    seats: Seats, town: Town, reader: str, address: str, language: str
):
    page = seats.page(reader.format(crew=town.stop_crew.lower()), language)
    answer = page.goto(_named(address, town))
    assert answer is not None and answer.status == 200
    _is_sound(page)


@both_languages
def test_axe_finds_nothing_on_a_refused_report(seats: Seats, language: str):
    page = seats.page("", language)
    page.goto("/report")
    page.locator("#description").fill("A" * 3_000)
    page.locator("#contact").fill("B" * 190)
    page.locator("#address").fill("Ø" * 190)
    page.locator(".send [type=submit]").click()
    page.locator(".error-summary").wait_for()
    _is_sound(page)


@both_languages
def test_axe_finds_nothing_on_a_refused_sign_in(seats: Seats, language: str):
    page = seats.page("", language)
    page.goto("/staff/sign-in")
    page.locator("main form [type=submit]").click()
    page.locator(".error-summary").wait_for()
    _is_sound(page)


@both_languages
def test_axe_finds_nothing_while_a_crew_closes_a_stop(seats: Seats, town: Town, language: str):
    page = seats.page(town.stop_crew.lower(), language)
    page.goto(f"/crew/stops/{town.open_stop}")
    while not page.locator("#close-form").count():
        page.locator(".action-bar .step").click()
        page.wait_for_load_state()
        page.goto(f"/crew/stops/{town.open_stop}")
    page.locator(".action-bar .step").click()
    page.locator(".error-summary").wait_for()
    _is_sound(page)


@both_languages
def test_axe_finds_nothing_on_what_a_search_found(seats: Seats, town: Town, language: str):
    page = seats.page("coordinator", language)
    page.goto("/desk")
    page.locator("#search-text").fill("<script>")
    page.locator(".desk-search [type=submit]").click()
    page.wait_for_load_state()
    assert page.locator(".desk-row").count()
    _is_sound(page)


def _named(address: str, town: Town) -> str:
    kinds = ("late", "held", "done", "declined")
    links = {kind: getattr(town, kind).token for kind in kinds}
    references = {f"{kind}_reference": getattr(town, kind).reference for kind in kinds}
    return address.format(**links, **references, stop=town.open_stop)


MAP_SETTLES_MS = 500


def _is_sound(page: Page) -> None:
    """In each look no finding of axe; nothing sticks out to the side; at 320 pixels all fields can be read."""
    for box in page.locator(MAP).all():
        expect(box.locator(".leaflet-control-zoom")).to_be_visible()
    page.evaluate(AXE)
    found = []
    is_danish = page.locator("html").get_attribute("lang") == "da"
    for scheme, size, rules in LOOKS if is_danish else (LOOKS[0], LOOKS[-1]):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        if page.locator(MAP).count():
            page.wait_for_timeout(MAP_SETTLES_MS)  # markers glide to their places in the new size
        violations = page.evaluate(RUN_AXE, rules)
        found += [_told(each, scheme, size["width"]) for each in violations]
    assert not found, "\n".join(found)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 640})
        sticks_out = page.evaluate(STICKS_OUT)
        assert not sticks_out, (width, sticks_out)
    cramped = page.evaluate(CRAMPED)
    assert not cramped, cramped
    assert "49 49" not in page.locator("body").inner_text()


def _told(violation: dict, scheme: str, width: int) -> str:
    where = "; ".join(str(node["html"])[:200] for node in violation["nodes"][:4])
    return f"{scheme} {width}: {violation['id']}: {violation['help']}: {where}"


# axe does not fetch the page's style sheets a second time: our policy would not let it write them.
RUN_AXE = """async ([type, values]) => {
  const found = await axe.run({ runOnly: { type, values }, resultTypes: ['violations'], preload: false });
  return found.violations;
}"""
# What makes the page wider than the screen, if anything does.
STICKS_OUT = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.body.querySelectorAll('*')]
    .filter((part) => part.getBoundingClientRect().right > wide + 1 && !part.closest('.leaflet-container'))
    .slice(0, 5).map((part) => part.outerHTML.slice(0, 160));
}"""
# Fields too small to show two figures of what is typed in them.
CRAMPED = """() => [...document.querySelectorAll('input.form-input, textarea, select')]
  .filter((field) => field.checkVisibility() && field.type !== 'file')
  .filter((field) => {
    const style = getComputedStyle(field);
    const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return room < 1.2 * parseFloat(style.fontSize);
  })
  .map((field) => field.outerHTML.slice(0, 120))"""
