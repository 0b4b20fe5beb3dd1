"""The map's own door: tiles, backdrop, service area and addresses, for every page that has a map.

Public, and therefore nothing about any report is ever here. All of it comes from our own place
data and tile cache, so that no page asks another host for anything.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from shapely import simplify
from shapely.geometry import mapping, shape

from dispatch.extensions import bound, limiter
from dispatch.gateways import gateways
from dispatch.gateways.place_data import PlaceData
from dispatch.web.packed_files import packed

bp = Blueprint("map", __name__, url_prefix="/map")

# Where most reports come from: between Istedgade, Halmtorvet and Enghave Plads.
START_LAT, START_LON, START_ZOOM = 55.6697, 12.5553, 15
A_DAY_S = 24 * 3600
TILE_S = 7 * A_DAY_S
MOST_TYPED = 80
MOST_SHOWN = 6
BACKDROP_LAYERS = frozenset({"vej", "bygning", "bane", "groent", "vand"})
# In degrees, at this latitude.
A_METRE = 0.000012
KEPT_PROPERTIES = ("lag", "klasse", "navn")


@dataclass(frozen=True)
class MapView:
    """What a page's map starts with; degrees in WGS 84. `tiles` is empty where tiles are off."""

    south: float
    west: float
    north: float
    east: float
    lat: float
    lon: float
    zoom: int | None
    tiles: str
    tiles_attribution: str
    attribution: str


def map_view() -> MapView:
    """The view of the service area, for `parts/map.html`."""
    places = gateways().place_data
    west, south, east, north = places.outline.bounds
    start_is_ours = places.covers(START_LAT, START_LON)
    return MapView(
        south=south,
        west=west,
        north=north,
        east=east,
        lat=START_LAT if start_is_ours else (south + north) / 2,
        lon=START_LON if start_is_ours else (west + east) / 2,
        zoom=START_ZOOM if start_is_ours else None,
        tiles="/map/tiles/{z}/{x}/{y}.png" if bound("settings").tile_url else "",
        tiles_attribution=gateways().map_tiles.attribution,
        attribution=", ".join(places.attribution),
    )


@bp.get("/tiles/<int:z>/<int:x>/<int:y>.png")
@limiter.exempt
def tile(z: int, x: int, y: int) -> Response:
    """A tile from our cache; 204 where there is none, so that the backdrop shows through."""
    found = gateways().map_tiles.tile(z, x, y)
    if found is None:
        return _kept(Response(status=204), 60)
    response = Response(found.content, content_type=found.content_type)
    return _kept(response, TILE_S)


@bp.get("/base.geojson")
@limiter.exempt
def base() -> Response:
    return _document("base", _backdrop)


@bp.get("/area.geojson")
@limiter.exempt
def area() -> Response:
    return _document("area", _area)


@bp.get("/addresses")
@limiter.limit("240 per minute")
def addresses() -> Response:
    """With `q`, places whose name it begins; with `lat` and `lon`, the address of that place."""
    places = gateways().place_data
    typed = request.args.get("q")
    if typed is not None:
        found = places.find_address(typed[:MOST_TYPED].strip(), limit=MOST_SHOWN)
        rows = [_place_row(each.label, each.lat, each.lon, each.sure) for each in found]
        return _kept(_json({"places": rows}), 300)
    lat, lon = _degrees("lat", 90), _degrees("lon", 180)
    inside = places.covers(lat, lon)
    name = places.address_at(lat, lon) if inside else None
    return _kept(_json({"address": name, "inside": inside}), 300)


def _place_row(label: str, lat: float, lon: float, sure: bool) -> dict[str, Any]:
    return {"label": label, "lat": round(lat, 6), "lon": round(lon, 6), "exact": sure}


def _degrees(name: str, most: float) -> float:
    try:
        degrees = float(request.args[name])
    except (KeyError, ValueError):
        abort(400)
    if not isfinite(degrees) or abs(degrees) > most:
        abort(400)
    return degrees


def _backdrop(places: PlaceData) -> bytes:
    """The backdrop as it is sent: only what is drawn, to a metre."""
    features = [
        {
            "type": "Feature",
            "properties": {
                name: said[name]
                for name in KEPT_PROPERTIES
                if (said := each["properties"]).get(name)
            },
            "geometry": _drawn(each["geometry"]),
        }
        for each in places.base_map()["features"]
        if each["properties"].get("lag") in BACKDROP_LAYERS
    ]
    return _packed({"type": "FeatureCollection", "features": features})


def _area(places: PlaceData) -> bytes:
    outline = places.outline_geojson()
    return _packed(outline | {"geometry": _drawn(outline["geometry"])})


def _drawn(geometry: dict[str, Any]) -> dict[str, Any]:
    """The shape as it is drawn: corners that nobody can see are left out."""
    simple = mapping(simplify(shape(geometry), A_METRE))
    return {"type": simple["type"], "coordinates": _to_a_metre(simple["coordinates"])}


def _to_a_metre(numbers: Sequence[Any]) -> list[Any]:
    if isinstance(numbers[0], float | int):
        return [round(number, 5) for number in numbers[:2]]
    return [_to_a_metre(each) for each in numbers]


def _packed(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _document(name: str, build: Callable[[PlaceData], bytes]) -> Response:
    """Built once for each running app, because its place data never changes."""
    built: dict[str, bytes] = current_app.extensions.setdefault("renhold.map_documents", {})
    content = built.get(name) or built.setdefault(name, build(gateways().place_data))
    response = Response(content, mimetype="application/geo+json")
    response.set_etag(sha256(content).hexdigest()[:32])
    _kept(response, A_DAY_S).make_conditional(request)
    return packed(response)


def _json(document: dict[str, Any]) -> Response:
    return Response(_packed(document), mimetype="application/json")


def _kept(response: Response, seconds: int) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response
