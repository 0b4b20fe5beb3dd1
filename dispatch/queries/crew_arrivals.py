"""When a crew on shift reaches each of its stops, from where it was last known to be, leaving now.

Computed on reading and kept nowhere. Who goes where, in which order, is decided by the plan.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dispatch.gateways import gateways
from dispatch.queries.crew_day import CrewDay, Stop
from dispatch.rules.catalogue import SERVICES, Priority, Vehicle
from dispatch.rules.distance import SPEED, STOP_OVERHEAD_S, Point
from dispatch.rules.matching import CrewOnShift
from dispatch.rules.route_planning import OpenRoute, PlannedStop, timings


@dataclass(frozen=True)
class Arrival:
    """When the crew gets there, how far the way to it is, and how late that would be."""

    arrive_at: datetime
    leg_seconds: float
    leg_metres: float
    late_seconds: float


def arrivals(day: CrewDay, now: datetime) -> dict[int, Arrival]:
    """By task id; empty when there is no stop."""
    if not day.stops:
        return {}
    route = _open_route(day, now)
    legs: list[float] = []

    def travel(vehicle: Vehicle, points: Sequence[Point]) -> Any:
        seconds = gateways().travel_times.table(vehicle, points).seconds
        legs.extend(float(seconds[i, i + 1]) for i in range(len(points) - 1))
        return seconds

    timed = timings(route, travel)
    overhead, speed = STOP_OVERHEAD_S[day.shift.vehicle], SPEED[day.shift.vehicle]
    return {
        each.task_id: Arrival(each.arrive_at, leg + overhead, leg * speed, each.late_s)
        for each, leg in zip(timed, legs, strict=True)
    }


def _open_route(day: CrewDay, now: datetime) -> OpenRoute:
    shift = day.shift
    return OpenRoute(
        crew=CrewOnShift(
            crew_id=shift.crew_id,
            name=shift.crew_name,
            skills=frozenset(),
            kvarterer=frozenset(),
            vehicle=shift.vehicle,
            shift_ends_at=shift.ends_at,
        ),
        start=Point(shift.last_lat, shift.last_lon),
        free_at=now,
        stops=tuple(_planned(stop) for stop in day.stops),
    )


def _planned(stop: Stop) -> PlannedStop:
    return PlannedStop(
        task_id=stop.task_id,
        at=Point(stop.lat, stop.lon),
        due_at=stop.due_at,
        priority=stop.priority or Priority.NORMAL,
        work_minutes=SERVICES[stop.service_code].work_minutes,
    )
