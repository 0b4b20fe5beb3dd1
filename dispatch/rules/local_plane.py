"""Degrees laid flat: metres east and north of one place, exact enough within a city.

Three kilometres from its origin a length is off by less than a thousandth. Great circles are in
`distance.py`.
"""

from math import cos, radians

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry as Geometry

from dispatch.rules.distance import EARTH_RADIUS_M, Point


class LocalPlane:
    """Flattens what is given in degrees, longitude first as GeoJSON writes it."""

    def __init__(self, origin: Point) -> None:
        north = EARTH_RADIUS_M * radians(1)
        self._origin = np.array([origin.lon, origin.lat])
        self._scale = np.array([north * cos(radians(origin.lat)), north])

    def dot(self, lat: float, lon: float) -> Geometry:
        """One place as a flat point."""
        x, y = self._flat(np.array([lon, lat]))
        return shapely.Point(x, y)

    def flat(self, shape: Geometry) -> Geometry:
        return shapely.transform(shape, self._flat)

    def _flat(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        flat: NDArray[np.float64] = (degrees - self._origin) * self._scale
        return flat
