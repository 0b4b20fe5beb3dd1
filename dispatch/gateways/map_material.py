"""What a source of place data delivers, before it becomes something one can ask.

The sketch, the OpenStreetMap files and the city's files each become one `MapMaterial` and are kept
apart in source; `place_data.py` puts them together in memory. Degrees, longitude first.
"""

from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry as Geometry

from dispatch.rules.distance import Point
from dispatch.settings import SettingsProblem

Feature = dict[str, Any]


class PlaceDataProblem(SettingsProblem, ValueError):
    """Place data that cannot be used; one line that names the file and what is wrong with it."""


@dataclass(frozen=True)
class Road:
    """A line of a street. `numbers` are the house numbers at its two ends, where they are known."""

    name: str
    line: Geometry
    numbers: tuple[int, int] | None = None


@dataclass(frozen=True)
class House:
    street: str
    number: int
    letter: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Landmark:
    """A named place that is no address. `kind` is one of `NearPlace`, or None where it decides nothing."""

    kind: str | None
    name: str
    shape: Geometry
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class AreaOutline:
    """A small area (rode) of a quarter; the sketch knows quarters only, with an empty `rode`."""

    rode: str
    kvarter: str
    shape: Geometry


@dataclass(frozen=True)
class MapMaterial:
    """Everything one source knows; whatever it does not hold is empty."""

    outline: Geometry | None = None
    roads: tuple[Road, ...] = ()
    street_points: dict[str, Point] = field(default_factory=dict)
    houses: tuple[House, ...] = ()
    landmarks: tuple[Landmark, ...] = ()
    areas: tuple[AreaOutline, ...] = ()
    backdrop: tuple[Feature, ...] = ()
