"""Staff sign in and out. Sessions are kept in `staffing/sign_in.py`, wrong passwords in `limits.py`."""

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError

from dispatch.extensions import csrf
from dispatch.staffing.accounts import account_with
from dispatch.staffing.sign_in import Ended, SignedIn, account_of, open_session, sign_out
from dispatch.web.date_words import minutes_text
from dispatch.web.guards import (
    CREW_ROLES,
    LANDING,
    TOKEN,
    WIPE,
    who_is_signed_in,
    why_not_signed_in,
)
from dispatch.web.limits import count_wrong_password, forgive_wrong_passwords, sign_in_wait
from dispatch.web.sign_in_form import SignInForm

bp = Blueprint("sign_in", __name__, url_prefix="/staff")


@bp.get("")
def staff() -> ResponseReturnValue:
    """The short address: to one's own start page, or to the sign-in."""
    who = who_is_signed_in()
    if who is None:
        return redirect(url_for("sign_in.page"), code=303)
    if LANDING[who.role] != request.path:
        return redirect(LANDING[who.role], code=303)
    return render_template("staff/nothing_yet.html", nav=[], signed_in_name=who.name)


@bp.get("/sign-in")
def page() -> ResponseReturnValue:
    """The form; whoever is signed in goes on at once."""
    form = SignInForm.read(request.args)
    who = who_is_signed_in()
    if who is not None:
        return redirect(form.next or LANDING[who.role], code=303)
    return _form_page(SignInForm(next=form.next), {}, 200)


@bp.post("/sign-in")
# The form checks its own token, so that an old page asks for one more press and no more.
@csrf.exempt
def sign_in() -> ResponseReturnValue:
    """Check name and password, within the limit of wrong ones."""
    form = SignInForm.read(request.form)
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return _form_page(form, {"password": _("Skriv din adgangskode igen, og log på")}, 400)
    if problems := form.problems():
        return _form_page(form, problems, 422)
    if wait_s := sign_in_wait(form.name):
        return _wait_page(form, wait_s)
    account_id = account_with(form.name, form.password)
    if account_id is None:
        return _wrong(form)
    forgive_wrong_passwords(form.name)
    who = _begin_session(open_session(account_id))
    return redirect(form.next or LANDING[who.role], code=303)


@bp.post("/sign-out", endpoint="sign_out")
def sign_out_here() -> ResponseReturnValue:
    """End this session and wipe what a phone kept: the next pair of hands may be another's."""
    who = who_is_signed_in()
    token = session.get(TOKEN)
    session.clear()
    if isinstance(token, str):
        sign_out(token)
    answer = redirect(url_for("sign_in.page"), code=303)
    if who is None or who.role in CREW_ROLES:
        answer.headers["Clear-Site-Data"] = WIPE
    return answer


def _begin_session(token: str) -> SignedIn:
    """A new cookie altogether: nothing a stranger may have planted in the old one lives on."""
    before = session.get(TOKEN)
    session.clear()
    if isinstance(before, str):
        sign_out(before)
    who = account_of(token)
    assert isinstance(who, SignedIn)
    session[TOKEN] = token
    session.permanent = who.role in CREW_ROLES
    return who


def _wrong(form: SignInForm) -> ResponseReturnValue:
    count_wrong_password(form.name)
    if wait_s := sign_in_wait(form.name):
        return _wait_page(form, wait_s)
    sentence = _("Skriv navn og adgangskode igen: de passer ikke sammen")
    return _form_page(form, {"password": sentence}, 401)


def _wait_page(form: SignInForm, wait_s: int) -> ResponseReturnValue:
    wait = minutes_text(max(1, -(-wait_s // 60)))
    sentence = _(
        "Vent %(wait)s, og log på igen: adgangskoden har været forkert for mange gange", wait=wait
    )
    answer = _form_page(form, {"password": sentence}, 429)
    answer.headers["Retry-After"] = str(wait_s)
    return answer


def _form_page(form: SignInForm, problems: dict[str, str], status: int) -> Response:
    why = why_not_signed_in() if request.method == "GET" else Ended.SIGNED_OUT
    text = render_template("staff/sign_in.html", form=form, problems=problems, why=why.value)
    return make_response(text, status)
