"""How far it is and how fast a crew moves, where no street is known.

Great circles only; shortest paths on real streets are in `gateways/travel_times.py`.
"""

from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from dispatch.rules.catalogue import Vehicle

EARTH_RADIUS_M = 6_371_008.8

# Metres a second, and the seconds lost at each stop.
SPEED: dict[Vehicle, float] = {Vehicle.WALKING: 1.25, Vehicle.CARGO_BIKE: 4.0}
STOP_OVERHEAD_S: dict[Vehicle, float] = {Vehicle.WALKING: 0.0, Vehicle.CARGO_BIKE: 30.0}

# Streets make a way longer than the straight line, short ways most.
DETOURS = ((600.0, 1.5), (1_000.0, 1.35))
LONG_DETOUR = 1.25


class Point(NamedTuple):
    """A place in WGS 84 degrees, latitude first."""

    lat: float
    lon: float


def metres(a: Point, b: Point) -> float:
    """The great-circle distance (haversine on the mean earth radius)."""
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    half_lat, half_lon = (lat_b - lat_a) / 2, radians(b.lon - a.lon) / 2
    square = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(square)))


def street_metres(straight: float) -> float:
    """The way a crew has to go for a straight line of so many metres."""
    for limit, factor in DETOURS:
        if straight < limit:
            return straight * factor
    return straight * LONG_DETOUR
