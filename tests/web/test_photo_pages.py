"""Photos are for staff, for as long as they need them; everyone else is told that there is none."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.gateways.clock import SettableClock
from dispatch.models import Photo, Role
from tests.people import CrewMember, People
from tests.pictures import jpeg

WorkOff = Callable[[], int]
Shown = tuple[CrewMember, int, str]


@pytest.fixture
def shown(people: People, work_off: WorkOff) -> Shown:
    """A crew with a task whose report has a photo: who, which task, and the photo's address."""
    member = people.crew()
    name = gateways().photo_store.put_incoming(BytesIO(jpeg()), 10_000_000)
    receipt = people.report(photos=(name,))
    work_off()
    served = db.session.scalars(select(Photo.served_name)).one()
    return member, people.live_task(receipt), f"/staff/photos/{served}.webp"


def test_the_crew_with_the_task_sees_it_and_no_cache_keeps_it(people: People, shown: Shown):
    member, _, address = shown
    answer = people.signed_in(member.name).get(address)
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert answer.data[:4] == b"RIFF"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMIN])
def test_the_desk_sees_it(people: People, shown: Shown, role: Role):
    assert people.signed_in(people.coordinator("Ida", role)).get(shown[2]).status_code == 200


def test_another_crew_does_not(people: People, shown: Shown):
    assert people.signed_in(people.crew().name).get(shown[2]).status_code == 404


def test_who_only_sees_figures_does_not(people: People, shown: Shown):
    figures = people.coordinator("Vera", Role.SECRETARIAT)
    assert people.signed_in(figures).get(shown[2]).status_code == 404


def test_a_stranger_is_asked_to_sign_in(client: FlaskClient, shown: Shown):
    assert client.get(shown[2]).status_code == 303


def test_after_the_close_the_crew_sees_it_until_the_day_is_over(
    people: People, shown: Shown, clock: SettableClock
):
    member, task_id, address = shown
    people.act(member, "done", task_id=task_id)
    browser = people.signed_in(member.name)
    assert browser.get(address).status_code == 200
    clock.advance(timedelta(days=1))
    assert browser.get(address).status_code == 404


def test_one_that_is_not_ready_or_was_erased_is_not_there(people: People, shown: Shown):
    browser = people.signed_in(people.coordinator())
    for unknown in ("00" * 16, "x", "..%2f..%2fdb"):
        assert browser.get(f"/staff/photos/{unknown}.webp").status_code == 404


def test_a_lost_file_is_told_as_not_found(people: People, shown: Shown):
    sha256 = db.session.scalars(select(Photo.sha256)).one()
    gateways().photo_store.delete_ready(sha256)  # type: ignore[arg-type]
    assert people.signed_in(people.coordinator()).get(shown[2]).status_code == 404
