"""Every request as the export tells it, oldest first, in batches that never grow.

Four queries a batch, and nothing kept between batches: memory is the same for ten rows and for a
million. Field names are the contract's. No contact and no token is ever read here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from dispatch.extensions import db
from dispatch.models import Crew, Photo, PhotoState, ServiceRequest, StatusChange, Task
from dispatch.rules.status import LIVE_TASKS, OPEN, TaskState

BATCH = 500


@dataclass(frozen=True)
class ExportRow:
    """One request in the order of the contract's fields."""

    reference: str
    status: str
    outcome: str | None
    reason: str | None
    service_code: str
    lat: float | None
    lon: float | None
    address: str
    description: str
    source: str
    created_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    priority: str | None
    crew: str | None
    tasks: tuple[dict[str, Any], ...]
    photos: tuple[dict[str, Any], ...]
    duplicate_of: str | None
    history: tuple[dict[str, Any], ...]


def export_batches(batch: int = BATCH) -> Iterator[tuple[ExportRow, ...]]:
    """All requests by id, `batch` at a time; each batch is its own short reading."""
    last_id = 0
    while rows := _requests_after(last_id, batch):
        last_id = rows[-1].id
        yield _with_parts(rows)
        db.session.rollback()


def _requests_after(last_id: int, batch: int) -> Sequence[Any]:
    it, kept = ServiceRequest, aliased(ServiceRequest)
    return db.session.execute(
        select(
            it.id, it.reference, it.status, it.outcome, it.reason, it.service_code, it.lat, it.lon,
            it.address, it.description, it.source, it.created_at, it.due_at, it.closed_at,
            it.priority, kept.reference.label("duplicate_of"),
        )
        .outerjoin(kept, it.duplicate_of_id == kept.id)
        .where(it.id > last_id)
        .order_by(it.id)
        .limit(batch)
    ).all()  # fmt: skip


def _with_parts(rows: Sequence[Any]) -> tuple[ExportRow, ...]:
    ids = [row.id for row in rows]
    tasks, photos, history = _tasks(ids), _photos(ids), _history(ids)
    return tuple(
        _row(row, tasks.get(row.id, []), photos.get(row.id, []), history.get(row.id, []))
        for row in rows
    )


def _row(row: Any, tasks: list[Any], photos: list[Any], history: list[Any]) -> ExportRow:
    plain = dict(row._mapping)
    del plain["id"]
    return ExportRow(
        **plain,
        crew=_crew(row, tasks),
        tasks=tuple(
            {"id": t.id, "crew": t.name, "status": t.state.value, "position": t.position}
            for t in tasks
        ),
        photos=tuple(
            {"served_name": p.served_name, "bytes": p.bytes, "sha256": p.sha256} for p in photos
        ),
        history=tuple(
            {"old": h.old, "new": h.new, "by": h.by, "at": h.at, "note": h.note} for h in history
        ),
    )


def _crew(row: Any, tasks: list[Any]) -> str | None:
    """Who has it now, or did it last."""
    wanted = LIVE_TASKS if row.status in OPEN else {TaskState.DONE}
    return next((task.name for task in reversed(tasks) if task.state in wanted), None)


def _tasks(ids: Sequence[int]) -> dict[int, list[Any]]:
    return _by_request(
        select(Task.service_request_id, Task.id, Task.state, Task.position, Crew.name)
        .join(Task.crew)
        .where(Task.service_request_id.in_(ids))
        .order_by(Task.id)
    )


def _photos(ids: Sequence[int]) -> dict[int, list[Any]]:
    return _by_request(
        select(Photo.service_request_id, Photo.served_name, Photo.bytes, Photo.sha256)
        .where(Photo.service_request_id.in_(ids), Photo.state == PhotoState.READY)
        .order_by(Photo.id)
    )


def _history(ids: Sequence[int]) -> dict[int, list[Any]]:
    line = StatusChange
    return _by_request(
        select(line.service_request_id, line.old, line.new, line.by, line.at, line.note)
        .where(line.service_request_id.in_(ids))
        .order_by(line.id)
    )


def _by_request(statement: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in db.session.execute(statement):
        found.setdefault(row.service_request_id, []).append(row)
    return found
