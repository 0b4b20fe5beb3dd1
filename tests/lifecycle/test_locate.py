"""A place is completed from the address service, slowly and politely, or a person finds it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.gateways.found_place import FoundPlace
from dispatch.gateways.geocoder import ScriptedGeocoder
from dispatch.lifecycle.sweep import sweep
from dispatch.models import GeocodeAnswer, Work
from dispatch.rules.status import Status
from tests.people import People

WorkOff = Callable[[], int]
UNKNOWN = {"lat": None, "lon": None, "address": "Bag det grønne skur", "place_unverified": True}


@pytest.fixture
def geocoder(app: Flask) -> ScriptedGeocoder:
    scripted = ScriptedGeocoder()
    bound = app.extensions["renhold.gateways"]
    app.extensions["renhold.gateways"] = replace(bound, geocoder=scripted)
    return scripted


def found(lat: float, lon: float) -> FoundPlace:
    return FoundPlace(label="Skuret, Halmtorvet", lat=lat, lon=lon, exact=True, sure=True)


def test_an_address_the_service_knows_gets_its_pin_and_is_routed(
    people: People, work_off: WorkOff, geocoder: ScriptedGeocoder
) -> None:
    people.crew()
    geocoder.places["bag det grønne skur"] = found(55.6699, 12.5605)
    receipt = people.report(**UNKNOWN)
    work_off()
    row = people.row(receipt)
    assert (row.status, row.address) == (Status.ASSIGNED, "Skuret, Halmtorvet")


def test_an_address_nobody_knows_is_put_before_a_person(
    people: People, work_off: WorkOff, geocoder: ScriptedGeocoder
) -> None:
    receipt = people.report(**UNKNOWN)
    work_off()
    row = people.row(receipt)
    assert (row.status, row.reason) == (Status.HELD, "place_not_found")


def test_an_answer_outside_the_area_is_no_answer(
    people: People, work_off: WorkOff, geocoder: ScriptedGeocoder
) -> None:
    geocoder.places["bag det grønne skur"] = found(55.4038, 10.4024)
    receipt = people.report(**UNKNOWN)
    work_off()
    assert people.row(receipt).status == Status.HELD


def test_a_question_is_asked_once(
    people: People, work_off: WorkOff, geocoder: ScriptedGeocoder
) -> None:
    geocoder.places["bag det grønne skur"] = found(55.6699, 12.5605)
    for _ in range(3):
        people.report(**UNKNOWN)
        work_off()
    assert len(geocoder.asked) == 1
    assert len(db.session.scalars(select(GeocodeAnswer)).all()) == 1


def test_two_questions_are_a_second_apart(
    people: People, clock: SettableClock, work_off: WorkOff, geocoder: ScriptedGeocoder
) -> None:
    people.report(**UNKNOWN)
    people.report(**{**UNKNOWN, "address": "Et andet skur"})
    work_off()
    assert len(geocoder.asked) == 1
    clock.advance(timedelta(seconds=2))
    work_off()
    assert len(geocoder.asked) == 2


def test_a_service_that_is_down_is_asked_again_and_given_up_after_ten_minutes(
    people: People, clock: SettableClock, geocoder: ScriptedGeocoder
) -> None:
    geocoder.down = True
    receipt = people.report(**UNKNOWN)
    sweep(grace=timedelta(0))
    assert people.row(receipt).status == Status.RECEIVED
    assert db.session.scalars(select(Work.waits_for)).all() == ["address"]
    clock.advance(timedelta(minutes=11))
    sweep(grace=timedelta(0))
    assert people.row(receipt).status == Status.HELD
