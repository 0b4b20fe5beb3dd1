"""Photos for staff: the desk sees all, a crew those of its own tasks of today. Never anyone else.

Not kept by any cache. Whether a crew may see one is asked of the database each time.
"""

import re

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from dispatch.gateways import gateways
from dispatch.queries.photo_of import photo_of, photo_of_crew
from dispatch.staffing.sign_in import SignedIn
from dispatch.web.guards import CREW_ROLES, DESK_ROLES, signed_in_account

bp = Blueprint("photo", __name__, url_prefix="/staff/photos")

SERVED_NAME = re.compile(r"[0-9a-f]{32}")


@bp.get("/<served_name>.webp")
def show(served_name: str) -> Response:
    """The WebP; 404 for an unknown name and for one this reader may not see, told alike."""
    if not SERVED_NAME.fullmatch(served_name):
        raise NotFound
    sha256 = _visible_to(signed_in_account(), served_name)
    if sha256 is None:
        raise NotFound
    with gateways().photo_store.open_ready(sha256) as photo:
        answer = Response(photo.read(), mimetype="image/webp")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Disposition"] = "inline"
    return answer


def _visible_to(who: SignedIn, served_name: str) -> str | None:
    if who.role in DESK_ROLES:
        return photo_of(served_name)
    if who.role in CREW_ROLES and who.crew_id is not None:
        return photo_of_crew(served_name, who.crew_id, gateways().clock.now())
    return None
