"""Everything a crew does, through one function: `act` takes one `CrewAction`, gives one answer.

Server-rendered forms and the phone's unsent actions come here alike, so that nothing is written
twice. A key seen before gets its first answer again. What a close means is in `resolve.py`, what
a shift means in `crew_shift.py`.
"""

import hashlib
import json
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.lifecycle.crew_action import ActionAnswer, CrewAction, Step
from dispatch.lifecycle.crew_shift import (
    box_emptied,
    break_end,
    break_start,
    needle_stick,
    shift_end,
    shift_start,
)
from dispatch.lifecycle.own_find import own_find
from dispatch.lifecycle.resolve import arrive, check_numbers, done, hand_back, problem, start
from dispatch.lifecycle.work_list import writing
from dispatch.models import CrewActionReceipt
from dispatch.models.transaction import again_on_conflict
from dispatch.rules.problems import NotFound, Refused

# A phone's clock is not trusted: what it claims is kept only so far from the time of receipt.
LONGEST_UNSENT = timedelta(days=30)
FASTEST_CLOCK = timedelta(minutes=5)

STEPS: dict[str, Step] = {
    "start": start,
    "arrive": arrive,
    "done": done,
    "problem": problem,
    "hand_back": hand_back,
    "own_find": own_find,
    "shift_start": shift_start,
    "shift_end": shift_end,
    "break_start": break_start,
    "break_end": break_end,
    "box_emptied": box_emptied,
    "needle_stick": needle_stick,
}


def act(action: CrewAction) -> ActionAnswer:
    """Do it once, and answer a repeat as the first time.

    Raises Refused: `key_reused` when the key came with another body, `action_unknown`, and what
    the single steps refuse; NotFound for another crew's task. A photo that is not in the store
    yet is refused too (`photo_unknown`): the phone sends it, then the action again.
    """
    if action.action not in STEPS:
        raise Refused.at("action", "action_unknown")
    known = _answer_of(action)
    if known is not None:
        return known
    check_numbers(action)
    _check_photos(action)
    try:
        return again_on_conflict(lambda: _do(action))
    except IntegrityError:
        # Another phone was first: with the same key, or with the same wish, such as the shift.
        return _answer_of(action) or again_on_conflict(lambda: _do(action))


def digest_of(action: CrewAction) -> str:
    """What makes two bodies the same; the key itself and who is signed in are not part of it."""
    body = {k: v for k, v in asdict(action).items() if k not in {"key", "account_id", "by"}}
    return hashlib.sha256(json.dumps(body, default=str, sort_keys=True).encode()).hexdigest()


def _check_photos(action: CrewAction) -> None:
    for name in action.photos:
        try:
            gateways().photo_store.open_incoming(name).close()
        except NotFound:
            raise Refused.at("photos", "photo_unknown") from None


def _do(action: CrewAction) -> ActionAnswer:
    now = gateways().clock.now()
    with writing() as session:
        dated = replace(action, occurred_at=_believable(action.occurred_at, now))
        answer = STEPS[action.action](session, dated, now)
        session.add(
            CrewActionReceipt(
                key=f"{action.crew_id}:{action.key}",
                body_digest=digest_of(action),
                account_id=action.account_id,
                action=action.action,
                task_id=action.task_id,
                answer=asdict(answer),
                occurred_at=dated.occurred_at,
                received_at=now,
            )
        )
        return answer


def _believable(claimed: datetime | None, now: datetime) -> datetime:
    """When it happened by the phone's clock, or the nearest time at which it can have happened."""
    if claimed is None:
        return now
    return min(max(claimed, now - LONGEST_UNSENT), now + FASTEST_CLOCK)


def _answer_of(action: CrewAction) -> ActionAnswer | None:
    known = db.session.scalar(
        select(CrewActionReceipt).where(CrewActionReceipt.key == f"{action.crew_id}:{action.key}")
    )
    if known is None:
        return None
    if known.body_digest != digest_of(action):
        raise Refused.at("key", "key_reused")
    return ActionAnswer(**known.answer)
