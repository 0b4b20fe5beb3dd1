"""Photos of a request: attach an upload, and later make the WebP that staff may see.

A photo that cannot be read is marked bad and never loses the report it came with.
"""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.gateways.photo_decoder import BadPhoto, PreparedPhoto, to_webp
from dispatch.lifecycle.work_list import finishing, owe
from dispatch.models import Photo, PhotoKind, PhotoState, Via, WorkKind
from dispatch.rules.problems import NotFound

NAME_BYTES = 16


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
    session.flush()
    owe(session, WorkKind.PREPARE_PHOTO, photo.id)


def prepare_photo(photo_id: int, via: Via) -> None:
    """1. Decode and shrink. 2. Put the WebP on the disk. 3. Commit its hash. 4. Drop the original."""
    photo = db.session.get(Photo, photo_id)
    if photo is None or photo.state != PhotoState.WAITING or photo.incoming is None:
        with finishing(WorkKind.PREPARE_PHOTO, photo_id, via):
            return
    incoming = photo.incoming
    prepared = _decode(incoming)
    store = gateways().photo_store
    sha256 = store.put_ready(prepared.webp) if isinstance(prepared, PreparedPhoto) else None
    with finishing(WorkKind.PREPARE_PHOTO, photo_id, via) as finish:
        row = finish.session.get_one(Photo, photo_id)
        if row.state != PhotoState.WAITING:
            return
        _write(row, prepared, sha256)
    if not _still_needed(incoming):
        store.delete_incoming(incoming)


def _decode(incoming: str) -> PreparedPhoto | BadPhoto:
    try:
        with gateways().photo_store.open_incoming(incoming) as stream:
            return to_webp(stream)
    except BadPhoto as bad:
        return bad
    except NotFound:
        return BadPhoto("missing")


def _write(row: Photo, prepared: PreparedPhoto | BadPhoto, sha256: str | None) -> None:
    row.incoming = None
    if isinstance(prepared, BadPhoto):
        row.state, row.bad_code = PhotoState.BAD, prepared.code
        return
    row.state, row.sha256 = PhotoState.READY, sha256
    row.bytes, row.width, row.height = len(prepared.webp), prepared.width, prepared.height


def _still_needed(incoming: str) -> bool:
    return (
        db.session.scalar(select(Photo.id).where(Photo.incoming == incoming).limit(1)) is not None
    )
