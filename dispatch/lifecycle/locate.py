"""Complete the place of a request: an address for a pin, or a pin for an address.

Own place data first, kept answers next, the address service last and at most once a second for
the whole app. Never in the way of a report: what cannot be found is put before a person.
"""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.gateways.geocoder import GeocoderDown
from dispatch.lifecycle.assess import assess
from dispatch.lifecycle.lease import take_lease
from dispatch.lifecycle.transition import SYSTEM, Change, change_status
from dispatch.lifecycle.work_list import Finish, finishing, owe
from dispatch.models import GeocodeAnswer, ServiceRequest, Via, WorkKind
from dispatch.models.transaction import insert_into, transaction
from dispatch.rules.status import Status

ONE_QUESTION = timedelta(seconds=1)
GIVE_UP_AFTER = timedelta(minutes=10)
ASK_AGAIN = timedelta(seconds=20)


def locate_request(service_request_id: int, via: Via) -> None:
    """Find what is missing; put off while the address service is busy, HELD when nobody knows."""
    request = db.session.get_one(ServiceRequest, service_request_id)
    question, lat, lon = _question(request), request.lat, request.lon
    answer = _ask(question, lat, lon)
    with finishing(WorkKind.LOCATE_REQUEST, service_request_id, via) as finish:
        row = finish.session.get_one(ServiceRequest, service_request_id)
        if isinstance(answer, timedelta):
            _wait(finish, row, answer)
        elif row.lat is None:
            _write_pin(finish.session, row, answer)
        elif answer.found and not row.address:
            row.address = answer.label


def _question(request: ServiceRequest) -> str:
    if request.lat is None or request.lon is None:
        return request.address.casefold()[:240]
    return f"{request.lat:.5f},{request.lon:.5f}"


def _ask(question: str, lat: float | None, lon: float | None) -> GeocodeAnswer | timedelta:
    """The answer, kept from before or fetched now; a timedelta says how long to wait."""
    kept = db.session.get(GeocodeAnswer, question)
    if kept is not None:
        db.session.expunge(kept)
        return kept
    db.session.rollback()
    if not take_lease("address-service", ONE_QUESTION):
        return ONE_QUESTION
    try:
        answer = _fetch(question, lat, lon)
    except GeocoderDown:
        return ASK_AGAIN
    _keep(answer)
    return answer


def _fetch(question: str, lat: float | None, lon: float | None) -> GeocodeAnswer:
    now = gateways().clock.now()
    if lat is not None and lon is not None:
        label = gateways().geocoder.reverse(lat, lon)
        return GeocodeAnswer(question=question, found=bool(label), label=label or "", asked_at=now)
    found = gateways().geocoder.search(question)
    if found is None or not gateways().place_data.covers(found.lat, found.lon):
        return GeocodeAnswer(question=question, found=False, label="", asked_at=now)
    return GeocodeAnswer(
        question=question,
        found=True,
        label=found.label,
        lat=found.lat,
        lon=found.lon,
        asked_at=now,
    )


def _keep(answer: GeocodeAnswer) -> None:
    with transaction() as session:
        columns = ("question", "found", "label", "lat", "lon", "asked_at")
        values = {name: getattr(answer, name) for name in columns}
        session.execute(insert_into(session, GeocodeAnswer).values(values).on_conflict_do_nothing())


def _wait(finish: Finish, row: ServiceRequest, pause: timedelta) -> None:
    now = gateways().clock.now()
    if now - row.created_at < GIVE_UP_AFTER:
        finish.postpone(now + pause, "address")
    elif row.lat is None:
        _hold(finish.session, row)


def _write_pin(session: Session, row: ServiceRequest, answer: GeocodeAnswer) -> None:
    if row.status != Status.RECEIVED:
        return
    if not answer.found:
        _hold(session, row)
        return
    session.execute(
        update(ServiceRequest)
        .where(ServiceRequest.id == row.id)
        .values(lat=answer.lat, lon=answer.lon, address=answer.label)
    )
    session.refresh(row)
    assess(row, reported_at=row.created_at)
    owe(session, WorkKind.ASSIGN_REQUEST, row.id)


def _hold(session: Session, row: ServiceRequest) -> None:
    if row.status == Status.RECEIVED:
        change_status(session, row, Change(Status.HELD, SYSTEM, reason="place_not_found"))
