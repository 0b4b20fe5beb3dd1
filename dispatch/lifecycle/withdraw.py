"""What the reporter may do with the tracking link: withdraw it, or say that it is not solved."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.gateways import gateways
from dispatch.lifecycle.decide import bring_back, live_task
from dispatch.lifecycle.resolve import end_task
from dispatch.lifecycle.transition import RESIDENT, Change, change_status
from dispatch.lifecycle.work_list import writing
from dispatch.models import ServiceRequest
from dispatch.models.policy_in_force import policy_in_force
from dispatch.rules.personal_data import blocks, clean_text, find_personal_data
from dispatch.rules.problems import AlreadyDone, NotFound, Refused
from dispatch.rules.status import Status, TaskState

NOT_SOLVED_WITHIN = timedelta(days=14)


def withdraw(token: str) -> None:
    """Take the report back; a crew that has it loses the stop."""
    with writing() as session:
        request = _by_token(session, token)
        now = gateways().clock.now()
        task = live_task(session, request.id)
        if task is not None:
            end_task(session, task, TaskState.CANCELLED, now)
            session.flush()
        change_status(session, request, Change(Status.WITHDRAWN, RESIDENT))


def not_solved(token: str, note: str) -> None:
    """Open it again, first in line; within 14 days of the crew's close."""
    text = clean_text(note).strip()
    most = policy_in_force().description_characters
    if len(text) > most:
        raise Refused.at("note", "text_too_long", **{"most": most, "is": len(text)})
    if blocks(find_personal_data(text)):
        raise Refused.at("note", "cpr_in_text")
    with writing() as session:
        request = _by_token(session, token)
        if request.status != Status.RESOLVED or request.closed_at is None:
            raise AlreadyDone("status_is", status=request.status.value)
        if gateways().clock.now() - request.closed_at > NOT_SOLVED_WITHIN:
            raise AlreadyDone("too_late_to_reopen")
        change = Change(Status.RECEIVED, RESIDENT, reason="not_solved", note=text)
        bring_back(session, request, change)


def _by_token(session: Session, token: str) -> ServiceRequest:
    request = session.scalar(select(ServiceRequest).where(ServiceRequest.token == token))
    if request is None:
        raise NotFound("report_not_found")
    return request
