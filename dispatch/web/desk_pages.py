"""The coordinator's desk: what needs a decision, what is late, everything open, and the crews.

One request's page is in `desk_request_pages.py`, the map in `dashboard_map.py`, the export in
`desk_export.py`. Words that are searched for are posted, so that none stands in an address.
"""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dispatch.gateways import gateways
from dispatch.lifecycle.acknowledge import acknowledge
from dispatch.queries.crews_on_duty import (
    accounts,
    crew_names,
    crews_on_duty,
    open_incidents,
    past_incidents,
)
from dispatch.queries.desk_filter import DeskFilter, open_kvarterer
from dispatch.queries.desk_list import desk_page, search_desk
from dispatch.queries.request_lookup import find_reference
from dispatch.rules.personal_data import clean_text
from dispatch.rules.problems import AlreadyDone
from dispatch.web import desk_words
from dispatch.web.desk_form import MOST_SEARCHED, local_day, query_of, read_filter
from dispatch.web.desk_frame import desk_frame, pulse_document, pulse_now, what_stands_still
from dispatch.web.guards import signed_in_account
from dispatch.web.wording import choices

bp = Blueprint("desk", __name__, url_prefix="/desk")
SEARCHED_BACK = timedelta(days=366)

for sentence in desk_words.SENTENCES:
    bp.add_app_template_filter(sentence, sentence.__name__)


@bp.get("")
def index() -> str:
    """The list; without filters everything open, the most pressing first."""
    now = gateways().clock.now()
    wanted = read_filter(request.args, now)
    found = desk_page(wanted, now)
    options = filter_options(wanted)
    return render_template(
        "coordinator/desk.html",
        wanted=wanted,
        query=query_of(wanted),
        found=found,
        options=options,
        asked=desk_words.filter_words(wanted, dict(options["crew"])),
        incidents=open_incidents(),
        pulse=pulse_now(),
        today=local_day(now),
        still=what_stands_still(),
        now=now,
        **desk_frame("desk.index"),
    )


@bp.post("/search")
def search() -> ResponseReturnValue:
    """A reference leads to its page; other words are looked for in the reports of a year."""
    text = " ".join(clean_text(request.form.get("text", "")[:MOST_SEARCHED]).split())
    now = gateways().clock.now()
    reference = find_reference(text, now.year)
    if reference is not None:
        return redirect(url_for("desk_requests.story", reference=reference), code=303)
    return render_template(
        "coordinator/search.html",
        text=text,
        rows=search_desk(text, now - SEARCHED_BACK, now),
        now=now,
        **desk_frame("desk.index"),
    )


@bp.get("/search")
def search_again() -> ResponseReturnValue:
    """Whoever reloads after a search is back at the list: the words were never in the address."""
    return redirect(url_for("desk.index"), code=303)


@bp.get("/pulse.json")
def pulse() -> Response:
    """The counts above the list, for the page's script; unchanged ones cost no body."""
    answer = jsonify(pulse_document())
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@bp.get("/crews")
def crews() -> str:
    """Who is on shift with what, incidents, and the accounts."""
    return _crews_page()


@bp.post("/incidents/<int(max=2147483647):incident_id>/acknowledge")
def acknowledge_incident(incident_id: int) -> ResponseReturnValue:
    """The coordinator has seen it; a second one learns who was first from the list."""
    try:
        acknowledge(incident_id, by=signed_in_account().name)
    except AlreadyDone:
        return _crews_page(someone_was_first=True), 409
    return redirect(url_for("desk.crews") + "#incidents", code=303)


def filter_options(wanted: DeskFilter) -> dict[str, list[tuple[str, str]]]:
    """The answers each filter offers, in the reader's language."""
    kvarterer = {*open_kvarterer(), *([wanted.kvarter] if wanted.kvarter else [])}
    return {
        "status": choices("status_word"),
        "service_code": choices("service_word"),
        "priority": choices("priority_word"),
        "source": choices("source_word"),
        "crew": [(str(crew_id), name) for crew_id, name in crew_names()],
        "kvarter": [(name, name) for name in sorted(kvarterer)],
    }


def _crews_page(**also: Any) -> str:
    return render_template(
        "coordinator/crews.html",
        crews=crews_on_duty(),
        incidents=open_incidents(),
        past_incidents=past_incidents(),
        accounts=accounts(),
        still=what_stands_still(),
        now=gateways().clock.now(),
        **desk_frame("desk.crews"),
        **also,
    )
