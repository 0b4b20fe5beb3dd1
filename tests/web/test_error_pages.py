"""What people meet when something cannot be: words and a next step, never the program's inside."""

import errno
from collections.abc import Callable

import pytest
from flask import Blueprint, Flask, abort
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dispatch.extensions import db, limiter
from dispatch.models import ServiceRequest
from dispatch.rules.problems import (
    AlreadyDone,
    FieldProblem,
    Gone,
    NotAllowed,
    NotFound,
    Refused,
    TryLater,
)
from dispatch.web import guards

SECRET = "what the program knows"


def raising(error: Exception) -> Callable[[], str]:
    def view() -> str:
        raise error

    return view


FAULTS: dict[str, Exception] = {
    "down": OperationalError(SECRET, {}, Exception("server closed the connection")),
    "read-only": InternalError(SECRET, {}, Exception("read-only transaction")),
    "busy": PoolTimeout(SECRET),
    "disk-full": OSError(errno.ENOSPC, SECRET),
    "other-file": OSError(errno.EPIPE, SECRET),
    "bug": ZeroDivisionError(SECRET),
    "refused": Refused(
        [FieldProblem("address", "place_missing"), FieldProblem("x", "no such code")]
    ),
    "not-found": NotFound("report_not_found"),
    "gone": Gone("report_expired"),
    "not-allowed": NotAllowed("whatever"),
    "already": AlreadyDone("status_is", status="resolved"),
    "later": TryLater("store_full"),
}


@pytest.fixture
def app(app: Flask) -> Flask:
    """The app with a door behind which everything goes wrong."""
    bad = Blueprint("bad", __name__, url_prefix="/bad")
    for name, error in FAULTS.items():
        view = raising(error)
        bad.add_url_rule(f"/{name}", name, view, methods=["GET", "POST"])
        bad.add_url_rule(f"/{name}.json", f"{name}_json", view)
    bad.add_url_rule("/status/<int:code>", "status", lambda code: abort(code))
    bad.add_url_rule("/often", "often", limiter.limit("1 per minute")(lambda: "ok"))
    app.register_blueprint(bad)
    app.extensions["renhold.guards"]["bad"] = guards.everyone
    return app


STATUSES = {
    "down": 503,
    "read-only": 503,
    "busy": 503,
    "disk-full": 503,
    "other-file": 500,
    "bug": 500,
    "refused": 422,
    "not-found": 404,
    "gone": 410,
    "not-allowed": 403,
    "already": 409,
    "later": 503,
}


@pytest.mark.parametrize(("name", "status"), STATUSES.items())
def test_each_fault_has_its_status_and_a_page_without_the_programs_inside(
    client: FlaskClient, name, status
):
    answer = client.get(f"/bad/{name}")
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert "<h1>" in answer.text
    assert SECRET not in answer.text and "Traceback" not in answer.text


@pytest.mark.parametrize(("name", "status"), STATUSES.items())
def test_a_program_gets_each_fault_as_json_with_a_reason(client: FlaskClient, name, status):
    answer = client.get(f"/bad/{name}.json")
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert answer.json["reason"] and answer.json["text"]
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    "code", [400, 401, 403, 404, 405, 408, 410, 413, 415, 418, 429, 500, 501, 503]
)
def test_every_http_error_is_a_page_with_a_heading_and_a_next_step(client: FlaskClient, code):
    answer = client.get(f"/bad/status/{code}")
    assert answer.status_code == code
    assert "<h1>" in answer.text and 'class="lead"' in answer.text
    assert "En fejl opstod" not in answer.text


@pytest.mark.parametrize("name", ["down", "read-only", "busy", "disk-full"])
def test_what_could_not_be_stored_is_said_and_when_to_try_again(client: FlaskClient, name):
    sent = client.post(f"/bad/{name}", data={"csrf_token": token(client)})
    assert sent.status_code == 503
    assert "intet er gemt" in sent.text
    assert int(sent.headers["Retry-After"]) > 0


def test_a_page_that_could_not_be_shown_does_not_talk_of_saving(client: FlaskClient):
    assert "gemme" not in client.get("/bad/down").text


def token(client: FlaskClient) -> str:
    return client.get("/report").text.split('name="csrf_token" value="')[1].split('"')[0]


def test_a_refusal_that_no_form_showed_says_every_problem(client: FlaskClient):
    page = client.get("/bad/refused").text
    assert "Vælg et sted på kortet, eller skriv en adresse." in page
    assert client.get("/bad/refused.json").json["problems"][0] == {
        "field": "address",
        "code": "place_missing",
        "text": "Vælg et sted på kortet, eller skriv en adresse",
    }


def test_a_problems_own_sentence_is_preferred_and_its_code_is_for_programs(client: FlaskClient):
    assert "Linket er udløbet" in client.get("/bad/gone").text
    assert client.get("/bad/gone.json").json["reason"] == "report_expired"


def test_a_wrong_method_says_which_ones_there_are(client: FlaskClient):
    answer = client.get("/staff/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_form_without_its_token_changes_nothing_and_says_what_to_do(client: FlaskClient, people):
    receipt = people.report()
    answer = client.post(f"/r/{receipt.token}/withdraw")
    assert answer.status_code == 400
    assert "Kopiér først det, du har skrevet" in answer.text
    assert people.row(receipt).status == "received"


def test_too_many_requests_say_when_to_try_again(client: FlaskClient):
    assert client.get("/bad/often").status_code == 200
    answer = client.get("/bad/often")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert "Prøv igen om 1 min." in answer.text


def test_an_error_stays_in_no_cache(client: FlaskClient):
    assert client.get("/nowhere").headers["Cache-Control"] == "no-store"


def test_asked_for_under_a_foreign_name_the_program_says_little_and_does_not_break(
    client: FlaskClient,
):
    answer = client.get("/report", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert "evil.example" not in answer.text


def test_an_address_is_never_echoed_as_markup(client: FlaskClient):
    answer = client.get("/<script>alert(1)</script>?q=<script>")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


def test_a_table_that_is_gone_is_an_answer_and_not_a_trace(app: Flask, client: FlaskClient, people):
    token = people.report().token
    db.session.rollback()
    with app.app_context():
        db.session.execute(text(f"ALTER TABLE {ServiceRequest.__tablename__} RENAME TO away"))
        db.session.commit()
    try:
        answer = client.get(f"/r/{token}")
    finally:
        with app.app_context():
            db.session.execute(text(f"ALTER TABLE away RENAME TO {ServiceRequest.__tablename__}"))
            db.session.commit()
    assert answer.status_code in (500, 503)
    assert "service_request" not in answer.text
