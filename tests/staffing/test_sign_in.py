"""Sessions: rows that hold only a hash, expire by disuse and by age, and can be ended from the desk."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.models import Account, Role, StaffLogEntry, StaffSession
from dispatch.rules.problems import NotFound
from dispatch.staffing.accounts import add_account, close_account
from dispatch.staffing.sign_in import (
    Ended,
    SignedIn,
    account_of,
    open_session,
    revoke_session,
    revoke_sessions_of,
    sign_out,
)
from tests.people import PASSWORD, People

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def ida() -> int:
    return add_account("Ida", Role.COORDINATOR, PASSWORD)


@pytest.fixture
def phone(people: People) -> int:
    return people.crew("Hold Nord", on_shift=False).account_id


def who(token: str) -> SignedIn:
    found = account_of(token)
    assert isinstance(found, SignedIn), found
    return found


def row() -> StaffSession:
    db.session.rollback()
    return db.session.scalars(select(StaffSession)).one()


def test_a_token_says_who_holds_it(ida):
    found = who(open_session(ida))
    assert (found.account_id, found.name, found.role) == (ida, "Ida", Role.COORDINATOR)
    assert (found.crew_id, found.crew_name) == (None, None)


def test_a_crews_token_says_which_crew(phone):
    found = who(open_session(phone))
    assert found.crew_name == "Hold Nord"
    assert found.crew_id is not None


def test_the_row_holds_the_tokens_hash_and_never_the_token(ida):
    token = open_session(ida)
    assert row().token_hash == hashlib.sha256(token.encode()).hexdigest()


def test_a_token_has_at_least_128_bits_and_is_never_the_same(ida):
    tokens = {open_session(ida) for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) >= 43 for token in tokens)


def test_an_unknown_token_is_signed_out():
    assert account_of("nobody's token") is Ended.SIGNED_OUT


def test_signing_out_ends_this_session_and_not_the_one_on_another_machine(ida):
    here, there = open_session(ida), open_session(ida)
    sign_out(here)
    assert account_of(here) is Ended.SIGNED_OUT
    assert isinstance(account_of(there), SignedIn)


def test_one_session_can_be_revoked_from_the_desk_and_a_colleagues_goes_on(ida, phone):
    lost, colleagues = open_session(phone), open_session(ida)
    revoke_session(who(lost).session_id, by="Ida")
    assert account_of(lost) is Ended.REVOKED
    assert isinstance(account_of(colleagues), SignedIn)
    assert db.session.scalar(select(StaffLogEntry).where(StaffLogEntry.deed == "session_revoked"))


def test_all_sessions_of_an_account_can_be_revoked_at_once(ida, phone):
    first, second, colleagues = open_session(phone), open_session(phone), open_session(ida)
    revoke_sessions_of(phone, by="Ida")
    assert [account_of(first), account_of(second)] == [Ended.REVOKED, Ended.REVOKED]
    assert isinstance(account_of(colleagues), SignedIn)


def test_a_session_that_is_not_there_cannot_be_revoked():
    with pytest.raises(NotFound):
        revoke_session(99, by="Ida")


def test_a_desk_that_was_left_for_twelve_hours_is_expired(ida, clock: SettableClock):
    token = open_session(ida)
    clock.advance(timedelta(hours=11, minutes=59))
    assert isinstance(account_of(token), SignedIn)
    clock.advance(timedelta(hours=12))
    assert account_of(token) is Ended.EXPIRED


def test_a_desk_in_daily_use_is_asked_for_the_password_after_a_week(ida, clock: SettableClock):
    token = open_session(ida)
    hours = 0
    while isinstance(account_of(token), SignedIn):
        clock.advance(timedelta(hours=10))
        hours += 10
        assert hours <= 7 * 24 + 10
    assert hours >= 7 * 24


def test_a_phone_may_lie_in_a_drawer_for_thirteen_days_but_not_for_fourteen(
    phone, clock: SettableClock
):
    token = open_session(phone)
    clock.advance(timedelta(days=13))
    assert isinstance(account_of(token), SignedIn)
    clock.advance(timedelta(days=14))
    assert account_of(token) is Ended.EXPIRED


def test_a_revoked_session_that_is_old_too_is_still_told_revoked(phone, clock: SettableClock):
    token = open_session(phone)
    revoke_sessions_of(phone, by="Ida")
    clock.advance(timedelta(days=100))
    assert account_of(token) is Ended.REVOKED


def test_being_seen_is_written_at_most_every_five_minutes(ida, clock: SettableClock):
    opened = clock.now()
    token = open_session(ida)
    clock.advance(timedelta(minutes=4))
    account_of(token)
    assert row().last_seen_at == opened
    clock.advance(timedelta(minutes=1))
    account_of(token)
    assert row().last_seen_at == opened + timedelta(minutes=5)
    assert row().expires_at == opened + timedelta(hours=12, minutes=5)


def test_a_closed_account_cannot_open_a_session(ida):
    close_account(ida, by="Bo")
    with pytest.raises(NotFound):
        open_session(ida)


def test_a_session_tells_a_changed_role_at_once(ida):
    token = open_session(ida)
    account = db.session.get_one(Account, ida)
    account.role = Role.SECRETARIAT
    db.session.commit()
    assert who(token).role is Role.SECRETARIAT
