"""Accounts of staff: add, rename, change the password, close. Residents have none.

Names are compared without regard to case, so that "hold 1" and "Hold 1" cannot be two people.
Signing in and sessions are in `sign_in.py`.
"""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.models import Account, Crew, Role
from dispatch.models.transaction import transaction
from dispatch.rules.personal_data import clean_text
from dispatch.rules.problems import NotFound, Refused
from dispatch.staffing.passwords import hash_password, password_fits
from dispatch.staffing.sign_in import end_sessions
from dispatch.staffing.staff_log import COMMAND_LINE, log_deed

CREW_ROLES = frozenset({Role.CREW, Role.PARTNER})
MOST_NAME = 80


def add_account(
    name: str,
    role: Role | str,
    password: str,
    *,
    crew_id: int | None = None,
    crew_name: str | None = None,
    by: str = COMMAND_LINE,
) -> int:
    """Create a sign-in and return its id; crew and partner belong to one crew, by id or name.

    Raises Refused: `name_missing`, `name_too_long`, `name_taken`, `role_unknown`, `crew_missing`,
    `crew_unknown`, `crew_not_for_role`, `password_too_short`, `password_too_long`.
    """
    clean = _clean_name(name)
    kept = hash_password(password)
    known = _role(role)
    try:
        with transaction() as session:
            _refuse_taken(session, clean, None)
            account = Account(
                name=clean,
                role=known,
                crew_id=_crew_of(session, known, crew_id, crew_name),
                password_hash=kept,
                created_at=gateways().clock.now(),
            )
            session.add(account)
            session.flush()
            log_deed(session, by, "account_added", clean, f"role {known.value}")
            return account.id
    except IntegrityError:
        raise Refused.at("name", "name_taken") from None


def rename_account(account_id: int, name: str, *, by: str) -> None:
    """Give it another name. Raises Refused: `name_missing`, `name_too_long`, `name_taken`."""
    clean = _clean_name(name)
    try:
        with transaction() as session:
            account = _account(session, account_id)
            _refuse_taken(session, clean, account_id)
            log_deed(session, by, "account_renamed", account.name, f"now {clean}")
            account.name = clean
    except IntegrityError:
        raise Refused.at("name", "name_taken") from None


def change_password(account_id: int, password: str, *, by: str) -> None:
    """Set a new password and end every session that the old one opened."""
    kept = hash_password(password)
    with transaction() as session:
        account = _account(session, account_id)
        account.password_hash = kept
        end_sessions(session, account_id)
        log_deed(session, by, "password_changed", account.name)


def close_account(account_id: int, *, by: str) -> None:
    """Nobody signs in with it any more, and whoever is signed in is out at once."""
    with transaction() as session:
        account = _account(session, account_id)
        account.active = False
        end_sessions(session, account_id)
        log_deed(session, by, "account_closed", account.name)


def open_account_again(account_id: int, *, by: str) -> None:
    """Let a closed account sign in again, with the password it had."""
    with transaction() as session:
        account = _account(session, account_id)
        account.active = True
        log_deed(session, by, "account_reopened", account.name)


def account_named(name: str) -> int:
    """The id of the account with this name, open or closed. Raises NotFound `account_unknown`."""
    found = _by_name(db.session(), name)
    if found is None:
        raise NotFound("account_unknown")
    return found.id


def account_with(name: str, password: str) -> int | None:
    """The id of the active account with this name and password; None costs the same time."""
    found = _by_name(db.session(), name)
    kept = found.password_hash if found is not None and found.active else None
    # The hash takes a while: nobody shall wait for this read meanwhile.
    db.session.rollback()
    return found.id if password_fits(password, kept) and found is not None else None


def _by_name(session: Session, name: str) -> Account | None:
    wanted = clean_text(name).strip().casefold()
    rows = session.execute(select(Account.id, Account.name)).all()
    ids = [account_id for account_id, known in rows if known.casefold() == wanted]
    return session.get(Account, ids[0]) if ids else None


def _refuse_taken(session: Session, name: str, own_id: int | None) -> None:
    found = _by_name(session, name)
    if found is not None and found.id != own_id:
        raise Refused.at("name", "name_taken")


def _clean_name(name: str) -> str:
    clean = " ".join(clean_text(name).split())
    if not clean:
        raise Refused.at("name", "name_missing")
    if len(clean) > MOST_NAME:
        raise Refused.at("name", "name_too_long", most=MOST_NAME)
    return clean


def _role(role: Role | str) -> Role:
    if role not in set(Role):
        raise Refused.at("role", "role_unknown")
    return Role(role)


def _crew_of(session: Session, role: Role, crew_id: int | None, name: str | None) -> int | None:
    if role not in CREW_ROLES:
        if crew_id is not None or name:
            raise Refused.at("crew", "crew_not_for_role")
        return None
    if crew_id is None and not name:
        raise Refused.at("crew", "crew_missing")
    which = Crew.id == crew_id if crew_id is not None else Crew.name == name
    found = session.scalar(select(Crew.id).where(which, Crew.active))
    if found is None:
        raise Refused.at("crew", "crew_unknown")
    return found


def _account(session: Session, account_id: int) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("account_unknown")
    return account
