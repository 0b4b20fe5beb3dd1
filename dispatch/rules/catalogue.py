"""The kinds of problem a resident can report, and what each asks of a crew.

Codes are the contract's and Open311's; the words people read are in `web/wording.py`.
"""

from dataclasses import dataclass
from enum import StrEnum


class ServiceCode(StrEnum):
    SYRINGE = "syringe"
    DRUG_LITTER = "drug_litter"
    HUMAN_WASTE = "human_waste"
    LITTER = "litter"
    FULL_BIN = "full_bin"
    BULKY = "bulky"
    GLASS = "glass"
    TOILET = "toilet"


class PlaceKind(StrEnum):
    STREET = "street"
    STAIRS = "stairs"
    STATION = "station"
    PARK = "park"
    PLAYGROUND = "playground"
    SCHOOL = "school"
    YARD_STAIRWELL = "yard_stairwell"
    PUBLIC_TOILET = "public_toilet"
    OTHER = "other"


class Surface(StrEnum):
    ASPHALT = "asphalt"
    GRASS = "grass"
    SAND = "sand"
    WATER = "water"
    STAIRS = "stairs"
    INSIDE = "inside"
    OTHER = "other"


class Skill(StrEnum):
    NEEDLES = "needles"
    HUMAN_WASTE = "human_waste"
    HEAVY = "heavy"


class Vehicle(StrEnum):
    WALKING = "walking"
    CARGO_BIKE = "cargo_bike"


class Priority(StrEnum):
    AKUT = "akut"
    HASTER = "haster"
    NORMAL = "normal"
    PLANLAGT = "planlagt"


class Source(StrEnum):
    """The door a service request came in by."""

    FORM = "form"
    OPEN311 = "open311"
    PHONE = "phone"
    CREW = "crew"


@dataclass(frozen=True)
class Service:
    """One kind of problem; `work_minutes` is a crew's time on the spot, travel not counted."""

    code: ServiceCode
    group: str
    skills: frozenset[Skill]
    work_minutes: float
    dispatched: bool = True


def _service(code: ServiceCode, group: str, minutes: float, *skills: Skill) -> Service:
    return Service(code, group, frozenset(skills), minutes, dispatched=code != ServiceCode.TOILET)


SERVICES: dict[ServiceCode, Service] = {
    service.code: service
    for service in (
        _service(ServiceCode.SYRINGE, "drug_use", 6, Skill.NEEDLES),
        _service(ServiceCode.DRUG_LITTER, "drug_use", 8, Skill.NEEDLES),
        _service(ServiceCode.HUMAN_WASTE, "waste", 10, Skill.HUMAN_WASTE),
        _service(ServiceCode.LITTER, "waste", 10),
        _service(ServiceCode.FULL_BIN, "waste", 6),
        _service(ServiceCode.BULKY, "waste", 15, Skill.HEAVY),
        _service(ServiceCode.GLASS, "waste", 8),
        _service(ServiceCode.TOILET, "toilet", 0),
    )
}
