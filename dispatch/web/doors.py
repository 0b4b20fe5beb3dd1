"""Every door of the program and the guard that stands at it. What is not in this table is shut.

One line a blueprint. A blueprint or an address without its line stops the start, and would be
answered with "not found" all the same: nobody reaches a staff page by a forgotten decorator.
"""

from dataclasses import dataclass

from flask import Blueprint, Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from dispatch.extensions import bound
from dispatch.web import (
    crew_api,
    crew_pages,
    dashboard_map,
    desk_export,
    desk_pages,
    desk_request_pages,
    health_api,
    map_pages,
    photo_pages,
    resident_pages,
    sign_in_pages,
)
from dispatch.web.guards import (
    Guard,
    configure_sessions,
    coordinator,
    crew,
    everyone,
    operator,
    signed_in,
)

STATIC = "static"


class DoorWithoutGuard(Exception):
    """An address nobody guards; the message names it."""


@dataclass(frozen=True)
class Door:
    """A blueprint and who may pass."""

    blueprint: Blueprint
    guard: Guard


DOORS: tuple[Door, ...] = (
    Door(resident_pages.bp, everyone),
    Door(map_pages.bp, everyone),
    Door(sign_in_pages.bp, everyone),
    Door(photo_pages.bp, signed_in),
    Door(crew_pages.bp, crew),
    Door(crew_api.bp, crew),
    Door(desk_pages.bp, coordinator),
    Door(desk_request_pages.bp, coordinator),
    Door(dashboard_map.bp, coordinator),
    Door(desk_export.bp, coordinator),
    Door(health_api.bp, everyone),
    Door(health_api.operators_bp, operator),
)


def register_doors(app: Flask, doors: tuple[Door, ...] = DOORS) -> None:
    """Open every door with its guard; the last step of the factory, for it looks at all addresses.

    Raises DoorWithoutGuard.
    """
    configure_sessions(app)
    app.extensions["renhold.guards"] = {door.blueprint.name: door.guard for door in doors}
    for door in doors:
        app.register_blueprint(door.blueprint)
    # First of all: an expired session is told so, before anything else is asked of the request.
    app.before_request_funcs.setdefault(None, []).insert(0, _guard)
    refuse_unguarded(app)


def refuse_unguarded(app: Flask) -> None:
    """Raises DoorWithoutGuard for the first address that belongs to no door."""
    guards: dict[str, Guard] = app.extensions["renhold.guards"]
    for rule in app.url_map.iter_rules():
        door = _door_of(rule.endpoint)
        if rule.endpoint != STATIC and door not in guards:
            raise DoorWithoutGuard(
                f"{rule.rule} ({rule.endpoint}) has no guard: give its blueprint a line in doors.py."
            )


def _guard() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None or endpoint == STATIC:
        return None
    guard: Guard | None = bound("guards").get(_door_of(endpoint))
    if guard is None:
        raise NotFound
    return guard()


def _door_of(endpoint: str) -> str:
    return endpoint.rpartition(".")[0]
