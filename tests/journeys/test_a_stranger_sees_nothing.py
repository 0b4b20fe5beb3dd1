"""A stranger sees nothing: no staff page, no photo, no report of somebody else's; nor does the wrong colleague."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.routing import AnyConverter, Rule

from dispatch import create_app
from dispatch.process_tree import completed
from dispatch.settings import Settings
from tests.journeys.conftest import NewVisitor, Visits
from tests.journeys.pictures_taken import photo_with_place
from tests.journeys.plain_sender import PlainSender
from tests.journeys.resident_at_page import Resident
from tests.journeys.running_app import REPORTS_PER_SENDER, RunningApp, SignIn
from tests.journeys.staff_at_page import Desk
from tests.supervision.processes import until

# All that anybody may open. An address that is not in this list is staff's, and must be shut.
PUBLIC = re.compile(
    r"/|/report|/r/.*|/safety|/privacy|/accessibility|/map/.*|/static/.*"
    r"|/healthz|/readyz|/staff/sign-in|/staff/sign-out"
)
OPERATORS = "/metrics"
SECRET = "Bag hegnet ved den røde cykel."


@dataclass(frozen=True)
class Somebody:
    """A report that is not the stranger's, on a crew's route."""

    reference: str
    address: str
    task_id: int
    photo: str
    crew: SignIn
    other_crew: SignIn


@pytest.fixture(scope="module")
def somebody(running: RunningApp, chromium: Browser) -> Iterator[Somebody]:
    visits = Visits(chromium, running)
    resident = Resident(visits.page(has_touch=True))
    desk = Desk(visits.page(running.sign_in("coordinator")))
    resident.opens_report()
    resident.chooses("service_code", "syringe")
    resident.taps_the_map()
    resident.writes(SECRET)
    resident.adds_photo(photo_with_place())
    resident.sends()
    address, reference = resident.receipt()
    assert until(lambda: bool(desk.request(reference)["photos"]), seconds=10)
    assert until(lambda: desk.request(reference)["status"] == "assigned", seconds=10)
    row = desk.request(reference)
    crews = sorted(running.crews(), key=lambda crew: crew.name != row["crew"].lower())
    photo = row["photos"][0]["url"]
    yield Somebody(reference, address, row["tasks"][-1]["id"], photo, crews[0], crews[1])
    resident.page.request.post(f"{address}/withdraw", form={"csrf_token": _token(resident.page)})
    visits.end()


def test_every_staff_address_leads_a_stranger_to_the_sign_in(
    running: RunningApp, visitor: NewVisitor, somebody: Somebody
):
    page = visitor()
    addresses = _staff_addresses(running, somebody, "GET")
    assert len(addresses) > 12
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        if answer.status == 404:
            continue
        if answer.status != 401:
            expect(page.get_by_role("heading", name="Log på")).to_be_visible()
        assert SECRET not in page.content(), address


def test_no_staff_address_does_anything_for_a_stranger(
    running: RunningApp, visitor: NewVisitor, somebody: Somebody
):
    page = visitor()
    desk = Desk(visitor(running.sign_in("coordinator")))
    before = desk.request(somebody.reference)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for address in _staff_addresses(running, somebody, method):
            answer = page.request.fetch(address, method=method, max_redirects=0)
            assert answer.status in (303, 400, 401, 403, 404), (method, address, answer.status)
            if answer.status == 303:
                assert answer.headers["location"].startswith("/staff/sign-in"), address
    assert desk.request(somebody.reference) == before


def test_export_and_photos_are_shut_however_they_are_asked_for(
    visitor: NewVisitor, somebody: Somebody
):
    page = visitor()
    for address in ("/desk/export.json", "/desk/export.csv", somebody.photo):
        for accept in ("application/json", "text/html", "*/*", "image/*"):
            answer = page.request.get(address, headers={"Accept": accept}, max_redirects=0)
            assert answer.status in (303, 401, 404), (address, accept, answer.status)
            assert somebody.reference not in answer.text()
    guessed = re.sub(r"[0-9a-f]{32}", secrets.token_hex(16), somebody.photo)
    assert page.request.get(guessed, max_redirects=0).status in (303, 401, 404)


def test_a_wrong_link_shows_no_report(visitor: NewVisitor, somebody: Somebody):
    page = visitor()
    almost = somebody.address[:-1] + ("A" if somebody.address[-1] != "A" else "B")
    for address in (almost, f"/r/{secrets.token_urlsafe(24)}", "/r/1", f"/r/{somebody.reference}"):
        answer = page.goto(address)
        assert answer is not None and answer.status == 404, address
        said = page.locator("main").inner_text()
        assert SECRET not in said
        assert somebody.reference not in said


def test_the_reporters_own_page_shows_neither_contact_nor_staff(
    visitor: NewVisitor, somebody: Somebody
):
    page = visitor()
    page.goto(somebody.address)
    shown = page.locator("main").inner_text().lower()
    assert somebody.crew.name not in shown
    assert "koordinator" not in shown.replace("koordinatoren", "")


def test_a_crew_cannot_open_the_desk(running: RunningApp, visitor: NewVisitor, somebody: Somebody):
    page = visitor(somebody.crew)
    for address in _staff_addresses(running, somebody, "GET"):
        if not address.startswith("/desk"):
            continue
        answer = page.goto(address)
        assert answer is not None and answer.status == 403, (address, answer and answer.status)
        assert SECRET not in page.content()


def test_one_crew_sees_nothing_of_anothers_task(
    running: RunningApp, visitor: NewVisitor, somebody: Somebody
):
    mine, other = visitor(somebody.crew), visitor(somebody.other_crew)
    stop = f"/crew/stops/{somebody.task_id}"
    answer = mine.goto(stop)
    assert answer is not None and answer.status == 200
    expect(mine.get_by_text(SECRET)).to_be_visible()
    assert mine.request.get(somebody.photo).status == 200
    for address in (stop, f"{stop}/problem"):
        refused = other.goto(address)
        assert refused is not None and refused.status == 404, address
    assert other.request.get(somebody.photo).status == 404
    assert somebody.reference not in other.request.get("/crew/day.json").text()
    other.goto("/crew")
    fields = {
        "csrf_token": _token(other), "action": "start", "task_id": str(somebody.task_id),
        "task_version": "1", "idempotency_key": secrets.token_hex(16),
    }  # fmt: skip
    assert other.request.post("/crew/actions", form=fields, max_redirects=0).status == 404
    assert _status(running, visitor, somebody) == "assigned"


def test_nothing_is_done_without_the_forms_token(
    running: RunningApp, visitor: NewVisitor, somebody: Somebody
):
    crew, coordinator = visitor(somebody.crew), visitor(running.sign_in("coordinator"))
    action = {"action": "start", "task_id": str(somebody.task_id), "idempotency_key": "k" * 20}
    tried = [
        crew.request.post("/crew/actions", form=action, max_redirects=0),
        crew.request.post(
            "/crew/actions",
            data=action | {"task_id": somebody.task_id},
            headers={"Idempotency-Key": "k" * 20},
        ),
        coordinator.request.post(
            f"/desk/requests/{somebody.reference}/decline", form={"reason": "not_our_job"}
        ),
        coordinator.request.post("/desk/search", form={"text": SECRET}),
        crew.request.post(f"{somebody.address}/withdraw"),
    ]
    assert [answer.status for answer in tried] == [400] * len(tried)
    assert _status(running, visitor, somebody) == "assigned"


# Well formed, so it counts; refused for the number in it, so nothing is stored.
REFUSED_FOR_ITS_MEANING = {
    "service_code": "litter", "lat": "55.6699", "lon": "12.5605", "description": "010190-1234",
}  # fmt: skip


def test_a_made_up_sender_address_does_not_get_round_the_limit(running: RunningApp):
    flooder = PlainSender(running.port, "127.0.0.77")
    flooder.opens_report()
    statuses = [
        flooder.sends({"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": f"for=[::{number}]"},
                      **REFUSED_FOR_ITS_MEANING)[0]
        for number in range(REPORTS_PER_SENDER + 1)
    ]  # fmt: skip
    assert statuses[:REPORTS_PER_SENDER] == [422] * REPORTS_PER_SENDER
    assert statuses[-1] == 429
    neighbour = PlainSender(running.port, "127.0.0.78")
    neighbour.opens_report()
    assert neighbour.sends(**REFUSED_FOR_ITS_MEANING)[0] == 422


def test_figures_for_operators_are_shut_to_whoever_comes_through_a_proxy(running: RunningApp):
    sender = PlainSender(running.port, "127.0.0.79")
    assert sender.asks("GET", OPERATORS)[0] == 200
    assert sender.asks("GET", OPERATORS, headers={"X-Forwarded-For": "203.0.113.9"})[0] == 403


def _staff_addresses(running: RunningApp, somebody: Somebody, method: str) -> list[str]:
    """Every address of the app that is not in the list of public ones, with real things named."""
    app = create_app(completed(Settings.from_environment(running.environment)))
    with app.test_request_context():
        build = app.url_map.bind("127.0.0.1").build
        rules = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]
        found = {build(rule.endpoint, _values(rule, somebody), method) for rule in rules}
    return sorted(each for each in found if not PUBLIC.fullmatch(each) and each != OPERATORS)


def _values(rule: Rule, somebody: Somebody) -> dict[str, object]:
    known: dict[str, object] = {
        "reference": somebody.reference,
        "task_id": somebody.task_id,
        "served_name": somebody.photo.rpartition("/")[2].removesuffix(".webp"),
    }
    return {name: known.get(name, _anything(rule, name)) for name in rule.arguments}


def _anything(rule: Rule, name: str) -> object:
    converter = rule._converters[name]
    return min(converter.items) if isinstance(converter, AnyConverter) else 1


def _token(page: Page) -> str:
    return page.locator("[name=csrf_token]").first.get_attribute("value") or ""


def _status(running: RunningApp, visitor: NewVisitor, somebody: Somebody) -> str:
    desk = Desk(visitor(running.sign_in("coordinator")))
    return str(desk.request(somebody.reference)["status"])
