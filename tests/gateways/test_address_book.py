"""One street with its house numbers."""

import pytest
from shapely.geometry import LineString

from dispatch.gateways.address_book import Street, point_along
from dispatch.gateways.map_material import House, Road
from dispatch.rules.distance import Point

LINE = LineString([(12.55, 55.66), (12.56, 55.66)])


def street(*numbers: int, sketched: tuple[int, int] | None = None) -> Street:
    """Each house a thousandth of a degree east per ten numbers, even ones on the north side."""
    made = Street("Storegade", roads=[Road("Storegade", LINE)])
    for number in numbers:
        north = 55.6601 if number % 2 == 0 else 55.6599
        made.add_house(House("Storegade", number, "", north, 12.55 + number / 10_000))
    if sketched:
        made.sketched.append(Road("Storegade", LINE, sketched))
    return made


def test_a_missing_number_lies_between_its_neighbours_in_proportion():
    placed = street(2, 12).place(4, "")
    assert placed is not None
    assert placed.at == pytest.approx(Point(55.6601, 12.5504))
    assert (placed.exact, placed.sure) == (False, True)


def test_the_other_side_is_asked_only_when_the_own_side_is_empty():
    both, even_only = street(1, 2, 11, 12).place(5, ""), street(2, 12).place(5, "")
    assert both is not None and even_only is not None
    assert both.at.lat == pytest.approx(55.6599)
    assert even_only.at.lat == pytest.approx(55.6601)


def test_between_houses_far_apart_a_number_is_placed_but_not_sure():
    placed = street(2, 142).place(70, "")
    assert placed is not None
    assert not placed.sure


def test_just_beyond_the_last_house_a_number_is_at_the_last_house():
    placed = street(2, 12).place(18, "")
    assert placed is not None
    assert placed.at == pytest.approx(Point(55.6601, 12.5512))


def test_the_sketch_knows_better_than_the_last_house():
    placed = street(2, 12, sketched=(1, 101)).place(51, "")
    assert placed is not None
    assert placed.at == pytest.approx(Point(55.66, 12.555))


def test_a_number_nobody_has_heard_of_is_nowhere():
    assert street(2, 12).place(90, "") is None
    assert Street("Storegade").place(1, "") is None


def test_twenty_is_where_twenty_a_is():
    made = Street("Storegade")
    made.add_house(House("Storegade", 20, "A", 55.66, 12.55))
    placed = made.place(20, "")
    assert placed is not None and placed.exact


def test_a_street_with_one_house_and_no_line_may_be_long():
    made = Street("Storegade")
    made.add_house(House("Storegade", 1, "", 55.66, 12.55))
    assert not made.is_short


def test_a_street_is_short_by_its_lines_and_houses_together():
    stub = Road("Stubben", LineString([(12.55, 55.66), (12.551, 55.66)]))
    assert Street("Stubben", roads=[stub]).is_short
    far = House("Stubben", 9, "", 55.66, 12.56)
    assert not Street("Stubben", roads=[stub], houses={(9, ""): far}).is_short


def test_its_point_lies_on_the_part_within_the_service_area():
    area = LineString([(12.55, 55.65), (12.55, 55.67)]).buffer(0.004)
    middle = street().middle(area)
    assert middle is not None
    assert middle.lon == pytest.approx(12.552, abs=1e-4)


def test_half_way_along_a_line_is_its_middle():
    assert point_along(LINE, 0.5) == pytest.approx(Point(55.66, 12.555))
