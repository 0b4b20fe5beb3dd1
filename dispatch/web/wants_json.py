"""Whether the reader of this answer is a program: phones' scripts, other systems, monitors."""

from flask import request

MACHINE_PATHS = ("/crew/photos/", "/open311/")
# A person's form and a phone's script send to the same address.
SHARED_PATHS = ("/crew/actions",)
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


def wants_json() -> bool:
    """By address, by what was sent, or because JSON is asked for before HTML."""
    path = request.path
    if path.endswith(".json") or path.startswith(MACHINE_PATHS) or request.is_json:
        return True
    posted = request.method == "POST" and request.mimetype not in FORM_TYPES
    if posted and path.startswith(SHARED_PATHS):
        return True
    return request.accept_mimetypes.best_match(("text/html", "application/json")) == (
        "application/json"
    )
