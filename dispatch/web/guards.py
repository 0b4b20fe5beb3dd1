"""Who may pass a door: the guards, who is signed in, and what is answered to whoever may not.

Which guard stands at which door is in `doors.py`; how somebody signs in is in `sign_in_pages.py`.
A guard returns None to let pass, or the answer.
"""

import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Request, g, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user
from werkzeug.exceptions import NotFound

from dispatch.extensions import bound, login
from dispatch.models import Role
from dispatch.staffing.sign_in import LIFE, Ended, SignedIn, account_of
from dispatch.web.safe_address import page_to_come_back_to
from dispatch.web.sender import is_from_this_machine
from dispatch.web.wants_json import wants_json

Guard = Callable[[], ResponseReturnValue | None]

TOKEN = "staff_token"
DESK_ROLES = frozenset({Role.COORDINATOR, Role.ADMIN})
CREW_ROLES = frozenset({Role.CREW, Role.PARTNER})
LANDING: dict[Role, str] = {
    Role.COORDINATOR: "/desk",
    Role.ADMIN: "/desk",
    Role.SECRETARIAT: "/staff",
    Role.CREW: "/crew",
    Role.PARTNER: "/crew",
}
# The cookie outlives every session, so that an old one is told "expired" instead of "who are you".
COOKIE_LIFE = max(life.longest for life in LIFE.values()) + timedelta(days=30)
WIPE = '"cache", "storage"'


class Visitor(UserMixin):
    """What Flask-Login keeps for this request: one signed-in account."""

    def __init__(self, who: SignedIn) -> None:
        self.who = who

    def get_id(self) -> str:
        return str(self.who.session_id)


def configure_sessions(app: Flask) -> None:
    """Hold the token in Flask's signed cookie; the rows in the database decide what it is worth."""
    app.config.update(
        SESSION_COOKIE_NAME="renhold",
        PERMANENT_SESSION_LIFETIME=COOKIE_LIFE,
        SESSION_REFRESH_EACH_REQUEST=False,
        # The reporter's own page sends no referrer, so a strict check would refuse its forms.
        WTF_CSRF_SSL_STRICT=False,
    )
    login.session_protection = None
    login.request_loader(_load_visitor)


def who_is_signed_in() -> SignedIn | None:
    """The account of this request, or None; asks the database once a request."""
    return current_user.who if current_user.is_authenticated else None


def signed_in_account() -> SignedIn:
    """The account of this request, behind a guard that has already seen it."""
    who = who_is_signed_in()
    if who is None:
        raise NotFound
    return who


def own_crew_id() -> int:
    """The crew of the signed-in phone, behind the guard `crew`."""
    crew_id = signed_in_account().crew_id
    if crew_id is None:
        raise NotFound
    return crew_id


def why_not_signed_in() -> Ended:
    """Why nobody is signed in, after `who_is_signed_in` has found nobody."""
    why: Ended = g.get("why_not_signed_in", Ended.SIGNED_OUT)
    return why


def everyone() -> None:
    """Residents, and whoever else comes by."""


def signed_in() -> ResponseReturnValue | None:
    """Any member of staff."""
    return None if who_is_signed_in() else _ask_to_sign_in()


def coordinator() -> ResponseReturnValue | None:
    """The desk: coordinators and administrators."""
    return _only(DESK_ROLES)


def figures() -> ResponseReturnValue | None:
    """Figures and the quarter: the desk, and the secretariat."""
    return _only(DESK_ROLES | {Role.SECRETARIAT})


def crew() -> ResponseReturnValue | None:
    """Crews, our own and those of partners, each with a crew to work in."""
    who = who_is_signed_in()
    if who is not None and who.crew_id is None:
        return _not_yours(who)
    return _only(CREW_ROLES)


def operator() -> ResponseReturnValue | None:
    """Whoever runs the program: by METRICS_TOKEN, or on this very machine."""
    token: str | None = bound("settings").metrics_token
    given = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return None
    if is_from_this_machine():
        return None
    return jsonify(reason="not_allowed"), 403


def _only(roles: frozenset[Role]) -> ResponseReturnValue | None:
    who = who_is_signed_in()
    if who is None:
        return _ask_to_sign_in()
    return None if who.role in roles else _not_yours(who)


def _load_visitor(_request: Request) -> Visitor | None:
    token = session.get(TOKEN)
    found = account_of(token) if isinstance(token, str) else Ended.SIGNED_OUT
    if isinstance(found, SignedIn):
        return Visitor(found)
    g.why_not_signed_in = found
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    """401 with the reason for a script, the sign-in page for a person; a lost phone is wiped."""
    why = why_not_signed_in()
    headers: dict[str, Any] = {"Clear-Site-Data": WIPE} if why is Ended.REVOKED else {}
    if wants_json():
        return jsonify(reason=why.value), 401, headers
    back = page_to_come_back_to()
    address = url_for("sign_in.page", next=back) if back else url_for("sign_in.page")
    answer = redirect(address, code=303)
    answer.headers.update(headers)
    return answer


def _not_yours(who: SignedIn) -> ResponseReturnValue:
    if wants_json():
        return jsonify(reason="wrong_role"), 403
    page = render_template(
        "staff/not_yours.html",
        who=who,
        nav=[],
        signed_in_name=who.name,
        own_page=LANDING[who.role],
    )
    return page, 403
