"""What every answer tells the browser, on pages, files and errors alike."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch import create_app
from dispatch.settings import Settings
from dispatch.web.static_versions import version_of
from tests.people import People

# Word for word as in the contract.
CONTRACT = (
    "default-src 'self'; img-src 'self' data: blob:; script-src 'self'; style-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
EVERYWHERE = ("/report", "/staff/sign-in", "/nowhere", "/healthz", "/static/css/base.css", "/crew")


@pytest.mark.parametrize("address", EVERYWHERE)
def test_every_answer_carries_the_contracts_policy_and_no_sniffing(client: FlaskClient, address):
    headers = client.get(address).headers
    assert headers.getlist("Content-Security-Policy") == [CONTRACT]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_place_and_camera_are_for_our_own_pages_and_the_microphone_for_none(client: FlaskClient):
    policy = client.get("/report").headers["Permissions-Policy"]
    assert "geolocation=(self)" in policy and "camera=(self)" in policy
    assert "microphone=()" in policy


def test_addresses_leave_no_trace_elsewhere_and_a_reporters_nowhere(
    client: FlaskClient, people: People
):
    token = people.report().token
    assert client.get("/report").headers["Referrer-Policy"] == "same-origin"
    assert client.get(f"/r/{token}").headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/r/unknown").headers["Referrer-Policy"] == "no-referrer"


def test_a_reporters_page_is_for_no_search_engine(client: FlaskClient, people: People):
    assert client.get(f"/r/{people.report().token}").headers["X-Robots-Tag"] == "noindex"


def test_staff_and_reporters_pages_stay_in_no_cache(client: FlaskClient, people: People):
    phone = people.signed_in(people.crew(on_shift=False).name)
    answers = [
        client.get(f"/r/{people.report().token}"),
        client.get("/staff/sign-in"),
        client.get("/desk"),
        phone.get("/crew"),
        phone.get("/crew/day.json"),
    ]
    assert [answer.headers["Cache-Control"] for answer in answers] == ["no-store"] * 5


def test_a_residents_form_is_asked_for_anew_but_may_lie_behind_the_back_button(
    client: FlaskClient,
):
    assert client.get("/report").headers["Cache-Control"] == "private, no-cache"


def test_a_browser_is_held_to_https_only_where_the_address_is(
    client: FlaskClient, settings: Settings
):
    safe = create_app(replace(settings, base_url="https://localhost")).test_client()
    assert "Strict-Transport-Security" not in client.get("/healthz").headers
    assert "max-age=" in safe.get("/healthz").headers["Strict-Transport-Security"]


def test_a_form_without_a_referrer_is_taken_over_https(
    settings: Settings, people: People, app: Flask
):
    """The reporter's page sends none, so a check of it would refuse every withdrawal."""
    token = people.report().token
    browser = create_app(replace(settings, base_url="https://localhost")).test_client()
    page = browser.get("/report", base_url="https://localhost").text
    fields = {"csrf_token": page.split('name="csrf_token" value="')[1].split('"')[0]}
    answer = browser.post(f"/r/{token}/withdraw", data=fields, base_url="https://localhost")
    assert answer.status_code in (200, 303), answer.text


# --- static files -----------------------------------------------------------------------------


def test_pages_ask_for_static_files_by_their_version(app: Flask, client: FlaskClient):
    version = version_of("css/base.css")
    assert version and len(version) == 8
    assert f"/static/css/base.css?v={version}" in client.get("/report").text


def test_a_file_asked_for_by_its_version_may_be_kept_for_a_year(app: Flask, client: FlaskClient):
    answer = client.get(f"/static/css/base.css?v={version_of('css/base.css')}")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("query", ["", "?v=", "?v=deadbeef"])
def test_a_file_asked_for_otherwise_is_checked_each_time(client: FlaskClient, query):
    assert "no-cache" in client.get(f"/static/css/base.css{query}").headers["Cache-Control"]


def test_a_file_that_is_not_there_has_no_version_and_breaks_no_page(app: Flask):
    with app.test_request_context():
        assert app.url_for("static", filename="css/none.css") == "/static/css/none.css"
    assert version_of("css/none.css") is None
    assert version_of("../pyproject.toml/x") is None
