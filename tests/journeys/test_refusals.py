"""What cannot be done is answered clearly, in the page's language, and nothing typed is lost."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect

from tests.journeys.conftest import NewVisitor
from tests.journeys.languages import assert_speaks
from tests.journeys.pictures_taken import heavy_photo, photo_with_place, svg_in_disguise
from tests.journeys.resident_at_page import Resident

WORDS = "Ved den grønne container <b>& hegnet</b>, “bagved”."
MAIL = "beboer@example.dk"
NAMES = ("Halmtorvet", "Istedgade", "Giv et praj", "Renhold på Vesterbro", "Renhold", WORDS)
WRONG_PASSWORDS = 10

both_languages = pytest.mark.parametrize("language", ["da", "en"])


@pytest.fixture
def resident(visitor: NewVisitor, language: str) -> Iterator[Resident]:
    """Somebody who has filled in everything but the place."""
    page = visitor(language={"da": "da-DK", "en": "en-GB"}[language], has_touch=True)
    resident = Resident(page)
    resident.opens_report()
    resident.chooses("service_code", "syringe")
    resident.chooses("place_kind", "park")
    resident.chooses("capped", "no")
    resident.chooses("surface", "grass")
    resident.counts_needles(3)
    resident.writes(WORDS)
    resident.adds_photo(photo_with_place())
    resident.leaves_contact(MAIL)
    yield resident


@both_languages
def test_no_place(resident: Resident, language: str):
    answer = _sends(resident)
    _is_refused(resident.page, answer, language, field="address")
    _everything_is_kept(resident)


@both_languages
def test_a_place_outside_the_area(resident: Resident, language: str):
    resident.taps_the_map()
    _sets(resident.page, "[name=lat]", "55.699000")
    _sets(resident.page, "[name=lon]", "12.549000")
    answer = _sends(resident)
    _is_refused(resident.page, answer, language, field="address")
    expect(resident.page.locator(".outside")).to_contain_text("Giv et praj")
    _everything_is_kept(resident)


def test_a_tap_outside_the_area_is_answered_on_the_map(visitor: NewVisitor):
    resident = Resident(visitor(has_touch=True))
    resident.opens_report()
    box = resident.page.locator('[data-place="map"]')
    for _ in range(3):
        box.locator(".leaflet-control-zoom-out").click()
        resident.page.wait_for_timeout(350)  # the map glides
    size = box.bounding_box()
    assert size is not None
    box.tap(position={"x": 20, "y": size["height"] - 60})
    expect(resident.page.locator('[data-place="says"]')).to_contain_text("uden for vores område")
    expect(resident.page.locator('[data-place="lat"]')).to_have_value("")


@both_languages
def test_a_kind_nobody_knows(resident: Resident, language: str):
    resident.taps_the_map()
    resident.page.locator("input[value=syringe]").evaluate("field => { field.value = 'zebra'; }")
    answer = _sends(resident)
    _is_refused(resident.page, answer, language, field="service_code")
    _is_kept(resident.page, "#description", WORDS)
    _is_kept(resident.page, "#contact", MAIL)


@both_languages
def test_ten_thousand_characters(resident: Resident, language: str):
    resident.taps_the_map()
    long = "Affald. " * 1250
    resident.writes(long)
    answer = _sends(resident)
    _is_refused(resident.page, answer, language, field="description")
    _is_kept(resident.page, "#description", long)
    _is_kept(resident.page, "#contact", MAIL)


@both_languages
def test_a_drawing_in_place_of_a_photo(resident: Resident, language: str):
    resident.taps_the_map()
    resident.adds_photo(svg_in_disguise(), "tegning.svg", "image/svg+xml")
    answer = _sends(resident)
    _is_refused(resident.page, answer, language, field="photo", names=("tegning.svg",))
    _everything_is_kept(resident)
    assert _sends(resident).status == 303
    resident.receipt()
    resident.withdraws()


def test_a_photo_of_20_megabytes_is_made_smaller_on_the_phone(visitor: NewVisitor, tmp_path: Path):
    resident = Resident(visitor(has_touch=True))
    resident.opens_report()
    resident.chooses("service_code", "litter")
    resident.taps_the_map()
    resident.adds_file(heavy_photo(tmp_path, 20))
    expect(resident.page.locator(".photo-card img")).to_be_visible()
    assert _sends(resident).status == 303
    resident.receipt()
    resident.withdraws()


@both_languages
def test_a_photo_of_20_megabytes_without_a_script(
    visitor: NewVisitor, language: str, tmp_path: Path
):
    page = visitor(language={"da": "da-DK", "en": "en-GB"}[language], java_script_enabled=False)
    resident = Resident(page)
    resident.opens_report()
    resident.chooses("service_code", "litter")
    resident.types_address("Istedgade 20")
    resident.writes(WORDS)
    resident.adds_file(heavy_photo(tmp_path, 20))
    answer = _sends(resident)
    assert answer.status == 422
    expect(page.locator('.error-summary a[href="#photo"]')).to_contain_text("stort.jpg")
    _is_kept(page, "#description", WORDS)
    _is_kept(page, "#address", "Istedgade 20")
    answer = _sends(resident)
    assert answer.status == 303
    resident.receipt()
    resident.withdraws()


@both_languages
def test_a_form_whose_token_is_not_ours(resident: Resident, language: str):
    resident.taps_the_map()
    _sets(resident.page, "[name=csrf_token]", "IjEyMyI.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb")
    answer = _sends(resident)
    assert answer.status == 400
    expect(resident.problems).to_be_visible()
    assert_speaks(resident.page, language, names=NAMES)
    _is_kept(resident.page, "#description", WORDS)
    _is_kept(resident.page, "#contact", MAIL)
    assert _sends(resident).status == 303
    resident.receipt()
    resident.withdraws()


@both_languages
def test_ten_wrong_passwords(visitor: NewVisitor, language: str):
    page = visitor(language={"da": "da-DK", "en": "en-GB"}[language])
    name = f"ukendt-{language}"
    page.goto("/staff/sign-in")
    statuses = [_tries(page, name, f"forkert {number}").status for number in range(WRONG_PASSWORDS)]
    assert set(statuses[:-1]) == {401}
    assert _tries(page, name, "forkert igen").status == 429
    expect(page.locator(".error-summary")).to_contain_text(
        {"da": re.compile(r"Vent \d+ min"), "en": re.compile(r"Wait \d+ min")}[language]
    )
    assert_speaks(page, language, names=(name, *NAMES))
    _is_kept(page, "[name=name]", name)
    _is_kept(page, "[name=password]", "")


def _sends(resident: Resident) -> Response:
    with resident.page.expect_response(
        lambda answer: answer.request.method == "POST" and answer.url.endswith("/report")
    ) as answer:
        resident.sends()
    resident.page.wait_for_load_state()
    return answer.value


def _is_refused(
    page: Page, answer: Response, language: str, *, field: str, names: tuple[str, ...] = ()
) -> None:
    """The list of problems has the focus, names this field, and speaks the reader's language."""
    assert answer.status == 422
    expect(page.locator(".error-summary")).to_be_focused()
    link = page.locator(f'.error-summary a[href="#{field}"]')
    expect(link).to_have_count(1)
    sentence = link.inner_text()
    assert page.locator(".form-error-message", has_text=sentence).count() == 1
    assert_speaks(page, language, names=(*names, *NAMES))


def _everything_is_kept(resident: Resident) -> None:
    page = resident.page
    for value in ("syringe", "park", "no", "grass"):
        expect(page.locator(f'input[type=radio][value="{value}"]')).to_be_checked()
    _is_kept(page, "#needle_count", "3")
    _is_kept(page, "#description", WORDS)
    _is_kept(page, "#contact", MAIL)
    if not page.locator(".form-error #photo").count():
        expect(page.locator("[name=drop_photo]")).to_have_count(1)


def _is_kept(page: Page, selector: str, value: str) -> None:
    expect(page.locator(selector)).to_have_value(value)


def _sets(page: Page, selector: str, value: str) -> None:
    """Write into a hidden field, as somebody who knows how can."""
    page.locator(f"form[data-report-form] {selector}").evaluate(
        "(field, value) => { field.value = value; }", value
    )


def _tries(page: Page, name: str, password: str) -> Response:
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(password)
    with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        page.locator("main form [type=submit]").click()
    page.wait_for_load_state()
    return answer.value
