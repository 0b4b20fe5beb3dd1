"""Photos of a request: attach an upload, and later make the WebP that staff may see.

A photo that cannot be read is marked bad and never loses the report it came with.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.gateways.photo_decoder import BadPhoto, to_webp
from dispatch.lifecycle.work_list import finishing, owe
from dispatch.models import Photo, PhotoKind, PhotoState, ServiceRequest, Via, WorkKind
from dispatch.rules.problems import NotFound

NAME_BYTES = 16


@dataclass(frozen=True)
class Prepared:
    """A WebP that lies in the photo store."""

    sha256: str
    bytes: int
    width: int
    height: int


def attach_photo(
    session: Session,
    service_request_id: int,
    incoming: str,
    kind: PhotoKind,
    task_id: int | None = None,
) -> None:
    """Note an upload that is already on the disk, and owe its preparation."""
    photo = Photo(
        service_request_id=service_request_id,
        task_id=task_id,
        kind=kind,
        state=PhotoState.WAITING,
        served_name=secrets.token_hex(NAME_BYTES),
        incoming=incoming,
        created_at=gateways().clock.now(),
    )
    session.add(photo)
    # After an erasure there is something to erase again.
    session.execute(
        update(ServiceRequest)
        .where(ServiceRequest.id == service_request_id)
        .values(photos_erased_at=None, text_erased_at=None)
    )
    session.flush()
    owe(session, WorkKind.PREPARE_PHOTO, photo.id)


def prepare_photo(photo_id: int, via: Via) -> None:
    """1. Decode and shrink. 2. Put the WebP on the disk. 3. Commit its hash. 4. Drop the original."""
    photo = db.session.get(Photo, photo_id)
    if photo is None or photo.state != PhotoState.WAITING or photo.incoming is None:
        with finishing(WorkKind.PREPARE_PHOTO, photo_id, via):
            return
    incoming = photo.incoming
    result = _prepare(incoming)
    with finishing(WorkKind.PREPARE_PHOTO, photo_id, via) as finish:
        row = finish.session.get_one(Photo, photo_id)
        if row.state != PhotoState.WAITING:
            return
        _write(row, result)
    if not _still_waited_for(incoming):
        gateways().photo_store.delete_incoming(incoming)


def _prepare(incoming: str) -> Prepared | BadPhoto:
    try:
        with gateways().photo_store.open_incoming(incoming) as stream:
            prepared = to_webp(stream)
    except BadPhoto as bad:
        return bad
    except NotFound:
        return _made_before(incoming) or BadPhoto("missing")
    sha256 = gateways().photo_store.put_ready(prepared.webp)
    return Prepared(sha256, len(prepared.webp), prepared.width, prepared.height)


def _made_before(incoming: str) -> Prepared | None:
    """The WebP of the very same upload: someone sent it twice, and the first has been dropped."""
    same = db.session.scalar(
        select(Photo).where(Photo.incoming == incoming, Photo.state == PhotoState.READY).limit(1)
    )
    if same is None or not same.sha256:
        return None
    return Prepared(same.sha256, same.bytes or 0, same.width or 0, same.height or 0)


def _write(row: Photo, result: Prepared | BadPhoto) -> None:
    if isinstance(result, BadPhoto):
        row.state, row.bad_code = PhotoState.BAD, result.code
        return
    row.state, row.sha256 = PhotoState.READY, result.sha256
    row.bytes, row.width, row.height = result.bytes, result.width, result.height


def _still_waited_for(incoming: str) -> bool:
    waiting = select(Photo.id).where(Photo.incoming == incoming, Photo.state == PhotoState.WAITING)
    return db.session.scalar(waiting.limit(1)) is not None
