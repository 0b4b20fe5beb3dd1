"""When a crew reaches its stops."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from dispatch.rules.catalogue import Priority, Vehicle
from dispatch.rules.distance import Point
from dispatch.rules.matching import CrewOnShift
from dispatch.rules.timetable import OpenRoute, PlannedStop, Seconds, timings

TEN = datetime(2026, 11, 18, 9, tzinfo=UTC)
START = Point(55.67, 12.55)


def along_a_street(vehicle: Vehicle, points: Sequence[Point]) -> Seconds:
    """A second of travel for each hundred-thousandth of a degree of longitude."""
    lons = np.array([point.lon for point in points])
    return np.asarray(np.abs(lons[:, None] - lons[None, :]) * 100_000)


def stop(task_id: int, seconds_away: float, *, due_in: float = 86_400) -> PlannedStop:
    place = Point(START.lat, START.lon + seconds_away / 100_000)
    return PlannedStop(task_id, place, TEN + timedelta(seconds=due_in), Priority.NORMAL, 10)


def route(*stops: PlannedStop, vehicle: Vehicle = Vehicle.WALKING) -> OpenRoute:
    ends = TEN + timedelta(hours=8)
    crew = CrewOnShift(1, "Hold 1", frozenset(), frozenset(), vehicle, ends, False)
    return OpenRoute(crew, START, TEN, stops)


def test_a_crew_without_stops_has_no_times_and_asks_for_none() -> None:
    def refuse(vehicle: Vehicle, points: Sequence[Point]) -> Seconds:
        raise AssertionError("no travel times are needed")

    assert timings(route(), refuse) == ()


def test_arrival_is_travel_and_the_work_before() -> None:
    first, second = timings(route(stop(1, 120), stop(2, 300)), along_a_street)
    assert (first.task_id, first.arrive_at) == (1, TEN + timedelta(seconds=120))
    assert (second.task_id, second.arrive_at) == (2, TEN + timedelta(seconds=120 + 600 + 180))


def test_a_cargo_bike_loses_thirty_seconds_at_each_stop() -> None:
    bike = route(stop(1, 120), stop(2, 300), vehicle=Vehicle.CARGO_BIKE)
    first, second = timings(bike, along_a_street)
    assert first.arrive_at == TEN + timedelta(seconds=150)
    assert second.arrive_at == TEN + timedelta(seconds=150 + 600 + 180 + 30)


def test_late_is_arriving_after_the_deadline_not_working_after_it() -> None:
    on_time, late = timings(
        route(stop(1, 120, due_in=121), stop(2, 120, due_in=700)), along_a_street
    )
    assert on_time.late_s == 0
    assert late.late_s == pytest.approx(20)


def test_the_travel_table_has_the_start_first_and_the_crews_own_vehicle() -> None:
    asked: list[tuple[Vehicle, list[Point]]] = []

    def remember(vehicle: Vehicle, points: Sequence[Point]) -> Seconds:
        asked.append((vehicle, list(points)))
        return along_a_street(vehicle, points)

    one = stop(1, 120)
    timings(route(one, vehicle=Vehicle.CARGO_BIKE), remember)
    assert asked == [(Vehicle.CARGO_BIKE, [START, one.at])]


@pytest.mark.parametrize("missing", [np.inf, np.nan])
def test_a_place_that_cannot_be_reached_is_four_hours_away(missing: float) -> None:
    def broken(vehicle: Vehicle, points: Sequence[Point]) -> Seconds:
        return np.full((len(points), len(points)), missing)

    (only,) = timings(route(stop(1, 120)), broken)
    assert only.arrive_at == TEN + timedelta(hours=4)


def test_a_travel_table_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="travel table"):
        timings(route(stop(1, 120)), lambda vehicle, points: np.zeros((1, 1)))
