"""The residents' door: report, follow, and the pages that say how and why.

Every page works without JavaScript. A refusal shows the form again with all that was typed; what a
report means is decided in `lifecycle/receive.py`.
"""

import logging

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from dispatch.extensions import bound, csrf
from dispatch.gateways import gateways
from dispatch.lifecycle.receive import receipt_of_repeat, receive
from dispatch.lifecycle.withdraw import not_solved as say_not_solved
from dispatch.lifecycle.withdraw import withdraw as take_back
from dispatch.models.policy_in_force import policy_in_force
from dispatch.queries.follow_request import follow_request
from dispatch.rules.policy import Policy
from dispatch.rules.problems import AlreadyDone, FieldProblem, Refused
from dispatch.web.error_pages import RETRY_S, STORE_FAULTS
from dispatch.web.limits import over_report_limit
from dispatch.web.map_pages import map_view
from dispatch.web.problem_words import problem_text
from dispatch.web.report_form import (
    ReportForm,
    ShownForm,
    choice_of,
    empty_form,
    fresh_key,
    in_page_order,
    sent_form,
    shown_again,
)
from dispatch.web.report_photos import TakenPhotos, photos_not_taken, take_photos

log = logging.getLogger("renhold.web")

bp = Blueprint("resident", __name__)

MOST_MATCHES = 5
Matches = list[tuple[str, str]]


@bp.get("/", endpoint="front")
@bp.get("/report")
def report() -> ResponseReturnValue:
    return _form_page(empty_form(request.args))


@bp.post("/", endpoint="send_front")
@bp.post("/report")
# The form checks its own token, so that an old page keeps the resident's words.
@csrf.exempt
def send() -> ResponseReturnValue:
    """1. shape, 2. a repeat, 3. how often, 4. photos, 5. meaning; each no shows the form with all of it."""
    form = sent_form()
    key = form.key()
    problems = form.shape_problems()
    if any(problem.field in {"csrf_token", "website"} for problem in problems):
        return _refused(form, key, problems, photos_not_taken(), status=400)
    if _is_outside(form):
        # Refused before any photo is taken in: of what lies outside our area nothing is stored.
        problems.append(FieldProblem("place", "outside_area"))
        return _refused(form, key, problems, photos_not_taken())
    try:
        return _take_in(form, key, problems)
    except STORE_FAULTS as fault:
        log.error("report not saved: %s", type(fault).__name__, exc_info=fault)
        return _come_back(form, key, "not_saved", status=503, wait_s=RETRY_S)


def _take_in(form: ReportForm, key: str, problems: list[FieldProblem]) -> ResponseReturnValue:
    known = None if problems else receipt_of_repeat(form.to_report(key))
    if known is not None:
        return _to_page_of(known.token)
    wait_s = over_report_limit() if _counts(problems) else None
    if wait_s is not None:
        return _come_back(form, key, "too_many_reports", status=429, wait_s=wait_s)
    photos = take_photos(
        request.files.getlist("photo"),
        form.says("kept_photos"),
        request.form.getlist("drop_photo"),
        key,
    )
    problems = [*problems, *photos.problems]
    if problems:
        return _refused(form, key, problems, photos)
    try:
        receipt = receive(form.to_report(key, photos.names))
    except Refused as refused:
        return _refused(form, key, refused.problems, photos)
    return _to_page_of(receipt.token)


def _counts(problems: list[FieldProblem]) -> bool:
    """Only what can become a report is counted; photos take room, so they count all the same."""
    return not problems or any(upload.filename for upload in request.files.getlist("photo"))


def _to_page_of(token: str) -> ResponseReturnValue:
    answer = redirect(url_for("resident.follow", token=token), code=303)
    # The address opens the report: no copy of it may lie in a browser that others use.
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/r/<token>")
def follow(token: str) -> ResponseReturnValue:
    return _follow_page(token)


@bp.post("/r/<token>/withdraw")
def withdraw(token: str) -> ResponseReturnValue:
    try:
        take_back(token)
    except AlreadyDone as done:
        flash(problem_text(done))
    return redirect(url_for("resident.follow", token=token), code=303)


@bp.post("/r/<token>/not-solved")
def not_solved(token: str) -> ResponseReturnValue:
    note = request.form.get("note", "")
    try:
        say_not_solved(token, note)
    except AlreadyDone as done:
        flash(problem_text(done))
    except Refused as refused:
        return _follow_page(token, in_page_order(refused.problems), note), 422
    return redirect(url_for("resident.follow", token=token), code=303)


@bp.get("/safety")
def safety() -> str:
    return render_template("resident/safety.html")


@bp.get("/privacy")
def privacy() -> str:
    settings = bound("settings")
    return render_template(
        "resident/privacy.html",
        policy=policy_in_force(),
        controller_name=settings.controller_name,
        controller_contact=settings.controller_contact,
    )


@bp.get("/accessibility")
def accessibility() -> str:
    return render_template(
        "resident/accessibility.html", controller_contact=bound("settings").controller_contact
    )


def _form_page(shown: ShownForm, *, matches: Matches | None = None, outside: bool = False) -> str:
    return render_template(
        "resident/report.html",
        shown=shown,
        close_matches=matches or [],
        outside=outside,
        view=map_view(),
        policy=_policy_shown(),
    )


def _refused(
    form: ReportForm,
    key: str,
    problems: "list[FieldProblem] | tuple[FieldProblem, ...]",
    photos: TakenPhotos,
    *,
    status: int = 422,
) -> ResponseReturnValue:
    codes = {problem.code for problem in problems}
    if "key_used" in codes:
        key = fresh_key()
    problems = [*problems, *(each for each in photos.problems if each not in problems)]
    shown = shown_again(
        form, key, problems, kept_photos=photos.signed(key), photos_kept=photos.kept
    )
    matches = _close_matches(shown.address) if "address_unknown" in codes else []
    return _form_page(shown, matches=matches, outside="outside_area" in codes), status


def _is_outside(form: ReportForm) -> bool:
    pin = form.pin()
    return pin is not None and not gateways().place_data.covers(*pin)


def _close_matches(address: str) -> Matches:
    found = gateways().place_data.find_address(address, limit=MOST_MATCHES)
    return [(choice_of(each.lat, each.lon, each.label), each.label) for each in found]


def _come_back(
    form: ReportForm, key: str, code: str, *, status: int, wait_s: int
) -> ResponseReturnValue:
    """Nothing is wrong with what was written, but it cannot be taken now."""
    problems = [FieldProblem("csrf_token", code), *photos_not_taken().problems]
    shown = shown_again(form, key, problems)
    answer = make_response(_form_page(shown), status)
    answer.headers["Retry-After"] = str(wait_s)
    return answer


def _policy_shown() -> Policy:
    """The numbers a form tells people; the defaults while the database does not answer."""
    try:
        return policy_in_force()
    except STORE_FAULTS:
        return Policy()


def _follow_page(token: str, problems: dict[str, str] | None = None, note: str = "") -> Response:
    policy = policy_in_force()
    followed = follow_request(token, now=gateways().clock.now(), policy=policy)
    page = render_template(
        "resident/follow.html",
        followed=followed,
        policy=policy,
        problems=problems or {},
        note=note,
        link=f"{bound('settings').base_url}{url_for('resident.follow', token=token)}",
    )
    answer = make_response(page)
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer
