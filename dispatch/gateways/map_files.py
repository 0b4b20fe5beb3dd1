"""Reads the files that place data comes in, and says in one line which of them is broken.

GeoJSON, lists of streets (JSON) and house numbers (CSV), all WGS 84. What the contents mean is
in `sketch_map.py` and `city_map.py`.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape as shape_of
from shapely.geometry.base import BaseGeometry as Geometry

from dispatch.gateways.map_material import Feature, House, PlaceDataProblem
from dispatch.rules.distance import Point

HOUSE_NUMBER = re.compile(r"(\d{1,3})\s*([A-Za-zÆØÅæøå])?(?![A-Za-zÆØÅæøå])")
# Denmark with room around it: beyond, latitude and longitude were swapped or projected.
LATITUDES = (54.0, 58.5)
LONGITUDES = (7.0, 16.0)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Whatever goes wrong inside becomes one line that names the file."""
    try:
        yield
    except PlaceDataProblem:
        raise
    except OSError as problem:
        raise PlaceDataProblem(f"{path}: cannot be read ({problem.strerror})") from problem
    except json.JSONDecodeError as problem:
        place = f"line {problem.lineno}, column {problem.colno}"
        raise PlaceDataProblem(f"{path}: is no JSON ({problem.msg}, {place})") from problem
    except UnicodeDecodeError as problem:
        raise PlaceDataProblem(f"{path}: is not written in UTF-8") from problem
    except KeyError as problem:
        raise PlaceDataProblem(f"{path}: lacks {problem.args[0]}") from problem
    except Exception as problem:
        said = " ".join(str(problem).split()) or type(problem).__name__
        raise PlaceDataProblem(f"{path}: cannot be used ({said})") from problem


def read_features(path: Path) -> list[Feature]:
    """The features of a GeoJSON file, each with properties and a geometry."""
    with naming(path):
        content = _json(path)
        features = content["features"]
        for feature in features:
            _check_feature(feature)
        return list(features)


def read_streets(path: Path) -> dict[str, Point]:
    """A list of streets, each with one point."""
    with naming(path):
        streets = _json(path)["gader"]
        return {str(s["navn"]): checked_point(s["lat"], s["lon"]) for s in streets if s["navn"]}


def read_houses(path: Path) -> tuple[House, ...]:
    """House numbers; rows without a number are left out, "57-59" counts as 57."""
    with naming(path), path.open(encoding="utf-8-sig", newline="") as rows:
        return tuple(_houses(csv.DictReader(rows, strict=True)))


def geometry(feature: Feature) -> Geometry:
    """The feature's shape, mended where it crosses itself."""
    found = shape_of(feature["geometry"])
    x_min, y_min, x_max, y_max = found.bounds
    checked_point(y_min, x_min)
    checked_point(y_max, x_max)
    return found if found.is_valid else shapely.make_valid(found)


def checked_point(lat: Any, lon: Any) -> Point:
    point = Point(float(lat), float(lon))
    inside = LATITUDES[0] < point.lat < LATITUDES[1] and LONGITUDES[0] < point.lon < LONGITUDES[1]
    if not inside:
        raise ValueError(f"latitude {point.lat}, longitude {point.lon} is not in Denmark")
    return point


def _json(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8-sig"))
    if not isinstance(content, dict):
        raise ValueError("an object was expected")
    return content


def _check_feature(feature: Any) -> None:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise ValueError("a feature has no properties")
    drawn = feature.get("geometry")
    if not isinstance(drawn, dict) or not isinstance(drawn.get("coordinates"), list):
        raise ValueError("a feature has no geometry")


def _houses(rows: Iterable[dict[str, Any]]) -> Iterator[House]:
    for line, row in enumerate(rows, start=2):
        number = HOUSE_NUMBER.match((row["husnr"] or "").strip())
        if not number or not row["vejnavn"]:
            continue
        try:
            place = checked_point(row["lat"], row["lon"])
        except (TypeError, ValueError) as problem:
            raise ValueError(f"line {line}: {problem}") from problem
        yield House(
            row["vejnavn"].strip(), int(number[1]), (number[2] or "").upper(), place.lat, place.lon
        )
