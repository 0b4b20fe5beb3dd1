"""Our own hand-drawn map of the district: what a first start without any network knows.

Drawn from general knowledge, right to about fifty metres, never copied from map data; a test
measures it against open data where that is present. House numbers are reckoned along a street
from the numbers at its two ends.
"""

from collections.abc import Iterator
from pathlib import Path

from dispatch.gateways.map_files import geometry, naming, read_features
from dispatch.gateways.map_material import AreaOutline, Feature, Landmark, MapMaterial, Road

SKETCH = Path(__file__).resolve().parent / "sketch" / "vesterbro.geojson"
BACKDROP = frozenset({"vej", "bane", "groent", "vand"})
KINDS = frozenset({"playground", "school", "kindergarten", "supermarket", "station", "toilet"})


def read_sketch(path: Path = SKETCH) -> MapMaterial:
    features = read_features(path)
    with naming(path):
        return MapMaterial(
            outline=geometry(next(_on_layer(features, "omrids"))),
            roads=tuple(_road(feature) for feature in _on_layer(features, "vej")),
            landmarks=tuple(_landmark(feature) for feature in _on_layer(features, "sted")),
            areas=tuple(_quarter(feature) for feature in _on_layer(features, "kvarter")),
            backdrop=tuple(f for f in features if f["properties"]["lag"] in BACKDROP),
        )


def _on_layer(features: list[Feature], layer: str) -> Iterator[Feature]:
    return (feature for feature in features if feature["properties"]["lag"] == layer)


def _road(feature: Feature) -> Road:
    said = feature["properties"]
    first, last = said.get("husnr") or (0, 0)
    return Road(said["navn"], geometry(feature), (first, last) if last else None)


def _landmark(feature: Feature) -> Landmark:
    said = feature["properties"]
    kind = said["type"] if said["type"] in KINDS else None
    return Landmark(kind, said["navn"], geometry(feature), tuple(said.get("alias", ())))


def _quarter(feature: Feature) -> AreaOutline:
    return AreaOutline("", feature["properties"]["navn"], geometry(feature))
