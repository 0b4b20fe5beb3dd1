"""Finds a place by what people write: an address, a street, a corner, a park or a station.

Words are compared in `rules/street_names.py`, numbers placed in `address_book.py`. Answers come best
first; nothing is asked outside this process.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import shapely
from shapely.geometry.base import BaseGeometry as Geometry

from dispatch.gateways.address_book import Street, extent_m, point_along
from dispatch.gateways.found_place import FoundPlace
from dispatch.gateways.map_material import Landmark
from dispatch.rules.distance import Point
from dispatch.rules.street_names import AskedAddress, Fit, NameIndex, read_address, read_corner

WHOLE = frozenset({Fit.WHOLE, Fit.WHOLE_WITH_SLIP})
# Two lines that cross, or end this near to each other, make a corner (in degrees of latitude).
CORNER_GAP = 0.0005
# A park, corner to corner, whose name alone says where.
SMALL_PARK_M = 350.0


class Gazetteer:
    """Streets and named places of one set of place data; `inside` is the service area."""

    def __init__(
        self, streets: Mapping[str, Street], landmarks: Iterable[Landmark], inside: Geometry
    ) -> None:
        self._streets = streets
        self._landmarks = {mark.name: mark for mark in landmarks if mark.name not in streets}
        also = {name: mark.also for name, mark in self._landmarks.items()}
        self._names = NameIndex([*streets, *self._landmarks], also)
        self._inside = inside

    def find(self, text: str, limit: int) -> list[FoundPlace]:
        corner = self._corner(text)
        if corner:
            return [corner][:limit]
        asked = read_address(text)
        answers = self._answers(asked)
        return list(islice(_without_repeats(answers), max(limit, 0)))

    def _answers(self, asked: AskedAddress) -> Iterator[FoundPlace]:
        """Each name that fits; after the best street, its numbers that begin as typed."""
        fits = self._names.find(asked.street)
        clear = _clear(fits)
        for name, _ in fits:
            if name in self._streets:
                yield from self._address(self._streets[name], asked, name == clear)
            elif asked.number is None:
                yield self._landmark(name, name == clear)

    def _landmark(self, name: str, clear: bool) -> FoundPlace:
        shape = self._landmarks[name].shape
        dot = shape.representative_point()
        sure = clear and extent_m([shape]) <= SMALL_PARK_M
        return FoundPlace(name, float(dot.y), float(dot.x), exact=False, sure=sure)

    def _address(self, street: Street, asked: AskedAddress, clear: bool) -> Iterator[FoundPlace]:
        placed = None if asked.number is None else street.place(asked.number, asked.letter)
        if placed is None:
            yield from self._street(street, clear and asked.number is None)
            return
        label = f"{street.name} {asked.number}{asked.letter}"
        sure = clear and placed.sure
        yield FoundPlace(label, placed.at.lat, placed.at.lon, placed.exact, sure)
        if clear and not asked.letter:
            yield from _suggestions(street, str(asked.number))

    def _street(self, street: Street, clear: bool) -> Iterator[FoundPlace]:
        middle = street.middle(self._inside)
        if middle is not None:
            sure = clear and street.is_short and not street.rough
            yield FoundPlace(street.name, middle.lat, middle.lon, exact=False, sure=sure)

    def _corner(self, text: str) -> FoundPlace | None:
        names = read_corner(text)
        if names is None:
            return None
        first, second = (self._only_street(name) for name in names)
        if first is None or second is None or first is second:
            return None
        place = _meeting_place(first, second)
        if place is None:
            return None
        label = f"{first.name} / {second.name}"
        return FoundPlace(label, place.lat, place.lon, exact=False, sure=True)

    def _only_street(self, name: str) -> Street | None:
        return self._streets.get(_clear(self._names.find(name)) or "")


def _clear(fits: list[tuple[str, Fit]]) -> str | None:
    """The one name that is meant: the only whole one, or the only one that fits at all."""
    best = [name for name, fit in fits if fit == fits[0][1]]
    if len(best) == 1 and (len(fits) == 1 or fits[0][1] in WHOLE):
        return best[0]
    return None


def _suggestions(street: Street, digits: str) -> Iterator[FoundPlace]:
    for house in street.numbers_starting(digits):
        label = f"{street.name} {house.number}{house.letter}"
        yield FoundPlace(label, house.lat, house.lon, exact=True, sure=True)


def _without_repeats(answers: Iterator[FoundPlace]) -> Iterator[FoundPlace]:
    seen: set[str] = set()
    for answer in answers:
        if answer.label not in seen:
            seen.add(answer.label)
            yield answer


def _meeting_place(first: Street, second: Street) -> Point | None:
    if first.line is None or second.line is None:
        return None
    joint = shapely.shortest_line(first.line, second.line)
    if joint.length > CORNER_GAP:
        return None
    return point_along(joint, 0.5)
