"""Staff, crews and numbers from the command line: each command does its deed or says one line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from dispatch.cli import renhold
from dispatch.extensions import db
from dispatch.models import Account, Crew, StaffLogEntry
from dispatch.models.policy_in_force import policy_in_force
from dispatch.staffing.accounts import account_with
from dispatch.staffing.sign_in import Ended, SignedIn, account_of, open_session
from tests.people import PASSWORD, People

NEW_PASSWORD = "en helt anden adgangskode"
HOLD_NORD = ("add-crew", "Hold Nord", "--vehicle", "cargo_bike", "--start", "55.6699,12.5605")


class Operator:
    """Types commands on the machine whose database the test's app reads."""

    def __init__(self, environ: dict[str, str | None]) -> None:
        self._environ = environ

    def types(self, *words: str, stdin: str | bytes = "") -> Result:
        db.session.rollback()
        result = CliRunner().invoke(renhold, words, input=stdin, env=self._environ)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    def does(self, *words: str, stdin: str = "") -> str:
        result = self.types(*words, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.output

    def is_refused(self, *words: str, stdin: str | bytes = "") -> str:
        result = self.types(*words, stdin=stdin)
        assert result.exit_code == 1, result.output
        assert result.output.count("\n") == 1
        return result.output


@pytest.fixture
def operator(app: Flask, own_database: str, tmp_path: Path) -> Operator:
    return Operator(
        {
            "RENHOLD_DATA_DIR": str(tmp_path),
            "DATABASE_URL": own_database,
            "GEO_DATA_DIR": "",
            "REDIS_URL": None,
            "TILE_URL": "",
        }
    )


def is_signed_in(token: str) -> bool:
    db.session.rollback()
    return isinstance(account_of(token), SignedIn)


def test_a_crew_is_added_with_all_its_facts(operator: Operator):
    facts = ("--skill", "needles", "--skill", "heavy", "--kvarter", "Vesterbro øst")
    money = ("--organisation", "Fleksibelt renhold", "--funding-line", "Sprøjter")
    hours = ("--starts-hour", "7", "--ends-hour", "15")
    assert "Hold Nord" in operator.does(*HOLD_NORD, *facts, *money, *hours)
    crew = db.session.scalars(select(Crew)).one()
    assert (crew.name, crew.vehicle, crew.start_lat, crew.start_lon) == (
        "Hold Nord",
        "cargo_bike",
        55.6699,
        12.5605,
    )
    assert (crew.skills, crew.kvarterer) == (["heavy", "needles"], ["Vesterbro øst"])
    assert (crew.organisation, crew.funding_line) == ("Fleksibelt renhold", "Sprøjter")
    assert (crew.starts_hour, crew.ends_hour) == (7, 15)


def test_a_fresh_machine_gets_a_crew_whose_phone_can_sign_in(operator: Operator):
    operator.does(*HOLD_NORD)
    phone = ("add-staff", "Nord telefon", "--role", "crew", "--crew", "Hold Nord")
    operator.does(*phone, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert account_with("Nord telefon", PASSWORD) is not None


def test_what_is_wrong_with_a_crew_is_said_in_one_line(operator: Operator):
    operator.does(*HOLD_NORD)
    assert "name: is taken" in operator.is_refused(*HOLD_NORD)
    hours = ("--starts-hour", "15", "--ends-hour", "7")
    assert "--starts-hour must come before" in operator.is_refused(
        *(word.replace("Nord", "Syd") for word in HOLD_NORD), *hours
    )
    far = ("add-crew", "Hold Syd", "--vehicle", "walking", "--start", "155,12")
    assert "start: is no place" in operator.is_refused(*far)
    assert len(db.session.scalars(select(Crew)).all()) == 1


@pytest.mark.parametrize("start", ["Halmtorvet", "55.6699", "55.6699;12.5605", "a,b", "1,2,3"])
def test_a_start_that_is_no_position_is_refused(operator: Operator, start: str):
    result = operator.types("add-crew", "Hold Syd", "--vehicle", "walking", "--start", start)
    assert result.exit_code == 2
    assert "write LAT,LON" in result.output


def test_signing_out_ends_every_session_of_that_person_alone(operator: Operator, people: People):
    ida, bo = people.crew("Hold Ida"), people.crew("Hold Bo")
    phone, tablet = open_session(ida.account_id), open_session(ida.account_id)
    other = open_session(bo.account_id)
    operator.does("sign-out-staff", ida.name)
    assert (is_signed_in(phone), is_signed_in(tablet), is_signed_in(other)) == (False, False, True)
    assert account_of(phone) is Ended.REVOKED


def test_a_new_password_replaces_the_old_and_ends_the_sessions(operator: Operator, people: People):
    member = people.crew()
    token = open_session(member.account_id)
    operator.does("set-password", member.name, "--password-stdin", stdin=f"{NEW_PASSWORD}\r\n")
    assert account_with(member.name, PASSWORD) is None
    assert account_with(member.name, NEW_PASSWORD) == member.account_id
    assert not is_signed_in(token)


def test_a_password_can_be_typed_twice_instead(operator: Operator, people: People):
    name = people.coordinator("Ida")
    operator.does("set-password", name, stdin=f"{NEW_PASSWORD}\n{NEW_PASSWORD}\n")
    assert account_with(name, NEW_PASSWORD) is not None


def test_a_closed_account_is_out_and_stays_out(operator: Operator, people: People):
    member = people.crew()
    token = open_session(member.account_id)
    operator.does("close-staff", member.name)
    assert not is_signed_in(token)
    assert account_with(member.name, PASSWORD) is None
    account = db.session.get_one(Account, member.account_id)
    assert not account.active


def test_what_the_operator_did_is_in_the_log(operator: Operator, people: People):
    name = people.coordinator("Ida")
    operator.does("sign-out-staff", name)
    operator.does("close-staff", name)
    rows = db.session.scalars(select(StaffLogEntry).where(StaffLogEntry.by == "renhold"))
    assert {"sessions_revoked", "account_closed"} <= {row.deed for row in rows}


@pytest.mark.parametrize("command", ["sign-out-staff", "set-password", "close-staff"])
def test_a_name_that_nobody_has_is_said_in_one_line(operator: Operator, command: str):
    words = ("--password-stdin",) if command == "set-password" else ()
    said = operator.is_refused(command, "Ingen", *words, stdin=f"{NEW_PASSWORD}\n")
    assert "there is no account named Ingen" in said


def test_a_refused_password_says_how_long_it_must_be(operator: Operator, people: People):
    name = people.coordinator("Ida")
    said = operator.is_refused("set-password", name, "--password-stdin", stdin="kort\n")
    assert "password: needs at least 10 characters" in said


def test_a_password_that_is_not_utf_8_is_refused_in_one_line(operator: Operator, people: People):
    name = people.coordinator("Ida")
    said = operator.is_refused(
        "set-password", name, "--password-stdin", stdin="rødgrød med fløde\n".encode("latin-1")
    )
    assert "not UTF-8" in said


def test_the_policy_is_listed_with_value_default_and_limits(operator: Operator):
    operator.does("set-policy", "akut_hours", "1,5")
    (line,) = [each for each in operator.does("policy").splitlines() if "akut_hours" in each]
    assert line.split() == ["akut_hours", "1.5", "default", "1", "0.25–24", "h", "(changed)"]


def test_a_changed_number_is_in_force_and_logged_with_its_reason(operator: Operator):
    said = operator.does("set-policy", "haster_hours", "4", "--why", "sommer")
    assert said == "haster_hours is 4.\n"
    db.session.rollback()
    assert policy_in_force().haster_hours == 4
    entry = db.session.scalars(
        select(StaffLogEntry).where(StaffLogEntry.deed == "policy_changed")
    ).one()
    assert entry.why == "3 → 4. sommer"
    assert "as before" in operator.does("set-policy", "haster_hours", "4")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("no_such_number", "4", "`renhold policy` lists them"),
        ("akut_hours", "soon", "must be a whole number"),
        ("akut_hours", "100", "must lie between 0.25 and 24"),
        ("many_needles", "4.5", "must be a whole number"),
        ("duty_from_hour", "23", "must come after duty_from_hour"),
    ],
)
def test_a_number_that_cannot_be_is_refused(operator: Operator, name: str, value: str, words: str):
    assert words in operator.is_refused("set-policy", name, value)
    db.session.rollback()
    assert policy_in_force().akut_hours == 1
