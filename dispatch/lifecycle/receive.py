"""Take a report in: its meaning is checked, then everything it owes is stored in one transaction.

Form, Open311 and phone intake all come here with one `NewReport`. A repeat of a `form_key` gets
the first receipt again; other content under a used key is refused, never taken for a repeat. What
happens next is not decided here but owed as work.
"""

import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dispatch.extensions import bound, db
from dispatch.gateways import gateways
from dispatch.lifecycle.assess import assess
from dispatch.lifecycle.attach_photo import attach_photo
from dispatch.lifecycle.transition import RESIDENT, Change, write_ledger
from dispatch.lifecycle.work_list import owe, writing
from dispatch.models import Contact, PhotoKind, ReferenceCounter, ServiceRequest, WorkKind
from dispatch.models.policy_in_force import policy_in_force
from dispatch.models.transaction import again_on_conflict, insert_into
from dispatch.rules.catalogue import PlaceKind, ServiceCode, Source, Surface
from dispatch.rules.personal_data import blocks, clean_text, find_personal_data
from dispatch.rules.policy import Policy
from dispatch.rules.problems import FieldProblem, Refused
from dispatch.rules.status import Status
from dispatch.rules.working_hours import COPENHAGEN

TOKEN_BYTES = 24
MAIL = re.compile(r"[^@\s<>,;:\"']{1,64}@[^@\s<>,;:\"']{1,120}\.[^@\s<>,;:\"'.]{2,24}")
PHONE = re.compile(r"\+?[0-9 ]{8,20}")
MOST_NEEDLES = 999


@dataclass(frozen=True)
class NewReport:
    """A report as it came through a door: shape checked, meaning not. `lat`/`lon` in WGS 84.

    `photos` are names of uploads already in the photo store. `place_unverified`: the sender knows
    that nobody found the address and sends all the same.
    """

    service_code: str
    form_key: str
    lat: float | None = None
    lon: float | None = None
    address: str = ""
    place_kind: str | None = None
    needle_count: int | None = None
    surface: str | None = None
    capped: bool | None = None
    risk_now: bool = False
    description: str = ""
    contact: str = ""
    language: str = "da"
    source: Source = Source.FORM
    photos: tuple[str, ...] = ()
    place_unverified: bool = False
    by: str = RESIDENT


@dataclass(frozen=True)
class Receipt:
    """What the sender may rely on; `created` is False for a repeat."""

    service_request_id: int
    reference: str
    token: str
    created: bool


@dataclass(frozen=True)
class _Place:
    lat: float | None
    lon: float | None
    address: str


def receive(new: NewReport) -> Receipt:
    """Store a report and everything it owes; raises Refused with all problems at once.

    When this returns the report is on the disk and will be answered, whatever dies next.
    """
    known = _first_receipt(new)
    if known is not None:
        return known
    policy = policy_in_force()
    place = _check(new, policy)
    try:
        return again_on_conflict(lambda: _store(new, place))
    except IntegrityError:
        known = _first_receipt(new)
        if known is None:
            raise
        return known


def receipt_of_repeat(new: NewReport) -> Receipt | None:
    """The first receipt when this very report is stored already, whatever photos came with it."""
    row = _stored_under(new.form_key)
    return _receipt(row) if row is not None and row.form_digest == digest_of(new) else None


def digest_of(new: NewReport) -> str:
    """What was reported, as a digest; keyed, so that nobody can guess a contact back from it.

    Photos are left out: a browser that sends again may have dropped them.
    """
    place = (new.lat, new.lon, new.address, new.place_kind)
    things = (new.service_code, new.needle_count, new.surface, new.capped, new.risk_now)
    text = json.dumps([*place, *things, new.description, new.contact]).encode()
    return hmac.digest(bound("settings").secret_key.encode(), text, "sha256").hex()


def _first_receipt(new: NewReport) -> Receipt | None:
    row = _stored_under(new.form_key)
    if row is None:
        return None
    if row.form_digest != digest_of(new):
        raise Refused.at("form_key", "key_used")
    return _receipt(row)


def _stored_under(form_key: str) -> ServiceRequest | None:
    return db.session.scalar(select(ServiceRequest).where(ServiceRequest.form_key == form_key))


def _receipt(row: ServiceRequest) -> Receipt:
    return Receipt(row.id, row.reference, row.token, created=False)


def _check(new: NewReport, policy: Policy) -> _Place:
    problems = [*_check_kind(new), *_check_text(new, policy), *_check_contact(new)]
    if len(new.photos) > policy.photos_per_report:
        problems.append(FieldProblem("photo", "too_many_photos"))
    place, place_problems = _check_place(new)
    problems += place_problems
    if problems:
        raise Refused(problems)
    return place


def _check_kind(new: NewReport) -> list[FieldProblem]:
    problems = []
    if new.service_code not in set(ServiceCode):
        problems.append(FieldProblem("service_code", "service_unknown"))
    if new.place_kind and new.place_kind not in set(PlaceKind):
        problems.append(FieldProblem("place_kind", "place_kind_unknown"))
    if new.surface and new.surface not in set(Surface):
        problems.append(FieldProblem("surface", "surface_unknown"))
    if new.needle_count is not None and not 0 <= new.needle_count <= MOST_NEEDLES:
        problems.append(
            FieldProblem("needle_count", "needle_count_strange", {"most": MOST_NEEDLES})
        )
    return problems


def _check_text(new: NewReport, policy: Policy) -> list[FieldProblem]:
    most = policy.description_characters
    if len(new.description) > most:
        return [
            FieldProblem("description", "text_too_long", {"most": most, "is": len(new.description)})
        ]
    texts = {"address": new.address, "description": new.description, "contact": new.contact}
    return [
        FieldProblem(name, "cpr_in_text")
        for name, text in texts.items()
        if blocks(find_personal_data(text))
    ]


def _check_contact(new: NewReport) -> list[FieldProblem]:
    contact = new.contact.strip()
    if contact and contact_kind(contact) is None:
        return [FieldProblem("contact", "contact_unusable")]
    return []


def contact_kind(contact: str) -> str | None:
    """`mail` or `phone`; None when an answer could not be sent there."""
    if MAIL.fullmatch(contact):
        return "mail"
    return "phone" if PHONE.fullmatch(contact) else None


def _check_place(new: NewReport) -> tuple[_Place, list[FieldProblem]]:
    """Where it is: the pin if there is one, else the address as our own gazetteer knows it."""
    places = gateways().place_data
    if new.lat is not None and new.lon is not None:
        place = _Place(new.lat, new.lon, clean_text(new.address).strip())
        inside = places.covers(new.lat, new.lon)
        return place, [] if inside else [FieldProblem("place", "outside_area")]
    address = clean_text(new.address).strip()
    if not address:
        return _Place(None, None, ""), [FieldProblem("place", "place_missing")]
    found = places.find_address(address, limit=1)
    if found and found[0].sure:
        place = _Place(found[0].lat, found[0].lon, found[0].label)
        inside = places.covers(found[0].lat, found[0].lon)
        return place, [] if inside else [FieldProblem("place", "outside_area")]
    if new.place_unverified:
        return _Place(None, None, address), []
    return _Place(None, None, address), [FieldProblem("address", "address_unknown")]


def _store(new: NewReport, place: _Place) -> Receipt:
    now = gateways().clock.now()
    with writing() as session:
        request = _row(new, place, now, next_reference(session, now))
        assess(request, reported_at=now)
        session.add(request)
        session.flush()
        _add_contact(session, request, new.contact.strip(), now)
        for name in new.photos:
            attach_photo(session, request.id, name, PhotoKind.REPORT)
        write_ledger(session, request, None, Change(Status.RECEIVED, new.by), now)
        _owe_next(session, request)
        return Receipt(request.id, request.reference, request.token, created=True)


def _owe_next(session: Session, request: ServiceRequest) -> None:
    if request.lat is None:
        owe(session, WorkKind.LOCATE_REQUEST, request.id)
        return
    owe(session, WorkKind.ASSIGN_REQUEST, request.id)
    if not request.address and bound("settings").geocoder_url:
        owe(session, WorkKind.LOCATE_REQUEST, request.id)


def _row(new: NewReport, place: _Place, now: datetime, reference: str) -> ServiceRequest:
    text = clean_text(new.description).strip()
    address = place.address
    if not address and place.lat is not None and place.lon is not None:
        address = gateways().place_data.address_at(place.lat, place.lon) or ""
    return ServiceRequest(
        reference=reference,
        token=secrets.token_urlsafe(TOKEN_BYTES),
        form_key=new.form_key,
        form_digest=digest_of(new),
        source=new.source,
        service_code=ServiceCode(new.service_code),
        place_kind=PlaceKind(new.place_kind) if new.place_kind else None,
        status=Status.RECEIVED,
        lat=place.lat,
        lon=place.lon,
        address=address[:240],
        needle_count=new.needle_count,
        surface=Surface(new.surface) if new.surface else None,
        capped=new.capped,
        risk_now=new.risk_now,
        description=text,
        personal_data_seen=bool(find_personal_data(text) | find_personal_data(new.address)),
        language="en" if new.language == "en" else "da",
        created_at=now,
        updated_at=now,
    )


def _add_contact(session: Session, request: ServiceRequest, contact: str, now: datetime) -> None:
    kind = contact_kind(contact) if contact else None
    if kind is None:
        return
    session.add(Contact(service_request_id=request.id, kind=kind, value=contact, created_at=now))
    session.flush()


def next_reference(session: Session, now: datetime) -> str:
    """Year and six digits; the counter row makes parallel writers wait their turn."""
    year = now.astimezone(COPENHAGEN).year
    number = session.scalar(
        insert_into(session, ReferenceCounter)
        .values(year=year, last=1)
        .on_conflict_do_update(index_elements=["year"], set_={"last": ReferenceCounter.last + 1})
        .returning(ReferenceCounter.last)
    )
    return f"{year}-{number:06d}"
