"""A report is taken in: once, whole, with a receipt that can say by when."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from shapely import box
from sqlalchemy import func, select

from dispatch.extensions import db
from dispatch.lifecycle.receive import Receipt
from dispatch.models import Contact, Message, ServiceRequest, StatusChange, Work, WorkKind
from dispatch.models.transaction import transaction
from dispatch.rules.catalogue import Priority
from dispatch.rules.problems import Refused
from dispatch.rules.status import Status
from tests.people import People

ODENSE = {"lat": 55.4038, "lon": 10.4024}


def owed(receipt: Receipt) -> set[WorkKind]:
    rows = db.session.scalars(
        select(Work.kind).where(Work.subject_id == receipt.service_request_id)
    )
    return set(rows)


def refused_codes(people: People, **changes: object) -> set[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        people.report(**changes)
    return {(each.field, each.code) for each in refused.value.problems}


def test_a_report_is_stored_with_its_history_and_what_it_owes(people: People) -> None:
    receipt = people.report()
    row = people.row(receipt)
    assert row.status == Status.RECEIVED
    assert owed(receipt) == {WorkKind.ASSIGN_REQUEST}
    history = db.session.scalars(select(StatusChange)).all()
    assert [(line.old, line.new, line.by) for line in history] == [
        (None, Status.RECEIVED, "resident")
    ]


def test_the_receipt_can_say_by_when_and_why(people: People) -> None:
    row = people.row(people.report(place_kind="playground"))
    assert row.priority == Priority.AKUT
    assert row.due_at == row.created_at + timedelta(hours=1)
    assert row.due_reason is not None
    assert row.due_reason["code"] == "needle_on"


def test_references_count_up_within_the_year(people: People) -> None:
    assert [people.report().reference for _ in range(3)] == [
        "2026-000001",
        "2026-000002",
        "2026-000003",
    ]


def test_a_repeat_of_the_form_gets_the_first_receipt(people: People) -> None:
    first = people.report(form_key="a" * 32)
    again = people.report(form_key="a" * 32)
    assert (again.reference, again.created) == (first.reference, False)
    assert db.session.scalar(select(func.count(ServiceRequest.id))) == 1


def test_a_repeat_that_lost_its_photos_is_a_repeat_all_the_same(people: People) -> None:
    first = people.report(form_key="a" * 32, photos=("f" * 64,))
    assert people.report(form_key="a" * 32).reference == first.reference


@pytest.mark.parametrize(
    "other",
    [
        {"service_code": "litter"},
        {"lat": 55.6700},
        {"lon": 12.5540},
        {"address": "Istedgade 20"},
        {"place_kind": "park"},
        {"needle_count": 3},
        {"surface": "grass"},
        {"capped": False},
        {"risk_now": True},
        {"description": "noget helt andet"},
        {"contact": "beboer@example.dk"},
    ],
)
def test_another_report_under_a_used_key_is_refused_and_not_taken_for_a_repeat(
    people: People, other: dict[str, object]
) -> None:
    people.report(form_key="a" * 32)
    assert refused_codes(people, form_key="a" * 32, **other) == {("form_key", "key_used")}
    assert people.report(**other).created


def test_what_tells_a_repeat_cannot_be_made_without_the_secret(app: Flask, people: People) -> None:
    row = people.row(people.report(contact="20304050"))
    assert len(row.form_digest) == 64
    settings = app.extensions["renhold.settings"]
    app.extensions["renhold.settings"] = replace(settings, secret_key="another secret")
    assert people.row(people.report(contact="20304050")).form_digest != row.form_digest


def test_twenty_posts_of_one_form_at_once_make_one_report(app: Flask, people: People) -> None:
    receipts: list[Receipt] = []

    def post() -> None:
        with app.app_context():
            receipts.append(people.report(form_key="b" * 32))

    threads = [threading.Thread(target=post) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({receipt.token for receipt in receipts}) == 1
    assert len(receipts) == 20
    db.session.rollback()
    assert db.session.scalar(select(func.count(ServiceRequest.id))) == 1


def test_a_typed_address_gets_its_pin_from_the_map(people: People) -> None:
    row = people.row(people.report(lat=None, lon=None, address="istedg. 20"))
    assert row.address.startswith("Istedgade")
    assert row.lat is not None


def test_a_typed_address_outside_the_area_is_refused(app: Flask, people: People) -> None:
    gateways = app.extensions["renhold.gateways"]
    kongens_enghave = box(12.52, 55.64, 12.55, 55.66)
    south = replace(gateways.place_data, outline=kongens_enghave)
    app.extensions["renhold.gateways"] = replace(gateways, place_data=south)
    codes = refused_codes(people, lat=None, lon=None, address="Istedgade 20")
    assert codes == {("place", "outside_area")}


def test_a_pin_gets_its_address_in_words(people: People) -> None:
    assert people.row(people.report()).address != ""


def test_outside_the_area_is_refused_and_nothing_is_stored(people: People) -> None:
    assert refused_codes(people, **ODENSE) == {("place", "outside_area")}
    assert db.session.scalar(select(func.count(ServiceRequest.id))) == 0


def test_no_place_at_all_is_refused(people: People) -> None:
    assert refused_codes(people, lat=None, lon=None) == {("place", "place_missing")}


def test_an_address_nobody_knows_is_asked_about_before_it_is_taken(people: People) -> None:
    unknown = {"lat": None, "lon": None, "address": "Det grønne skur bag ved"}
    assert refused_codes(people, **unknown) == {("address", "address_unknown")}
    receipt = people.report(**unknown, place_unverified=True)
    assert owed(receipt) == {WorkKind.LOCATE_REQUEST}


def test_all_problems_are_told_at_once(people: People) -> None:
    codes = refused_codes(
        people, service_code="cat", lat=None, lon=None, contact="???", needle_count=-1
    )
    assert codes == {
        ("service_code", "service_unknown"),
        ("needle_count", "needle_count_strange"),
        ("contact", "contact_unusable"),
        ("place", "place_missing"),
    }


def test_a_cpr_number_is_refused_and_a_phone_number_only_marked(people: People) -> None:
    assert refused_codes(people, description="Det var 010190-1234") == {
        ("description", "cpr_in_text")
    }
    assert people.row(people.report(description="Ring 20 30 40 50")).personal_data_seen


@pytest.mark.parametrize("field", ["address", "contact", "description"])
def test_a_cpr_number_is_refused_wherever_it_is_typed(people: People, field: str) -> None:
    assert (field, "cpr_in_text") in refused_codes(people, **{field: "010190-1234"})
    assert db.session.scalar(select(func.count(ServiceRequest.id))) == 0


def test_ten_digits_of_a_cpr_number_are_no_phone_number(people: People) -> None:
    assert refused_codes(people, contact="0101901234") == {("contact", "cpr_in_text")}


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("Istedgade 20, 2. th", False),
        ("Halmtorvet 9, 1700 København V", False),
        ("Hos Ida, 20 30 40 50", True),
        ("ida@example.dk", True),
        ("bag AB 12 345", True),
    ],
)
def test_a_phone_number_or_a_plate_in_the_address_is_marked_and_an_address_is_not(
    people: People, address: str, seen: bool
) -> None:
    assert people.row(people.report(address=address)).personal_data_seen is seen


def test_text_of_ten_thousand_characters_is_refused_with_both_numbers(people: People) -> None:
    with pytest.raises(Refused) as refused:
        people.report(description="x" * 10_000)
    assert refused.value.problems[0].values == {"most": 2000, "is": 10_000}


def test_contact_lies_apart_and_owes_a_message(people: People) -> None:
    receipt = people.report(contact="beboer@example.dk")
    contact = db.session.scalars(select(Contact)).one()
    assert contact.service_request_id == receipt.service_request_id
    message = db.session.scalars(select(Message)).one()
    owed_now = db.session.scalars(select(Work).where(Work.kind == WorkKind.SEND_MESSAGE)).one()
    assert owed_now.subject_id == message.id


def test_a_report_that_cannot_be_stored_leaves_nothing(people: People) -> None:
    with pytest.raises(RuntimeError), transaction() as session:
        session.add(people.row(people.report()))
        session.query(ServiceRequest).update({"description": "half"})
        raise RuntimeError
    assert db.session.scalars(select(ServiceRequest.description)).all() == [""]
