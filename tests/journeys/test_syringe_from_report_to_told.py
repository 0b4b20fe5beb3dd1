"""The main job in a real browser: a resident on a phone, a crew in the street, a coordinator."""

import hashlib
import re
import time
from typing import Any

from playwright.sync_api import expect

from tests.journeys.conftest import DESKTOP, NewVisitor
from tests.journeys.pace import within
from tests.journeys.pictures_taken import photo_with_place, says_where
from tests.journeys.resident_at_page import Resident
from tests.journeys.running_app import RunningApp
from tests.journeys.staff_at_page import CrewPhone, Desk
from tests.supervision.processes import until

WORDS = "Bag den grønne container, ved kælderskakten."
MAIL = "beboer@example.dk"
ON_A_PHONE_S = 2.0


def test_a_syringe_is_reported_routed_cleaned_told_and_reopened(
    running: RunningApp, visitor: NewVisitor
):
    resident = Resident(visitor(has_touch=True))
    desk = Desk(visitor(running.sign_in("coordinator"), viewport=DESKTOP))
    phones = {crew.name: CrewPhone(visitor(crew)) for crew in running.crews()}
    for phone in phones.values():
        phone.opens_today()

    # The resident reports, and gets a receipt.
    _fill_in(resident)
    resident.sends()
    address, reference = resident.receipt()
    received_at = time.monotonic()
    expect(resident.page.locator(".expect-when")).to_have_text(re.compile(r"kl\. \d{1,2}\.\d\d"))

    # Within two seconds it is on an open phone, by itself, at its place in order.
    row = _routed(desk, reference)
    phone = phones[row["crew"].lower()]
    task_id = row["tasks"][-1]["id"]
    left = within(ON_A_PHONE_S) - (time.monotonic() - received_at)
    expect(phone.stop(task_id)).to_be_visible(timeout=max(1, left * 1000))
    assert phone.order() == _by_position(desk, row["crew"])

    # The crew goes there and closes it.
    phone.goes_to(task_id)
    expect(phone.page.get_by_text(WORDS)).to_be_visible()
    phone.closes(needles=2)
    assert phone.stop(task_id).count() == 0

    # The resident is told.
    resident.page.reload()
    expect(resident.page.locator(".tag-resolved")).to_have_text("Udført")
    expect(resident.page.locator("main")).to_contain_text("2 kanyler")

    # The desk and the export agree.
    row = desk.request(reference)
    assert (row["status"], row["outcome"], row["crew"]) == ("resolved", "removed", row["crew"])
    assert [task["status"] for task in row["tasks"]] == ["done"]
    assert [line["new"] for line in row["history"]] == [
        "received", "assigned", "attending", "resolved"
    ]  # fmt: skip
    assert row["description"] == WORDS
    desk.opens(reference)
    main = desk.page.locator("main")
    for words in ("Udført", "2 kanyler", WORDS, row["crew"]):
        expect(main).to_contain_text(words)
    _photo_is_clean(desk, row)
    _mail_is_kept(desk)

    # "Ikke løst" opens it again, and it is first in line.
    resident.page.goto(address)
    resident.page.locator("#note").fill("Der ligger stadig én.")
    again = resident.page.locator('form[action$="/not-solved"] [type=submit]')
    expect(again.locator("svg")).to_be_visible()
    again.click()
    expect(resident.page.locator("main")).to_contain_text("Vi sender et hold ud igen")
    row = _routed(desk, reference)
    second_task = row["tasks"][-1]["id"]
    assert second_task != task_id
    assert _by_position(desk, row["crew"]).index(second_task) <= 2
    phones[row["crew"].lower()].opens_stop(second_task)
    expect(phones[row["crew"].lower()].page.get_by_text("Åbnet igen")).to_be_visible()
    resident.page.goto(address)
    resident.withdraws()


def _fill_in(resident: Resident) -> None:
    resident.opens_report()
    advice = resident.page.locator(".safety-advice")
    expect(advice).to_be_hidden()
    resident.chooses("service_code", "syringe")
    expect(advice).to_be_visible()
    expect(advice).to_contain_text("Rør den ikke")
    resident.taps_the_map(right=20)
    resident.chooses("place_kind", "street")
    resident.counts_needles(2)
    resident.writes(WORDS)
    photo = photo_with_place()
    assert says_where(photo)
    resident.adds_photo(photo)
    expect(resident.page.locator(".photo-card img")).to_be_visible()
    resident.leaves_contact(MAIL)


def _routed(desk: Desk, reference: str) -> dict[str, Any]:
    """The request's row once a crew has it."""
    assert until(lambda: desk.request(reference)["status"] == "assigned", seconds=5)
    return desk.request(reference)


def _by_position(desk: Desk, crew: str) -> list[int]:
    """The live tasks of a crew in the order the export gives them."""
    live = [
        (task["position"], task["id"])
        for row in desk.export().values()
        for task in row["tasks"]
        if task["crew"] == crew and task["status"] in ("planned", "started", "arrived")
    ]
    return [task_id for _, task_id in sorted(live)]


def _photo_is_clean(desk: Desk, row: dict[str, Any]) -> None:
    """What is served is what the export names, and it says nothing about where it was taken."""
    (photo,) = row["photos"]
    served = desk.page.request.get(photo["url"])
    assert served.headers["content-type"] == "image/webp"
    assert "no-store" in served.headers["cache-control"]
    assert hashlib.sha256(served.body()).hexdigest() == photo["sha256"]
    assert len(served.body()) == photo["bytes"]
    assert not says_where(served.body())
    expect(desk.page.locator(".photos img")).to_have_count(1)


def _mail_is_kept(desk: Desk) -> None:
    """The demonstration sends nothing; the coordinator sees what would have been sent."""
    answer = desk.page.locator("details.answer").first
    answer.locator("summary").click()
    expect(answer).to_contain_text("gemt her og ikke sendt")
    expect(answer).to_contain_text("2 kanyler")
    assert MAIL not in desk.page.locator("main").inner_text()
