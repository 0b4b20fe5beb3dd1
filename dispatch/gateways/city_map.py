"""Reads a folder of open data: OpenStreetMap's files (`osm_*`) and the city's (`kk_*`), kept apart.

Any file may be missing; one that is there but broken stops the start. Files are known by the
beginning of their name, so that a fresh fetch can end it with its own area or date.
"""

from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry as Geometry

from dispatch.gateways.map_files import geometry, naming, read_features, read_houses, read_streets
from dispatch.gateways.map_material import (
    AreaOutline,
    Feature,
    House,
    Landmark,
    MapMaterial,
    Road,
)
from dispatch.rules.distance import Point

# The files' own words, Danish or OpenStreetMap's, for what decides urgency.
KINDS = {
    "legeplads": "playground",
    "playground": "playground",
    "skole": "school",
    "school": "school",
    "daginstitution": "kindergarten",
    "børnehave": "kindergarten",
    "boernehave": "kindergarten",
    "vuggestue": "kindergarten",
    "kindergarten": "kindergarten",
    "childcare": "kindergarten",
    "supermarked": "supermarket",
    "supermarket": "supermarket",
    "station": "station",
    "halt": "station",
    "metro": "station",
    "toilet": "toilet",
    "toilets": "toilet",
}


def read_osm(folder: Path) -> MapMaterial:
    base = _read(folder, "osm_basemap")
    return MapMaterial(
        roads=_roads(base),
        street_points=_streets(folder, "osm_gader"),
        houses=_houses(folder, "osm_adresser"),
        landmarks=(*_landmarks(_read(folder, "osm_poi")), *_greens(base)),
        backdrop=tuple(base.features),
    )


def read_kk(folder: Path) -> MapMaterial:
    lines, buildings = _read(folder, "kk_vejlinjer"), _read(folder, "kk_bygninger")
    return MapMaterial(
        outline=_outline(_read(folder, "kk_bydel")),
        roads=_roads(lines),
        street_points=_streets(folder, "kk_gader"),
        houses=_houses(folder, "kk_adresser"),
        landmarks=_landmarks(_read(folder, "kk_legepladser")),
        areas=_areas(_read(folder, "kk_roder")),
        backdrop=(*lines.features, *map(_building, buildings.features)),
    )


def read_rough_points(folder: Path) -> dict[str, Point]:
    """Streets placed by hand, ±200 m: used only where nothing better is known."""
    return _streets(folder, "haandplacerede")


@dataclass(frozen=True)
class _File:
    """The features of one file, or none where there is no such file."""

    path: Path
    features: tuple[Feature, ...] = ()


def _path(folder: Path, beginning: str, ending: str) -> Path | None:
    """The one file that begins and ends so; of several, the last by name is the newest."""
    return max(folder.glob(f"{beginning}*{ending}"), default=None)


def _read(folder: Path, beginning: str) -> _File:
    path = _path(folder, beginning, ".geojson")
    return _File(path, tuple(read_features(path))) if path else _File(folder)


def _streets(folder: Path, beginning: str) -> dict[str, Point]:
    path = _path(folder, beginning, ".json")
    return read_streets(path) if path else {}


def _houses(folder: Path, beginning: str) -> tuple[House, ...]:
    path = _path(folder, beginning, ".csv")
    return read_houses(path) if path else ()


def _roads(file: _File) -> tuple[Road, ...]:
    with naming(file.path):
        return tuple(
            Road(feature["properties"]["navn"], geometry(feature))
            for feature in file.features
            if feature["properties"].get("lag") == "vej" and feature["properties"].get("navn")
        )


def _landmarks(file: _File) -> tuple[Landmark, ...]:
    with naming(file.path):
        return tuple(_landmark(feature, feature["properties"]["type"]) for feature in file.features)


def _greens(file: _File) -> tuple[Landmark, ...]:
    """Playgrounds as areas, so that distance counts to their edge; and parks, for their names."""
    with naming(file.path):
        return tuple(
            _landmark(feature, feature["properties"].get("klasse"))
            for feature in file.features
            if feature["properties"].get("lag") == "groent"
            and (feature["properties"].get("navn") or _is_playground(feature))
        )


def _is_playground(feature: Feature) -> bool:
    return KINDS.get(feature["properties"].get("klasse") or "") == "playground"


def _landmark(feature: Feature, kind: str | None) -> Landmark:
    name = (feature["properties"].get("navn") or "").strip()
    return Landmark(KINDS.get((kind or "").casefold()), name, geometry(feature))


def _areas(file: _File) -> tuple[AreaOutline, ...]:
    with naming(file.path):
        return tuple(
            AreaOutline(
                feature["properties"]["rodenavn"],
                feature["properties"]["kvarternavn"],
                _surface(feature),
            )
            for feature in file.features
        )


def _outline(file: _File) -> Geometry | None:
    with naming(file.path):
        surfaces = [_surface(feature) for feature in file.features]
    return shapely.union_all(surfaces) if surfaces else None


def _surface(feature: Feature) -> Geometry:
    shape = geometry(feature)
    if not shape.area:
        raise ValueError("an outline is no area")
    return shape


def _building(feature: Feature) -> Feature:
    return feature | {"properties": {"lag": "bygning"}}
