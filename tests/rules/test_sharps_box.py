"""The sharps box is counted in needles and asks to be emptied before it is full."""

import pytest

from dispatch.rules.sharps_box import BoxFill


@pytest.mark.parametrize(
    ("needles", "percent", "should_be_emptied", "is_full"),
    [
        (0, 0, False, False),
        (79, 79, False, False),
        (80, 80, True, False),
        (100, 100, True, True),
        (250, 100, True, True),
    ],
)
def test_a_box_warns_from_eighty_of_a_hundred(needles, percent, should_be_emptied, is_full):
    box = BoxFill(needles)
    assert (box.percent, box.should_be_emptied, box.is_full) == (
        percent,
        should_be_emptied,
        is_full,
    )
