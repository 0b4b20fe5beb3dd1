"""Whether a place is ours to clean: inside the outline of the service area, its edge included.

The outline itself comes from `gateways/place_data.py`; what is said to those outside, from the doors.
"""

from math import isfinite

import shapely
from shapely.geometry.base import BaseGeometry as Geometry

from dispatch.rules.distance import Point


def contains(outline: Geometry, point: Point) -> bool:
    """`outline` is in degrees, longitude first, as GeoJSON writes it. Nonsense is outside."""
    if not (isfinite(point.lat) and isfinite(point.lon)):
        return False
    return bool(shapely.covers(outline, shapely.Point(point.lon, point.lat)))
