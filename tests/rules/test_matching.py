"""Which crews can take a task at all."""

from datetime import UTC, datetime

from dispatch.rules.catalogue import ServiceCode, Skill, Vehicle
from dispatch.rules.matching import CrewOnShift, Misfit, Need, misfit, outside_area

NEEDLE = Need(ServiceCode.SYRINGE, frozenset({Skill.NEEDLES}), kvarter="Halmtorvet")
SOFA = Need(ServiceCode.BULKY, frozenset({Skill.HEAVY}))


def crew(
    *skills: Skill,
    vehicle: Vehicle = Vehicle.WALKING,
    kvarterer: tuple[str, ...] = (),
    on_break: bool = False,
) -> CrewOnShift:
    ends = datetime(2026, 11, 18, 21, tzinfo=UTC)
    return CrewOnShift(
        1, "Hold 1", frozenset(skills), frozenset(kvarterer), vehicle, ends, on_break
    )


def test_a_crew_with_the_skill_fits() -> None:
    assert misfit(NEEDLE, crew(Skill.NEEDLES, Skill.HUMAN_WASTE)) is None


def test_a_crew_without_the_skill_does_not_fit() -> None:
    assert misfit(NEEDLE, crew(Skill.HUMAN_WASTE)) == Misfit.SKILL_MISSING


def test_a_task_that_asks_for_nothing_fits_every_crew() -> None:
    assert misfit(Need(ServiceCode.LITTER), crew()) is None


def test_heavy_things_need_a_cargo_bike() -> None:
    assert misfit(SOFA, crew(Skill.HEAVY)) == Misfit.VEHICLE_UNFIT
    assert misfit(SOFA, crew(Skill.HEAVY, vehicle=Vehicle.CARGO_BIKE)) is None


def test_a_crew_on_break_is_not_available() -> None:
    assert misfit(NEEDLE, crew(Skill.NEEDLES, on_break=True)) == Misfit.ON_BREAK


def test_a_missing_skill_is_said_before_a_break_that_will_end() -> None:
    assert misfit(NEEDLE, crew(on_break=True)) == Misfit.SKILL_MISSING


def test_a_crew_without_an_area_works_everywhere() -> None:
    assert not outside_area(NEEDLE, crew())
    assert not outside_area(SOFA, crew())


def test_a_crew_with_an_area_is_outside_it_elsewhere() -> None:
    assert not outside_area(NEEDLE, crew(kvarterer=("Halmtorvet", "Kødbyen")))
    assert outside_area(NEEDLE, crew(kvarterer=("Kødbyen",)))


def test_a_place_in_no_kvarter_is_outside_every_area() -> None:
    assert outside_area(SOFA, crew(kvarterer=("Kødbyen",)))
