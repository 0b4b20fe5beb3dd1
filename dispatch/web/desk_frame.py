"""The frame around every page of the desk: its menu, who is signed in, and how things are running.

What the pages show is asked for in their own files.
"""

from dataclasses import asdict
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from dispatch.gateways import gateways
from dispatch.job_queue import QUEUES, broker_answers
from dispatch.queries.desk_pulse import Pulse, desk_pulse, silent_queues
from dispatch.web.desk_form import day_began
from dispatch.web.guards import signed_in_account

PAGES = ("desk.index", "dashboard_map.page", "desk.crews")


def desk_frame(here: str = "") -> dict[str, Any]:
    """What `layouts/staff.html` asks for; `here` is the endpoint the menu marks."""
    words = {
        "desk.index": _("Skrivebord"),
        "dashboard_map.page": _("Kort"),
        "desk.crews": _("Hold"),
    }
    return {
        "nav": [(url_for(page), words[page], page == here) for page in PAGES],
        "signed_in_name": signed_in_account().name,
    }


def pulse_now() -> Pulse:
    """The counts as they stand this moment."""
    now = gateways().clock.now()
    return desk_pulse(now, day_began(now))


def what_stands_still() -> list[str]:
    """`broker`, and each queue whose workers are silent; empty when all is well."""
    silent = list(silent_queues(QUEUES, gateways().clock.now()))
    return silent if broker_answers() else ["broker", *silent]


def pulse_document() -> dict[str, Any]:
    """The counts and what stands still, as the page's script asks for them."""
    return asdict(pulse_now()) | {"still": what_stands_still()}
