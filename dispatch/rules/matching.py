"""Which crews on shift can take a task at all.

Hard conditions only: skills, a vehicle for heavy things, and not being on break. Being outside
its own area makes a crew dearer, not unfit; what it costs is decided in `route_planning`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dispatch.rules.catalogue import ServiceCode, Skill, Vehicle


@dataclass(frozen=True)
class CrewOnShift:
    """A crew as the planner sees it; no `kvarterer` means that it works everywhere."""

    crew_id: int
    name: str
    skills: frozenset[Skill]
    kvarterer: frozenset[str]
    vehicle: Vehicle
    shift_ends_at: datetime
    on_break: bool = False


@dataclass(frozen=True)
class Need:
    """What a task asks of a crew; `kvarter` is None where the place is in none."""

    service_code: ServiceCode
    skills: frozenset[Skill] = field(default_factory=frozenset)
    kvarter: str | None = None


class Misfit(StrEnum):
    """Why a crew cannot take a task, the most lasting reason first."""

    SKILL_MISSING = "skill_missing"
    VEHICLE_UNFIT = "vehicle_unfit"
    ON_BREAK = "on_break"


def misfit(need: Need, crew: CrewOnShift) -> Misfit | None:
    """The first reason why this crew cannot take the task; None when it can."""
    if not need.skills <= crew.skills:
        return Misfit.SKILL_MISSING
    if Skill.HEAVY in need.skills and crew.vehicle != Vehicle.CARGO_BIKE:
        return Misfit.VEHICLE_UNFIT
    return Misfit.ON_BREAK if crew.on_break else None


def outside_area(need: Need, crew: CrewOnShift) -> bool:
    """Whether the task lies outside the crew's own area."""
    return bool(crew.kvarterer) and need.kvarter not in crew.kvarterer
