"""Insertion on any route at all: compared with a slow reckoning, and measured."""

import time
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.rules.catalogue import Priority, Vehicle
from dispatch.rules.distance import STOP_OVERHEAD_S, Point
from dispatch.rules.route_planning import (
    OpenRoute,
    PlannedStop,
    places_allowed,
    timings,
    with_stop,
)
from tests.rules.flat_map import POLICY, TEN, as_the_crow_flies, crew, place, placed, route, stop


def seconds() -> st.SearchStrategy[float]:
    return st.integers(min_value=-600, max_value=600).map(float)


def some_stops() -> st.SearchStrategy[list[PlannedStop]]:
    one = st.builds(
        stop,
        task_id=st.integers(min_value=1, max_value=90),
        at=st.builds(place, seconds(), seconds()),
        priority=st.sampled_from(Priority),
        due_in_minutes=st.integers(min_value=-30, max_value=300),
        first_in_line=st.booleans(),
    )
    return st.lists(one, max_size=7)


@st.composite
def some_routes(draw: st.DrawFn) -> list[OpenRoute]:
    routes = []
    for crew_id in range(1, draw(st.integers(min_value=1, max_value=3)) + 1):
        stops = draw(some_stops())
        held = draw(st.integers(min_value=0, max_value=2))
        locked = [replace(each, locked=i < held) for i, each in enumerate(stops)]
        ends = TEN + timedelta(minutes=draw(st.integers(min_value=-10, max_value=120)))
        who = crew(crew_id, ends=ends, vehicle=draw(st.sampled_from(Vehicle)))
        routes.append(route(who, *locked, start=place(draw(seconds()))))
    return routes


new_stops = some_stops().filter(bool).map(lambda stops: replace(stops[0], task_id=99))


def by_hand(new: PlannedStop, there: OpenRoute, position: int) -> float:
    """The cost of one place, reckoned slowly from the two timetables."""
    before, after = there, with_stop(there, new, position)
    return _total(after) - _total(before) + _finish(before) * POLICY.load_weight


def _total(there: OpenRoute) -> float:
    points = [there.start, *(each.at for each in there.stops)]
    table = as_the_crow_flies(Vehicle.WALKING, points)
    travel = sum(table[i, i + 1] for i in range(len(points) - 1))
    ends = (there.crew.shift_ends_at - there.free_at).total_seconds()
    overrun = max(_finish(there) - ends, 0) * POLICY.shift_overrun_weight
    return float(travel) + overrun + sum(_late_costs(there))


def _finish(there: OpenRoute) -> float:
    points = [there.start, *(each.at for each in there.stops)]
    table = as_the_crow_flies(Vehicle.WALKING, points)
    legs = sum(table[i, i + 1] for i in range(len(points) - 1))
    overhead = STOP_OVERHEAD_S[there.crew.vehicle]
    return float(legs) + sum(overhead + each.work_minutes * 60 for each in there.stops)


def _late_costs(there: OpenRoute) -> list[float]:
    late = [timing.late_s for timing in timings(there, as_the_crow_flies)]
    return [
        (POLICY.missed_cost(each.priority) if by > 0 else 0)
        + POLICY.late_weight(each.priority) * by
        for each, by in zip(there.stops, late, strict=True)
    ]


@given(new_stops, some_routes())
def test_the_place_is_the_cheapest_of_all_that_are_allowed(
    new: PlannedStop, routes: list[OpenRoute]
) -> None:
    found = placed(new, *routes)
    costs = [
        by_hand(new, there, position)
        for there in routes
        for position in places_allowed(new, there.stops)
    ]
    assert found.considered[0].cost == pytest.approx(min(costs), abs=0.01)


@given(new_stops, some_routes())
def test_locked_stops_never_move(new: PlannedStop, routes: list[OpenRoute]) -> None:
    found = placed(new, *routes)
    before = next(each for each in routes if each.crew.crew_id == found.crew_id)
    after = with_stop(before, new, found.position)
    held = sum(each.locked for each in before.stops)
    assert after.stops[:held] == before.stops[:held]
    assert tuple(each for each in after.stops if each is not new) == before.stops


@given(new_stops, some_routes())
def test_a_detour_is_never_negative_where_triangles_are_honest(
    new: PlannedStop, routes: list[OpenRoute]
) -> None:
    found = placed(new, *routes)
    assert found.extra_travel_s >= -1e-6
    assert found.late_s >= 0


@given(new_stops, some_routes())
def test_the_promised_arrival_is_the_one_the_timetable_shows(
    new: PlannedStop, routes: list[OpenRoute]
) -> None:
    found = placed(new, *routes)
    before = next(each for each in routes if each.crew.crew_id == found.crew_id)
    shown = timings(with_stop(before, new, found.position), as_the_crow_flies)[found.position]
    assert abs(shown.arrive_at - found.arrive_at) <= timedelta(seconds=1)
    assert shown.late_s == pytest.approx(found.late_s, abs=0.01)


def test_one_insertion_among_300_tasks_and_8_crews_takes_under_25_ms() -> None:
    chance = Random(7)

    def somewhere() -> Point:
        return place(chance.uniform(-900, 900), chance.uniform(-900, 900))

    def one(task_id: int) -> PlannedStop:
        due = chance.uniform(0, 1400)
        return stop(task_id, somewhere(), chance.choice(list(Priority)), due_in_minutes=due)

    shares = [[one(8 * i + k) for i in range(38)] for k in range(8)]
    routes = [route(crew(k), *stops, start=somewhere()) for k, stops in enumerate(shares)]
    new = one(999)
    taken = []
    for _ in range(9):
        begun = time.process_time()
        placed(new, *routes)
        taken.append(time.process_time() - begun)
    assert min(taken) < 0.025
