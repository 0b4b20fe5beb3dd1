"""Crews are data: added and changed as a whole, and refused field by field."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models import Crew, StaffLogEntry
from dispatch.rules.problems import NotFound, Refused
from dispatch.staffing.crews import CrewFacts, add_crew, change_crew
from tests.people import People

pytestmark = pytest.mark.usefixtures("app")

NORD = CrewFacts(
    name="Hold Nord",
    vehicle="cargo_bike",
    start_lat=55.67,
    start_lon=12.56,
    organisation="Grundlæggerne",
    funding_line="sprøjteindsamling",
    skills=("needles", "heavy"),
    kvarterer=("Halmtorvet",),
)


def row(crew_id: int) -> Crew:
    db.session.rollback()
    return db.session.get_one(Crew, crew_id)


def fields_refused(facts: CrewFacts) -> set[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        add_crew(facts)
    return {(each.field, each.code) for each in refused.value.problems}


def test_an_added_crew_has_its_facts():
    crew = row(add_crew(NORD))
    assert (crew.name, crew.organisation, crew.vehicle) == (
        "Hold Nord",
        "Grundlæggerne",
        "cargo_bike",
    )
    assert (crew.skills, crew.kvarterer) == (["heavy", "needles"], ["Halmtorvet"])
    assert (crew.starts_hour, crew.ends_hour, crew.active) == (6, 22, True)


def test_a_changed_crew_has_its_new_facts_and_the_log_names_the_fields():
    crew_id = add_crew(NORD)
    change_crew(crew_id, replace(NORD, vehicle="walking", skills=()), by="Ida")
    assert (row(crew_id).vehicle, row(crew_id).skills) == ("walking", [])
    entry = db.session.scalars(
        select(StaffLogEntry).where(StaffLogEntry.deed == "crew_changed")
    ).one()
    assert (entry.by, entry.subject, entry.why) == ("Ida", "Hold Nord", "vehicle, skills")


def test_a_change_that_changes_nothing_is_not_logged():
    crew_id = add_crew(NORD)
    change_crew(crew_id, NORD, by="Ida")
    deeds = db.session.scalars(select(StaffLogEntry.deed)).all()
    assert deeds == ["crew_added"]


def test_two_crews_cannot_have_one_name_in_two_spellings():
    add_crew(NORD)
    assert fields_refused(replace(NORD, name=" hold  nord")) == {("name", "name_taken")}


def test_every_wrong_field_is_told_at_once():
    wrong = CrewFacts(
        name=" ",
        vehicle="helicopter",
        start_lat=200,
        start_lon=12,
        skills=("juggling",),
        starts_hour=22,
        ends_hour=6,
        funding_line="x" * 81,
    )
    assert fields_refused(wrong) == {
        ("name", "name_missing"),
        ("vehicle", "vehicle_unknown"),
        ("start", "place_unreadable"),
        ("skills", "skill_unknown"),
        ("ends_hour", "hours_wrong"),
        ("funding_line", "text_too_long"),
    }


def test_a_place_that_is_no_number_is_refused():
    assert fields_refused(replace(NORD, start_lat=float("nan"))) == {("start", "place_unreadable")}


def test_a_crew_on_shift_cannot_be_laid_off_and_one_at_home_can(people: People):
    out, home = people.crew("Ude").crew_id, people.crew("Hjemme", on_shift=False).crew_id
    with pytest.raises(Refused) as refused:
        change_crew(out, replace(NORD, name="Ude", active=False), by="Ida")
    assert refused.value.code == "crew_on_shift"
    change_crew(home, replace(NORD, name="Hjemme", active=False), by="Ida")
    assert (row(out).active, row(home).active) == (True, False)


def test_a_crew_that_is_not_there_is_not_found():
    with pytest.raises(NotFound):
        change_crew(99, NORD, by="Ida")
