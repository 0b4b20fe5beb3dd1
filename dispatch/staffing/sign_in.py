"""Sessions of staff: opened, looked up, ended. Rows, so that the server can end them at any time.

A browser holds 32 random bytes; the row keeps their SHA-256. A session ends when it was not used
for its idle time, at the latest after its longest time: twelve hours and a week at a desk; two
weeks and three months on a crew's phone, which is handed over at every shift. Signing out deletes
the row; one that was revoked stays, so that the phone can be told.
"""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.models import Account, Crew, Role, StaffSession
from dispatch.models.transaction import transaction
from dispatch.rules.problems import NotFound
from dispatch.staffing.staff_log import log_deed

log = logging.getLogger("renhold.sign_in")

TOKEN_BYTES = 32
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class SessionLife:
    """How long a session may lie unused, and how long it lives at most."""

    idle: timedelta
    longest: timedelta


AT_A_DESK = SessionLife(timedelta(hours=12), timedelta(days=7))
ON_A_PHONE = SessionLife(timedelta(days=14), timedelta(days=90))
LIFE: dict[Role, SessionLife] = {
    Role.COORDINATOR: AT_A_DESK,
    Role.SECRETARIAT: AT_A_DESK,
    Role.ADMIN: AT_A_DESK,
    Role.CREW: ON_A_PHONE,
    Role.PARTNER: ON_A_PHONE,
}


class Ended(StrEnum):
    """Why a browser is not signed in: the contract's reasons of a 401."""

    SIGNED_OUT = "signed_out"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class SignedIn:
    """Who is at the other end of this session."""

    session_id: int
    account_id: int
    name: str
    role: Role
    crew_id: int | None
    crew_name: str | None


def open_session(account_id: int) -> str:
    """Sign this account in on one browser; returns the token that the browser keeps."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = gateways().clock.now()
    with transaction() as session:
        role = session.scalar(select(Account.role).where(Account.id == account_id, Account.active))
        if role is None:
            raise NotFound("account_unknown")
        session.add(
            StaffSession(
                account_id=account_id,
                token_hash=_hash(token),
                created_at=now,
                last_seen_at=now,
                expires_at=now + LIFE[role].idle,
            )
        )
    return token


def account_of(token: str) -> SignedIn | Ended:
    """Who holds this token, or why nobody does; notes now and then that the session is in use."""
    row = db.session.execute(
        select(StaffSession, Account, Crew.name)
        .join(StaffSession.account)
        .outerjoin(Account.crew)
        .where(StaffSession.token_hash == _hash(token))
    ).one_or_none()
    if row is None:
        return Ended.SIGNED_OUT
    found, account, crew_name = row
    now = gateways().clock.now()
    if found.revoked_at is not None or not account.active:
        return Ended.REVOKED
    if found.expires_at <= now:
        return Ended.EXPIRED
    who = SignedIn(found.id, account.id, account.name, account.role, account.crew_id, crew_name)
    if now - found.last_seen_at >= SEEN_EVERY:
        _note_seen(found.id, found.created_at, LIFE[account.role], now)
    return who


def sign_out(token: str) -> None:
    """Forget this one session, as its owner asked."""
    with transaction() as session:
        session.execute(delete(StaffSession).where(StaffSession.token_hash == _hash(token)))


def revoke_session(session_id: int, *, by: str) -> None:
    """End one browser's session from the desk: a lost phone."""
    with transaction() as session:
        found = session.get(StaffSession, session_id)
        if found is None:
            raise NotFound("session_unknown")
        if found.revoked_at is None:
            found.revoked_at = gateways().clock.now()
            log_deed(session, by, "session_revoked", found.account.name)


def revoke_sessions_of(account_id: int, *, by: str) -> None:
    """End every session of an account from the desk."""
    with transaction() as session:
        account = session.get(Account, account_id)
        if account is None:
            raise NotFound("account_unknown")
        end_sessions(session, account_id)
        log_deed(session, by, "sessions_revoked", account.name)


def end_sessions(session: Session, account_id: int) -> None:
    """Revoke every session of an account, in the transaction that gives the reason."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.account_id == account_id, StaffSession.revoked_at.is_(None))
        .values(revoked_at=gateways().clock.now())
    )


def _note_seen(session_id: int, created_at: datetime, life: SessionLife, now: datetime) -> None:
    """Move the session's end on. Reading goes on when it cannot be written: it is only a note."""
    end = min(now + life.idle, created_at + life.longest)
    try:
        with transaction() as session:
            session.execute(
                update(StaffSession)
                .where(StaffSession.id == session_id, StaffSession.revoked_at.is_(None))
                .values(last_seen_at=now, expires_at=end)
            )
    except OperationalError as error:
        log.warning("could not note that a session is in use: %s", type(error).__name__)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
