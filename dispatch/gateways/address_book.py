"""One street with its house numbers: where a number is, or where it ought to be.

A missing number is reckoned between its known neighbours on the same side; where they are too far
apart, between the two ends of the sketch's line. Finding the street by name is in `gazetteer.py`.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import shapely
from shapely.geometry.base import BaseGeometry as Geometry

from dispatch.gateways.map_material import House, Road
from dispatch.rules.distance import Point, metres

# Numbers are missing in any data, but a street does not end twenty numbers beyond the last one.
BEYOND_THE_LAST = 20
# A number reckoned between two houses is off by about a fifth of their distance.
NEIGHBOURS_M = 500.0
SHORT_STREET_M = 200.0


@dataclass(frozen=True)
class PlacedNumber:
    """`sure`: right to about a hundred metres."""

    at: Point
    exact: bool
    sure: bool = True


@dataclass
class Street:
    """Everything known of one street; filled while the data is put together, then only read."""

    name: str
    roads: list[Road] = field(default_factory=list)
    sketched: list[Road] = field(default_factory=list)
    houses: dict[tuple[int, str], House] = field(default_factory=dict)
    point: Point | None = None
    rough: bool = False

    def add_house(self, house: House) -> None:
        """The source asked first wins: no address is moved by a second opinion."""
        self.houses.setdefault((house.number, house.letter), house)

    def place(self, number: int, letter: str) -> PlacedNumber | None:
        """None when the street cannot have such a number as far as one knows."""
        known = self.houses.get((number, letter)) or (None if letter else self._lettered(number))
        if known:
            return PlacedNumber(Point(known.lat, known.lon), exact=True)
        return (
            self._between_neighbours(number)
            or self._along_the_sketch(number)
            or self._beyond(number)
        )

    def numbers_starting(self, digits: str) -> list[House]:
        """Known houses whose number begins so, in order: what to suggest while one types."""
        return [house for house in self._in_order if str(house.number).startswith(digits)]

    def middle(self, inside: Geometry) -> Point | None:
        """A point on the street that stands for it, within the service area if it goes there."""
        own = self.line
        if own is not None:
            part = shapely.intersection(own, inside)
            return _on_line(part if not part.is_empty else own)
        if self.point or not self._in_order:
            return self.point
        typical = self._in_order[len(self._in_order) // 2]
        return Point(typical.lat, typical.lon)

    @cached_property
    def line(self) -> Geometry | None:
        """All its lines as one; None where only points are known."""
        lines = [road.line for road in self.roads]
        return shapely.line_merge(shapely.union_all(lines)) if lines else None

    @cached_property
    def is_short(self) -> bool:
        """Whether its name alone says where; not known of a street without a line."""
        dots = [shapely.Point(house.lon, house.lat) for house in self.houses.values()]
        lines = [road.line for road in self.roads]
        return bool(lines) and extent_m([*lines, *dots]) <= SHORT_STREET_M

    @cached_property
    def _in_order(self) -> list[House]:
        return sorted(self.houses.values(), key=lambda house: (house.number, house.letter))

    def _lettered(self, number: int) -> House | None:
        """Where only 20A and 20B are known, 20 is there."""
        return next((house for house in self._in_order if house.number == number), None)

    def _between_neighbours(self, number: int) -> PlacedNumber | None:
        side = self._side(number)
        at = bisect_left(side, number, key=lambda house: house.number)
        return _between(side[at - 1], side[at], number) if 0 < at < len(side) else None

    def _beyond(self, number: int) -> PlacedNumber | None:
        """At the first or last known house of the side, if that is not too many numbers away."""
        side = self._side(number)
        last = min(side, key=lambda house: abs(house.number - number), default=None)
        if last is None or abs(last.number - number) > BEYOND_THE_LAST:
            return None
        return PlacedNumber(Point(last.lat, last.lon), exact=False)

    def _side(self, number: int) -> list[House]:
        """The houses on the number's side of the street, or all where that side is empty."""
        side = [house for house in self._in_order if house.number % 2 == number % 2]
        return side or self._in_order

    def _along_the_sketch(self, number: int) -> PlacedNumber | None:
        for road in self.sketched:
            first, last = road.numbers or (0, 0)
            if last and first <= number <= last:
                share = (number - first) / max(last - first, 1)
                return PlacedNumber(point_along(road.line, share), exact=False)
        return None


def _between(before: House, after: House, number: int) -> PlacedNumber:
    start, end = Point(before.lat, before.lon), Point(after.lat, after.lon)
    share = (number - before.number) / max(after.number - before.number, 1)
    place = Point(
        start.lat + share * (end.lat - start.lat), start.lon + share * (end.lon - start.lon)
    )
    return PlacedNumber(place, exact=False, sure=metres(start, end) <= NEIGHBOURS_M)


def extent_m(shapes: Sequence[Geometry]) -> float:
    """From corner to corner of what holds all the shapes, in metres."""
    west, south, east, north = map(float, shapely.total_bounds(shapes))
    return metres(Point(south, west), Point(north, east))


def point_along(line: Geometry, share: float) -> Point:
    """The point after this share of a line's length."""
    dot = shapely.get_coordinates(shapely.line_interpolate_point([line], share, normalized=True))[0]
    return Point(float(dot[1]), float(dot[0]))


def _on_line(line: Geometry) -> Point:
    """The middle of the longest part."""
    parts = shapely.get_parts(line)
    return point_along(parts[shapely.length(parts).argmax()], 0.5)
