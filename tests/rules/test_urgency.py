"""Which band a report falls into, when it is due, and the reason that is given."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.rules.catalogue import PlaceKind, Priority, ServiceCode
from dispatch.rules.policy import Policy
from dispatch.rules.urgency import BUSY, CHILDREN, NearPlace, Reason, Urgency, judge
from dispatch.rules.working_hours import duty_of

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
PLAYGROUND = NearPlace("playground", "Skydebanehaven", 32.4)
SHOP = NearPlace("supermarket", "Netto", 41)
BANDS = tuple(Priority)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN).astimezone(UTC)


def shown(moment: datetime) -> str:
    return moment.astimezone(COPENHAGEN).strftime("%Y-%m-%dT%H:%M")


WEDNESDAY_TEN = at("2026-11-18T10:00")


def judged(
    service_code: ServiceCode = ServiceCode.SYRINGE,
    place_kind: PlaceKind | None = PlaceKind.PARK,
    needle_count: int | None = None,
    near: Sequence[NearPlace] = (),
    reported_at: datetime = WEDNESDAY_TEN,
    risk_now: bool = False,
    policy: Policy | None = None,
) -> Urgency:
    return judge(
        service_code=service_code,
        place_kind=place_kind,
        needle_count=needle_count,
        risk_now=risk_now,
        near=near,
        reported_at=reported_at,
        policy=policy or Policy(),
    )


def test_a_needle_32_m_from_a_playground_is_akut() -> None:
    urgency = judged(near=[PLAYGROUND])
    assert urgency.priority == Priority.AKUT
    assert shown(urgency.due_at) == "2026-11-18T11:00"
    assert urgency.reason.code == "needle_near"
    assert urgency.reason.values == {
        "kind": "playground",
        "name": "Skydebanehaven",
        "metres": 32,
    }


@pytest.mark.parametrize("kind", sorted(CHILDREN))
def test_a_needle_within_50_m_of_children_is_akut_and_at_51_m_is_not(kind: str) -> None:
    assert judged(near=[NearPlace(kind, "", 50)]).priority == Priority.AKUT
    assert judged(near=[NearPlace(kind, "", 50.1)]).priority == Priority.NORMAL


@pytest.mark.parametrize("kind", [PlaceKind.PLAYGROUND, PlaceKind.SCHOOL])
def test_a_needle_said_to_lie_on_a_playground_or_school_is_akut_by_itself(kind: PlaceKind) -> None:
    urgency = judged(place_kind=kind)
    assert urgency.priority == Priority.AKUT
    assert urgency.reason == Reason("needle_on", {"kind": str(kind), "name": ""})


def test_the_playgrounds_name_is_given_where_place_data_agrees() -> None:
    school = NearPlace("school", "Oehlenschlægersgades Skole", 5)
    urgency = judged(place_kind=PlaceKind.PLAYGROUND, near=[school, PLAYGROUND])
    assert urgency.reason.values == {"kind": "playground", "name": "Skydebanehaven"}


def test_a_needle_inside_the_playgrounds_outline_lies_on_it() -> None:
    inside = NearPlace("playground", "Skydebanehaven", 0)
    urgency = judged(near=[inside])
    assert urgency.reason == Reason("needle_on", {"kind": "playground", "name": "Skydebanehaven"})


def test_the_nearest_place_is_the_reason() -> None:
    nearer = NearPlace("kindergarten", "Solsikken", 12)
    assert judged(near=[PLAYGROUND, nearer]).reason.values["name"] == "Solsikken"


def test_a_child_or_animal_at_risk_is_akut_whatever_it_is() -> None:
    urgency = judged(ServiceCode.GLASS, risk_now=True)
    assert (urgency.priority, urgency.reason) == (Priority.AKUT, Reason("risk_now"))
    assert shown(urgency.due_at) == "2026-11-18T11:00"


def test_litter_beside_a_playground_is_not_akut() -> None:
    assert judged(ServiceCode.LITTER, near=[PLAYGROUND]).priority == Priority.PLANLAGT


def test_drug_litter_with_a_needle_counted_is_judged_as_a_needle() -> None:
    urgency = judged(ServiceCode.DRUG_LITTER, needle_count=1, near=[PLAYGROUND])
    assert urgency.priority == Priority.AKUT


@pytest.mark.parametrize("kind", [PlaceKind.STREET, PlaceKind.STAIRS, PlaceKind.STATION])
def test_a_needle_on_street_stairs_or_station_is_haster(kind: PlaceKind) -> None:
    urgency = judged(place_kind=kind)
    assert urgency.priority == Priority.HASTER
    assert shown(urgency.due_at) == "2026-11-18T13:00"
    assert urgency.reason == Reason("needle_on", {"kind": str(kind), "name": ""})


@pytest.mark.parametrize("kind", sorted(BUSY))
def test_a_needle_within_50_m_of_a_supermarket_or_station_is_haster(kind: str) -> None:
    assert judged(near=[NearPlace(kind, "", 50)]).priority == Priority.HASTER
    assert judged(near=[NearPlace(kind, "", 50.1)]).priority == Priority.NORMAL


def test_a_needle_on_the_street_by_a_shop_names_the_shop() -> None:
    urgency = judged(place_kind=PlaceKind.STREET, near=[SHOP])
    assert urgency.reason.code == "needle_near"
    assert urgency.reason.values == {"kind": "supermarket", "name": "Netto", "metres": 41}


def test_five_needles_anywhere_are_haster_and_four_are_not() -> None:
    assert judged(needle_count=5).reason == Reason("five_or_more", {"count": 5})
    assert judged(needle_count=5).priority == Priority.HASTER
    assert judged(needle_count=4).priority == Priority.NORMAL


def test_children_count_for_more_than_a_shop_that_is_nearer() -> None:
    shop_next_door = NearPlace("supermarket", "Netto", 1)
    assert judged(near=[shop_next_door, PLAYGROUND]).priority == Priority.AKUT


def test_another_needle_is_normal_and_due_the_same_day() -> None:
    urgency = judged()
    assert (urgency.priority, urgency.reason) == (Priority.NORMAL, Reason("other_needle"))
    assert shown(urgency.due_at) == "2026-11-18T22:00"


@pytest.mark.parametrize(
    "code", [ServiceCode.DRUG_LITTER, ServiceCode.HUMAN_WASTE, ServiceCode.GLASS]
)
def test_drug_litter_human_waste_and_glass_are_normal(code: ServiceCode) -> None:
    urgency = judged(code, place_kind=PlaceKind.STREET)
    assert urgency.priority == Priority.NORMAL
    assert urgency.reason == Reason("service_normal", {"service": str(code)})


@pytest.mark.parametrize(
    ("reported", "due"),
    [
        ("2026-11-18T14:59", "2026-11-18T22:00"),
        ("2026-11-18T15:00", "2026-11-19T12:00"),
        ("2026-11-18T03:00", "2026-11-18T22:00"),
        ("2026-11-20T15:00", "2026-11-23T12:00"),
        ("2026-11-21T10:00", "2026-11-21T22:00"),
        ("2026-12-24T15:00", "2026-12-28T12:00"),
        ("2026-04-05T16:00", "2026-04-07T12:00"),
        ("2026-10-25T14:59", "2026-10-25T22:00"),
        ("2026-03-29T15:00", "2026-03-30T12:00"),
    ],
)
def test_normal_is_due_the_same_day_before_three_else_noon_next_working_day(
    reported: str, due: str
) -> None:
    assert shown(judged(ServiceCode.GLASS, reported_at=at(reported)).due_at) == due


def test_normal_on_a_holiday_without_duty_waits_for_the_next_working_day() -> None:
    policy = Policy(duty_on_public_holidays=False)
    due = judged(ServiceCode.GLASS, reported_at=at("2026-12-25T10:00"), policy=policy).due_at
    assert shown(due) == "2026-12-28T12:00"


@pytest.mark.parametrize("code", [ServiceCode.LITTER, ServiceCode.FULL_BIN])
def test_litter_and_full_bins_are_planned_within_24_hours(code: ServiceCode) -> None:
    urgency = judged(code)
    assert urgency.priority == Priority.PLANLAGT
    assert shown(urgency.due_at) == "2026-11-19T10:00"
    assert urgency.reason == Reason("service_planned", {"service": str(code), "hours": 24})


def test_bulky_things_are_planned_within_72_hours() -> None:
    urgency = judged(ServiceCode.BULKY)
    assert shown(urgency.due_at) == "2026-11-21T10:00"
    assert urgency.reason.values["hours"] == 72


def test_planned_work_that_would_be_due_at_night_is_due_when_duty_begins() -> None:
    due = judged(ServiceCode.LITTER, reported_at=at("2026-11-18T23:30")).due_at
    assert shown(due) == "2026-11-20T06:00"


def test_akut_late_in_the_evening_is_due_next_morning() -> None:
    urgency = judged(near=[PLAYGROUND], reported_at=at("2026-11-18T21:30"))
    assert shown(urgency.due_at) == "2026-11-19T06:30"


def test_haster_runs_over_the_night_the_clock_is_moved() -> None:
    urgency = judged(place_kind=PlaceKind.STREET, reported_at=at("2026-10-24T20:00"))
    assert shown(urgency.due_at) == "2026-10-25T07:00"


def test_the_coordinators_numbers_are_used() -> None:
    policy = Policy(near_children_metres=30, akut_hours=2, many_needles=3)
    assert judged(near=[PLAYGROUND], policy=policy).priority == Priority.NORMAL
    assert judged(needle_count=3, policy=policy).priority == Priority.HASTER
    assert shown(judged(risk_now=True, policy=policy).due_at) == "2026-11-18T12:00"


def test_a_negative_count_is_still_one_needle() -> None:
    assert judged(needle_count=-3).reason == Reason("other_needle")


near_places = st.lists(
    st.builds(
        NearPlace,
        kind=st.sampled_from(sorted(CHILDREN | BUSY)),
        name=st.text(max_size=8),
        metres=st.floats(min_value=0, max_value=200),
    ),
    max_size=4,
)
moments = st.integers(1_735_686_000, 1_925_000_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
reports = st.fixed_dictionaries(
    {
        "service_code": st.sampled_from(ServiceCode),
        "place_kind": st.none() | st.sampled_from(PlaceKind),
        "needle_count": st.none() | st.integers(min_value=-5, max_value=500),
        "risk_now": st.booleans(),
        "near": near_places,
        "reported_at": moments,
    }
)


@given(reports)
def test_every_deadline_lies_ahead_and_inside_duty_hours(report: dict[str, Any]) -> None:
    due = judge(**report, policy=Policy()).due_at
    begins, ends = duty_of(due.astimezone(COPENHAGEN).date(), Policy())
    assert due.tzinfo is UTC
    assert due > report["reported_at"]
    assert begins <= due <= ends


@given(reports)
def test_every_reason_can_be_kept_as_json(report: dict[str, Any]) -> None:
    reason = judge(**report, policy=Policy()).reason
    assert json.loads(json.dumps(reason.values)) == reason.values


@given(reports, near_places)
def test_more_places_nearby_never_make_a_report_less_urgent(
    report: dict[str, Any],
    more: list[NearPlace],
) -> None:
    before = judge(**report, policy=Policy()).priority
    after = judge(**{**report, "near": [*report["near"], *more]}, policy=Policy()).priority
    assert BANDS.index(after) <= BANDS.index(before)
