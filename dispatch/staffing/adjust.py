"""The coordinator changes the numbers decisions go by; every change is logged with its reason."""

from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import delete
from sqlalchemy.orm import Session

from dispatch.gateways import gateways
from dispatch.models import PolicyValue
from dispatch.models.policy_in_force import policy_in_force
from dispatch.models.transaction import insert_into, transaction
from dispatch.rules.policy import Policy
from dispatch.rules.problems import FieldProblem, Refused
from dispatch.staffing.staff_log import log_deed


def change_policy(wanted: Mapping[str, str], *, by: str, why: str = "") -> tuple[str, ...]:
    """Put these numbers in force together, or none; returns the names that changed.

    Numbers not named keep their value; one set back to its default loses its row. Raises Refused
    with one problem per field: `policy_unknown`, and those of `Policy.from_stored`.
    """
    _refuse_unknown(wanted)
    with transaction() as session:
        before = asdict(policy_in_force())
        texts = {name: _as_text(value) for name, value in before.items()}
        after = asdict(Policy.from_stored(texts | dict(wanted)))
        changed = tuple(name for name in after if after[name] != before[name])
        for name in changed:
            _store(session, name, _as_text(after[name]))
            words = f"{_as_text(before[name])} → {_as_text(after[name])}. {why}"
            log_deed(session, by, "policy_changed", name, words.strip())
    return changed


def _refuse_unknown(wanted: Mapping[str, str]) -> None:
    unknown = [name for name in wanted if name not in Policy.__dataclass_fields__]
    if unknown:
        raise Refused(FieldProblem(name, "policy_unknown") for name in unknown)


def _store(session: Session, name: str, value: str) -> None:
    if value == _as_text(Policy.__dataclass_fields__[name].default):
        session.execute(delete(PolicyValue).where(PolicyValue.name == name))
        return
    now = gateways().clock.now()
    session.execute(
        insert_into(session, PolicyValue)
        .values(name=name, value=value, changed_at=now)
        .on_conflict_do_update(index_elements=["name"], set_={"value": value, "changed_at": now})
    )


def _as_text(value: object) -> str:
    """One spelling a value: 3 and 3.0 are the same hours."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
