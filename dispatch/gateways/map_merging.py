"""Puts what several sources know together in memory; the sources themselves stay apart.

Earlier sources win. Misspelt street names join the right ones, and one playground that two
sources know becomes one, as an area where it is drawn as an area, with the city's name.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import shapely

from dispatch.gateways.address_book import Street
from dispatch.gateways.map_material import AreaOutline, House, Landmark, MapMaterial, Road
from dispatch.rules.distance import Point
from dispatch.rules.local_plane import LocalPlane
from dispatch.rules.street_names import fold, one_spelling

SAME_PLACE_M = 40.0


def merge_streets(
    sources: Sequence[MapMaterial], fallback: MapMaterial, rough: Mapping[str, Point]
) -> dict[str, Street]:
    """All streets by name. The sketch and rough points only add streets nobody else knows."""
    spelling = one_spelling(_counts(sources))
    streets: dict[str, Street] = {}
    for source in sources:
        _add(streets, source, spelling)
    _add_sketched(streets, fallback)
    _add_rough(streets, rough, {fold(mark.name) for mark in fallback.landmarks})
    return streets


def merge_landmarks(
    sources: Sequence[MapMaterial], fallback: MapMaterial, plane: LocalPlane
) -> list[Landmark]:
    """What sources know; of the sketch the kinds that no source has, and names nobody else has."""
    marks: list[Landmark] = []
    for mark in (mark for source in sources for mark in source.landmarks):
        _join(marks, mark, plane)
    kinds = {mark.kind for mark in marks}
    for mark in fallback.landmarks:
        _join_sketched(marks, mark, kinds)
    return marks


def areas_of(sources: Sequence[MapMaterial], fallback: MapMaterial) -> tuple[AreaOutline, ...]:
    return next((source.areas for source in sources if source.areas), fallback.areas)


def _counts(sources: Iterable[MapMaterial]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for source in sources:
        counts.update(road.name for road in source.roads)
        counts.update(_without_number(house.street) for house in source.houses)
        counts.update(source.street_points.keys())
    return counts


def _without_number(street: str) -> str:
    """Some rows carry a house number in the name of the street."""
    return street.rstrip("0123456789 ")


def _add(streets: dict[str, Street], source: MapMaterial, spelling: Mapping[str, str]) -> None:
    for road in source.roads:
        name = spelling.get(road.name, road.name)
        _street(streets, name).roads.append(Road(name, road.line, road.numbers))
    for house in source.houses:
        name = _without_number(house.street)
        name = spelling.get(name, name)
        _street(streets, name).add_house(
            House(name, house.number, house.letter, house.lat, house.lon)
        )
    for written, point in source.street_points.items():
        street = _street(streets, spelling.get(written, written))
        street.point = street.point or point


def _add_sketched(streets: dict[str, Street], sketch: MapMaterial) -> None:
    """The sketch's streets that nobody else knows; of the others only where its numbers lie."""
    known = {fold(name): name for name in streets}
    for road in sketch.roads:
        street = _street(streets, known.get(fold(road.name), road.name))
        street.sketched.append(road)
        if fold(road.name) not in known:
            street.roads.append(road)


def _add_rough(streets: dict[str, Street], rough: Mapping[str, Point], sketched: set[str]) -> None:
    known = {fold(name) for name in streets} | sketched
    for name, point in rough.items():
        if fold(name) not in known:
            streets[name] = Street(name, point=point, rough=True)


def _street(streets: dict[str, Street], name: str) -> Street:
    return streets.setdefault(name, Street(name))


def _join(marks: list[Landmark], mark: Landmark, plane: LocalPlane) -> None:
    """Add the mark, or let it complete the one that is already there."""
    for at, other in enumerate(marks):
        if other.kind == mark.kind and _same_place(other, mark, plane):
            shape = max(other.shape, mark.shape, key=lambda drawn: drawn.area)
            also = tuple({other.name, mark.name, *other.also} - {""})
            marks[at] = replace(other, name=other.name or mark.name, shape=shape, also=also)
            return
    marks.append(mark)


def _join_sketched(marks: list[Landmark], mark: Landmark, kinds: set[str | None]) -> None:
    """A kind that a source holds is left to the source; the sketch adds names to it only."""
    same = [at for at, other in enumerate(marks) if fold(other.name) == fold(mark.name)]
    for at in same:
        marks[at] = replace(marks[at], also=(*marks[at].also, *mark.also))
    if mark.kind and mark.kind not in kinds:
        marks.append(mark)
    elif not same:
        marks.append(replace(mark, kind=None))


def _same_place(one: Landmark, other: Landmark, plane: LocalPlane) -> bool:
    """Playgrounds lie apart; of other kinds several may, so their names must agree."""
    if one.kind != "playground" and fold(one.name) != fold(other.name):
        return False
    return bool(shapely.distance(plane.flat(one.shape), plane.flat(other.shape)) <= SAME_PLACE_M)
