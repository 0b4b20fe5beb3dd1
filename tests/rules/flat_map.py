"""A flat map for the planner's tests: a second of travel is a second of the map, all at ten."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from dispatch.rules.catalogue import Priority, ServiceCode, Skill, Vehicle
from dispatch.rules.distance import Point
from dispatch.rules.matching import CrewOnShift, Need
from dispatch.rules.policy import Policy
from dispatch.rules.route_planning import OpenRoute, Placement, PlannedStop, place_on_route
from dispatch.rules.timetable import Seconds

TEN = datetime(2026, 11, 18, 9, tzinfo=UTC)
LATE_EVENING = TEN + timedelta(hours=11)
NEEDLE = Need(ServiceCode.SYRINGE, frozenset({Skill.NEEDLES}), kvarter="Halmtorvet")
POLICY = Policy()


def as_the_crow_flies(vehicle: Vehicle, points: Sequence[Point]) -> Seconds:
    """A second for each hundred-thousandth of a degree on a flat map: triangles are honest."""
    flat = np.array(points) * 100_000
    return np.asarray(np.hypot(*(flat[:, None] - flat[None, :]).transpose(2, 0, 1)))


def place(east: float, north: float = 0) -> Point:
    """So many seconds of travel from the middle of the map."""
    return Point(55.67 + north / 100_000, 12.55 + east / 100_000)


def crew(
    crew_id: int,
    *skills: Skill,
    kvarterer: Sequence[str] = (),
    on_break: bool = False,
    ends: datetime = LATE_EVENING,
    vehicle: Vehicle = Vehicle.WALKING,
) -> CrewOnShift:
    fit = frozenset(skills or Skill)
    area = frozenset(kvarterer)
    return CrewOnShift(crew_id, f"Hold {crew_id}", fit, area, vehicle, ends, on_break)


def stop(
    task_id: int,
    at: Point,
    priority: Priority = Priority.NORMAL,
    *,
    due_in_minutes: float = 1000,
    locked: bool = False,
    first_in_line: bool = False,
) -> PlannedStop:
    due_at = TEN + timedelta(minutes=due_in_minutes)
    return PlannedStop(task_id, at, due_at, priority, 10, locked, first_in_line)


def route(who: CrewOnShift, *stops: PlannedStop, start: Point | None = None) -> OpenRoute:
    return OpenRoute(who, start or place(0), TEN, stops)


def placed(
    new: PlannedStop, *routes: OpenRoute, need: Need = NEEDLE, policy: Policy = POLICY
) -> Placement:
    found = place_on_route(new, need, routes, as_the_crow_flies, policy)
    assert isinstance(found, Placement)
    return found
