"""What a crew does to one task: start, arrive, done, problem, hand back.

The outcome decides the status. A close that no longer fits, because the task was cancelled, moved
or done by others meanwhile, is kept as an observation and changes no status.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dispatch.lifecycle.attach_photo import attach_photo
from dispatch.lifecycle.crew_action import MOST_COUNTED, MOST_NOTE, ActionAnswer, CrewAction
from dispatch.lifecycle.transition import Change, change_status
from dispatch.lifecycle.work_list import owe
from dispatch.models import CrewRoute, Observation, PhotoKind, ServiceRequest, Task, WorkKind
from dispatch.rules.outcome import Outcome, status_after
from dispatch.rules.personal_data import clean_text
from dispatch.rules.problems import NotFound, Refused
from dispatch.rules.status import LIVE_TASKS, Status, TaskState

PROBLEMS = frozenset(
    {Outcome.NO_ACCESS, Outcome.NEEDS_OTHER_TEAM, Outcome.HAZARD_GUARDED, Outcome.NOTHING_FOUND}
)


def start(session: Session, action: CrewAction, now: datetime) -> ActionAnswer:
    """The crew is on its way."""
    return _under_way(session, action, now, TaskState.STARTED)


def arrive(session: Session, action: CrewAction, now: datetime) -> ActionAnswer:
    """The crew is on the spot; this is where the next leg begins."""
    return _under_way(session, action, now, TaskState.ARRIVED)


def done(session: Session, action: CrewAction, now: datetime) -> ActionAnswer:
    """The task ended with an outcome and its numbers."""
    return _close(session, action, now, _outcome(action, Outcome.REMOVED))


def problem(session: Session, action: CrewAction, now: datetime) -> ActionAnswer:
    """The task could not be done; the outcome says what a person must decide about."""
    outcome = _outcome(action, None)
    if outcome not in PROBLEMS:
        raise Refused.at("outcome", "outcome_unknown")
    return _close(session, action, now, outcome)


def hand_back(session: Session, action: CrewAction, now: datetime) -> ActionAnswer:
    """The crew cannot take it; it is routed again, to others."""
    task = own_task(session, action)
    if task.state not in LIVE_TASKS:
        return _keep_observation(session, action, task, now, None)
    end_task(session, task, TaskState.RETURNED, now)
    request = task.service_request
    change_status(
        session,
        request,
        Change(Status.RECEIVED, action.by, reason="handed_back", note=note_of(action)),
    )
    owe(session, WorkKind.ASSIGN_REQUEST, request.id)
    return _applied(session, task)


def own_task(session: Session, action: CrewAction) -> Task:
    """The task, if it is this crew's; another crew's is not found, so that nothing is told of it.

    The row is locked, so that of two phones the second sees what the first one did.
    """
    if action.task_id is None:
        raise NotFound("task_not_found")
    task = session.get(Task, action.task_id, with_for_update=True)
    if task is None or task.crew_id != action.crew_id:
        raise NotFound("task_not_found")
    return task


def end_task(session: Session, task: Task, state: TaskState, now: datetime) -> None:
    """Take a task off its route; the route's version tells phones and planners."""
    task.state = state
    task.version += 1
    task.ended_at = now
    bump_route(session, task.crew_route_id)


def bump_route(session: Session, crew_route_id: int) -> None:
    session.execute(
        update(CrewRoute).where(CrewRoute.id == crew_route_id).values(version=CrewRoute.version + 1)
    )


def _under_way(
    session: Session, action: CrewAction, now: datetime, state: TaskState
) -> ActionAnswer:
    task = own_task(session, action)
    if task.state not in LIVE_TASKS:
        return ActionAnswer("nothing", "task_ended", task.id, task.version)
    if task.state == state or task.state == TaskState.ARRIVED:
        return ActionAnswer("nothing", "already_so", task.id, task.version)
    request = task.service_request
    _bring_forward(session, task)
    task.state = state
    task.version += 1
    task.started_at = task.started_at or now
    if state == TaskState.ARRIVED:
        task.arrived_at = now
        _stand_at(session, task, request)
    bump_route(session, task.crew_route_id)
    if request.status == Status.ASSIGNED:
        change_status(session, request, Change(Status.ATTENDING, action.by))
    return _applied(session, task)


def _bring_forward(session: Session, task: Task) -> None:
    """A crew that starts another stop than the first has changed the order: the plan follows."""
    first = session.scalar(
        select(Task.position)
        .where(Task.crew_route_id == task.crew_route_id, Task.state == TaskState.PLANNED)
        .order_by(Task.position)
        .limit(1)
    )
    if first is not None and task.state == TaskState.PLANNED and first < task.position:
        task.position = first - 1


def _stand_at(session: Session, task: Task, request: ServiceRequest) -> None:
    route = session.get_one(CrewRoute, task.crew_route_id)
    if request.lat is not None and request.lon is not None:
        route.last_lat, route.last_lon = request.lat, request.lon


def _close(session: Session, action: CrewAction, now: datetime, outcome: Outcome) -> ActionAnswer:
    task = own_task(session, action)
    if task.state not in LIVE_TASKS:
        return _keep_observation(session, action, task, now, outcome)
    request = task.service_request
    _write_numbers(task, action, outcome)
    _stand_at(session, task, request)
    end_task(session, task, TaskState.DONE, now)
    task.crew_route.shift.box_needles += action.needles or 0
    _attach_photos(session, action, task)
    new = status_after(outcome)
    change_status(
        session,
        request,
        Change(
            new,
            action.by,
            outcome=outcome,
            reason=outcome.value if new == Status.HELD else None,
            note=note_of(action),
            facts=facts_of(action),
            also={"first_in_line": False},
        ),
    )
    return _applied(session, task)


def _write_numbers(task: Task, action: CrewAction, outcome: Outcome) -> None:
    task.outcome = outcome
    task.needles, task.other_sharps = action.needles, action.other_sharps
    task.bags, task.minutes = action.bags, action.minutes
    task.note = note_of(action)


def _keep_observation(
    session: Session, action: CrewAction, task: Task, now: datetime, outcome: Outcome | None
) -> ActionAnswer:
    session.add(
        Observation(
            service_request_id=task.service_request_id,
            task_id=task.id,
            by=action.by,
            action=action.action,
            outcome=outcome,
            needles=action.needles,
            other_sharps=action.other_sharps,
            bags=action.bags,
            note=note_of(action),
            why_not=f"task_{task.state.value}",
            occurred_at=action.occurred_at,
            received_at=now,
        )
    )
    _attach_photos(session, action, task)
    return ActionAnswer("observation", f"task_{task.state.value}", task.id, task.version)


def _attach_photos(session: Session, action: CrewAction, task: Task) -> None:
    for name in action.photos:
        attach_photo(session, task.service_request_id, name, PhotoKind.AFTER, task.id)


def _outcome(action: CrewAction, default: Outcome | None) -> Outcome:
    if action.outcome in set(Outcome):
        return Outcome(action.outcome)
    if action.outcome or default is None:
        raise Refused.at("outcome", "outcome_unknown")
    return default


def check_numbers(action: CrewAction) -> None:
    """Numbers a person could have counted; raises Refused with `number_strange`."""
    for name in ("needles", "other_sharps", "bags", "minutes"):
        number = getattr(action, name)
        if number is not None and not 0 <= number <= MOST_COUNTED:
            raise Refused.at(name, "number_strange", most=MOST_COUNTED)


def facts_of(action: CrewAction) -> dict[str, int]:
    """What the crew counted, for the ledger; what it did not count is left out."""
    names = ("needles", "other_sharps", "bags")
    return {name: getattr(action, name) for name in names if getattr(action, name) is not None}


def note_of(action: CrewAction) -> str:
    """The crew's words as they are kept."""
    return clean_text(action.note).strip()[:MOST_NOTE]


def _applied(session: Session, task: Task) -> ActionAnswer:
    session.flush()
    version = session.scalar(select(CrewRoute.version).where(CrewRoute.id == task.crew_route_id))
    return ActionAnswer("applied", "ok", task.id, task.version, version)
