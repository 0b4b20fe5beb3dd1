"""Accounts of staff: added, renamed, closed; names are one person's alone."""

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models import Account, Role, StaffLogEntry
from dispatch.rules.problems import NotFound, Refused
from dispatch.staffing.accounts import (
    account_with,
    add_account,
    change_password,
    close_account,
    open_account_again,
    rename_account,
)
from dispatch.staffing.sign_in import Ended, SignedIn, account_of, open_session
from tests.people import PASSWORD, People

pytestmark = pytest.mark.usefixtures("app")


def refusal(call, *args, **values) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        call(*args, **values)
    return refused.value.problems[0].field, refused.value.code


def deeds() -> list[tuple[str, str]]:
    rows = db.session.execute(select(StaffLogEntry.deed, StaffLogEntry.subject)).all()
    return [(deed, subject) for deed, subject in rows]


def test_an_added_account_opens_with_its_name_and_password():
    account_id = add_account("Ida", Role.COORDINATOR, PASSWORD)
    assert account_with("Ida", PASSWORD) == account_id


def test_the_password_is_nowhere_in_the_table():
    add_account("Ida", Role.COORDINATOR, PASSWORD)
    kept = db.session.scalar(select(Account.password_hash))
    assert kept is not None and PASSWORD not in kept and kept.startswith("$argon2id$")


def test_a_wrong_password_and_an_unknown_name_open_nothing():
    add_account("Ida", Role.COORDINATOR, PASSWORD)
    assert account_with("Ida", "ikke den rigtige") is None
    assert account_with("Ingen", PASSWORD) is None


def test_a_phone_that_begins_names_with_a_capital_still_opens_the_account():
    account_id = add_account("østre hold", Role.COORDINATOR, PASSWORD)
    assert account_with(" Østre hold ", PASSWORD) == account_id


@pytest.mark.parametrize("name", ["Ida", "ida", "  Ida  ", "IDA"])
def test_a_taken_name_is_refused_however_it_is_written(name):
    add_account("Ida", Role.COORDINATOR, PASSWORD)
    assert refusal(add_account, name, Role.ADMIN, PASSWORD) == ("name", "name_taken")


def test_an_empty_name_and_a_very_long_one_are_refused():
    assert refusal(add_account, " \n ", Role.ADMIN, PASSWORD) == ("name", "name_missing")
    assert refusal(add_account, "x" * 81, Role.ADMIN, PASSWORD) == ("name", "name_too_long")


def test_a_short_password_is_refused_and_no_account_is_made():
    assert refusal(add_account, "Ida", Role.ADMIN, "ni tegn..") == (
        "password",
        "password_too_short",
    )
    assert db.session.scalar(select(Account.id)) is None


def test_an_unknown_role_is_refused():
    assert refusal(add_account, "Ida", "boss", PASSWORD) == ("role", "role_unknown")


@pytest.mark.parametrize("role", [Role.CREW, Role.PARTNER])
def test_a_crew_account_needs_a_crew_that_exists(role, people: People):
    people.crew("Hold Nord", on_shift=False)
    assert refusal(add_account, "Bo", role, PASSWORD) == ("crew", "crew_missing")
    assert refusal(add_account, "Bo", role, PASSWORD, crew_id=99) == ("crew", "crew_unknown")
    assert refusal(add_account, "Bo", role, PASSWORD, crew_name="Syd") == ("crew", "crew_unknown")
    assert add_account("Bo", role, PASSWORD, crew_name="Hold Nord")


def test_a_desk_account_with_a_crew_is_refused(people: People):
    crew = people.crew(on_shift=False)
    found = refusal(add_account, "Ida", Role.COORDINATOR, PASSWORD, crew_id=crew.crew_id)
    assert found == ("crew", "crew_not_for_role")


def test_renaming_to_a_colleagues_name_is_refused_and_to_ones_own_spelling_allowed():
    ida = add_account("Ida", Role.COORDINATOR, PASSWORD)
    add_account("Bo", Role.COORDINATOR, PASSWORD)
    assert refusal(rename_account, ida, "bo", by="Bo") == ("name", "name_taken")
    rename_account(ida, "IDA", by="Bo")
    assert account_with("IDA", PASSWORD) == ida


def test_a_closed_account_opens_nothing_and_ends_its_sessions():
    ida = add_account("Ida", Role.COORDINATOR, PASSWORD)
    token = open_session(ida)
    close_account(ida, by="Bo")
    assert account_with("Ida", PASSWORD) is None
    assert account_of(token) is Ended.REVOKED


def test_a_reopened_account_opens_again_but_its_old_session_stays_ended():
    ida = add_account("Ida", Role.COORDINATOR, PASSWORD)
    token = open_session(ida)
    close_account(ida, by="Bo")
    open_account_again(ida, by="Bo")
    assert account_with("Ida", PASSWORD) == ida
    assert account_of(token) is Ended.REVOKED


def test_a_closed_account_keeps_its_name_taken():
    ida = add_account("Ida", Role.COORDINATOR, PASSWORD)
    close_account(ida, by="Bo")
    assert refusal(add_account, "Ida", Role.ADMIN, PASSWORD) == ("name", "name_taken")


def test_a_new_password_ends_every_session_and_the_old_one_opens_nothing():
    ida = add_account("Ida", Role.COORDINATOR, PASSWORD)
    bo = add_account("Bo", Role.COORDINATOR, PASSWORD)
    idas, bos = open_session(ida), open_session(bo)
    change_password(ida, "en helt ny adgangskode", by="Ida")
    assert account_of(idas) is Ended.REVOKED
    assert isinstance(account_of(bos), SignedIn)
    assert account_with("Ida", PASSWORD) is None
    assert account_with("Ida", "en helt ny adgangskode") == ida


def test_every_change_is_logged_without_the_password():
    ida = add_account("Ida", Role.COORDINATOR, PASSWORD, by="Bo")
    change_password(ida, "en helt ny adgangskode", by="Bo")
    close_account(ida, by="Bo")
    assert deeds() == [
        ("account_added", "Ida"),
        ("password_changed", "Ida"),
        ("account_closed", "Ida"),
    ]
    words = db.session.scalars(select(StaffLogEntry.why)).all()
    assert not any("adgangskode" in why for why in words)


@pytest.mark.parametrize("deed", [close_account, open_account_again])
def test_an_account_that_is_not_there_is_not_found(deed):
    with pytest.raises(NotFound):
        deed(99, by="Bo")
