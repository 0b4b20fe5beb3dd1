"""Every number the coordinator may change in daily work, with its default.

One frozen `Policy` is passed to each rule that needs a number; no rule keeps a number of its own.
What belongs to the machine is in `settings.py`. The stored values and the log of who changed what
are not here: this room knows only names, defaults and limits.

Weights are in seconds of travel: a cost of 600 is worth a detour of ten minutes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from dispatch.rules.catalogue import Priority
from dispatch.rules.problems import FieldProblem, Refused

Number = int | float
Stored = str | int | float | bool


def _number(default: Number, low: Number, high: Number, unit: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "unit": unit})


@dataclass(frozen=True)
class Policy:
    """The numbers in force. Each field's limits and unit are in its metadata: see `limits_of`."""

    # urgency: how near, how many
    near_children_metres: float = _number(50, 0, 1000, "m")
    near_busy_metres: float = _number(50, 0, 1000, "m")
    many_needles: int = _number(5, 2, 1000, "count")

    # urgency: how soon
    akut_hours: float = _number(1, 0.25, 24, "h")
    haster_hours: float = _number(3, 0.25, 48, "h")
    same_day_before_hour: float = _number(15, 0, 24, "hour of day")
    next_day_due_hour: float = _number(12, 0, 24, "hour of day")
    planlagt_hours: float = _number(24, 1, 720, "h")
    bulky_hours: float = _number(72, 1, 720, "h")

    # duty hours, local time
    duty_from_hour: float = _number(6, 0, 23, "hour of day")
    duty_until_hour: float = _number(22, 1, 24, "hour of day")
    duty_on_public_holidays: bool = field(default=True, metadata={"unit": "yes or no"})

    # planning: a fixed cost for each deadline missed, and a slope for every second too late
    missed_cost_akut: float = _number(7200, 0, 1_000_000, "s")
    missed_cost_haster: float = _number(3600, 0, 1_000_000, "s")
    missed_cost_normal: float = _number(1800, 0, 1_000_000, "s")
    missed_cost_planlagt: float = _number(600, 0, 1_000_000, "s")
    late_weight_akut: float = _number(4, 0, 1000, "s per s")
    late_weight_haster: float = _number(2, 0, 1000, "s per s")
    late_weight_normal: float = _number(1, 0, 1000, "s per s")
    late_weight_planlagt: float = _number(0.25, 0, 1000, "s per s")

    # planning: what else a plan pays for
    outside_area_cost: float = _number(1200, 0, 1_000_000, "s")
    shift_overrun_weight: float = _number(3, 0, 1000, "s per s")
    load_weight: float = _number(0.25, 0, 100, "s per s")
    left_out_cost: float = _number(86_400, 0, 10_000_000, "s")
    churn_cost: float = _number(600, 0, 1_000_000, "s")

    # retention
    contact_days_after_closing: int = _number(30, 0, 3650, "days")
    tracking_days_after_closing: int = _number(30, 0, 3650, "days")
    photo_days_after_closing: int = _number(90, 0, 3650, "days")
    text_months_after_creation: int = _number(12, 1, 120, "months")
    receipt_days: int = _number(30, 1, 365, "days")
    position_decimals: int = _number(2, 0, 3, "decimals")

    # what a report may hold
    photos_per_report: int = _number(3, 0, 10, "count")
    photo_megabytes: int = _number(15, 1, 50, "MB")
    photo_megapixels: int = _number(50, 1, 100, "Mpx")
    photo_side_pixels: int = _number(1600, 400, 4000, "px")
    description_characters: int = _number(2000, 100, 10_000, "characters")

    # what is shown before a report is sent, and when a person must look
    nearby_metres: float = _number(30, 5, 200, "m")
    nearby_places_per_hour: int = _number(5, 0, 100, "count")
    held_alert_hours: float = _number(2, 0.25, 72, "h")

    def __post_init__(self) -> None:
        problems = tuple(_problems_of(self))
        if problems:
            raise Refused(problems)

    def missed_cost(self, priority: Priority) -> float:
        """The fixed cost of missing one deadline of this band."""
        return float(getattr(self, f"missed_cost_{priority}"))

    def late_weight(self, priority: Priority) -> float:
        """The cost of each second after a deadline of this band."""
        return float(getattr(self, f"late_weight_{priority}"))

    @classmethod
    def from_stored(cls, stored: Mapping[str, Stored]) -> "Policy":
        """The defaults with the coordinator's changes on top; a forgotten name is left aside.

        Raises Refused with one problem per field: `policy_not_a_number`, `policy_out_of_range`,
        `policy_duty_hours`.
        """
        kinds = {each.name: type(each.default) for each in fields(cls)}
        known = {name: value for name, value in stored.items() if name in kinds}
        read = {name: _read(kinds[name], value) for name, value in known.items()}
        unread = [name for name, value in read.items() if value is None]
        if unread:
            raise Refused(FieldProblem(name, "policy_not_a_number") for name in unread)
        return cls(**{name: value for name, value in read.items() if value is not None})


def limits_of(name: str) -> tuple[Number, Number] | None:
    """The lowest and highest value a field may take; None where it is yes or no."""
    metadata = Policy.__dataclass_fields__[name].metadata
    return (metadata["low"], metadata["high"]) if "low" in metadata else None


def unit_of(name: str) -> str:
    """The unit of a field, for the desk's form."""
    return str(Policy.__dataclass_fields__[name].metadata["unit"])


def _read(kind: type, value: Stored) -> Any:
    """The stored value as the field's kind, or None; a whole number stays a whole number."""
    if kind is bool:
        return _read_yes_or_no(value)
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def _read_yes_or_no(value: Stored) -> bool | None:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    return words.get(str(value).strip().lower())


def _problems_of(policy: Policy) -> list[FieldProblem]:
    found = [
        FieldProblem(each.name, "policy_out_of_range", {"low": limits[0], "high": limits[1]})
        for each in fields(policy)
        if (limits := limits_of(each.name)) and not _within(getattr(policy, each.name), limits)
    ]
    whole = [each.name for each in fields(policy) if type(each.default) is int and each.type is int]
    found += [
        FieldProblem(name, "policy_not_a_number")
        for name in whole
        if not isinstance(getattr(policy, name), int)
    ]
    if policy.duty_from_hour >= policy.duty_until_hour:
        found.append(FieldProblem("duty_until_hour", "policy_duty_hours"))
    return found


def _within(value: Number, limits: tuple[Number, Number]) -> bool:
    return math.isfinite(value) and limits[0] <= value <= limits[1]
