"""The coordinator's numbers: defaults, limits, and what was stored."""

import pytest

from dispatch.rules.catalogue import Priority
from dispatch.rules.policy import Policy, limits_of, unit_of
from dispatch.rules.problems import Refused


def codes(refused: Refused) -> dict[str, str]:
    return {problem.field: problem.code for problem in refused.problems}


def test_the_defaults_are_those_the_field_asks_for() -> None:
    policy = Policy()
    assert (policy.near_children_metres, policy.many_needles) == (50, 5)
    assert (policy.akut_hours, policy.haster_hours) == (1, 3)
    assert (policy.planlagt_hours, policy.bulky_hours) == (24, 72)
    assert (policy.duty_from_hour, policy.duty_until_hour) == (6, 22)


def test_missing_an_akut_deadline_costs_most_and_a_planned_one_least() -> None:
    policy = Policy()
    costs = [policy.missed_cost(priority) for priority in Priority]
    slopes = [policy.late_weight(priority) for priority in Priority]
    assert costs == sorted(costs, reverse=True)
    assert slopes == sorted(slopes, reverse=True)


def test_what_the_coordinator_stored_replaces_the_defaults() -> None:
    policy = Policy.from_stored({"akut_hours": "0,5", "many_needles": "3"})
    assert (policy.akut_hours, policy.many_needles) == (0.5, 3)
    assert policy.haster_hours == 3


def test_a_yes_or_no_is_read_from_a_word() -> None:
    assert not Policy.from_stored({"duty_on_public_holidays": "no"}).duty_on_public_holidays
    assert Policy.from_stored({"duty_on_public_holidays": True}).duty_on_public_holidays


def test_a_number_that_no_longer_exists_is_left_aside() -> None:
    assert Policy.from_stored({"forgotten_number": 3}) == Policy()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("akut_hours", "soon", "policy_not_a_number"),
        ("akut_hours", "nan", "policy_out_of_range"),
        ("akut_hours", "inf", "policy_out_of_range"),
        ("akut_hours", -1, "policy_out_of_range"),
        ("many_needles", "2.5", "policy_not_a_number"),
        ("duty_on_public_holidays", "perhaps", "policy_not_a_number"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_at_its_field(
    name: str, value: str | float, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        Policy.from_stored({name: value})
    assert codes(caught.value) == {name: code}


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Refused) as caught:
        Policy.from_stored({"akut_hours": 1000, "photos_per_report": -1})
    assert set(codes(caught.value)) == {"akut_hours", "photos_per_report"}


def test_duty_ends_after_it_begins() -> None:
    with pytest.raises(Refused) as caught:
        Policy(duty_from_hour=15, duty_until_hour=15)
    assert codes(caught.value) == {"duty_until_hour": "policy_duty_hours"}


def test_every_number_has_a_unit_and_a_default_inside_its_limits() -> None:
    for name in Policy.__dataclass_fields__:
        limits = limits_of(name)
        assert unit_of(name)
        if limits:
            assert limits[0] <= getattr(Policy(), name) <= limits[1]
