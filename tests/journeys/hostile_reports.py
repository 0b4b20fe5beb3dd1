"""Reports nobody hopes for: scripts, templates, paths, walls of letters, other directions, long past due.

They come in through the program's own functions, on a clock that is set back for each.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import select

from dispatch import create_app
from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.gateways.clock import SettableClock, SystemClock
from dispatch.lifecycle import decide
from dispatch.lifecycle.attend import act
from dispatch.lifecycle.crew_action import CrewAction
from dispatch.lifecycle.receive import NewReport, Receipt, receive
from dispatch.lifecycle.sweep import sweep
from dispatch.models import Account, Crew, Task
from dispatch.process_tree import completed
from dispatch.rules.status import LIVE_TASKS
from dispatch.settings import Settings
from tests.journeys.pictures_taken import photo_with_place
from tests.journeys.running_app import RunningApp

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
TEMPLATES = "${7*7} {{7*7}} {% raw %} %(num)d #{1+1} <%= 1 %>"
PATH = r"C:\path\u1 \u{41} \x41 \N \\"
WALL = "A" * 2000
OTHER_WAY = "مرحبا بالعالم, שלום עולם \u202e egatneb \u202c og 🧪💉"
QUOTES = "\"'><b onmouseover=alert(3)>fed</b> -- ; DROP TABLE request;"
HOSTILE = (SCRIPT, TEMPLATES, PATH, WALL, OTHER_WAY, QUOTES)
PLACES = (
    (55.6717, 12.5617), (55.6708, 12.5581), (55.6699, 12.5605), (55.6690, 12.5540),
    (55.6703, 12.5571), (55.6675, 12.5520), (55.6712, 12.5601), (55.6695, 12.5560),
)  # fmt: skip


@dataclass(frozen=True)
class Town:
    """What was made: references and links by what they show."""

    late: Receipt
    held: Receipt
    done: Receipt
    declined: Receipt
    duplicate: Receipt
    open_stop: int
    stop_crew: str


@contextmanager
def beside(running: RunningApp) -> Iterator[Flask]:
    """The same app in this process, on the same database, with a clock that can be set back."""
    app = create_app(completed(Settings.from_environment(running.environment)))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def fill_the_town(app: Flask) -> Town:
    """Hostile reports in every state the desk can show; the crew 'Grundlæggerne' goes home."""
    makers = _Makers(app)
    late = [makers.report(text, hours_ago=30 - place) for place, text in enumerate(HOSTILE)]
    held = makers.report(
        WALL, lat=None, lon=None, address=f"{SCRIPT[:60]} {'Ø' * 120}", place_unverified=True
    )
    makers.report(OTHER_WAY, place_kind="yard_stairwell", contact="12345678")
    makers.report(TEMPLATES, service_code="toilet", hours_ago=3)
    done, twice, declined, forwarded = (makers.report(text) for text in HOSTILE[:4])
    sweep(grace=timedelta(0))
    makers.close(done, note=SCRIPT, needles=9999, other_sharps=9999, bags=9999)
    makers.close(done, note=WALL[:1000], needles=1)
    decide.decline(declined.service_request_id, reason="other", note=QUOTES, by=SCRIPT)
    decide.forward(forwarded.service_request_id, authority="owner", note=WALL, by="koordinator")
    decide.mark_duplicate(
        twice.service_request_id, of_reference=late[0].reference, by="koordinator"
    )
    makers.act("Istedholdet", "needle_stick")
    makers.act("Grundlæggerne", "shift_end")
    sweep(grace=timedelta(0))
    task = makers.live_task(late[0])
    return Town(late[3], held, done, declined, twice, task.id, task.crew.name)


class _Makers:
    """Residents and crews in this process."""

    def __init__(self, app: Flask) -> None:
        self._app, self._made = app, 0

    def report(self, text: str, *, hours_ago: float = 0, **changes: Any) -> Receipt:
        """A syringe with this text, sent so long ago, with a photo."""
        lat, lon = PLACES[self._made % len(PLACES)]
        self._made += 1
        photo = gateways().photo_store.put_incoming(BytesIO(photo_with_place()), 10**8)
        values: dict[str, Any] = {
            "service_code": "syringe", "form_key": secrets.token_hex(16), "lat": lat, "lon": lon,
            "place_kind": "street", "needle_count": 999, "capped": False, "surface": "stairs",
            "risk_now": self._made % 3 == 0, "description": text, "contact": "beboer@example.dk",
            "photos": (photo,),
        }  # fmt: skip
        with self._clock_back(hours_ago):
            return receive(NewReport(**(values | changes)))

    def close(self, receipt: Receipt, **facts: Any) -> None:
        """The crew that has it, or had it, closes it."""
        task = self._last_task(receipt)
        name = task.crew.name
        for action in ("start", "arrive"):
            self.act(name, action, task_id=task.id)
        self.act(name, "done", task_id=task.id, outcome="removed", minutes=9, **facts)

    def act(self, crew_name: str, action: str, **values: Any) -> None:
        crew = db.session.scalars(select(Crew).where(Crew.name == crew_name)).one()
        account = db.session.scalars(select(Account).where(Account.crew_id == crew.id)).first()
        assert account is not None
        act(
            CrewAction(
                key=secrets.token_hex(16), account_id=account.id, crew_id=crew.id, by=account.name,
                action=action, occurred_at=gateways().clock.now(), **values,
            )
        )  # fmt: skip

    def live_task(self, receipt: Receipt) -> Task:
        task = self._last_task(receipt)
        assert task.state in LIVE_TASKS
        return task

    def _last_task(self, receipt: Receipt) -> Task:
        db.session.rollback()
        wanted = Task.service_request_id == receipt.service_request_id
        return db.session.scalars(select(Task).where(wanted).order_by(Task.id.desc())).first()  # type: ignore[return-value]

    @contextmanager
    def _clock_back(self, hours: float) -> Iterator[None]:
        opened = self._app.extensions["renhold.gateways"]
        then = SystemClock().now() - timedelta(hours=hours)
        self._app.extensions["renhold.gateways"] = replace(opened, clock=SettableClock(then))
        try:
            yield
        finally:
            self._app.extensions["renhold.gateways"] = opened
