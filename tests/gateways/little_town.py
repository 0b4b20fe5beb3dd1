"""An invented town of a few streets, in the files that open data comes in."""

import json
from pathlib import Path
from typing import Any

HEAD = "vejnavn,husnr,postnr,lat,lon,rode_nr,rodenavn\n"


def write_town(folder: Path) -> Path:
    """Storegade runs east along 55.86, Lillevej north along 12.55; a playground at their corner."""
    folder.mkdir(exist_ok=True)
    _write(folder, "kk_bydel_town", [_area({"navn": "Town"}, 12.54, 55.85, 12.56, 55.87)])
    _write(
        folder,
        "kk_roder_town",
        [_area({"rodenavn": "Storegades", "kvarternavn": "Town øst"}, 12.55, 55.85, 12.56, 55.87)],
    )
    playground = {"type": "legeplads", "navn": "Legepladsen på hjørnet"}
    _write(folder, "kk_legepladser_town", [_dot(playground, 12.5515, 55.8605)])
    _write(folder, "osm_basemap_town", _base_map())
    pois = [
        _dot({"type": "legeplads", "navn": None}, 12.5516, 55.8605),
        _dot({"type": "skole", "navn": "Storegades Skole"}, 12.5590, 55.8601),
        _dot({"type": "bibliotek", "navn": "Bogladen"}, 12.5450, 55.8601),
    ]
    _write(folder, "osm_poi_town", pois)
    (folder / "osm_adresser_town.csv").write_text(
        HEAD
        + "Storegade,2,1650,55.8602,12.5502,,\nStoregade,10,1650,55.8602,12.5542,,\n"
        + "Storegade,1,1650,55.8598,12.5502,,\nStoregade,9A,1650,55.8598,12.5542,,\n"
        + "Storegad,12,1650,55.8602,12.5552,,\nLillevej 4,,1650,55.8610,12.5500,,\n",
        encoding="utf-8",
    )
    (folder / "kk_adresser_town.csv").write_text(
        HEAD + "Storegade,2,1650,55.8690,12.5599,,\nÆblegade,7,1650,55.8650,12.5450,,\n",
        encoding="utf-8",
    )
    streets = [{"navn": "Torvet", "lat": 55.865, "lon": 12.555}]
    (folder / "haandplacerede_gader.json").write_text(json.dumps({"gader": streets}))
    return folder


def _base_map() -> list[dict[str, Any]]:
    playground = {"lag": "groent", "klasse": "playground"}
    return [
        _line({"lag": "vej", "navn": "Storegade"}, [12.55, 55.86], [12.56, 55.86]),
        _line({"lag": "vej", "navn": "Lillevej"}, [12.55, 55.86], [12.55, 55.862]),
        _line({"lag": "vej"}, [12.55, 55.862], [12.55, 55.863]),
        _area(playground, 12.551, 55.8603, 12.552, 55.8607),
    ]


def _write(folder: Path, name: str, features: list[dict[str, Any]]) -> None:
    content = {"type": "FeatureCollection", "features": features}
    (folder / f"{name}.geojson").write_text(json.dumps(content), encoding="utf-8")


def _feature(properties: dict[str, Any], kind: str, coordinates: Any) -> dict[str, Any]:
    drawn = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": drawn}


def _dot(properties: dict[str, Any], lon: float, lat: float) -> dict[str, Any]:
    return _feature(properties, "Point", [lon, lat])


def _line(properties: dict[str, Any], *corners: list[float]) -> dict[str, Any]:
    return _feature(properties, "LineString", list(corners))


def _area(
    properties: dict[str, Any], west: float, south: float, east: float, north: float
) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return _feature(properties, "Polygon", [ring])
