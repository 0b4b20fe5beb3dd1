"""Our hand-drawn map: drawn soundly, and measured against open data where that is present.

A street of the sketch lies within 60 m when every point of it, taken each 20 m, lies within 60 m
of what the data calls by the same name: its lines, its own point, and on each side of the street
the line from house number to house number.
"""

import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pytest
import shapely

from dispatch.gateways.city_map import read_kk, read_osm
from dispatch.gateways.map_material import House, MapMaterial
from dispatch.gateways.place_data import open_place_data
from dispatch.gateways.sketch_map import SKETCH, read_sketch
from dispatch.rules.distance import Point
from dispatch.rules.local_plane import LocalPlane
from dispatch.rules.street_names import fold
from tests.gateways.real_map import real_map_folder

OUR_MAP = read_sketch()
PLANE = LocalPlane(Point(55.66, 12.55))
NEAR_M = 60.0
EVERY_M = 20.0


@pytest.fixture(scope="module")
def open_data() -> tuple[MapMaterial, MapMaterial]:
    folder = real_map_folder()
    return read_osm(folder), read_kk(folder)


def our_streets():
    """All lines of each street, laid flat."""
    lines = defaultdict(list)
    for road in OUR_MAP.roads:
        lines[road.name].append(PLANE.flat(road.line))
    return {name: shapely.union_all(parts) for name, parts in lines.items()}


def same_named(name, sources):
    """Everything the data calls so, laid flat; None when it knows no such street."""
    key = fold(name)
    shapes = []
    for source in sources:
        shapes += [road.line for road in source.roads if fold(road.name) == key]
        shapes += [
            shapely.Point(point.lon, point.lat)
            for street, point in source.street_points.items()
            if fold(street) == key
        ]
    houses = [house for source in sources for house in source.houses if fold(house.street) == key]
    shapes += list(sides(houses))
    return PLANE.flat(shapely.union_all(shapes)) if shapes else None


def sides(houses: list[House]) -> Iterator[shapely.Geometry]:
    for odd in (0, 1):
        side = sorted((h for h in houses if h.number % 2 == odd), key=lambda house: house.number)
        dots = [(house.lon, house.lat) for house in side]
        if dots:
            yield shapely.LineString(dots) if len(dots) > 1 else shapely.Point(dots[0])


def farthest_m(line, reference):
    steps = max(1, int(line.length // EVERY_M))
    dots = shapely.line_interpolate_point(
        [shapely.line_merge(line)], [step / steps for step in range(steps + 1)], normalized=True
    )
    return float(shapely.distance(dots, reference).max())


def report(off, measured, misses):
    """What the measuring found, on the terminal: misses are meant to be seen."""
    say = sys.stdout.write
    say(f"\nSketch: {len(measured) - len(misses)} of {len(measured)} streets within 60 m\n")
    for name, metres in sorted(misses.items()):
        say(f"  {name}: {metres:.0f} m\n")
    unknown = sorted(name for name, metres in off.items() if metres is None)
    say(f"  not in the data by name: {', '.join(unknown)}\n")


class TestAgainstOpenData:
    def test_at_least_35_streets_lie_within_60_m_of_open_data(self, open_data, capsys):
        off = {}
        for name, line in our_streets().items():
            reference = same_named(name, open_data)
            off[name] = None if reference is None else farthest_m(line, reference)
        measured = {name: metres for name, metres in off.items() if metres is not None}
        misses = {name: metres for name, metres in measured.items() if metres > NEAR_M}
        with capsys.disabled():
            report(off, measured, misses)
        assert len(measured) - len(misses) >= 35
        assert len(misses) <= len(measured) / 8

    def test_a_street_drawn_in_the_wrong_place_would_be_seen(self, open_data):
        istedgade = our_streets()["Istedgade"]
        reference = same_named("Istedgade", open_data)
        assert farthest_m(istedgade, reference) <= NEAR_M
        moved = shapely.transform(istedgade, lambda flat: np.add(flat, (0, 200)))
        assert farthest_m(moved, reference) > NEAR_M

    def test_house_numbers_reckoned_on_the_sketch_are_right_to_about_a_hundred_metres(
        self, open_data
    ):
        sketch = open_place_data(None)
        errors = []
        for house in (house for source in open_data for house in source.houses):
            found = sketch.find_address(f"{house.street} {house.number}", limit=1)
            if found and found[0].sure and found[0].label.startswith(house.street):
                there = PLANE.dot(found[0].lat, found[0].lon)
                errors.append(there.distance(PLANE.dot(house.lat, house.lon)))
        assert len(errors) > 800
        assert statistics.median(errors) < 80
        assert statistics.quantiles(errors, n=10)[-1] < 200

    def test_the_outline_is_the_districts_in_the_main(self, open_data):
        _, city = open_data
        ours, theirs = PLANE.flat(OUR_MAP.outline), PLANE.flat(city.outline)
        assert ours.intersection(theirs).area / ours.union(theirs).area > 0.8

    def test_nearly_every_small_area_is_in_its_quarter(self, open_data):
        _, city = open_data
        sketch = open_place_data(None)
        inner = [area for area in city.areas if area.kvarter.startswith("Vesterbro")]
        right = 0
        for area in inner:
            middle = area.shape.representative_point()
            ours = sketch.small_area(middle.y, middle.x)
            right += ours is not None and ours.kvarter == area.kvarter
        assert right >= len(inner) - 3

    def test_playgrounds_the_city_names_are_within_60_m_of_ours(self, open_data):
        _, city = open_data
        ours = {mark.name: mark.shape for mark in OUR_MAP.landmarks if mark.kind == "playground"}
        theirs = {mark.name: mark.shape for mark in city.landmarks if mark.name in ours}
        assert len(theirs) >= 6
        for name, shape in theirs.items():
            assert PLANE.flat(shape).distance(PLANE.flat(ours[name])) <= NEAR_M, name


def test_about_forty_main_streets_have_names():
    names = {road.name for road in OUR_MAP.roads}
    assert len(names) >= 40
    assert {"Istedgade", "Vesterbrogade", "Halmtorvet", "Sønder Boulevard", "Enghavevej"} <= names


def test_every_shape_is_sound():
    shapes = [
        *(road.line for road in OUR_MAP.roads),
        *(mark.shape for mark in OUR_MAP.landmarks),
        *(area.shape for area in OUR_MAP.areas),
        OUR_MAP.outline,
    ]
    assert all(shape.is_valid and not shape.is_empty for shape in shapes)


def test_every_street_touches_the_service_area():
    for road in OUR_MAP.roads:
        assert road.line.intersects(OUR_MAP.outline), road.name


def test_quarters_do_not_overlap():
    for at, area in enumerate(OUR_MAP.areas):
        for other in OUR_MAP.areas[at + 1 :]:
            assert area.shape.intersection(other.shape).area == pytest.approx(0, abs=1e-9)


def test_every_kind_that_decides_urgency_and_is_widely_known_is_there():
    kinds = {mark.kind for mark in OUR_MAP.landmarks}
    assert {"playground", "school", "supermarket", "station", "toilet"} <= kinds


def test_coordinates_have_four_decimals_as_a_hand_draws_them():
    numbers = shapely.get_coordinates(
        [OUR_MAP.outline, *(road.line for road in OUR_MAP.roads)]
    ).ravel()
    assert all(float(number) == round(float(number), 4) for number in numbers)


def test_the_sketch_is_small_enough_for_a_phone():
    assert SKETCH.stat().st_size < 40_000
