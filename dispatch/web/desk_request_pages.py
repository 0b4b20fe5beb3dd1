"""One request on the desk: its whole story, and what the coordinator can do about it.

Each deed is a plain form that answers 303 back to the page. When someone was first the page says
so (409); when something is missing it says what (422) and keeps what was typed. The reporter's
contact is shown only on demand, after the viewing has been logged; the reporter's link never.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dispatch.gateways import gateways
from dispatch.gateways.place_data import FoundPlace
from dispatch.lifecycle import decide
from dispatch.queries.crews_on_duty import crews_to_choose
from dispatch.queries.request_lookup import (
    contact_of,
    find_reference,
    newest_change_of,
    request_id_of,
)
from dispatch.queries.request_story import RequestStory, request_story
from dispatch.rules.catalogue import SERVICES
from dispatch.rules.problems import AlreadyDone, FieldProblem, NotFound, Refused
from dispatch.rules.status import Status
from dispatch.staffing.staff_log import log_look
from dispatch.web.desk_form import DeedForm, read_deed
from dispatch.web.desk_frame import desk_frame
from dispatch.web.desk_words import deed_problem_text
from dispatch.web.guards import signed_in_account
from dispatch.web.map_pages import MapView, map_view
from dispatch.web.wording import choices

bp = Blueprint("desk_requests", __name__, url_prefix="/desk/requests")
DEED_NAMES = "any(assign, release, decline, duplicate, forward, reopen, place)"
MOST_FOUND = 8
CLOSE_ZOOM = 17


@dataclass(frozen=True)
class Attempt:
    """What a deed that did not succeed leaves on the page."""

    deed: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    someone_was_first: bool = False
    places: tuple[FoundPlace, ...] = ()


class PlacesToChoose(Exception):
    """The address could be several places, or none: the coordinator chooses."""

    def __init__(self, places: tuple[FoundPlace, ...]) -> None:
        super().__init__("places to choose")
        self.places = places


@bp.get("/<reference>")
def story(reference: str) -> str:
    """The whole story of one request."""
    return _page(reference, Attempt())


@bp.post("/<reference>/contact")
def contact(reference: str) -> str:
    """Show how the reporter wants to be answered; that it was looked at is written down first."""
    request_id = _id_of(reference)
    log_look(signed_in_account().name, reference)
    return _page(reference, Attempt(), contact=contact_of(request_id) or "")


@bp.post(f"/<reference>/<{DEED_NAMES}:deed>")
def do(reference: str, deed: str) -> ResponseReturnValue:
    """Do what the coordinator decided, or say why not."""
    request_id, form = _id_of(reference), read_deed(request.form)
    try:
        _refuse_if_moved_on(request_id, form)
        DEEDS[deed](request_id, form, signed_in_account().name)
    except PlacesToChoose as choice:
        return _page(
            reference, Attempt(deed, _no_place(choice), form.typed, places=choice.places)
        ), 422
    except Refused as refused:
        problems = {each.field: deed_problem_text(each) for each in refused.problems}
        return _page(reference, Attempt(deed, problems, form.typed)), 422
    except AlreadyDone:
        return _page(reference, Attempt(deed, typed=form.typed, someone_was_first=True)), 409
    return redirect(url_for("desk_requests.story", reference=reference, did=deed), code=303)


def _refuse_if_moved_on(request_id: int, form: DeedForm) -> None:
    """Nobody decides on a page that is out of date: what happened meanwhile is shown first."""
    if form.seen is not None and form.seen != newest_change_of(request_id):
        raise AlreadyDone("moved_on")


def _assign(request_id: int, form: DeedForm, by: str) -> None:
    if form.crew_id is None:
        raise Refused.at("crew_id", "crew_missing")
    decide.assign_by_hand(request_id, form.crew_id, by=by)


def _release(request_id: int, form: DeedForm, by: str) -> None:
    decide.release(request_id, note=form.note, by=by)


def _decline(request_id: int, form: DeedForm, by: str) -> None:
    decide.decline(request_id, reason=form.reason, note=form.note, by=by)


def _duplicate(request_id: int, form: DeedForm, by: str) -> None:
    year = gateways().clock.now().year
    of_reference = find_reference(form.of_reference, year) or form.of_reference
    decide.mark_duplicate(request_id, of_reference=of_reference, by=by)


def _forward(request_id: int, form: DeedForm, by: str) -> None:
    decide.forward(request_id, authority=form.authority, note=form.note, by=by)


def _reopen(request_id: int, form: DeedForm, by: str) -> None:
    decide.reopen(request_id, note=form.note, by=by)


def _place(request_id: int, form: DeedForm, by: str) -> None:
    """From the pin on the map, else from the address; then back to the crews when asked for.

    The ledger tells of statuses only, so who moved a place stands in the log of staff.
    """
    lat, lon, address = form.lat, form.lon, form.address
    if lat is None or lon is None:
        found = _find_place(form)
        lat, lon, address = found.lat, found.lon, found.label
    decide.move_pin(request_id, lat=lat, lon=lon, address=address, by=by)
    log_look(by, f"request {request_id}", deed="place_set")
    if form.release:
        decide.release(request_id, note="", by=by)


DEEDS: dict[str, Callable[[int, DeedForm, str], None]] = {
    "assign": _assign,
    "release": _release,
    "decline": _decline,
    "duplicate": _duplicate,
    "forward": _forward,
    "reopen": _reopen,
    "place": _place,
}


def _find_place(form: DeedForm) -> FoundPlace:
    if not form.address and not form.choice:
        raise Refused.at("address", "place_missing")
    found = tuple(gateways().place_data.find_address(form.choice or form.address, MOST_FOUND))
    meant = [each for each in found if each.label == form.choice]
    if meant:
        return meant[0]
    if found and found[0].sure and not form.choice:
        return found[0]
    raise PlacesToChoose(found)


def _no_place(choice: PlacesToChoose) -> dict[str, str]:
    code = "place_several" if choice.places else "place_unknown"
    return {"address": deed_problem_text(FieldProblem("address", code))}


def _page(reference: str, attempt: Attempt, contact: str | None = None) -> str:
    found = request_story(_id_of(reference))
    if found is None:
        raise NotFound("request_not_found")
    return render_template(
        "coordinator/request.html",
        story=found,
        facts=found.facts,
        attempt=attempt,
        contact=contact,
        did=request.args.get("did", "") if request.method == "GET" else "",
        crews=[(str(crew_id), name) for crew_id, name in crews_to_choose()],
        reasons=choices("decline_word"),
        authorities=choices("authority_word"),
        may=_may(found),
        view=_view(found),
        now=gateways().clock.now(),
        **desk_frame("desk.index"),
    )


def _view(found: RequestStory) -> MapView:
    """The map around the request's place; the whole area where it has none."""
    facts, area = found.facts, map_view()
    if facts.lat is None or facts.lon is None:
        return area
    return replace(area, lat=facts.lat, lon=facts.lon, zoom=CLOSE_ZOOM)


def _may(found: RequestStory) -> dict[str, bool]:
    """Which deeds the page offers; the lifecycle decides all the same."""
    status, is_open = found.facts.status, found.facts.is_open
    a_crew_can = SERVICES[found.facts.service_code].dispatched and found.facts.lat is not None
    return {
        "assign": is_open and a_crew_can,
        "release": a_crew_can and status in {Status.HELD, Status.ASSIGNED, Status.ATTENDING},
        "decline": is_open and status != Status.ATTENDING,
        "duplicate": is_open,
        "forward": is_open,
        "reopen": found.facts.may_reopen,
        "place": is_open,
    }


def _id_of(reference: str) -> int:
    request_id = request_id_of(reference)
    if request_id is None:
        raise NotFound("request_not_found")
    return request_id
