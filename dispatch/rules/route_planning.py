"""Who takes a new task and where on the route it goes: cheapest insertion, and arrival times.

The cost of a place on a route, in seconds of travel, with weights from the policy:

    extra travel
    + a fixed cost for each deadline newly missed, and a slope for each second more too late,
      by band, of the new stop and of every stop it pushes back
    + work after the end of the shift + being outside the crew's area + what the crew already has

Costs are soft; what makes a crew impossible is in `matching`. A deadline is met by arriving in
time. Same input, same answer: equal costs go to the crew with fewer stops, then to the lower id;
on one route to the place that pushes back the fewest. Nothing already planned is moved to another
crew here. When a crew reaches a stop is in `timetable`, whose names can be had from here too.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dispatch.rules.catalogue import Priority
from dispatch.rules.distance import STOP_OVERHEAD_S
from dispatch.rules.matching import Misfit, Need, misfit, outside_area
from dispatch.rules.policy import Policy
from dispatch.rules.timetable import (
    OpenRoute,
    PlannedStop,
    Seconds,
    Timing,
    Travel,
    clock_of,
    lateness,
    moment_of,
    table_of,
    timings,
)

__all__ = [
    "Considered",
    "NoPlace",
    "NoPlaceReason",
    "OpenRoute",
    "Placement",
    "PlannedStop",
    "Timing",
    "Travel",
    "place_on_route",
    "places_allowed",
    "timings",
    "with_stop",
]

COST_DECIMALS = 3


@dataclass(frozen=True)
class Considered:
    """What one crew would have cost; a crew that cannot take the task has a misfit, no figures."""

    crew_id: int
    name: str
    cost: float | None
    misfit: Misfit | None
    outside_area: bool
    load: int
    arrive_at: datetime | None = None
    extra_travel_s: float | None = None
    late_s: float | None = None


@dataclass(frozen=True)
class Placement:
    """The chosen crew and place; `considered` begins with the chosen crew, then by cost."""

    crew_id: int
    position: int
    arrive_at: datetime
    extra_travel_s: float
    late_s: float
    considered: tuple[Considered, ...]


class NoPlaceReason(StrEnum):
    NO_CREW_ON_SHIFT = "no_crew_on_shift"
    NO_CREW_FITS = "no_crew_fits"
    ALL_ON_BREAK = "all_on_break"


@dataclass(frozen=True)
class NoPlace:
    """No crew on shift can take the task now."""

    why: NoPlaceReason
    considered: tuple[Considered, ...] = ()


@dataclass(frozen=True)
class _Offer:
    """The cheapest place on one crew's route."""

    position: int
    cost: float
    arrive_at: datetime
    extra_travel_s: float
    late_s: float


@dataclass(frozen=True)
class _Deadlines:
    """Deadlines of some stops in seconds after `free_at`, and what missing each costs."""

    due: Seconds
    fixed: Seconds
    slope: Seconds

    def cost(self, arrive: Seconds) -> Seconds:
        """What it costs to arrive at these times; the last axis is the stops."""
        late = np.maximum(arrive - self.due, 0.0)
        return np.where(late > 0, self.fixed, 0.0) + self.slope * late


def place_on_route(
    new: PlannedStop, need: Need, routes: Sequence[OpenRoute], travel: Travel, policy: Policy
) -> Placement | NoPlace:
    """The cheapest place for one new stop over all routes.

    `travel` is called once for each crew that fits, with its start, its stops and the new place.
    """
    if not routes:
        return NoPlace(NoPlaceReason.NO_CREW_ON_SHIFT)
    offers = {
        route.crew.crew_id: _cheapest(new, need, route, travel, policy)
        for route in routes
        if misfit(need, route.crew) is None
    }
    considered = _considered(need, routes, offers)
    if not offers:
        return NoPlace(_why_no_place(considered), considered)
    chosen = considered[0].crew_id
    offer = offers[chosen]
    return Placement(
        crew_id=chosen,
        position=offer.position,
        arrive_at=offer.arrive_at,
        extra_travel_s=offer.extra_travel_s,
        late_s=offer.late_s,
        considered=considered,
    )


def with_stop(route: OpenRoute, new: PlannedStop, position: int) -> OpenRoute:
    """The route with the new stop at this place."""
    return replace(route, stops=(*route.stops[:position], new, *route.stops[position:]))


def places_allowed(new: PlannedStop, stops: Sequence[PlannedStop]) -> range:
    """The positions a new stop may take.

    Never before a locked stop. One that is first in line goes directly behind the locked stops,
    among others first in line; everything else goes behind those, except that Akut may pass.
    """
    behind_locked = max((i + 1 for i, stop in enumerate(stops) if stop.locked), default=0)
    front = behind_locked
    for i, stop in enumerate(stops[behind_locked:], behind_locked):
        if stop.first_in_line:
            front = i + 1
        elif stop.priority != Priority.AKUT:
            break
    if new.first_in_line:
        return range(behind_locked, front + 1)
    first = behind_locked if new.priority == Priority.AKUT else front
    return range(first, len(stops) + 1)


def _cheapest(
    new: PlannedStop, need: Need, route: OpenRoute, travel: Travel, policy: Policy
) -> _Offer:
    """Every allowed place on one route at once; of the cheapest, the one furthest back."""
    table = table_of(travel, route, new.at)
    clock = clock_of(route, table)
    places = np.array(places_allowed(new, route.stops))
    detour = _detour(table, places, len(route.stops))
    overhead = STOP_OVERHEAD_S[route.crew.vehicle]
    arrive = clock.leave[places] + table[places, -1] + overhead
    delay = detour + overhead + new.work_minutes * 60

    cost = (
        detour
        + _deadlines([new], route, policy).cost(arrive[:, None])[:, 0]
        + _pushed_back(_deadlines(route.stops, route, policy), clock.arrive, places, delay)
        + _overrun(route, clock.finish + delay, policy)
        - _overrun(route, clock.finish, policy)
        + clock.finish * policy.load_weight
        + (policy.outside_area_cost if outside_area(need, route.crew) else 0.0)
    ).round(COST_DECIMALS)
    best = int(np.flatnonzero(cost == cost.min())[-1])
    return _Offer(
        position=int(places[best]),
        cost=float(cost[best]),
        arrive_at=moment_of(route, float(arrive[best])),
        extra_travel_s=float(detour[best]),
        late_s=lateness(new, route, float(arrive[best])),
    )


def _detour(table: Seconds, places: NDArray[np.int_], count: int) -> Seconds:
    """Extra travel at each place: there and onward, less the leg it replaces; the end has none."""
    onward = np.minimum(places + 1, count)
    saved = table[-1, onward] - table[places, onward]
    detour: Seconds = table[places, -1] + np.where(places == count, 0.0, saved)
    return detour


def _deadlines(stops: Sequence[PlannedStop], route: OpenRoute, policy: Policy) -> _Deadlines:
    return _Deadlines(
        due=np.array([(stop.due_at - route.free_at).total_seconds() for stop in stops]),
        fixed=np.array([policy.missed_cost(stop.priority) for stop in stops]),
        slope=np.array([policy.late_weight(stop.priority) for stop in stops]),
    )


def _pushed_back(
    deadlines: _Deadlines, arrive: Seconds, places: NDArray[np.int_], delay: Seconds
) -> Seconds:
    """For each place, what lateness costs more at the stops behind it."""
    behind = np.arange(len(arrive)) >= places[:, None]
    more = deadlines.cost(arrive + delay[:, None]) - deadlines.cost(arrive)
    pushed: Seconds = np.where(behind, more, 0.0).sum(axis=1)
    return pushed


def _overrun(route: OpenRoute, finish: Seconds | float, policy: Policy) -> Seconds:
    ends = (route.crew.shift_ends_at - route.free_at).total_seconds()
    overrun: Seconds = np.maximum(finish - ends, 0.0) * policy.shift_overrun_weight
    return overrun


def _considered(
    need: Need, routes: Sequence[OpenRoute], offers: Mapping[int, _Offer]
) -> tuple[Considered, ...]:
    """One row a crew: the cheapest first, then those that cannot take it."""
    rows = [_row(need, route, offers.get(route.crew.crew_id)) for route in routes]
    return tuple(sorted(rows, key=_rank))


def _row(need: Need, route: OpenRoute, offer: _Offer | None) -> Considered:
    crew = route.crew
    return Considered(
        crew_id=crew.crew_id,
        name=crew.name,
        cost=offer.cost if offer else None,
        misfit=misfit(need, crew),
        outside_area=outside_area(need, crew),
        load=len(route.stops),
        arrive_at=offer.arrive_at if offer else None,
        extra_travel_s=offer.extra_travel_s if offer else None,
        late_s=offer.late_s if offer else None,
    )


def _rank(row: Considered) -> tuple[float, int, int]:
    return (math.inf if row.cost is None else row.cost, row.load, row.crew_id)


def _why_no_place(considered: Sequence[Considered]) -> NoPlaceReason:
    """Crews on break that would do otherwise are worth waiting for."""
    if any(row.misfit == Misfit.ON_BREAK for row in considered):
        return NoPlaceReason.ALL_ON_BREAK
    return NoPlaceReason.NO_CREW_FITS
