"""What lies around a place: playgrounds and schools near it, its address, its small area.

Everything is laid flat once and kept in search trees; an answer takes microseconds. Distances
count to the edge of what is drawn as an area, and are 0 within it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry as Geometry

from dispatch.gateways.address_book import Street
from dispatch.gateways.map_material import AreaOutline, Landmark
from dispatch.rules.distance import Point
from dispatch.rules.local_plane import LocalPlane
from dispatch.rules.service_area import contains
from dispatch.rules.urgency import NearPlace

AT_THE_DOOR_M = 30.0
KNOWN_WITHIN_M = 60.0
# The part of the district that has a name of its own but is in no small area.
REST_OF_THE_DISTRICT = "Kongens Enghave"


@dataclass(frozen=True)
class SmallArea:
    """The unit of statistics and of crews' areas; `rode` is empty where only the quarter is known."""

    rode: str
    kvarter: str


class Surroundings:
    """Search trees over one set of place data."""

    def __init__(
        self,
        plane: LocalPlane,
        outline: Geometry,
        streets: Iterable[Street],
        landmarks: Iterable[Landmark],
        areas: Sequence[AreaOutline],
    ) -> None:
        self._plane, self._outline, self._areas = plane, outline, areas
        known = list(streets)
        marks = [(mark.kind, mark.name, mark.shape) for mark in landmarks if mark.kind]
        self._marks = [(kind, name) for kind, name, _ in marks]
        self._mark_tree = self._tree(shape for _, _, shape in marks)
        houses = [house for street in known for house in street.houses.values()]
        self._houses = [f"{house.street} {house.number}{house.letter}" for house in houses]
        self._house_tree = self._tree(shapely.Point(house.lon, house.lat) for house in houses)
        drawn = [(street.name, road.line) for street in known for road in street.roads]
        self._lines = [name for name, _ in drawn]
        self._line_tree = self._tree(line for _, line in drawn)
        self._area_tree = STRtree([area.shape for area in areas])

    def near(self, lat: float, lon: float, within_m: float) -> list[NearPlace]:
        """Places that decide urgency, nearest first."""
        if not _on_earth(lat, lon):
            return []
        dot = self._plane.dot(lat, lon)
        found = self._mark_tree.query(dot, predicate="dwithin", distance=within_m)
        far = shapely.distance(self._mark_tree.geometries[found], dot)
        near = [
            NearPlace(kind, name, float(metres))
            for (kind, name), metres in zip((self._marks[at] for at in found), far, strict=True)
        ]
        return sorted(near, key=lambda place: (place.metres, place.kind, place.name))

    def address_at(self, lat: float, lon: float) -> str | None:
        """The house at the place, else the street it is on, else the nearest house there is."""
        if not _on_earth(lat, lon):
            return None
        dot = self._plane.dot(lat, lon)
        house, metres = _nearest(self._house_tree, dot)
        if house is not None and metres <= AT_THE_DOOR_M:
            return self._houses[house]
        line, _ = _nearest(self._line_tree, dot)
        if line is not None:
            return f"ved {self._lines[line]}"
        return self._houses[house] if house is not None else None

    def small_area(self, lat: float, lon: float) -> SmallArea | None:
        """None outside the service area."""
        if not contains(self._outline, Point(lat, lon)):
            return None
        dot = shapely.Point(lon, lat)
        found = self._area_tree.query(dot, predicate="intersects")
        if not len(found):
            return SmallArea("", REST_OF_THE_DISTRICT)
        area = self._areas[int(found.min())]
        return SmallArea(area.rode, area.kvarter)

    def _tree(self, shapes: Iterable[Geometry]) -> STRtree:
        return STRtree([self._plane.flat(shape) for shape in shapes])


def _on_earth(lat: float, lon: float) -> bool:
    """Search trees fail on what is no number, instead of finding nothing."""
    return abs(lat) <= 90 and abs(lon) <= 180


def _nearest(tree: STRtree, dot: Geometry) -> tuple[int | None, float]:
    """The nearest within reach, and how far it is; the first of equals."""
    found, metres = tree.query_nearest(dot, max_distance=KNOWN_WITHIN_M, return_distance=True)
    return (int(found.min()), float(metres[0])) if len(found) else (None, 0.0)
