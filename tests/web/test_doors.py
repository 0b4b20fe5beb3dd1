"""Deny by default: each door, with the right person, the colleague and the stranger."""

from datetime import timedelta

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, Rule

from dispatch.gateways.clock import SettableClock
from dispatch.models import Role
from dispatch.staffing.accounts import add_account, close_account
from dispatch.staffing.sign_in import revoke_sessions_of
from dispatch.web import guards
from dispatch.web.doors import DOORS, Door, DoorWithoutGuard, refuse_unguarded, register_doors
from tests.people import PASSWORD, People, csrf_of

GUARDS = {door.blueprint.name: door.guard for door in DOORS}
STAFF_GUARDS = (guards.coordinator, guards.crew, guards.figures, guards.signed_in)


@pytest.fixture
def coordinator(people: People) -> FlaskClient:
    return people.signed_in(people.coordinator())


@pytest.fixture
def secretary(people: People) -> FlaskClient:
    return people.signed_in(people.coordinator("Sekretær", Role.SECRETARIAT))


@pytest.fixture
def crew(people: People) -> FlaskClient:
    return people.signed_in(people.crew(on_shift=False).name)


@pytest.fixture
def partner(people: People) -> FlaskClient:
    crew_id = people.crew(on_shift=False).crew_id
    add_account("Partner", Role.PARTNER, PASSWORD, crew_id=crew_id)
    return people.signed_in("Partner")


def addresses_behind(app: Flask, *wanted: guards.Guard) -> list[tuple[str, str]]:
    """(method, address) of every rule behind these guards, with something in each variable part."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if GUARDS.get(rule.endpoint.rpartition(".")[0]) in wanted:
                found += [(method, filled(app, rule)) for method in sorted(rule.methods or ())]
    return [each for each in found if each[0] not in ("HEAD", "OPTIONS")]


def filled(app: Flask, rule: Rule) -> str:
    values = {name: something_for(rule, name) for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def something_for(rule: Rule, name: str) -> str | int:
    converter = rule._converters[name]
    return min(converter.items) if isinstance(converter, AnyConverter) else 1


# --- nothing is open by mistake ---------------------------------------------------------------


def test_every_address_of_the_app_belongs_to_a_door(app: Flask):
    doors = {rule.endpoint.rpartition(".")[0] for rule in app.url_map.iter_rules()}
    assert doors - {""} == set(GUARDS)
    refuse_unguarded(app)


def test_a_blueprint_without_a_line_stops_the_start():
    bare = Flask(__name__)
    forgotten = Blueprint("forgotten", __name__)
    forgotten.add_url_rule("/secrets", "secrets", lambda: "all of them")
    bare.register_blueprint(forgotten)
    with pytest.raises(DoorWithoutGuard, match="/secrets"):
        register_doors(bare, doors=())


def test_an_address_of_the_app_itself_stops_the_start():
    bare = Flask(__name__)
    bare.add_url_rule("/secrets", "secrets", lambda: "all of them")
    with pytest.raises(DoorWithoutGuard, match="/secrets"):
        register_doors(bare, doors=())


def test_what_is_opened_after_the_start_is_shut_all_the_same():
    bare = Flask(__name__)
    register_doors(bare, doors=())
    bare.add_url_rule("/secrets", "secrets", lambda: "all of them")
    assert bare.test_client().get("/secrets").status_code == 404


def test_a_blueprint_within_a_blueprint_does_not_inherit_an_open_door():
    bare = Flask(__name__)
    outer, inner = Blueprint("outer", __name__), Blueprint("inner", __name__)
    inner.add_url_rule("/secrets", "secrets", lambda: "all of them")
    outer.register_blueprint(inner)
    with pytest.raises(DoorWithoutGuard, match="/secrets"):
        register_doors(bare, doors=(Door(outer, guards.everyone),))


# --- the stranger -----------------------------------------------------------------------------


def test_a_stranger_reaches_no_staff_address(app: Flask, client: FlaskClient):
    tried = addresses_behind(app, *STAFF_GUARDS)
    assert len(tried) > 10
    for method, address in tried:
        answer = client.open(address, method=method)
        assert answer.status_code in (303, 401), (method, address, answer.status_code)
        if answer.status_code == 303:
            assert answer.location.startswith("/staff/sign-in"), (address, answer.location)


def test_a_stranger_is_asked_to_sign_in_and_brought_back(people: People, client: FlaskClient):
    name = people.coordinator()
    asked = client.get("/desk?status=held")
    assert asked.location == "/staff/sign-in?next=/desk?status%3Dheld"
    token = csrf_of(client.get(asked.location).text)
    fields = {"name": name, "password": PASSWORD, "csrf_token": token, "next": "/desk?status=held"}
    assert client.post("/staff/sign-in", data=fields).location == "/desk?status=held"


def test_whoever_sent_a_form_too_late_is_brought_back_to_its_page(client: FlaskClient):
    answer = client.post(
        "/desk/requests/2026-000001/decline", headers={"Referer": "http://localhost/desk?page=2"}
    )
    assert answer.location == "/staff/sign-in?next=/desk?page%3D2"


def test_a_form_from_a_foreign_site_is_not_followed_back(client: FlaskClient):
    answer = client.post(
        "/desk/requests/2026-000001/decline", headers={"Referer": "http://evil.example/desk"}
    )
    assert answer.location == "/staff/sign-in"


def test_a_made_up_cookie_is_a_stranger(client: FlaskClient):
    client.set_cookie("renhold", "eyJzdGFmZl90b2tlbiI6ImEifQ.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb")
    assert client.get("/crew/day.json").json == {"reason": "signed_out"}


def test_residents_pages_ask_nobody_to_sign_in(client: FlaskClient):
    for address in ("/", "/report", "/safety", "/privacy", "/accessibility", "/healthz"):
        assert client.get(address).status_code == 200, address


# --- the colleague ----------------------------------------------------------------------------


def test_a_crew_reaches_no_address_of_the_desk(app: Flask, crew: FlaskClient):
    for method, address in addresses_behind(app, guards.coordinator, guards.figures):
        assert crew.open(address, method=method).status_code == 403, (method, address)


def test_a_partners_crew_reaches_no_address_of_the_desk(app: Flask, partner: FlaskClient):
    for method, address in addresses_behind(app, guards.coordinator, guards.figures):
        assert partner.open(address, method=method).status_code == 403, (method, address)


def test_a_coordinator_reaches_no_address_of_a_crew(app: Flask, coordinator: FlaskClient):
    for method, address in addresses_behind(app, guards.crew):
        assert coordinator.open(address, method=method).status_code == 403, (method, address)


def test_the_secretariat_reaches_neither_desk_nor_crew(app: Flask, secretary: FlaskClient):
    for method, address in addresses_behind(app, guards.coordinator, guards.crew):
        assert secretary.open(address, method=method).status_code == 403, (method, address)


def test_the_page_for_another_role_says_who_is_signed_in_and_the_ways_on(crew: FlaskClient):
    page = crew.get("/desk").text
    assert "Hold 1 telefon" in page
    assert 'href="/crew"' in page
    assert 'action="/staff/sign-out"' in page


def test_a_script_of_another_role_is_told_so_in_json(coordinator: FlaskClient):
    answer = coordinator.get("/crew/day.json")
    assert (answer.status_code, answer.json) == (403, {"reason": "wrong_role"})


# --- the right person -------------------------------------------------------------------------


def test_a_coordinator_and_an_administrator_reach_the_desk(
    people: People, coordinator: FlaskClient
):
    admin = people.signed_in(people.coordinator("Admin", Role.ADMIN))
    assert [coordinator.get("/desk").status_code, admin.get("/desk").status_code] == [200, 200]


def test_a_crew_and_a_partner_reach_their_day(crew: FlaskClient, partner: FlaskClient):
    assert [crew.get("/crew").status_code, partner.get("/crew").status_code] == [200, 200]


# --- sessions that ended (field.md 7) ---------------------------------------------------------


def test_an_expired_phone_is_told_expired_and_keeps_everything(
    crew: FlaskClient, clock: SettableClock
):
    clock.advance(timedelta(days=15))
    answer = crew.post("/crew/actions", json={"action": "arrive"})
    assert (answer.status_code, answer.json) == (401, {"reason": "expired"})
    assert "Clear-Site-Data" not in answer.headers


def test_a_revoked_phone_is_told_revoked_and_wiped_each_time(people: People):
    member = people.crew(on_shift=False)
    phone = people.signed_in(member.name)
    revoke_sessions_of(member.account_id, by="Koordinator")
    for _ in range(2):
        answer = phone.post("/crew/actions", json={"action": "arrive"})
        assert (answer.status_code, answer.json) == (401, {"reason": "revoked"})
        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_a_revoked_phone_that_opens_a_page_is_wiped_and_told_why(people: People):
    member = people.crew(on_shift=False)
    phone = people.signed_in(member.name)
    close_account(member.account_id, by="Koordinator")
    answer = phone.get("/crew")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Adgangen er lukket" in phone.get(answer.location).text


def test_an_expired_session_is_told_so_even_without_a_form_token(
    crew: FlaskClient, clock: SettableClock
):
    clock.advance(timedelta(days=15))
    assert crew.post("/crew/actions", data="{}").json == {"reason": "expired"}


def test_a_program_that_asks_for_json_is_not_sent_to_a_page(client: FlaskClient):
    answer = client.get("/desk", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json) == (401, {"reason": "signed_out"})
