"""When a crew reaches each stop of its route: travel, a stop's overhead, and work, in order.

Who gets which stop is decided in `route_planning`. Travel times come from outside through
`Travel`: a table of seconds between points for one way of moving, and never from here. A deadline
is met by arriving in time; the work may end after it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from dispatch.rules.catalogue import Priority, Vehicle
from dispatch.rules.distance import STOP_OVERHEAD_S, Point
from dispatch.rules.matching import CrewOnShift

Seconds = NDArray[np.float64]
Travel = Callable[[Vehicle, Sequence[Point]], Seconds]

UNREACHABLE_S = 4 * 3600.0


@dataclass(frozen=True)
class PlannedStop:
    """A task's numbered place on a route. `first_in_line`: reopened, before all that can wait."""

    task_id: int
    at: Point
    due_at: datetime
    priority: Priority
    work_minutes: float
    locked: bool = False
    first_in_line: bool = False


@dataclass(frozen=True)
class OpenRoute:
    """A crew, where it is, when it is free to leave, and what it still has to do, in order.

    Locked stops (the current one and the next) come first and keep their place.
    """

    crew: CrewOnShift
    start: Point
    free_at: datetime
    stops: tuple[PlannedStop, ...] = ()


@dataclass(frozen=True)
class Timing:
    """When a crew reaches a stop, and by how many seconds too late."""

    task_id: int
    arrive_at: datetime
    late_s: float


@dataclass(frozen=True)
class Clock:
    """Seconds after `free_at`: arrival at each stop, and departure from the start and each stop."""

    arrive: Seconds
    leave: Seconds

    @property
    def finish(self) -> float:
        return float(self.leave[-1])


def timings(route: OpenRoute, travel: Travel) -> tuple[Timing, ...]:
    """Arrival and lateness of every stop, in order."""
    if not route.stops:
        return ()
    clock = clock_of(route, table_of(travel, route))
    return tuple(
        Timing(stop.task_id, moment_of(route, arrive), lateness(stop, route, arrive))
        for stop, arrive in zip(route.stops, clock.arrive.tolist(), strict=True)
    )


def table_of(travel: Travel, route: OpenRoute, *further: Point) -> Seconds:
    """Seconds between start, stops and further points; what cannot be reached is four hours off."""
    points = [route.start, *(stop.at for stop in route.stops), *further]
    table = np.asarray(travel(route.crew.vehicle, points), dtype=np.float64)
    if table.shape != (len(points), len(points)):
        raise ValueError(f"a travel table of {table.shape} for {len(points)} points")
    return np.nan_to_num(table, nan=UNREACHABLE_S, posinf=UNREACHABLE_S)


def clock_of(route: OpenRoute, table: Seconds) -> Clock:
    count = len(route.stops)
    work = np.array([stop.work_minutes * 60 for stop in route.stops])
    legs = table[np.arange(count), np.arange(1, count + 1)] + STOP_OVERHEAD_S[route.crew.vehicle]
    leave = np.cumsum(legs + work)
    return Clock(arrive=leave - work, leave=np.concatenate(([0.0], leave)))


def moment_of(route: OpenRoute, seconds: float) -> datetime:
    return route.free_at + timedelta(seconds=round(seconds))


def lateness(stop: PlannedStop, route: OpenRoute, arrive: float) -> float:
    return max(arrive - (stop.due_at - route.free_at).total_seconds(), 0.0)
