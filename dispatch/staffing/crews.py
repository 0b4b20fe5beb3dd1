"""Crews as data: who they are, what they can, where and when they work. Shifts are not here."""

from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dispatch.models import Crew, Shift
from dispatch.models.transaction import transaction
from dispatch.rules.catalogue import Skill, Vehicle
from dispatch.rules.personal_data import clean_text
from dispatch.rules.problems import FieldProblem, NotFound, Refused
from dispatch.staffing.staff_log import COMMAND_LINE, log_deed

MOST_NAME = 80
MOST_ORGANISATION = 120
MOST_FUNDING_LINE = 80


@dataclass(frozen=True)
class CrewFacts:
    """Everything the desk may set about a crew; `kvarterer` empty means the whole district.

    `starts_hour` and `ends_hour` are the usual local hours of a shift.
    """

    name: str
    vehicle: str
    start_lat: float
    start_lon: float
    organisation: str = ""
    funding_line: str = ""
    skills: tuple[str, ...] = ()
    kvarterer: tuple[str, ...] = ()
    starts_hour: int = 6
    ends_hour: int = 22
    active: bool = True


def add_crew(facts: CrewFacts, *, by: str = COMMAND_LINE) -> int:
    """Create a crew and return its id.

    Raises Refused: `name_missing`, `name_too_long`, `name_taken`, `text_too_long`,
    `vehicle_unknown`, `skill_unknown`, `place_unreadable`, `hours_wrong`.
    """
    columns = _columns(facts)
    try:
        with transaction() as session:
            _refuse_taken(session, str(columns["name"]), None)
            crew = Crew(**columns)
            session.add(crew)
            session.flush()
            log_deed(session, by, "crew_added", crew.name)
            return crew.id
    except IntegrityError:
        raise Refused.at("name", "name_taken") from None


def change_crew(crew_id: int, facts: CrewFacts, *, by: str) -> None:
    """Set all facts anew. Raises as `add_crew`, and Refused `crew_on_shift` when it is laid off."""
    columns = _columns(facts)
    try:
        with transaction() as session:
            crew = session.get(Crew, crew_id)
            if crew is None:
                raise NotFound("crew_unknown")
            _refuse_taken(session, str(columns["name"]), crew_id)
            if crew.active and not facts.active:
                _refuse_on_shift(session, crew_id)
            changed = [name for name, value in columns.items() if getattr(crew, name) != value]
            for name in changed:
                setattr(crew, name, columns[name])
            if changed:
                log_deed(session, by, "crew_changed", crew.name, ", ".join(changed))
    except IntegrityError:
        raise Refused.at("name", "name_taken") from None


def _columns(facts: CrewFacts) -> dict[str, object]:
    columns = asdict(facts) | {
        "name": _one_line(facts.name),
        "organisation": _one_line(facts.organisation),
        "funding_line": _one_line(facts.funding_line),
        "skills": sorted(set(facts.skills)),
        "kvarterer": sorted({_one_line(each) for each in facts.kvarterer} - {""}),
    }
    problems = _problems(facts, columns)
    if problems:
        raise Refused(problems)
    return columns | {"vehicle": Vehicle(facts.vehicle)}


def _problems(facts: CrewFacts, columns: dict[str, object]) -> list[FieldProblem]:
    name, organisation = str(columns["name"]), str(columns["organisation"])
    funding_line = str(columns["funding_line"])
    checks = (
        (not name, FieldProblem("name", "name_missing")),
        (len(name) > MOST_NAME, FieldProblem("name", "name_too_long", {"most": MOST_NAME})),
        (
            len(organisation) > MOST_ORGANISATION,
            _too_long("organisation", MOST_ORGANISATION, organisation),
        ),
        (
            len(funding_line) > MOST_FUNDING_LINE,
            _too_long("funding_line", MOST_FUNDING_LINE, funding_line),
        ),
        (facts.vehicle not in set(Vehicle), FieldProblem("vehicle", "vehicle_unknown")),
        (not set(facts.skills) <= set(Skill), FieldProblem("skills", "skill_unknown")),
        (
            not _is_place(facts.start_lat, facts.start_lon),
            FieldProblem("start", "place_unreadable"),
        ),
        (
            not 0 <= facts.starts_hour < facts.ends_hour <= 24,
            FieldProblem("ends_hour", "hours_wrong"),
        ),
    )
    return [problem for wrong, problem in checks if wrong]


def _too_long(field: str, most: int, text: str) -> FieldProblem:
    return FieldProblem(field, "text_too_long", {"most": most, "is": len(text)})


def _is_place(lat: float, lon: float) -> bool:
    return -90 <= lat <= 90 and -180 <= lon <= 180


def _one_line(text: str) -> str:
    return " ".join(clean_text(text).split())


def _refuse_taken(session: Session, name: str, own_id: int | None) -> None:
    rows = session.execute(select(Crew.id, Crew.name)).all()
    if any(known.casefold() == name.casefold() and found != own_id for found, known in rows):
        raise Refused.at("name", "name_taken")


def _refuse_on_shift(session: Session, crew_id: int) -> None:
    open_shift = select(Shift.id).where(Shift.crew_id == crew_id, Shift.ended_at.is_(None))
    if session.scalar(open_shift) is not None:
        raise Refused.at("active", "crew_on_shift")
