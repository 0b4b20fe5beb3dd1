"""The demonstration staff as a replay needs them: who there is, and signing in by the page.

The sign-ins are those `renhold demo` keeps in the data folder; nothing here makes accounts.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dispatch.replay.loopback import Browser, patiently
from dispatch.replay.page_reader import read_page

CREW_ROLES = ("crew", "partner")
COORDINATOR_ROLES = ("coordinator", "admin")


class NoStaff(Exception):
    """The people a replay needs cannot be had; the message says who is missing."""


@dataclass(frozen=True)
class SignIn:
    name: str
    role: str
    password: str


def read_sign_ins(path: Path) -> tuple[SignIn, ...]:
    """All demonstration sign-ins; raises NoStaff when there is no such file."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return tuple(SignIn(row["name"], row["role"], row["password"]) for row in rows)
    except FileNotFoundError:
        raise NoStaff(f"{path} is missing: start the system with `renhold up --demo`.") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise NoStaff(f"{path} does not hold demonstration sign-ins.") from None


def crews_among(sign_ins: Sequence[SignIn], wanted: int) -> tuple[SignIn, ...]:
    """So many crews, own ones before partners; raises NoStaff when there are fewer."""
    crews = [each for role in CREW_ROLES for each in sign_ins if each.role == role]
    if len(crews) < wanted:
        raise NoStaff(f"{wanted} crews are wanted, the demonstration has {len(crews)}.")
    return tuple(crews[:wanted])


def coordinator_among(sign_ins: Sequence[SignIn]) -> SignIn:
    """Who may read the export; raises NoStaff when there is nobody."""
    for role in COORDINATOR_ROLES:
        for each in sign_ins:
            if each.role == role:
                return each
    raise NoStaff("the demonstration has no coordinator.")


def sign_in(browser: Browser, who: SignIn) -> None:
    """Open a session in this browser; raises NoStaff when the page says no, Unanswered without one."""

    def try_once() -> int:
        token = read_page(browser.get("/staff/sign-in").text).hidden.get("csrf_token", "")
        fields = {"name": who.name, "password": who.password, "csrf_token": token}
        return browser.post("/staff/sign-in", data=fields).status_code

    status = patiently(try_once)
    if status != 303:
        raise NoStaff(f"{who.name} cannot sign in (answer {status}).")
