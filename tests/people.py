"""The people of the tests: a resident who reports, crews on shift, a coordinator who signs in.

They act through the app's own doors and functions, so that what they leave behind is what real
people would leave behind.
"""

import re
from dataclasses import dataclass
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.lifecycle.attend import act
from dispatch.lifecycle.crew_action import ActionAnswer, CrewAction
from dispatch.lifecycle.receive import NewReport, Receipt, receive
from dispatch.models import Role, ServiceRequest, Task
from dispatch.rules.status import LIVE_TASKS
from dispatch.staffing.accounts import add_account
from dispatch.staffing.crews import CrewFacts, add_crew

HALMTORVET = (55.6699, 12.5605)
PASSWORD = "en lang adgangskode"


@dataclass(frozen=True)
class CrewMember:
    """A signed-up crew account."""

    account_id: int
    crew_id: int
    name: str


class People:
    """Makes and moves people; every name and key is fresh."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._numbers = count(1)

    def report(self, **changes: Any) -> Receipt:
        """A resident reports a syringe at Halmtorvet, or what the test says."""
        values: dict[str, Any] = {
            "service_code": "syringe",
            "form_key": f"{next(self._numbers):032x}",
            "lat": HALMTORVET[0],
            "lon": HALMTORVET[1],
            "place_kind": "street",
        }
        return receive(NewReport(**(values | changes)))

    def row(self, receipt: Receipt) -> ServiceRequest:
        """The stored request as it is now."""
        db.session.rollback()
        return db.session.get_one(ServiceRequest, receipt.service_request_id)

    def crew(self, name: str = "", *, on_shift: bool = True, **changes: Any) -> CrewMember:
        """A crew with needles and a cargo bike, on shift unless told otherwise."""
        number = next(self._numbers)
        name = name or f"Hold {number}"
        values: dict[str, Any] = {
            "skills": ("needles", "human_waste", "heavy"),
            "kvarterer": (),
            "vehicle": "cargo_bike",
            "start_lat": HALMTORVET[0],
            "start_lon": HALMTORVET[1],
        }
        crew_id = add_crew(CrewFacts(name=name, **(values | changes)))
        account_id = add_account(f"{name} telefon", Role.CREW, PASSWORD, crew_id=crew_id)
        member = CrewMember(account_id, crew_id, f"{name} telefon")
        if on_shift:
            self.act(member, "shift_start")
        return member

    def live_task(self, receipt: Receipt) -> int:
        """The id of the task a crew has for this report now."""
        db.session.rollback()
        return db.session.scalars(
            select(Task.id).where(
                Task.service_request_id == receipt.service_request_id, Task.state.in_(LIVE_TASKS)
            )
        ).one()

    def coordinator(self, name: str = "Koordinator", role: Role = Role.COORDINATOR) -> str:
        """A desk account; returns the name to sign in with."""
        add_account(name, role, PASSWORD)
        return name

    def act(self, member: CrewMember, action: str, **values: Any) -> ActionAnswer:
        """A crew does something, through the one function for it."""
        return act(
            CrewAction(
                key=values.pop("key", f"key-{next(self._numbers)}"),
                account_id=member.account_id,
                crew_id=member.crew_id,
                by=member.name,
                action=action,
                occurred_at=values.pop("occurred_at", gateways().clock.now()),
                **values,
            )
        )

    def signed_in(self, name: str) -> FlaskClient:
        """A browser in which this person has signed in."""
        browser = self._app.test_client()
        token = csrf_of(browser.get("/staff/sign-in").text)
        answer = browser.post(
            "/staff/sign-in", data={"name": name, "password": PASSWORD, "csrf_token": token}
        )
        assert answer.status_code == 303, answer.text
        return browser


def csrf_of(page: str) -> str:
    """The token in a page's first form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no form with a token"
    return found[1]
