"""Signing in and out through the page: the right person gets on, a guesser is slowed down."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch import create_app
from dispatch.extensions import db
from dispatch.models import Account, Role, StaffSession
from dispatch.settings import Settings
from dispatch.staffing.accounts import add_account, close_account
from tests.people import PASSWORD, People, csrf_of

WRONG = "ikke den rigtige"


def send(browser: FlaskClient, name: str, password: str, **more: str):
    token = csrf_of(browser.get("/staff/sign-in").text)
    fields = {"name": name, "password": password, "csrf_token": token} | more
    return browser.post("/staff/sign-in", data=fields)


def a_token(browser: FlaskClient) -> str:
    """From a page with a sign-out: a crew's day, or for others that it is not for them."""
    return csrf_of(browser.get("/crew").text)


def guess(browser: FlaskClient, name: str, times: int, **where: str) -> list[int]:
    token = csrf_of(browser.get("/staff/sign-in").text)
    fields = {"name": name, "password": WRONG, "csrf_token": token}
    environ = {"REMOTE_ADDR": where.get("address", "192.0.2.1")}
    answers = (
        browser.post("/staff/sign-in", data=fields, environ_base=environ) for _ in range(times)
    )
    return [answer.status_code for answer in answers]


# --- getting on -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "page"),
    [
        (Role.COORDINATOR, "/desk"),
        (Role.ADMIN, "/desk"),
        (Role.SECRETARIAT, "/staff"),
    ],
)
def test_desk_people_land_on_their_own_page(client: FlaskClient, people: People, role, page):
    people.coordinator("Ida", role)
    answer = send(client, "Ida", PASSWORD)
    assert (answer.status_code, answer.location) == (303, page)


def test_crews_land_on_their_day(client: FlaskClient, people: People):
    member = people.crew(on_shift=False)
    assert send(client, member.name, PASSWORD).location == "/crew"


def test_the_short_address_leads_to_the_form_and_then_home(client: FlaskClient, people: People):
    assert client.get("/staff").location == "/staff/sign-in"
    send(client, people.coordinator(), PASSWORD)
    assert client.get("/staff").location == "/desk"


def test_the_secretariat_is_told_that_its_pages_are_still_to_come(people: People):
    page = people.signed_in(people.coordinator("Sekretær", Role.SECRETARIAT)).get("/staff")
    assert page.status_code == 200
    assert "Dine sider er på vej" in page.text


def test_whoever_is_signed_in_is_sent_on_from_the_form(client: FlaskClient, people: People):
    send(client, people.coordinator(), PASSWORD)
    assert client.get("/staff/sign-in").location == "/desk"
    assert client.get("/staff/sign-in?next=/desk/crews").location == "/desk/crews"


def test_a_foreign_address_after_the_sign_in_is_dropped(client: FlaskClient, people: People):
    answer = send(client, people.coordinator(), PASSWORD, next="//evil.example")
    assert answer.location == "/desk"


def test_signing_in_again_ends_the_session_this_browser_had(client: FlaskClient, people: People):
    people.coordinator("Ida")
    people.coordinator("Bo")
    token = csrf_of(client.get("/staff/sign-in").text)
    client.post("/staff/sign-in", data={"name": "Ida", "password": PASSWORD, "csrf_token": token})
    fields = {"name": "Bo", "password": PASSWORD, "csrf_token": a_token(client)}
    assert client.post("/staff/sign-in", data=fields).status_code == 303
    names = db.session.scalars(select(Account.name).join(StaffSession)).all()
    assert names == ["Bo"]


# --- the cookie -------------------------------------------------------------------------------


def test_the_cookie_is_for_this_site_and_out_of_scripts_reach(client: FlaskClient, people: People):
    cookie = send(client, people.coordinator(), PASSWORD).headers["Set-Cookie"]
    assert cookie.startswith("renhold=")
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie


def test_the_cookie_is_secure_where_the_address_is(settings: Settings):
    app = create_app(replace(settings, base_url="https://localhost"))
    answer = app.test_client().get("/staff/sign-in", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_desks_cookie_ends_with_the_browser_and_a_phones_does_not(
    client: FlaskClient, app: Flask, people: People
):
    desk = send(client, people.coordinator(), PASSWORD).headers["Set-Cookie"]
    phone = send(app.test_client(), people.crew(on_shift=False).name, PASSWORD)
    assert "Expires" not in desk
    assert "Expires" in phone.headers["Set-Cookie"]


def test_nothing_from_before_the_sign_in_lives_on_in_the_cookie(
    client: FlaskClient, people: People
):
    client.get("/staff/sign-in")
    with client.session_transaction() as kept:
        kept["planted"] = "by a stranger"
        before = kept["csrf_token"]
    send(client, people.coordinator(), PASSWORD)
    with client.session_transaction() as kept:
        assert "planted" not in kept
        assert kept.get("csrf_token") != before


# --- what is not taken ------------------------------------------------------------------------


def test_a_wrong_password_and_an_unknown_name_get_the_very_same_answer(
    client: FlaskClient, people: People
):
    people.coordinator("Ida")
    wrong, unknown = send(client, "Ida", WRONG), send(client, "Eva", WRONG)
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    sentence = "Skriv navn og adgangskode igen: de passer ikke sammen"
    assert sentence in wrong.text and sentence in unknown.text


def test_the_name_is_kept_and_the_password_is_not(client: FlaskClient):
    page = send(client, 'Ida "<b>', WRONG).text
    assert 'value="Ida &#34;&lt;b&gt;"' in page
    assert WRONG not in page


def test_empty_fields_are_told_one_by_one(client: FlaskClient):
    answer = send(client, " ", "")
    assert answer.status_code == 422
    assert "Skriv dit navn" in answer.text and "Skriv din adgangskode" in answer.text


def test_a_closed_account_is_answered_like_a_wrong_password(client: FlaskClient, people: People):
    close_account(add_account("Ida", Role.COORDINATOR, PASSWORD), by="Bo")
    assert send(client, "Ida", PASSWORD).status_code == 401


def test_an_old_form_is_shown_again_with_the_name_and_signs_nobody_in(
    client: FlaskClient, people: People
):
    name = people.coordinator()
    fields = {"name": name, "password": PASSWORD, "csrf_token": "from yesterday"}
    answer = client.post("/staff/sign-in", data=fields)
    assert answer.status_code == 400
    assert f'value="{name}"' in answer.text
    assert client.get("/desk").status_code == 303


def test_very_long_and_strange_input_is_only_wrong(client: FlaskClient):
    assert send(client, "x" * 100_000, "y" * 100_000).status_code == 401
    assert send(client, "\x00\u202e\u0000", "\x00").status_code in (401, 422)


# --- guessing ---------------------------------------------------------------------------------


def test_the_tenth_wrong_password_is_told_to_wait_and_the_eleventh_too(
    client: FlaskClient, people: People
):
    assert guess(client, people.coordinator(), 11) == [401] * 9 + [429] * 2


def test_the_wait_is_said_in_the_page_and_in_the_header_with_the_name_kept(
    client: FlaskClient, people: People
):
    name = people.coordinator()
    guess(client, name, 10, address="127.0.0.1")
    answer = send(client, name, PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Vent 15 min." in answer.text
    assert f'value="{name}"' in answer.text


def test_the_right_password_does_not_help_a_guesser_who_must_wait(
    client: FlaskClient, people: People
):
    name = people.coordinator()
    guess(client, name, 10, address="127.0.0.1")
    send(client, name, PASSWORD)
    assert client.get("/desk").status_code == 303


def test_a_colleague_elsewhere_still_gets_on_while_a_stranger_guesses_at_the_name(
    client: FlaskClient, app: Flask, people: People
):
    name = people.coordinator()
    guess(app.test_client(), name, 10, address="192.0.2.1")
    assert send(client, name, PASSWORD).status_code == 303


def test_thirty_guesses_from_anywhere_shut_the_name(
    client: FlaskClient, app: Flask, people: People
):
    name = people.coordinator()
    for last in range(1, 6):
        guess(app.test_client(), name, 6, address=f"192.0.2.{last}")
    assert send(client, name, PASSWORD).status_code == 429


def test_thirty_guesses_from_one_place_shut_the_place_for_every_name(
    client: FlaskClient, people: People
):
    for number in range(5):
        guess(client, f"navn {number}", 6)
    assert guess(client, "et helt andet navn", 1) == [429]


def test_a_forged_header_makes_nobody_another_sender(client: FlaskClient, people: People):
    name = people.coordinator()
    token = csrf_of(client.get("/staff/sign-in").text)
    fields = {"name": name, "password": WRONG, "csrf_token": token}
    answers = [
        client.post("/staff/sign-in", data=fields, headers={"X-Forwarded-For": f"198.51.100.{n}"})
        for n in range(10)
    ]
    assert answers[-1].status_code == 429


def test_the_right_password_forgives_the_wrong_ones_before_it(
    client: FlaskClient, app: Flask, people: People
):
    name = people.coordinator()
    guess(client, name, 9, address="127.0.0.1")
    assert send(client, name, PASSWORD).status_code == 303
    assert guess(app.test_client(), name, 9, address="127.0.0.1") == [401] * 9


def test_another_spelling_of_the_name_is_the_same_guess(client: FlaskClient, people: People):
    people.coordinator("Ida")
    assert guess(client, "Ida", 5) + guess(client, "iDA", 5) == [401] * 9 + [429]


def test_processes_count_wrong_passwords_together_through_the_broker(
    settings: Settings, people: People, broker_url: str
):
    shared = replace(settings, redis_url=broker_url, secret_key="another for this test's counts")
    name = people.coordinator()
    one, other = (create_app(shared).test_client() for _ in range(2))
    assert guess(one, name, 5) + guess(other, name, 5) == [401] * 9 + [429]


def test_without_the_broker_each_process_still_counts(
    settings: Settings, people: People, tmp_path: Path
):
    nowhere = replace(settings, redis_url=f"unix://{tmp_path}/no-broker.sock")
    browser = create_app(nowhere).test_client()
    assert guess(browser, people.coordinator(), 10) == [401] * 9 + [429]


# --- getting out ------------------------------------------------------------------------------


def sign_out(browser: FlaskClient):
    return browser.post("/staff/sign-out", data={"csrf_token": a_token(browser)})


def test_signing_out_ends_the_session_on_the_server(client: FlaskClient, people: People):
    send(client, people.coordinator(), PASSWORD)
    stolen = client.get_cookie("renhold")
    assert stolen is not None
    assert sign_out(client).location == "/staff/sign-in"
    client.set_cookie("renhold", stolen.value)
    assert client.get("/desk").status_code == 303


def test_signing_out_wipes_a_phone_and_spares_a_desk(app: Flask, people: People):
    phone = people.signed_in(people.crew(on_shift=False).name)
    desk = people.signed_in(people.coordinator())
    assert sign_out(phone).headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in sign_out(desk).headers


def test_signing_out_needs_a_press_of_the_button(client: FlaskClient, people: People):
    send(client, people.coordinator(), PASSWORD)
    assert client.get("/staff/sign-out").status_code == 405
    assert client.post("/staff/sign-out").status_code == 400
    assert client.get("/desk").status_code == 200
