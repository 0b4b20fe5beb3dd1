"""The crew's own pages on the phone: today's stops, closing one, problems, finds, the shift.

Every page is plain HTML and every button a form to `POST /crew/actions`, which answers with a
sentence on the next page; a phone's script sends the same address JSON (`crew_api.py`). What an
action means is decided in `lifecycle/attend`.
"""

import re
import secrets
from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from dispatch.gateways import gateways
from dispatch.lifecycle.attend import act
from dispatch.queries.crew_arrivals import arrivals
from dispatch.queries.crew_day import CrewDay, Stop, crew_at_rest, crew_day, was_ours
from dispatch.rules.catalogue import ServiceCode
from dispatch.rules.problems import AlreadyDone, Problem, Refused
from dispatch.rules.problems import NotFound as NotOurs
from dispatch.web.crew_api import actor, answer_action, refusal
from dispatch.web.crew_day_json import photo_addresses, version_of
from dispatch.web.crew_form import action_from_form
from dispatch.web.crew_place import fill_in_place
from dispatch.web.crew_words import BACK_REASONS, answer_sentence, back_note, crew_problem
from dispatch.web.guards import own_crew_id, signed_in_account
from dispatch.web.language import choose_language
from dispatch.web.map_pages import map_view
from dispatch.web.report_photos import TakenPhotos, take_photos
from dispatch.web.wants_json import FORM_TYPES
from dispatch.web.wording import choices

bp = Blueprint("crew", __name__, url_prefix="/crew")

KEY_BYTES = 18
NUMBER = re.compile(r"[0-9]{1,9}")
SHADE = {"applied": "success", "observation": "warning", "nothing": "info"}
NO_PHOTOS = TakenPhotos((), ())
# The page on which a refused form is shown again; the others have nothing to correct.
FORM_PAGES = {
    "done": "crew/stop.html",
    "problem": "crew/problem.html",
    "hand_back": "crew/problem.html",
    "own_find": "crew/found.html",
    "shift_start": "crew/start_shift.html",
}


@bp.get("")
def today() -> ResponseReturnValue:
    """The next stop large, the others in order; before a shift, the form that starts one."""
    day = crew_day(own_crew_id())
    return _page("crew/today.html" if day else "crew/start_shift.html", day)


@bp.get("/stops/<int(max=2147483647):task_id>")
def stop(task_id: int) -> ResponseReturnValue:
    return _stop_page("crew/stop.html", task_id)


@bp.get("/stops/<int(max=2147483647):task_id>/problem")
def problem(task_id: int) -> ResponseReturnValue:
    return _stop_page("crew/problem.html", task_id)


@bp.get("/found")
def found() -> ResponseReturnValue:
    return _shift_page("crew/found.html")


@bp.get("/end")
def end() -> ResponseReturnValue:
    return _shift_page("crew/end_shift.html")


@bp.get("/needle-stick")
def needle_stick() -> ResponseReturnValue:
    return _page("crew/needle_stick.html", crew_day(own_crew_id()))


@bp.get("/actions")
def after_actions() -> ResponseReturnValue:
    """Where a refused form was shown: its address leads back, in another language too."""
    return _back()


@bp.post("/actions")
def actions() -> ResponseReturnValue:
    """One action, from a script as JSON or from a page as a form; nothing else is read."""
    if request.is_json:
        return answer_action()
    if request.mimetype not in FORM_TYPES:
        return refusal(Refused.at("body", "body_unreadable"), status=415)
    return _take_form(request.form)


def _take_form(form: Mapping[str, str]) -> ResponseReturnValue:
    """1. photos, 2. shape and meaning, 3. a sentence on the next page. A no shows the form again."""
    name = form.get("action", "")
    photos = _photos(form)
    values = dict(form)
    # A form from elsewhere may have no key: it is done, only not recognised when it comes again.
    values["idempotency_key"] = form.get("idempotency_key") or _new_key()
    try:
        if name == "hand_back":
            values["note"] = _why_back(values)
        if name == "own_find":
            fill_in_place(values, crew_day(own_crew_id()))
        action = action_from_form(values, photos.names, actor())
        _refuse_uncounted(values)
        answer = act(action)
    except Refused as refused:
        return _refused(name, form, refused, photos)
    except AlreadyDone as done:
        flash(crew_problem(done), "warning")
        return _back()
    except NotOurs as not_ours:
        raise NotFound from not_ours
    for each in photos.problems:
        flash(crew_problem(each), "warning")
    flash(answer_sentence(action, answer), SHADE[answer.kind])
    return _back("crew.needle_stick" if name == "needle_stick" else "crew.today")


def _photos(form: Mapping[str, str]) -> TakenPhotos:
    """A photo that cannot be kept never holds up what was done; it is told afterwards."""
    uploads = request.files.getlist("photo")
    return take_photos(uploads, form.get("kept_photos", ""), (), form.get("idempotency_key", ""))


def _why_back(values: Mapping[str, str]) -> str:
    if values.get("back_reason") not in BACK_REASONS:
        raise Refused.at("back_reason", "reason_missing")
    return back_note(values.get("back_reason"), values.get("note"))


def _refuse_uncounted(values: Mapping[str, str]) -> None:
    """A page asks for the number of needles where there were some; a late close is kept without."""
    counts = values.get("action") == "done" and values.get("outcome", "removed") == "removed"
    if not counts or values.get("needles", "").strip():
        return
    mine = _stop_of(crew_day(own_crew_id()), values)
    if mine is not None and mine.handles_needles:
        raise Refused.at("needles", "needles_missing")


def _refused(
    name: str, form: Mapping[str, str], refused: Refused, photos: TakenPhotos
) -> ResponseReturnValue:
    """The same page with what was typed; where there is nothing to correct, a sentence on today's."""
    problems = {each.field: crew_problem(each) for each in refused.problems}
    day = crew_day(own_crew_id())
    mine = _stop_of(day, form)
    template = FORM_PAGES.get(name)
    on_a_stop = "task_id" in form
    if template is None or "idempotency_key" in problems or (on_a_stop and mine is None):
        return _say(refused)
    if refused.code == "key_reused" or (day is None and name != "shift_start"):
        return _say(refused)
    return _page(template, day, stop=mine, values=form, problems=problems, photos=photos), 422


def _stop_of(day: CrewDay | None, form: Mapping[str, str]) -> Stop | None:
    task_id = form.get("task_id", "")
    return day.stop(int(task_id)) if day and NUMBER.fullmatch(task_id) else None


def _say(problem: Problem) -> ResponseReturnValue:
    first = problem.problems[0] if isinstance(problem, Refused) else problem
    flash(f"{crew_problem(first)}.", "warning")
    return _back()


def _back(endpoint: str = "crew.today") -> ResponseReturnValue:
    return redirect(url_for(endpoint), code=303)


def _stop_page(template: str, task_id: int) -> ResponseReturnValue:
    day = crew_day(own_crew_id())
    mine = day.stop(task_id) if day else None
    if mine is None and not was_ours(task_id, own_crew_id()):
        raise NotFound
    if mine is None:
        return _say(NotOurs("task_not_found"))
    return _page(template, day, stop=mine)


def _shift_page(template: str) -> ResponseReturnValue:
    day = crew_day(own_crew_id())
    return _page(template, day) if day else _say(AlreadyDone("no_shift"))


def _page(
    template: str,
    day: CrewDay | None,
    *,
    stop: Stop | None = None,
    values: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    photos: TakenPhotos = NO_PHOTOS,
) -> str:
    now = gateways().clock.now()
    who = signed_in_account()
    return render_template(
        template,
        day=day,
        crew=day.shift if day else crew_at_rest(own_crew_id()),
        stop=stop,
        arrivals=arrivals(day, now) if day else {},
        day_version=version_of(day, now, choose_language()),
        now=now,
        values=values or {},
        problems=problems or {},
        photos=photos,
        map_view=map_view(),
        back_reasons=[(code, str(word)) for code, word in BACK_REASONS.items()],
        found_choices=[each for each in choices("service_word") if each[0] != ServiceCode.TOILET],
        new_key=_new_key,
        photo_addresses=photo_addresses,
        nav=[],
        signed_in_name=who.name,
    )


def _new_key() -> str:
    """One key a form: a form sent twice is done once."""
    return secrets.token_urlsafe(KEY_BYTES)
