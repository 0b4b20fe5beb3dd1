"""Do one piece of owed work, whoever asks: claim it, run its step, keep what went wrong.

After five attempts the request is put before a person instead of being tried for ever.
"""

import logging
from collections.abc import Callable

from dispatch.extensions import db
from dispatch.lifecycle import work_list
from dispatch.lifecycle.assign import assign_request
from dispatch.lifecycle.attach_photo import prepare_photo
from dispatch.lifecycle.inform import send_message
from dispatch.lifecycle.locate import locate_request
from dispatch.lifecycle.transition import SYSTEM, Change, change_status
from dispatch.models import Message, MessageState, Photo, PhotoState, ServiceRequest, Via, WorkKind
from dispatch.rules.problems import AlreadyDone
from dispatch.rules.status import Status

log = logging.getLogger("renhold.work")

STEPS: dict[WorkKind, Callable[[int, Via], None]] = {
    WorkKind.LOCATE_REQUEST: locate_request,
    WorkKind.ASSIGN_REQUEST: assign_request,
    WorkKind.PREPARE_PHOTO: prepare_photo,
    WorkKind.SEND_MESSAGE: send_message,
}


def perform(kind: WorkKind, subject_id: int, via: Via) -> bool:
    """Run the step once if it is owed and free; True when it was run. Errors are kept and raised."""
    if not work_list.claim(kind, subject_id):
        return False
    try:
        STEPS[kind](subject_id, via)
    except AlreadyDone:
        log.info("already done", extra={"kind": kind.value, "subject": subject_id})
        _let_go(kind, subject_id, via)
    except Exception as error:
        db.session.rollback()
        if work_list.record_failure(kind, subject_id, error) >= work_list.MOST_ATTEMPTS:
            _ask_a_person(kind, subject_id, type(error).__name__)
        raise
    return True


def _let_go(kind: WorkKind, subject_id: int, via: Via) -> None:
    with work_list.finishing(kind, subject_id, via):
        return


def _ask_a_person(kind: WorkKind, subject_id: int, error: str) -> None:
    with work_list.writing() as session:
        work_list.strike_failed(session, kind, subject_id)
        if kind is WorkKind.PREPARE_PHOTO:
            photo = session.get_one(Photo, subject_id)
            photo.state, photo.bad_code = PhotoState.BAD, "not_prepared"
            return
        if kind is WorkKind.SEND_MESSAGE:
            session.get_one(Message, subject_id).state = MessageState.REFUSED
            return
        request = session.get_one(ServiceRequest, subject_id)
        if request.status == Status.RECEIVED:
            change = Change(
                Status.HELD,
                SYSTEM,
                reason="needs_attention",
                also={"hold_detail": f"{kind.value}: {error}"},
            )
            change_status(session, request, change)
