"""Every code the program can keep has words, and every time is Copenhagen's."""

import ast
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from dispatch.gateways.clock import SettableClock
from dispatch.rules.catalogue import (
    Authority,
    DeclineReason,
    HoldReason,
    PlaceKind,
    Priority,
    ServiceCode,
    Skill,
    Source,
    Surface,
    Vehicle,
)
from dispatch.rules.matching import Misfit
from dispatch.rules.outcome import Outcome
from dispatch.rules.problems import FieldProblem
from dispatch.rules.status import Status, TaskState
from dispatch.rules.urgency import Reason
from dispatch.settings import PROJECT_ROOT
from dispatch.web import date_words, wording
from dispatch.web.problem_words import PROBLEMS, problem_text
from dispatch.web.reason_words import reason_text
from dispatch.web.story_words import SENTENCES, place_words

KINDS: dict[str, type[StrEnum]] = {
    "status_word": Status,
    "outcome_word": Outcome,
    "priority_word": Priority,
    "service_word": ServiceCode,
    "place_kind_word": PlaceKind,
    "surface_word": Surface,
    "source_word": Source,
    "vehicle_word": Vehicle,
    "skill_word": Skill,
    "task_state_word": TaskState,
    "hold_word": HoldReason,
    "decline_word": DeclineReason,
    "authority_word": Authority,
    "misfit_word": Misfit,
}
REFUSALS = frozenset({"FieldProblem", "Refused", "NotFound", "Gone", "AlreadyDone", "TryLater"})


@pytest.mark.parametrize("kind", KINDS)
def test_every_code_has_a_word(app: Flask, kind: str) -> None:
    assert set(wording.WORDS[kind]) == {code.value for code in KINDS[kind]}
    assert all(str(word).strip() for word in wording.WORDS[kind].values())


def test_every_action_of_the_contract_has_a_word(app: Flask) -> None:
    actions = (
        "start arrive done problem hand_back own_find shift_start shift_end break_start "
        "break_end box_emptied needle_stick"
    )
    assert set(wording.ACTIONS) == set(actions.split())


def test_every_status_can_be_told(app: Flask) -> None:
    assert set(SENTENCES) == set(Status)


def test_a_code_without_words_is_shown_as_it_is(app: Flask) -> None:
    assert wording.word("status_word", "brand_new") == "brand_new"
    assert wording.word("hold_word", None) == ""


def test_choices_come_as_code_and_word_in_the_catalogue_s_order(app: Flask) -> None:
    choices = wording.choices("service_word")
    assert choices[0] == ("syringe", "Sprøjter eller kanyler")
    assert [code for code, _ in choices] == [code.value for code in ServiceCode]


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 22, 13, 5, tzinfo=UTC), "22. november 2026 kl. 14.05"),
        (datetime(2026, 7, 1, 6, 15, tzinfo=UTC), "1. juli 2026 kl. 8.15"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "1. januar 2027 kl. 0.30"),
    ],
)
def test_a_time_is_told_in_copenhagen_time(app: Flask, moment: datetime, words: str) -> None:
    assert date_words.when(moment) == words


@pytest.mark.parametrize(
    "moment", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)]
)
@pytest.mark.parametrize("tell", [date_words.when, date_words.clock, date_words.when_near])
def test_the_ends_of_the_calendar_can_be_told(
    app: Flask, tell: Callable[[datetime], str], moment: datetime
) -> None:
    assert tell(moment)


def test_near_times_are_told_as_people_say_them(app: Flask, clock: SettableClock) -> None:
    now = clock.now()
    assert date_words.when_near(now + timedelta(hours=6)) == "i dag kl. 16.00"
    assert date_words.when_near(now + timedelta(days=1)) == "i morgen kl. 10.00"
    assert date_words.when_near(now - timedelta(days=1)) == "i går kl. 10.00"
    assert date_words.when_near(now + timedelta(days=2)) == "27. november 2026 kl. 10.00"


def test_today_ends_at_midnight_in_copenhagen_and_not_in_london(
    app: Flask, clock: SettableClock
) -> None:
    just_after_midnight_there = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    assert date_words.when_near(just_after_midnight_there) == "i morgen kl. 0.30"


def test_english_readers_get_english_dates(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        assert (
            date_words.when(datetime(2026, 11, 22, 13, 5, tzinfo=UTC))
            == "22 November 2026 at 14:05"
        )


@pytest.mark.parametrize(
    ("metres", "words"), [(7.4, "7 m"), (318, "320 m"), (1000, "1,0 km"), (1449, "1,4 km")]
)
def test_distances_are_rounded_as_people_walk(app: Flask, metres: float, words: str) -> None:
    assert date_words.distance_text(metres) == words


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 min."), (59.6, "1 time"), (65, "1 time 5 min."), (120, "2 timer")]
)
def test_durations_are_told_in_hours_and_minutes(app: Flask, minutes: float, words: str) -> None:
    assert date_words.minutes_text(minutes) == words


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (
            Reason(
                "needle_near",
                {"kind": "playground", "name": "Legepladsen i Skydebanehaven", "metres": 32},
            ),
            "sprøjte 32 m fra legepladsen i Skydebanehaven",
        ),
        (
            Reason("needle_near", {"kind": "school", "name": "Tove Ditlevsens Skole", "metres": 8}),
            "sprøjte 8 m fra Tove Ditlevsens Skole",
        ),
        (
            Reason("needle_near", {"kind": "station", "name": "", "metres": 40}),
            "sprøjte 40 m fra en station",
        ),
        (Reason("needle_on", {"kind": "playground", "name": ""}), "sprøjte på en legeplads"),
        (Reason("five_or_more", {"count": 7}), "7 sprøjter på ét sted"),
        (
            Reason("service_planned", {"service": "bulky", "hours": 72}),
            "Storskrald tager vi inden for 72 timer",
        ),
    ],
)
def test_reasons_are_told_as_a_neighbour_would(app: Flask, reason: Reason, words: str) -> None:
    assert reason_text(reason) == words
    assert reason_text({"code": reason.code, "values": reason.values}) == words


def test_a_reason_whose_values_are_erased_says_nothing(app: Flask) -> None:
    assert reason_text({"code": "needle_near", "values": {}}) == ""
    assert reason_text(None) == ""


def test_an_address_that_already_says_ved_is_not_told_twice(app: Flask) -> None:
    assert place_words("Istedgade 20") == " ved Istedgade 20"
    assert place_words("ved Halmtorvet") == " ved Halmtorvet"
    assert place_words("") == ""


def test_a_problem_without_words_still_says_something(app: Flask) -> None:
    assert problem_text(FieldProblem("x", "never_heard_of")) == "Det gik ikke. Prøv igen om lidt."


def test_every_problem_of_the_program_has_words() -> None:
    """Codes are found where problems are made, so that a new one cannot be forgotten."""
    raised = {
        code
        for room in ("lifecycle", "staffing", "queries", "gateways", "web", "rules")
        for path in sorted((PROJECT_ROOT / "dispatch" / room).rglob("*.py"))
        for code in codes_in(path)
    }
    assert {"place_missing", "outside_area", "cpr_in_text"} <= raised
    assert sorted(raised - set(PROBLEMS)) == []


def codes_in(path: Path) -> set[str]:
    """The codes given as plain text to a problem of `rules/problems.py` in this file."""
    found = set()
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        name, code_at = called(call.func)
        if name in REFUSALS and len(call.args) > code_at:
            code = call.args[code_at]
            if isinstance(code, ast.Constant) and isinstance(code.value, str) and code.value:
                found.add(code.value)
    return found


def called(function: ast.expr) -> tuple[str, int]:
    """Whose call it is, and which argument is the code."""
    if isinstance(function, ast.Name):
        return function.id, 1 if function.id == "FieldProblem" else 0
    if isinstance(function, ast.Attribute) and function.attr == "at":
        return getattr(function.value, "id", ""), 1
    return "", 0
