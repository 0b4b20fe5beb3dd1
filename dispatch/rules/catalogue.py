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


class DeclineReason(StrEnum):
    """Why the city says no; each has a sentence for the reporter and who can help instead."""

    ABOUT_PERSON = "about_person"
    PRIVATE_GROUND = "private_ground"
    OUTSIDE_AREA = "outside_area"
    ORDINARY_ROUND = "ordinary_round"
    NOT_CLEANING = "not_cleaning"
    TOO_LITTLE_KNOWN = "too_little_known"
    ABUSE = "abuse"
    OTHER = "other"


class Authority(StrEnum):
    """Whom a request can be passed on to."""

    GIV_ET_PRAJ = "giv_et_praj"
    POLICE = "police"
    SOCIAL = "social"
    RAILWAY = "railway"
    METRO = "metro"
    OWNER = "owner"
    PARKS = "parks"
    TOILETS = "toilets"
    OTHER = "other"


class HoldReason(StrEnum):
    """Why a person must decide; a crew's outcome of the same name is one of them."""

    PRIVATE_GROUND = "private_ground"
    TOILET = "toilet"
    PLACE_NOT_FOUND = "place_not_found"
    HANDED_BACK = "handed_back"
    NEEDS_ATTENTION = "needs_attention"
    NO_ACCESS = "no_access"
    NEEDS_OTHER_TEAM = "needs_other_team"
    HAZARD_GUARDED = "hazard_guarded"


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
