"""What a crew's phone and its scripts say and ask: the day as JSON, actions, photos.

An action is answered by the contract: same key and body, same answer; same key, other body, 422;
a shape nobody knows, 400 with the field. The pages are in `crew_pages.py`, the shape of an action
in `crew_form.py`. Nothing here says who reported, and nothing is told of another crew's tasks.
"""

import re
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import Blueprint, Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from dispatch.gateways import gateways
from dispatch.lifecycle.attend import act
from dispatch.models.policy_in_force import policy_in_force
from dispatch.queries.crew_day import crew_day
from dispatch.rules.photo_signature import HEAD_BYTES, looks_like_a_photo
from dispatch.rules.problems import AlreadyDone, FieldProblem, NotFound, Problem, Refused, TryLater
from dispatch.web.crew_day_json import day_as_json, version_of
from dispatch.web.crew_form import Actor, action_from_json
from dispatch.web.crew_words import crew_problem
from dispatch.web.guards import own_crew_id, signed_in_account
from dispatch.web.language import choose_language

bp = Blueprint("crew_api", __name__, url_prefix="/crew")

PHOTO_NAME = re.compile(r"[0-9a-f]{64}")
MEGABYTE = 1024 * 1024
IN_MEMORY = MEGABYTE
CHUNK = 64 * 1024
STATUS: dict[type[Problem], int] = {NotFound: 404, AlreadyDone: 409, TryLater: 503}


@bp.get("/day.json")
def day() -> Response:
    """Today's own open stops; 304 while nothing has changed, which costs no travel table."""
    now = gateways().clock.now()
    found = crew_day(own_crew_id())
    version = version_of(found, now, choose_language())
    if request.if_none_match.contains_weak(version):
        return _kept_nowhere(Response(status=304), version)
    return _kept_nowhere(make_response(jsonify(day_as_json(found, now))), version)


def answer_action() -> ResponseReturnValue:
    """One action from a phone, as JSON."""
    try:
        body = request.get_json()
    except (BadRequest, RecursionError):
        return refusal(Refused.at("body", "body_unreadable"))
    try:
        action = action_from_json(body, request.headers.get("Idempotency-Key", ""), actor())
        answer = act(action)
    except Problem as problem:
        return refusal(problem)
    return jsonify(
        kind=answer.kind,
        code=answer.code,
        task_id=answer.task_id,
        task_version=answer.task_version,
        route_version=answer.route_version,
    )


@bp.put("/photos/<name>")
def keep_photo(name: str) -> ResponseReturnValue:
    """Keep one photo under its SHA-256 until an action names it; again is harmless."""
    if not PHOTO_NAME.fullmatch(name):
        return refusal(Refused.at("photo", "photo_hash_differs"), status=400)
    limit = policy_in_force().photo_megabytes * MEGABYTE
    with SpooledTemporaryFile(max_size=IN_MEMORY) as photo:
        problem = _take_in(photo, name, limit)
        if problem is not None:
            return refusal(Refused((problem,)))
        if _is_kept(name):
            return jsonify(sha256=name), 200
        photo.seek(0)
        try:
            gateways().photo_store.put_incoming(photo, limit)
        except TryLater as full:
            return refusal(full)
    return jsonify(sha256=name), 201


def actor() -> Actor:
    """The signed-in phone."""
    who = signed_in_account()
    return Actor(who.account_id, own_crew_id(), who.name)


def refusal(problem: Problem, status: int | None = None) -> ResponseReturnValue:
    """A problem for a script: code, field and a sentence in the reader's language."""
    if not isinstance(problem, Refused):
        found = next((code for kind, code in STATUS.items() if isinstance(problem, kind)), 400)
        body = {"reason": problem.code, "code": problem.code}
        return jsonify(**body, sentence=crew_problem(problem)), status or found
    first = problem.problems[0]
    rows = [
        {"field": each.field, "code": each.code, "sentence": crew_problem(each)}
        for each in problem.problems
    ]
    found = REFUSED.get(first.code, 400)
    return jsonify(reason=first.code, **rows[0], problems=rows), status or found


REFUSED = {"key_reused": 422, "photo_hash_differs": 422, "too_large": 413, "unknown_format": 415}


def _is_kept(name: str) -> bool:
    try:
        gateways().photo_store.open_incoming(name).close()
    except NotFound:
        return False
    return True


def _take_in(photo: IO[bytes], name: str, limit: int) -> FieldProblem | None:
    """Read the body no further than the limit; what is wrong with it, or None."""
    digest, seen = sha256(), 0
    while chunk := request.stream.read(CHUNK):
        seen += len(chunk)
        if seen > limit:
            return FieldProblem("photo", "too_large", {"limit_bytes": limit})
        digest.update(chunk)
        photo.write(chunk)
    photo.seek(0)
    if not looks_like_a_photo(photo.read(HEAD_BYTES)):
        return FieldProblem("photo", "unknown_format")
    return None if digest.hexdigest() == name else FieldProblem("photo", "photo_hash_differs")


def _kept_nowhere(answer: Response, version: str) -> Response:
    answer.set_etag(version, weak=True)
    answer.headers["Cache-Control"] = "no-store"
    return answer
