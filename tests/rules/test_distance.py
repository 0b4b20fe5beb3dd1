"""How far it is: the great circle, and what streets add to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.rules.catalogue import Vehicle
from dispatch.rules.distance import SPEED, STOP_OVERHEAD_S, Point, metres, street_metres

CENTRAL_STATION = Point(55.6727, 12.5646)
DYBBOLSBRO = Point(55.6654, 12.5595)
PLACES = st.builds(Point, st.floats(55.6, 55.8), st.floats(12.4, 12.7))


def test_a_place_is_no_distance_from_itself():
    assert metres(CENTRAL_STATION, CENTRAL_STATION) == 0


def test_a_thousandth_of_a_degree_north_is_111_m():
    assert metres(Point(55.670, 12.55), Point(55.671, 12.55)) == pytest.approx(111.2, abs=0.1)


def test_a_thousandth_of_a_degree_east_is_63_m_in_copenhagen():
    assert metres(Point(55.67, 12.550), Point(55.67, 12.551)) == pytest.approx(62.7, abs=0.1)


def test_from_the_central_station_to_dybbolsbro_is_about_870_m():
    assert metres(CENTRAL_STATION, DYBBOLSBRO) == pytest.approx(872, abs=5)


def test_opposite_ends_of_the_earth_are_half_its_round_apart():
    assert metres(Point(0, 0), Point(0, 180)) == pytest.approx(20_015_115, abs=1)


@given(PLACES, PLACES)
def test_the_way_back_is_as_far(a, b):
    assert metres(a, b) == pytest.approx(metres(b, a))


@given(PLACES, PLACES, PLACES)
def test_no_detour_is_shorter_than_the_straight_line(a, b, c):
    assert metres(a, b) <= metres(a, c) + metres(c, b) + 1e-6


@pytest.mark.parametrize(
    ("straight", "way"),
    [(0, 0), (400, 600), (599, 898.5), (600, 810), (999, 1348.65), (1_000, 1_250), (4_000, 5_000)],
)
def test_streets_make_short_ways_half_as_long_again_and_long_ways_a_quarter(straight, way):
    assert street_metres(straight) == pytest.approx(way)


def test_every_vehicle_has_a_speed_and_a_stop_overhead():
    assert set(SPEED) == set(STOP_OVERHEAD_S) == set(Vehicle)


def test_a_cargo_bike_is_faster_but_loses_half_a_minute_at_each_stop():
    assert SPEED[Vehicle.CARGO_BIKE] == 4.0
    assert SPEED[Vehicle.WALKING] == 1.25
    assert STOP_OVERHEAD_S == {Vehicle.WALKING: 0, Vehicle.CARGO_BIKE: 30}
