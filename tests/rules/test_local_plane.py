"""Degrees laid flat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString

from dispatch.rules.distance import Point, metres
from dispatch.rules.local_plane import LocalPlane

ORIGIN = Point(55.66, 12.55)
PLANE = LocalPlane(ORIGIN)
NEAR_BY = st.builds(Point, st.floats(55.635, 55.685), st.floats(12.51, 12.59))


def test_the_origin_is_in_the_middle():
    assert PLANE.dot(*ORIGIN).coords[0] == (0, 0)


@given(NEAR_BY, NEAR_BY)
def test_a_flat_distance_is_the_great_circles_to_a_thousandth(a, b):
    flat = PLANE.dot(*a).distance(PLANE.dot(*b))
    assert flat == pytest.approx(metres(a, b), rel=1e-3, abs=0.01)


def test_a_line_keeps_its_shape_and_gets_metres():
    flat = PLANE.flat(LineString([(12.55, 55.66), (12.55, 55.661)]))
    assert flat.length == pytest.approx(111.2, abs=0.1)
