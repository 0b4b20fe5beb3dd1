"""The coordinator's numbers: in force together or not at all, and every change is in the log."""

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models import PolicyValue, StaffLogEntry
from dispatch.models.policy_in_force import policy_in_force
from dispatch.rules.policy import Policy
from dispatch.rules.problems import Refused
from dispatch.staffing.adjust import change_policy

pytestmark = pytest.mark.usefixtures("app")


def stored() -> dict[str, str]:
    db.session.rollback()
    rows = db.session.execute(select(PolicyValue.name, PolicyValue.value)).all()
    return {row.name: row.value for row in rows}


def log() -> list[tuple[str, str, str]]:
    rows = db.session.execute(
        select(StaffLogEntry.by, StaffLogEntry.subject, StaffLogEntry.why).order_by(
            StaffLogEntry.id
        )
    ).all()
    return [(by, subject, why) for by, subject, why in rows]


def test_a_changed_number_is_in_force_and_the_others_keep_their_defaults():
    assert change_policy({"haster_hours": "2,5"}, by="Ida") == ("haster_hours",)
    assert policy_in_force() == Policy(haster_hours=2.5)


def test_the_log_says_who_changed_what_from_what_to_what_and_why():
    change_policy({"many_needles": "4"}, by="Ida", why="Følgegruppen bad om det")
    assert log() == [("Ida", "many_needles", "5 → 4. Følgegruppen bad om det")]


def test_a_number_out_of_range_is_refused_and_none_of_the_others_is_changed():
    with pytest.raises(Refused) as refused:
        change_policy({"many_needles": "4", "akut_hours": "100"}, by="Ida")
    assert [(each.field, each.code) for each in refused.value.problems] == [
        ("akut_hours", "policy_out_of_range")
    ]
    assert (stored(), log()) == ({}, [])


def test_a_word_for_a_number_and_an_unknown_name_are_refused():
    with pytest.raises(Refused) as refused:
        change_policy({"akut_hours": "snart"}, by="Ida")
    assert refused.value.code == "policy_not_a_number"
    with pytest.raises(Refused) as refused:
        change_policy({"secret_key": "1"}, by="Ida")
    assert refused.value.code == "policy_unknown"


def test_the_same_number_again_changes_and_logs_nothing():
    change_policy({"haster_hours": "2"}, by="Ida")
    assert change_policy({"haster_hours": "2.0"}, by="Bo") == ()
    assert len(log()) == 1


def test_a_number_set_back_to_its_default_loses_its_row_but_not_its_log():
    change_policy({"haster_hours": "2"}, by="Ida")
    change_policy({"haster_hours": "3"}, by="Ida")
    assert stored() == {}
    assert [why for _by, _subject, why in log()] == ["3 → 2.", "2 → 3."]


def test_yes_and_no_can_be_changed_too():
    change_policy({"duty_on_public_holidays": "no"}, by="Ida")
    assert policy_in_force().duty_on_public_holidays is False
