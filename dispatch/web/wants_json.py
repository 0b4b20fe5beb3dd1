"""Whether the reader of this answer is a program: phones' scripts, other systems, monitors."""

from flask import request

MACHINE_PATHS = ("/crew/actions", "/crew/photos/", "/open311/")


def wants_json() -> bool:
    """By address, by what was sent, or because JSON is asked for before HTML."""
    path = request.path
    if path.endswith(".json") or path.startswith(MACHINE_PATHS) or request.is_json:
        return True
    return request.accept_mimetypes.best_match(("text/html", "application/json")) == (
        "application/json"
    )
