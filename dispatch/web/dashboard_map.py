"""The coordinator's map: folium's script as an empty shell, fed with points by our own endpoint.

folium runs whatever text it is given as a template, so no word of any report comes near it: points
carry codes and a reference, and `static/js/desk/points.js` writes the words with textContent. Its
script is served as a file of ours and its page, style and links to other hosts are left unused.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Any, cast

import folium
from branca.element import Figure
from flask import Blueprint, Response, jsonify, render_template, request
from folium.plugins import MarkerCluster, Realtime
from folium.utilities import JsCode

from dispatch.gateways import gateways
from dispatch.queries.desk_list import desk_page
from dispatch.queries.desk_points import DeskPoint, desk_points
from dispatch.web.desk_form import query_of, read_filter
from dispatch.web.desk_frame import desk_frame
from dispatch.web.map_pages import map_view
from dispatch.web.wording import choices

bp = Blueprint("dashboard_map", __name__, url_prefix="/desk")

ASK_AGAIN_MS = 15_000
CLUSTER_WITHIN_PX = 44
SCRIPTS = (
    "vendor/leaflet/leaflet.js",
    "vendor/leaflet.markercluster/leaflet.markercluster.js",
    "vendor/leaflet-realtime/leaflet-realtime.min.js",
)


@bp.get("/map")
def page() -> str:
    """The map, with a list of the same requests beside it."""
    now = gateways().clock.now()
    wanted = read_filter(request.args, now)
    return render_template(
        "coordinator/map.html",
        wanted=wanted,
        query=query_of(wanted),
        found=desk_page(wanted, now),
        view=map_view(),
        scripts=SCRIPTS,
        words=_words(),
        services=choices("service_word"),
        now=now,
        **desk_frame("dashboard_map.page"),
    )


@bp.get("/map.js")
def script() -> Response:
    """folium's own script, nothing else; the same bytes until the view changes."""
    view = map_view()
    text = shell_script(view.lat, view.lon, view.zoom or 14)
    answer = Response(text, mimetype="text/javascript")
    answer.set_etag(sha256(text.encode()).hexdigest()[:32])
    answer.make_conditional(request)
    return answer


@bp.get("/points.geojson")
def points() -> Response:
    """The points of a filter: codes and references only."""
    now = gateways().clock.now()
    found = desk_points(read_filter(request.args, now), now)
    answer = jsonify(type="FeatureCollection", features=[_feature(point) for point in found])
    answer.mimetype = "application/geo+json"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@lru_cache(maxsize=4)
def shell_script(lat: float, lon: float, zoom: int) -> str:
    """The script folium writes for an empty map; ids are fixed, so that our script finds it."""
    shell = folium.Map(
        location=(lat, lon),
        zoom_start=zoom,
        tiles=None,
        zoom_control=False,
        attribution_control=False,
        minZoom=11,
        maxZoom=19,
    )
    cluster = MarkerCluster(  # type: ignore[no-untyped-call]
        control=False,
        options={"maxClusterRadius": CLUSTER_WITHIN_PX, "showCoverageOnHover": False},
        icon_create_function="(cluster) => window.renholdDesk.clusterIcon(cluster)",
    )
    feed = Realtime(
        JsCode("(take, fail) => window.renholdDesk.fetchPoints(take, fail)"),
        interval=ASK_AGAIN_MS,
        remove_missing=True,
        container=cluster,  # type: ignore[arg-type]
        get_feature_id=JsCode("(feature) => feature.properties.id"),
        update_feature=JsCode("(feature, old) => window.renholdDesk.updateMarker(feature, old)"),
        point_to_layer=JsCode("(feature, at) => window.renholdDesk.marker(feature, at)"),
    )
    for part, name in ((shell, "map"), (cluster, "cluster"), (feed, "feed")):
        part._name, part._id = name, "desk"
    cluster.add_to(shell)
    feed.add_to(shell)
    figure = cast(Figure, shell.get_root())
    figure.render()
    return str(figure.script.render())


def _feature(point: DeskPoint) -> dict[str, Any]:
    codes = {
        "id": point.id,
        "reference": point.reference,
        "service_code": point.service_code,
        "status": point.status,
        "priority": point.priority,
        "late": point.late,
    }
    spot = {"type": "Point", "coordinates": [round(point.lon, 6), round(point.lat, 6)]}
    return {"type": "Feature", "properties": codes, "geometry": spot}


def _words() -> dict[str, dict[str, str]]:
    """Words for the codes on the map, in the reader's language."""
    return {
        "service": dict(choices("service_word")),
        "status": dict(choices("status_word")),
        "priority": dict(choices("priority_word")),
    }
