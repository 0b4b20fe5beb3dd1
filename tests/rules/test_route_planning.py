"""Who takes a new task, and where on the route it goes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.rules.catalogue import Priority, Skill, Vehicle
from dispatch.rules.distance import Point
from dispatch.rules.matching import Misfit
from dispatch.rules.route_planning import (
    NoPlace,
    NoPlaceReason,
    place_on_route,
    places_allowed,
)
from dispatch.rules.timetable import Seconds
from tests.rules.flat_map import (
    NEEDLE,
    POLICY,
    TEN,
    as_the_crow_flies,
    crew,
    place,
    placed,
    route,
    stop,
)

NEW = stop(99, place(100))


def test_the_nearer_of_two_equal_crews_is_chosen() -> None:
    far, near = route(crew(1), start=place(500)), route(crew(2), start=place(150))
    assert placed(NEW, far, near).crew_id == 2


def test_the_chosen_crew_changes_with_skill() -> None:
    near, far = route(crew(1), start=place(150)), route(crew(2), start=place(500))
    unskilled = replace(near, crew=crew(1, Skill.HEAVY))
    assert placed(NEW, near, far).crew_id == 1
    assert placed(NEW, unskilled, far).crew_id == 2


def test_the_chosen_crew_changes_with_area() -> None:
    near, far = route(crew(1), start=place(150)), route(crew(2), start=place(500))
    elsewhere = replace(near, crew=crew(1, kvarterer=["Kødbyen"]))
    at_home = replace(near, crew=crew(1, kvarterer=["Halmtorvet"]))
    assert placed(NEW, at_home, far).crew_id == 1
    assert placed(NEW, elsewhere, far).crew_id == 2


def test_the_chosen_crew_changes_with_load() -> None:
    near, far = route(crew(1), start=place(150)), route(crew(2), start=place(500))
    busy = replace(near, stops=tuple(stop(i, place(150)) for i in range(1, 9)))
    assert placed(NEW, near, far).crew_id == 1
    assert placed(NEW, busy, far).crew_id == 2


def test_the_chosen_crew_changes_when_the_load_is_urgent() -> None:
    near, far = route(crew(1), start=place(150)), route(crew(2), start=place(500))
    pressed = replace(near, stops=(stop(1, place(160), Priority.AKUT, due_in_minutes=1),))
    urgent = replace(NEW, priority=Priority.HASTER, due_at=TEN + timedelta(minutes=9))
    assert placed(urgent, near, far).crew_id == 1
    assert placed(urgent, pressed, far).crew_id == 2


def test_a_crew_whose_shift_ends_first_is_passed_over() -> None:
    near, far = route(crew(1), start=place(150)), route(crew(2), start=place(500))
    leaving = replace(near, crew=crew(1, ends=TEN + timedelta(minutes=2)))
    assert placed(NEW, near, far).crew_id == 1
    assert placed(NEW, leaving, far).crew_id == 2


def test_far_outside_its_area_a_crew_still_goes_when_nobody_else_can() -> None:
    only = route(crew(1, kvarterer=["Kødbyen"]))
    found = placed(NEW, only)
    assert found.considered[0].outside_area
    assert found.considered[0].cost == pytest.approx(100 + POLICY.outside_area_cost)


def test_equal_crews_are_decided_by_load_then_by_number() -> None:
    free = replace(POLICY, load_weight=0)
    loaded = route(crew(1), stop(1, place(0)), start=place(0))
    assert placed(NEW, route(crew(3)), route(crew(2)), loaded, policy=free).crew_id == 2


def test_the_answer_does_not_depend_on_the_order_the_crews_are_given() -> None:
    routes = [route(crew(i), stop(i, place(40 * i, 7 * i))) for i in range(1, 6)]
    assert placed(NEW, *routes) == placed(NEW, *reversed(routes))


def test_a_stop_on_the_way_is_put_on_the_way() -> None:
    there = route(crew(1), stop(1, place(50)), stop(2, place(200)))
    found = placed(NEW, there)
    assert found.position == 1
    assert found.extra_travel_s == pytest.approx(0, abs=1e-6)
    assert found.arrive_at == TEN + timedelta(seconds=100 + 600)


def test_a_stop_at_the_place_of_another_goes_behind_it() -> None:
    there = route(crew(1), stop(1, NEW.at), stop(2, place(200)))
    assert placed(NEW, there).position == 1


def test_an_urgent_stop_goes_before_those_that_can_wait() -> None:
    there = route(crew(1), stop(1, place(-50)), stop(2, place(-100)))
    urgent = replace(NEW, priority=Priority.AKUT, due_at=TEN + timedelta(minutes=5))
    found = placed(urgent, there)
    assert (found.position, found.late_s) == (0, 0)


def test_an_urgent_stop_already_planned_is_not_made_late_for_one_that_can_wait() -> None:
    akut = stop(1, place(200), Priority.AKUT, due_in_minutes=6)
    found = placed(NEW, route(crew(1), akut))
    assert found.position == 1


def test_lateness_that_cannot_be_avoided_is_told() -> None:
    hopeless = replace(NEW, due_at=TEN + timedelta(seconds=40))
    assert placed(hopeless, route(crew(1))).late_s == pytest.approx(60)


def test_the_new_stop_never_goes_before_a_locked_one() -> None:
    locked = [stop(1, place(300), locked=True), stop(2, place(400), locked=True)]
    urgent = replace(NEW, priority=Priority.AKUT, due_at=TEN + timedelta(minutes=3))
    assert placed(urgent, route(crew(1), *locked, stop(3, place(500)))).position == 2


def test_a_reopened_request_goes_directly_behind_the_locked_stops() -> None:
    stops = [stop(1, place(10), locked=True), stop(2, place(20)), stop(3, place(30))]
    reopened = replace(NEW, first_in_line=True)
    assert placed(reopened, route(crew(1), *stops)).position == 1


def test_a_reopened_request_is_not_overtaken_by_a_new_one() -> None:
    stops = [stop(1, place(500), first_in_line=True), stop(2, place(600))]
    assert placed(NEW, route(crew(1), *stops)).position >= 1


def test_akut_may_pass_a_reopened_request() -> None:
    waiting = stop(1, place(500), first_in_line=True)
    urgent = replace(NEW, priority=Priority.AKUT, due_at=TEN + timedelta(minutes=3))
    assert placed(urgent, route(crew(1), waiting)).position == 0


def test_among_reopened_requests_the_cheapest_order_wins() -> None:
    stops = [stop(1, place(500), first_in_line=True), stop(2, place(-20))]
    assert list(places_allowed(replace(NEW, first_in_line=True), stops)) == [0, 1]


def test_akut_that_has_passed_does_not_open_the_line_for_others() -> None:
    stops = [stop(1, place(5), Priority.AKUT), stop(2, place(500), first_in_line=True)]
    assert list(places_allowed(NEW, stops)) == [2]
    assert list(places_allowed(replace(NEW, first_in_line=True), stops)) == [0, 1, 2]


def test_a_reopened_request_moved_back_by_hand_does_not_hold_up_the_route() -> None:
    stops = [stop(1, place(10)), stop(2, place(500), first_in_line=True)]
    assert list(places_allowed(NEW, stops)) == [0, 1, 2]


def test_without_a_crew_on_shift_there_is_no_place() -> None:
    nobody = place_on_route(NEW, NEEDLE, [], as_the_crow_flies, POLICY)
    assert nobody == NoPlace(NoPlaceReason.NO_CREW_ON_SHIFT)


def test_without_a_crew_that_fits_each_says_why_not() -> None:
    routes = [route(crew(2, Skill.HEAVY)), route(crew(1, Skill.HUMAN_WASTE))]
    nobody = place_on_route(NEW, NEEDLE, routes, as_the_crow_flies, POLICY)
    assert isinstance(nobody, NoPlace)
    assert nobody.why == NoPlaceReason.NO_CREW_FITS
    reasons = [(row.crew_id, row.misfit, row.cost) for row in nobody.considered]
    assert reasons == [(1, Misfit.SKILL_MISSING, None), (2, Misfit.SKILL_MISSING, None)]


def test_a_fitting_crew_on_break_is_worth_waiting_for() -> None:
    routes = [route(crew(1, on_break=True)), route(crew(2, Skill.HEAVY))]
    nobody = place_on_route(NEW, NEEDLE, routes, as_the_crow_flies, POLICY)
    assert isinstance(nobody, NoPlace)
    assert nobody.why == NoPlaceReason.ALL_ON_BREAK


def test_every_crew_is_accounted_for_the_chosen_one_first() -> None:
    near = route(crew(2), stop(1, place(150)), start=place(150))
    far, unfit = route(crew(3), start=place(900)), route(crew(1, Skill.HEAVY))
    found = placed(NEW, far, unfit, near)
    assert [row.crew_id for row in found.considered] == [2, 3, 1]
    chosen, other, misfit = found.considered
    assert (chosen.load, chosen.arrive_at) == (1, found.arrive_at)
    assert chosen.cost is not None
    assert other.cost is not None
    assert chosen.cost < other.cost
    assert (misfit.cost, misfit.arrive_at) == (None, None)


def test_travel_is_asked_once_for_each_crew_that_fits() -> None:
    asked: list[int] = []

    def count(vehicle: Vehicle, points: Sequence[Point]) -> Seconds:
        asked.append(len(points))
        return as_the_crow_flies(vehicle, points)

    routes = [route(crew(1), stop(1, place(5))), route(crew(2)), route(crew(3, Skill.HEAVY))]
    place_on_route(NEW, NEEDLE, routes, count, POLICY)
    assert asked == [3, 2]
