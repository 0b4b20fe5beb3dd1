"""One table turns problems and HTTP errors into a page in the reader's language, or into JSON.

Nothing of the program's inside is shown; what went wrong is in the log. A form that was refused is
rendered again by its own page: what comes here is what no page could answer.
"""

import errno
import logging

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.globals import request_ctx
from flask_babel import gettext as _
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from dispatch.rules.problems import (
    AlreadyDone,
    Gone,
    NotAllowed,
    NotFound,
    Problem,
    Refused,
    TryLater,
)
from dispatch.web.date_words import minutes_text
from dispatch.web.error_words import BY_STATUS, CSRF, FAULT, NOT_SAVED, NOT_SHOWN, ErrorWords
from dispatch.web.problem_words import PROBLEMS, problem_text
from dispatch.web.wants_json import wants_json

log = logging.getLogger("renhold.web")

STATUS_OF: dict[type[Problem], int] = {
    Refused: 422,
    NotFound: 404,
    Gone: 410,
    NotAllowed: 403,
    AlreadyDone: 409,
    TryLater: 503,
    Problem: 400,
}
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")
STORE_FAULTS = (OperationalError, InterfaceError, InternalError, PoolTimeout)
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
RETRY_S = 60


def register_error_pages(app: Flask) -> None:
    """From here on every error is a page somebody can read."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(InternalServerError, _fault)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(RateLimitExceeded, _too_many)
    app.register_error_handler(OSError, _no_room)
    app.register_error_handler(DataError, _no_such_value)
    for fault in STORE_FAULTS:
        app.register_error_handler(fault, _store_fault)


def _problem(problem: Problem) -> Response:
    status = next(STATUS_OF[kind] for kind in type(problem).__mro__ if kind in STATUS_OF)
    words = BY_STATUS[status]._replace(reason=problem.code)
    if problem.code in PROBLEMS:
        words = words._replace(text=f"{problem_text(problem)}.".replace("..", "."))
    answer = _answer(status, words, problems=_field_problems(problem))
    if status == 503:
        answer.headers["Retry-After"] = str(RETRY_S)
    return answer


def _field_problems(problem: Problem) -> list[dict[str, str]] | None:
    if not isinstance(problem, Refused):
        return None
    return [
        {"field": each.field, "code": each.code, "text": problem_text(each)}
        for each in problem.problems
    ]


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    answer = _answer(status, BY_STATUS.get(status) or _nearest(status))
    given = error.get_response().headers
    for name in KEPT_HEADERS:
        if name in given:
            answer.headers[name] = given[name]
    return answer


def _nearest(status: int) -> ErrorWords:
    return BY_STATUS[400] if status < 500 else FAULT


def _fault(_error: InternalServerError) -> Response:
    return _answer(500, FAULT)


def _csrf(_error: CSRFError) -> Response:
    return _answer(400, CSRF)


def _too_many(error: RateLimitExceeded) -> Response:
    wait_s = error.limit.limit.get_expiry() if error.limit else RETRY_S
    return too_many(wait_s)


def too_many(wait_s: int) -> Response:
    """The page for a sender who must wait, when no form can be shown again."""
    wait = minutes_text(max(1, -(-wait_s // 60)))
    text = _("Prøv igen om %(wait)s. Gå tilbage: det, du har skrevet, står der endnu.", wait=wait)
    answer = _answer(429, BY_STATUS[429]._replace(text=text))
    answer.headers["Retry-After"] = str(wait_s)
    return answer


def _store_fault(error: Exception) -> Response:
    """The database is down, full, locked or read-only: the transaction is not in it."""
    # The driver's own first line names a table or a file, never what a resident wrote.
    said = str(getattr(error, "orig", "")).partition("\n")[0]
    log.error("database: %s: %s", type(error).__name__, said, exc_info=error)
    return _unavailable()


def _no_such_value(error: Exception) -> Response:
    """What no column can hold, such as a NUL in an address: nothing of ours is called that."""
    log.warning("a value no column holds: %s", type(error).__name__)
    status = 404 if request.method in ("GET", "HEAD") else 400
    return _answer(status, BY_STATUS[status])


def _no_room(error: OSError) -> Response:
    log.error("file: %s", type(error).__name__, exc_info=error)
    if error.errno not in NO_ROOM:
        return _answer(500, FAULT)
    return _unavailable()


def _unavailable() -> Response:
    answer = _answer(503, NOT_SHOWN if request.method in ("GET", "HEAD") else NOT_SAVED)
    answer.headers["Retry-After"] = str(RETRY_S)
    return answer


def _answer(
    status: int, words: ErrorWords, *, problems: list[dict[str, str]] | None = None
) -> Response:
    if wants_json():
        body = {"reason": words.reason, "text": str(words.text)}
        answer = jsonify(body | ({"problems": problems} if problems else {}))
        answer.status_code = status
        return answer
    if request_ctx.url_adapter is None:
        # Asked for under a name that is not ours: no address of ours can be built into a page.
        return make_response(str(words.heading), status, {"Content-Type": "text/plain"})
    text = " ".join(each["text"] + "." for each in problems) if problems else words.text
    page = render_template(
        "errors/problem.html", heading=words.heading, text=text, code=words.reason
    )
    return make_response(page, status)
