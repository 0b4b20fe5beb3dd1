"""The main job where no script runs: old phones, strict browsers, a script that did not arrive."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.journeys.conftest import DESKTOP, NewVisitor
from tests.journeys.pictures_taken import photo_with_place, says_where
from tests.journeys.resident_at_page import Resident
from tests.journeys.running_app import RunningApp
from tests.journeys.staff_at_page import CrewPhone, Desk
from tests.supervision.processes import until

ADDRESS = "Istedgade 20"


def test_a_syringe_goes_from_report_to_told_without_a_script(
    running: RunningApp, visitor: NewVisitor
):
    resident = Resident(visitor(java_script_enabled=False))
    coordinator = running.sign_in("coordinator")
    desk = Desk(visitor(coordinator, java_script_enabled=False, viewport=DESKTOP))

    # The map and its buttons stay away; a typed address is enough.
    resident.opens_report()
    expect(resident.page.locator('[data-place="map"]')).to_be_hidden()
    expect(resident.page.locator('[data-place="locate"]')).to_be_hidden()
    resident.chooses("service_code", "syringe")
    expect(resident.page.locator(".safety-advice")).to_be_visible()
    resident.types_address(ADDRESS)
    resident.chooses("place_kind", "street")
    resident.counts_needles(2)
    resident.writes("Ved cykelstativet.")
    resident.adds_photo(photo_with_place())
    resident.sends()
    address, reference = resident.receipt()
    expect(resident.page.locator("main")).to_contain_text(ADDRESS)
    expect(resident.page.locator(".expect-when")).to_have_text(re.compile(r"kl\. \d{1,2}\.\d\d"))

    # The coordinator gives it to a crew by hand.
    row = _routed(desk, reference)
    chosen = "Cykelholdet" if row["crew"] != "Cykelholdet" else "Istedholdet"
    desk.opens(reference)
    desk.deed("assign").locator("[name=crew_id]").select_option(label=chosen)
    desk.deed("assign").locator("[type=submit]").click()
    expect(desk.page.locator(".alert-success")).to_contain_text("Opgaven er givet til holdet")
    row = desk.request(reference)
    assert (row["crew"], row["history"][-1]["by"]) == (chosen, coordinator.name)

    # The crew finds it in its list, goes there and closes it.
    who = next(crew for crew in running.crews() if crew.name == chosen.lower())
    phone = CrewPhone(visitor(who, java_script_enabled=False))
    task_id = row["tasks"][-1]["id"]
    phone.opens_today()
    expect(phone.stop(task_id)).to_contain_text(ADDRESS)
    phone.goes_to(task_id)
    phone.closes(needles=2)
    assert phone.stop(task_id).count() == 0

    # The resident is told, and says it is not so; the coordinator declines.
    resident.page.goto(address)
    expect(resident.page.locator("main")).to_contain_text("2 kanyler")
    resident.page.locator('form[action$="/not-solved"] [type=submit]').click()
    expect(resident.page.locator("main")).to_contain_text("Vi sender et hold ud igen")
    _photo_is_clean(desk, _routed(desk, reference))
    desk.opens(reference)
    desk.deed("decline").locator("[name=reason]").select_option(index=1)
    desk.deed("decline").locator("[type=submit]").click()
    expect(desk.page.locator(".alert-success")).to_contain_text("afvist")
    resident.page.goto(address)
    expect(resident.page.locator(".tag-declined")).to_have_text("Afvist")


def test_a_refused_report_keeps_everything_without_a_script(visitor: NewVisitor):
    resident = Resident(visitor(java_script_enabled=False))
    resident.opens_report()
    resident.chooses("service_code", "glass")
    resident.types_address("Ingenstedsgade 400")
    resident.writes("Foran døren.")
    resident.adds_photo(photo_with_place())
    resident.sends()
    expect(resident.problems).to_be_visible()
    expect(resident.page.locator("#address")).to_have_value("Ingenstedsgade 400")
    expect(resident.page.locator("#description")).to_have_value("Foran døren.")
    expect(resident.page.locator("input[value=glass]")).to_be_checked()
    resident.types_address(ADDRESS)
    resident.sends()
    address, _ = resident.receipt()
    expect(resident.page.locator("dd").last).to_have_text("1")
    resident.page.goto(address)
    resident.withdraws()


def _routed(desk: Desk, reference: str) -> dict[str, Any]:
    assert until(lambda: desk.request(reference)["status"] == "assigned", seconds=5)
    return desk.request(reference)


def _photo_is_clean(desk: Desk, row: dict[str, Any]) -> None:
    (photo,) = row["photos"]
    assert not says_where(desk.page.request.get(photo["url"]).body())
