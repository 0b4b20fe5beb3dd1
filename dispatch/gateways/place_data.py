"""What we know ourselves of the place: service area, streets, addresses, playgrounds, small areas.

A window that asks nobody: the hand-drawn sketch, or a folder of open data where there is one.
Loaded once per process and never changed; fresh data needs a new start. An address service on
the network is `geocoder.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry as Geometry

from dispatch.gateways.city_map import read_kk, read_osm, read_rough_points
from dispatch.gateways.found_place import FoundPlace
from dispatch.gateways.gazetteer import Gazetteer
from dispatch.gateways.map_material import Feature, MapMaterial, PlaceDataProblem
from dispatch.gateways.map_merging import areas_of, merge_landmarks, merge_streets
from dispatch.gateways.sketch_map import read_sketch
from dispatch.gateways.surroundings import SmallArea, Surroundings
from dispatch.rules.distance import Point
from dispatch.rules.local_plane import LocalPlane
from dispatch.rules.service_area import contains
from dispatch.rules.urgency import NearPlace

__all__ = ["FoundPlace", "PlaceData", "PlaceDataProblem", "SmallArea", "open_place_data"]

OSM_CREDIT = "© OpenStreetMap-bidragydere"
KK_CREDIT = "Indeholder data fra Københavns Kommune"
OWN_CREDIT = "Skitse: Renhold"
SKETCH_NAME = "sketch"
# Names of playgrounds and stations are found by name this far beyond the service area.
NAMED_WITHIN_M = 300.0


@dataclass(frozen=True)
class PlaceData:
    """One set of place data, put together. `outline` is the service area, longitude first."""

    source: str
    attribution: tuple[str, ...]
    outline: Geometry
    _backdrop: tuple[Feature, ...]
    _gazetteer: Gazetteer
    _surroundings: Surroundings

    def covers(self, lat: float, lon: float) -> bool:
        """Whether the place is in the service area."""
        return contains(self.outline, Point(lat, lon))

    def find_address(self, text: str, limit: int = 8) -> list[FoundPlace]:
        """Places that the text may mean, best first; also for half a name, from two letters on."""
        return self._gazetteer.find(text, limit)

    def address_at(self, lat: float, lon: float) -> str | None:
        """ "Istedgade 20", or "ved Halmtorvet"; None where nothing is known within 60 m."""
        return self._surroundings.address_at(lat, lon)

    def near(self, lat: float, lon: float, within_m: float) -> list[NearPlace]:
        """Playgrounds, schools, stations … within so many metres of the place, nearest first."""
        return self._surroundings.near(lat, lon, within_m)

    def small_area(self, lat: float, lon: float) -> SmallArea | None:
        return self._surroundings.small_area(lat, lon)

    def base_map(self) -> dict[str, Any]:
        """A backdrop where no tiles can be had: GeoJSON, `lag` and `klasse` say what is drawn."""
        return {
            "type": "FeatureCollection",
            "attribution": ", ".join(self.attribution),
            "features": list(self._backdrop),
        }

    def outline_geojson(self) -> dict[str, Any]:
        return {
            "type": "Feature",
            "properties": {"lag": "omrids"},
            "geometry": shapely.geometry.mapping(self.outline),
        }


def open_place_data(geo_data_dir: Path | None) -> PlaceData:
    """The folder's data, or the sketch without one; raises `PlaceDataProblem` for a broken file."""
    return _open(geo_data_dir.resolve() if geo_data_dir else None)


@lru_cache(maxsize=4)
def _open(folder: Path | None) -> PlaceData:
    sketch = read_sketch()
    if folder is None:
        return _put_together(SKETCH_NAME, (OWN_CREDIT,), (), sketch, {})
    if not folder.is_dir():
        raise PlaceDataProblem(f"{folder}: GEO_DATA_DIR names no folder")
    kk, osm = read_kk(folder), read_osm(folder)
    credits = _credits(kk, osm)
    if not credits:
        return _put_together(SKETCH_NAME, (OWN_CREDIT,), (), sketch, {})
    return _put_together(folder.name, credits, (osm, kk), sketch, read_rough_points(folder))


def _credits(kk: MapMaterial, osm: MapMaterial) -> tuple[str, ...]:
    credits = [OSM_CREDIT] if osm != MapMaterial() else []
    credits += [KK_CREDIT] if kk != MapMaterial() else []
    if credits and not (kk.outline and osm.backdrop):
        credits.append(OWN_CREDIT)
    return tuple(credits)


def _put_together(
    source: str,
    credits: tuple[str, ...],
    sources: Sequence[MapMaterial],
    sketch: MapMaterial,
    rough: dict[str, Point],
) -> PlaceData:
    outline = next((s.outline for s in sources if s.outline), sketch.outline)
    if outline is None:
        raise PlaceDataProblem("the sketch has no outline")
    shapely.prepare(outline)
    plane = LocalPlane(Point(outline.centroid.y, outline.centroid.x))
    streets = merge_streets(sources, sketch, rough)
    landmarks = merge_landmarks(tuple(reversed(sources)), sketch, plane)
    around = plane.flat(outline).buffer(NAMED_WITHIN_M)
    named = [mark for mark in landmarks if mark.name and around.intersects(plane.flat(mark.shape))]
    drawn = tuple(feature for s in sources for feature in s.backdrop)
    return PlaceData(
        source=source,
        attribution=credits,
        outline=outline,
        _backdrop=drawn or sketch.backdrop,
        _gazetteer=Gazetteer(streets, named, outline),
        _surroundings=Surroundings(
            plane, outline, streets.values(), landmarks, areas_of(sources, sketch)
        ),
    )
