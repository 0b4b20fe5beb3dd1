"""A photo becomes a WebP that staff can see, and never loses the report it came with."""

import hashlib
from collections.abc import Callable
from io import BytesIO

from sqlalchemy import select

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.models import Photo, PhotoState
from dispatch.rules.status import Status
from tests.people import People
from tests.pictures import jpeg

WorkOff = Callable[[], int]


def upload(content: bytes) -> str:
    return gateways().photo_store.put_incoming(BytesIO(content), 15_000_000)


def photos() -> list[Photo]:
    db.session.rollback()
    return list(db.session.scalars(select(Photo).order_by(Photo.id)))


def test_the_webp_is_kept_under_its_hash_and_the_original_is_gone(
    people: People, work_off: WorkOff
) -> None:
    people.report(photos=(upload(jpeg()),))
    work_off()
    (photo,) = photos()
    assert photo.state == PhotoState.READY
    assert photo.sha256 is not None
    with gateways().photo_store.open_ready(photo.sha256) as stream:
        content = stream.read()
    assert hashlib.sha256(content).hexdigest() == photo.sha256
    assert content[8:12] == b"WEBP"
    assert list(gateways().photo_store.incoming_names()) == []


def test_a_photo_nobody_can_read_is_marked_and_the_report_goes_on(
    people: People, work_off: WorkOff
) -> None:
    people.crew()
    receipt = people.report(photos=(upload(b"\xff\xd8\xff no picture at all"),))
    work_off()
    (photo,) = photos()
    assert photo.state == PhotoState.BAD
    assert people.row(receipt).status == Status.ASSIGNED


def test_the_same_photo_in_two_reports_is_there_in_both(people: People, work_off: WorkOff) -> None:
    people.report(photos=(upload(jpeg()),))
    people.report(photos=(upload(jpeg()),))
    work_off()
    assert [photo.state for photo in photos()] == [PhotoState.READY, PhotoState.READY]


def test_a_photo_whose_upload_another_report_used_up_takes_that_ones_webp(
    people: People, work_off: WorkOff
) -> None:
    name = upload(jpeg())
    people.report(photos=(name,))
    work_off()
    people.report(photos=(name,))
    work_off()
    first, second = photos()
    assert (second.state, second.sha256) == (PhotoState.READY, first.sha256)
