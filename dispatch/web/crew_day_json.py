"""A crew's day as its phone gets it: shift, route version, and the stops in order.

Times are ISO with a Z. Never in it: contact, token, who reported, another crew's tasks.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import url_for

from dispatch.queries.crew_arrivals import Arrival, arrivals
from dispatch.queries.crew_day import CrewDay, ShiftNow, Stop
from dispatch.web.reason_words import reason_text

# Arrival times move with the clock: an open page asks for fresh ones this often.
ARRIVALS_FOR = timedelta(minutes=5)


def version_of(day: CrewDay | None, now: datetime, language: str) -> str:
    """Equal as long as the phone would be shown the same; reads no travel times."""
    slice_of_time = int(now.timestamp() // ARRIVALS_FOR.total_seconds())
    return sha256(f"{language} {slice_of_time} {day!r}".encode()).hexdigest()[:32]


def day_as_json(day: CrewDay | None, now: datetime) -> dict[str, Any]:
    """`shift` is null and there are no stops while no shift is open."""
    if day is None:
        return {"shift": None, "route_version": None, "stops": []}
    due = arrivals(day, now)
    return {
        "shift": _shift(day.shift),
        "route_version": day.shift.route_version,
        "stops": [_stop(stop, due[stop.task_id]) for stop in day.stops],
    }


def photo_addresses(stop: Stop) -> list[str]:
    return [url_for("photo.show", served_name=name) for name in stop.photos]


def _shift(shift: ShiftNow) -> dict[str, Any]:
    return {
        "id": shift.id,
        "crew": shift.crew_name,
        "vehicle": shift.vehicle.value,
        "members": shift.members,
        "started_at": _iso(shift.started_at),
        "ends_at": _iso(shift.ends_at),
        "break_since": _iso(shift.break_since),
        "box_needles": shift.box.needles,
        "box_holds": shift.box.holds,
    }


def _stop(stop: Stop, arrival: Arrival) -> dict[str, Any]:
    return {
        "id": stop.task_id,
        "task_id": stop.task_id,
        "reference": stop.reference,
        "version": stop.version,
        "position": stop.position,
        "state": stop.state.value,
        "service_code": stop.service_code.value,
        "lat": stop.lat,
        "lon": stop.lon,
        "address": stop.address,
        "place_kind": stop.place_kind,
        "needle_count": stop.needle_count,
        "surface": stop.surface,
        "capped": stop.capped,
        "risk_now": stop.risk_now,
        "description": stop.description,
        "priority": stop.priority,
        "due_at": _iso(stop.due_at),
        "due_reason": reason_text(stop.due_reason),
        "arrive_at": _iso(arrival.arrive_at),
        "photos": photo_addresses(stop),
        "seen_by_others": [
            {"outcome": each.outcome, "needles": each.needles, "at": _iso(each.occurred_at)}
            for each in stop.seen_by_others
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    """UTC to the second, as `2026-11-22T13:05:00Z`."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
