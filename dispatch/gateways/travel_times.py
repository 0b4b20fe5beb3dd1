"""How long a crew needs between places: an OSRM server, the street graph, or the great circle.

Tried in that order, for the whole table: two ways of measuring are never mixed in one table, and
the table says which it was. The seconds a cargo bike loses at each stop are not in the table; the
planner adds them (`STOP_OVERHEAD_S`). Placing a pin on a street is not done here.
"""

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import urllib3
from numpy.typing import NDArray

from dispatch.gateways.street_graph import REACH_M, StreetGraph
from dispatch.rules.catalogue import Vehicle
from dispatch.rules.distance import DETOURS, EARTH_RADIUS_M, LONG_DETOUR, SPEED, Point
from dispatch.settings import Settings

Seconds = NDArray[np.float64]

log = logging.getLogger("renhold.travel_times")

PROFILES = {Vehicle.WALKING: "foot", Vehicle.CARGO_BIKE: "bike"}
ROUTER_TIMEOUT_S = 1.5
ROUTER_PAUSE_S = 60.0
# An OSRM server as it comes answers 100 × 100 pairs at a time.
ROUTER_PAIRS = 10_000


@dataclass(frozen=True)
class TravelTable:
    """Seconds from every point (row) to every point (column), and who measured them."""

    seconds: Seconds
    provider: str


class Provider(Protocol):
    """One way to measure; None means "ask the next", for the whole table."""

    @property
    def name(self) -> str: ...
    def seconds(self, vehicle: Vehicle, points: Sequence[Point]) -> Seconds | None: ...


class TravelTimes:
    """The providers in order of trust; the last one always has an answer."""

    def __init__(self, *providers: Provider) -> None:
        self._providers = (*providers, GreatCircle())

    @property
    def providers(self) -> tuple[str, ...]:
        """Who would be asked, best first."""
        return tuple(provider.name for provider in self._providers)

    def table(self, vehicle: Vehicle, points: Sequence[Point]) -> TravelTable:
        """Seconds between all points, all from one provider. Never fails."""
        if not points:
            return TravelTable(np.zeros((0, 0)), self._providers[0].name)
        for provider in self._providers:
            seconds = provider.seconds(vehicle, points)
            if seconds is not None:
                return TravelTable(seconds, provider.name)
        raise AssertionError("the great circle has no answer")


class GreatCircle:
    """Straight lines made longer by what streets cost; needs nothing and always answers."""

    name = "great_circle"

    def seconds(self, vehicle: Vehicle, points: Sequence[Point]) -> Seconds:
        return _street_metres(_straight_metres(points)) / SPEED[vehicle]


class OnStreets:
    """Shortest ways on the loaded street graph."""

    name = "street_graph"

    def __init__(self, graph: StreetGraph) -> None:
        self._graph = graph

    def seconds(self, vehicle: Vehicle, points: Sequence[Point]) -> Seconds | None:
        metres = self._graph.metres(points)
        return None if metres is None else metres / SPEED[vehicle]


class OsrmServer:
    """An OSRM server's `/table`; `{profile}` in its address becomes foot or bike.

    One OSRM process knows one profile and ignores the name in the path, so two processes need an
    address with `{profile}`. After a failure it is left alone for a minute: a dead router must not
    make every new report wait. Its own speeds are used.
    """

    name = "osrm"

    def __init__(self, url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._url = url.rstrip("/")
        self._monotonic = monotonic
        self._paused_until = 0.0
        self._http = urllib3.PoolManager(maxsize=4, retries=False)

    def seconds(self, vehicle: Vehicle, points: Sequence[Point]) -> Seconds | None:
        now = self._monotonic()
        if now < self._paused_until:
            return None
        try:
            return self._table(vehicle, points, now + ROUTER_TIMEOUT_S)
        except NoWay:
            return None
        except (urllib3.exceptions.HTTPError, ValueError, TypeError, LookupError) as problem:
            # Neither the address asked nor the answer is logged: both hold places of reports.
            log.warning("router failed: %s", type(problem).__name__)
            self._paused_until = self._monotonic() + ROUTER_PAUSE_S
            return None

    def _table(self, vehicle: Vehicle, points: Sequence[Point], until: float) -> Seconds:
        """In blocks of rows, because servers limit the pairs of one question."""
        profile = PROFILES[vehicle]
        places = ";".join(f"{point.lon:.6f},{point.lat:.6f}" for point in points)
        address = f"{self._url.replace('{profile}', profile)}/table/v1/{profile}/{places}"
        height = max(1, ROUTER_PAIRS // len(points))
        blocks = [
            self._rows(address, range(first, min(first + height, len(points))), len(points), until)
            for first in range(0, len(points), height)
        ]
        return np.concatenate(blocks)

    def _rows(self, address: str, rows: range, count: int, until: float) -> Seconds:
        if len(rows) < count:
            address += "?sources=" + ";".join(str(row) for row in rows)
        patience = until - self._monotonic()
        if patience <= 0:
            raise urllib3.exceptions.TimeoutError("the whole table took too long")
        answer = self._http.request("GET", address, timeout=patience, redirect=False)
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        return _durations(json.loads(answer.data), len(rows), count)


class NoWay(Exception):
    """The router is well but knows no way between two of the points."""


def _durations(answer: dict[str, Any], height: int, width: int) -> Seconds:
    if answer["code"] != "Ok":
        raise ValueError("not Ok")
    if any(_far_from_a_street(place) for place in answer.get("sources") or ()):
        raise NoWay
    durations = answer["durations"]
    if any(seconds is None for row in durations for seconds in row):
        raise NoWay
    table = np.array(durations, dtype=np.float64)
    if table.shape != (height, width) or not np.isfinite(table).all() or table.min() < 0:
        raise ValueError("not a table of seconds")
    return table


def _far_from_a_street(place: dict[str, Any] | None) -> bool:
    """A router with another town's map moves our points there without a word."""
    return place is not None and float(place.get("distance") or 0.0) > REACH_M


def _straight_metres(points: Sequence[Point]) -> Seconds:
    """As `rules.distance.metres`, for all pairs at once."""
    lat, lon = np.radians(np.asarray(points, dtype=np.float64)).T
    half_lat, half_lon = np.subtract.outer(lat, lat) / 2, np.subtract.outer(lon, lon) / 2
    square = np.sin(half_lat) ** 2 + np.outer(np.cos(lat), np.cos(lat)) * np.sin(half_lon) ** 2
    straight: Seconds = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(square, 1.0)))
    return straight


def _street_metres(straight: Seconds) -> Seconds:
    """As `rules.distance.street_metres`, for all pairs at once."""
    limits, factors = zip(*DETOURS, strict=True)
    detour: Seconds = np.select([straight < limit for limit in limits], factors, LONG_DETOUR)
    return straight * detour


def open_travel_times(settings: Settings) -> TravelTimes:
    """What the settings name. Raises SettingsProblem where the street graph's files are broken."""
    providers: list[Provider] = []
    if settings.router_url:
        providers.append(OsrmServer(settings.router_url))
    graph = StreetGraph.from_folder(settings.geo_data_dir) if settings.geo_data_dir else None
    if graph:
        providers.append(OnStreets(graph))
    return TravelTimes(*providers)
