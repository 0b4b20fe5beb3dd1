"""Demonstration data: staff with random passwords, crews whose shifts cover the day, reports.

Everything goes through the program's own functions, on a clock that is set back a few days and
walks up to now, so that the demonstration shows what real days leave behind. Never in production.
"""

import json
import os
import random
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, func, select, update

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.gateways.clock import SettableClock
from dispatch.lifecycle.attend import act
from dispatch.lifecycle.crew_action import CrewAction
from dispatch.lifecycle.receive import NewReport, receive
from dispatch.lifecycle.sweep import sweep
from dispatch.models import Account, Crew, Role, ServiceRequest, Shift, Task, WorkTally
from dispatch.models.transaction import transaction
from dispatch.rules.catalogue import ServiceCode, Skill, Vehicle
from dispatch.rules.status import LIVE_TASKS
from dispatch.settings import DEMO_SIGN_INS, Settings
from dispatch.staffing.accounts import add_account
from dispatch.staffing.crews import CrewFacts, add_crew

DAYS_BACK = 3
LEFT_OPEN = 12
SEED = 1650

PARTNER = "Grundlæggerne"

CREWS = (
    CrewFacts(
        name="Istedholdet",
        organisation="Fleksibelt renhold",
        funding_line="Sprøjteindsamling",
        skills=(Skill.NEEDLES,),
        kvarterer=("Vesterbro øst", "Vesterbro central"),
        vehicle=Vehicle.WALKING,
        start_lat=55.6717,
        start_lon=12.5617,
        starts_hour=0,
        ends_hour=24,
    ),
    CrewFacts(
        name="Cykelholdet",
        organisation="Fleksibelt renhold",
        funding_line="Fleksibelt renhold",
        skills=(Skill.NEEDLES, Skill.HUMAN_WASTE, Skill.HEAVY),
        kvarterer=(),
        vehicle=Vehicle.CARGO_BIKE,
        start_lat=55.6691,
        start_lon=12.5585,
        starts_hour=0,
        ends_hour=24,
    ),
    CrewFacts(
        name="Enghaveholdet",
        organisation="Fleksibelt renhold",
        funding_line="Sprøjteindsamling",
        skills=(Skill.NEEDLES, Skill.HUMAN_WASTE),
        kvarterer=("Vesterbro vest", "Vesterbro syd", "Kongens Enghave"),
        vehicle=Vehicle.WALKING,
        start_lat=55.6663,
        start_lon=12.5446,
        starts_hour=0,
        ends_hour=24,
    ),
    CrewFacts(
        name="Grundlæggerne",
        organisation="Grundlæggerne",
        funding_line="Fleksibelt renhold",
        skills=(),
        kvarterer=(),
        vehicle=Vehicle.WALKING,
        start_lat=55.6703,
        start_lon=12.5571,
        starts_hour=0,
        ends_hour=24,
    ),
)

PLACES = (
    ("Istedgade 20", "street"),
    ("Istedgade 62", "stairs"),
    ("Halmtorvet 9", "street"),
    ("Skydebanegade 12", "street"),
    ("Sønder Boulevard 40", "park"),
    ("Colbjørnsensgade 8", "street"),
    ("Reventlowsgade 12", "station"),
    ("Abel Cathrines Gade 7", "street"),
    ("Gasværksvej 16", "school"),
    ("Saxogade 40", "street"),
    ("Absalonsgade 5", "yard_stairwell"),
    ("Dybbølsgade 30", "street"),
    ("Enghavevej 60", "park"),
    ("Viktoriagade 15", "stairs"),
    ("Litauens Plads 1", "playground"),
    ("Ingerslevsgade 100", "station"),
)

KINDS = (
    (ServiceCode.SYRINGE, 9, ("Ligger ved trappen.", "Flere ligger bag cykelstativet.", "")),
    (ServiceCode.DRUG_LITTER, 4, ("Folie og lightere på bænken.", "")),
    (ServiceCode.HUMAN_WASTE, 3, ("I porten til gården.", "")),
    (ServiceCode.LITTER, 3, ("Poser med affald ved skraldespanden.",)),
    (ServiceCode.FULL_BIN, 2, ("Kurven er helt fyldt.",)),
    (ServiceCode.BULKY, 1, ("En madras står op ad muren.",)),
    (ServiceCode.GLASS, 2, ("Knust flaske på cykelstien.",)),
    (ServiceCode.TOILET, 1, ("Døren kan ikke låses.",)),
)


def make_demonstration(settings: Settings, *, requests: int, only_if_empty: bool) -> int:
    """Make staff, crews and reports; returns how many reports. With data there: only open shifts."""
    fresh = db.session.scalar(select(func.count(Account.id))) == 0
    if not fresh and only_if_empty:
        _cover_the_day()
        return 0
    if fresh:
        _make_staff(settings.data_dir)
    made = _live_through(requests)
    _cover_the_day()
    _forget_who_worked()
    return made


def _forget_who_worked() -> None:
    """The making was done here and not by the workers; their figures begin at nought."""
    with transaction() as session:
        session.execute(delete(WorkTally))


def _make_staff(folder: Path) -> None:
    sign_ins = [_staff("koordinator", Role.COORDINATOR), _staff("sekretariat", Role.SECRETARIAT)]
    for crew in CREWS:
        role = Role.PARTNER if crew.organisation == PARTNER else Role.CREW
        sign_ins.append(_staff(crew.name.lower(), role, add_crew(crew)))
    path = folder / DEMO_SIGN_INS
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(sign_ins, file, ensure_ascii=False, indent=1)


def _staff(name: str, role: Role, crew_id: int | None = None) -> dict[str, str]:
    password = secrets.token_urlsafe(9)
    add_account(name, role, password, crew_id=crew_id)
    return {"name": name, "role": role.value, "password": password}


def _cover_the_day() -> None:
    """Every crew on shift, until at least tomorrow morning."""
    now = gateways().clock.now()
    for crew in db.session.scalars(select(Crew).where(Crew.active)).all():
        _act(crew.id, "shift_start", now)
    _lengthen_shifts(now)


def _lengthen_shifts(now: datetime) -> None:
    """An open shift of the demonstration never ends soon, or all new work would be overtime."""
    with transaction() as session:
        session.execute(
            update(Shift)
            .where(Shift.ended_at.is_(None), Shift.ends_at < now + timedelta(hours=12))
            .values(ends_at=now + timedelta(hours=12))
        )


def _live_through(requests: int) -> int:
    """Send the reports at times of the last days, and let the crews work most of them off."""
    dice = random.Random(SEED)
    bound_gateways = current_app.extensions["renhold.gateways"]
    now = bound_gateways.clock.now()
    clock = SettableClock(now - timedelta(days=DAYS_BACK))
    current_app.extensions["renhold.gateways"] = replace(bound_gateways, clock=clock)
    try:
        _cover_the_day()
        moments = sorted(now - _ago(dice, place, requests) for place in range(requests))
        return sum(
            _one(dice, clock, moment, place, requests) for place, moment in enumerate(moments)
        )
    finally:
        current_app.extensions["renhold.gateways"] = bound_gateways


def _ago(dice: random.Random, place: int, requests: int) -> timedelta:
    if place >= requests - LEFT_OPEN:
        return timedelta(minutes=dice.uniform(2, 150))
    return timedelta(hours=dice.uniform(3, DAYS_BACK * 24))


def _one(
    dice: random.Random, clock: SettableClock, moment: datetime, place: int, requests: int
) -> bool:
    """One report at its moment; the crews go on with what they have."""
    clock.set(moment)
    _lengthen_shifts(moment)
    found = _somewhere(dice)
    if found is None:
        return False
    (lat, lon, address), place_kind = found
    service, words = _something(dice)
    receipt = receive(
        NewReport(
            service_code=service.value,
            form_key=secrets.token_hex(16),
            lat=lat,
            lon=lon,
            address=address,
            place_kind=place_kind,
            needle_count=dice.choice((1, 1, 2, 3, 6)) if service == ServiceCode.SYRINGE else None,
            description=words,
            contact=f"beboer{place}@example.dk" if dice.random() < 0.3 else "",
        )
    )
    sweep(grace=timedelta(0))
    if place < requests - LEFT_OPEN:
        clock.advance(timedelta(minutes=dice.uniform(15, 70)))
        _work_off(dice, receipt.service_request_id, clock.now())
    return True


def _somewhere(dice: random.Random) -> tuple[tuple[float, float, str], str] | None:
    text, place_kind = dice.choice(PLACES)
    places = gateways().place_data
    found = places.find_address(text, limit=1)
    if not found:
        return None
    lat = found[0].lat + dice.uniform(-0.0002, 0.0002)
    lon = found[0].lon + dice.uniform(-0.0003, 0.0003)
    if not places.covers(lat, lon):
        return None
    return (lat, lon, found[0].label), place_kind


def _something(dice: random.Random) -> tuple[ServiceCode, str]:
    service, _, words = dice.choices(KINDS, [weight for _, weight, _ in KINDS])[0]
    return service, dice.choice(words)


def _work_off(dice: random.Random, request_id: int, now: datetime) -> None:
    task = db.session.scalar(
        select(Task).where(Task.service_request_id == request_id, Task.state.in_(LIVE_TASKS))
    )
    if task is None:
        return
    request = db.session.get_one(ServiceRequest, request_id)
    task_id, crew_id, service = task.id, task.crew_id, request.service_code
    needles = dice.randint(1, 4) if service == ServiceCode.SYRINGE else None
    outcome = "nothing_found" if dice.random() < 0.12 else "removed"
    _act(crew_id, "start", now, task_id=task_id)
    _act(crew_id, "arrive", now, task_id=task_id)
    _act(
        crew_id,
        "done",
        now,
        task_id=task_id,
        outcome=outcome,
        needles=needles if outcome == "removed" else None,
        bags=1 if outcome == "removed" and needles is None else None,
        minutes=dice.randint(3, 15),
    )


def _act(crew_id: int, action: str, now: datetime, **values: object) -> None:
    account = db.session.scalars(select(Account).where(Account.crew_id == crew_id)).first()
    if account is None:
        return
    act(
        CrewAction(
            key=secrets.token_hex(16),
            account_id=account.id,
            crew_id=crew_id,
            by=account.name,
            action=action,
            occurred_at=now,
            **values,  # type: ignore[arg-type]
        )
    )
