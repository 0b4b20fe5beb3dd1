"""Whether a place is ours to clean."""

import pytest
from shapely.geometry import MultiPolygon, Polygon, box

from dispatch.rules.distance import Point
from dispatch.rules.service_area import contains

DISTRICT = box(12.54, 55.66, 12.56, 55.68)
WITH_A_YARD = Polygon(DISTRICT.exterior, [box(12.549, 55.669, 12.551, 55.671).exterior])


def test_a_place_within_the_outline_is_ours():
    assert contains(DISTRICT, Point(55.67, 12.55))


def test_a_place_on_the_edge_is_ours():
    assert contains(DISTRICT, Point(55.66, 12.55))


def test_a_place_beyond_the_outline_is_not_ours():
    assert not contains(DISTRICT, Point(55.69, 12.55))


def test_swapped_degrees_are_not_ours():
    assert not contains(DISTRICT, Point(12.55, 55.67))


def test_a_hole_in_the_outline_is_not_ours():
    assert not contains(WITH_A_YARD, Point(55.67, 12.55))


def test_each_part_of_an_area_in_two_parts_is_ours():
    both = MultiPolygon([DISTRICT, box(12.58, 55.66, 12.59, 55.67)])
    assert contains(both, Point(55.67, 12.55))
    assert contains(both, Point(55.665, 12.585))
    assert not contains(both, Point(55.67, 12.57))


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), float("-inf")])
def test_a_place_that_is_no_place_is_not_ours(nonsense):
    assert not contains(DISTRICT, Point(nonsense, 12.55))
    assert not contains(DISTRICT, Point(55.67, nonsense))
