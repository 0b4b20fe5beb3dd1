"""Shortest ways on the loaded street graph, in metres.

A point enters the graph where it lies nearest to a street, not at the nearest corner: on a street
150 m long that is the difference between 20 m and 290 m. Speeds, and what to do where there is no
street, are in `travel_times.py`. One-way rules are left out: crews walk, or pull a cargo bike.
"""

import csv
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, isfinite, radians
from pathlib import Path
from threading import Lock

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from dispatch.rules.distance import EARTH_RADIUS_M, Point
from dispatch.settings import SettingsProblem

NODES_FILE = "street_graph_nodes.csv"
EDGES_FILE = "street_graph_edges.csv"
# Farther from any street than this, a way on the graph says nothing.
REACH_M = 400.0
# A piece cut off at the edge of the data, not a quarter of its own.
FRAGMENT = 0.01
CACHE_BYTES = 32 * 1024 * 1024
SHORTEST_EDGE_M = 0.1

Metres = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class _Entries:
    """Where each point enters: the edge, its two ends, metres along to each, metres off the street."""

    edge: Indices
    ends: Indices  # [point, 2] node numbers
    along: Metres  # [point, 2]
    off: Metres


class StreetGraph:
    """Nodes as [lat, lon], edges as pairs of node numbers with their metres."""

    def __init__(self, nodes: Metres, edges: Indices, lengths: Metres) -> None:
        self._plane = _Plane(float(nodes[:, 0].mean()))
        corners = self._plane.flatten(nodes)
        count = len(nodes)
        graph = csr_matrix((lengths, (edges[:, 0], edges[:, 1])), shape=(count, count))
        kept = _not_a_fragment(graph, edges)
        self._graph = graph
        self._edges, self._lengths = edges[kept], lengths[kept]
        self._lines: NDArray[np.object_] = np.asarray(shapely.linestrings(corners[self._edges]))
        self._tree = shapely.STRtree(self._lines.tolist())
        self._rows = _RecentRows(CACHE_BYTES // (4 * count))

    @classmethod
    def from_folder(cls, folder: Path) -> "StreetGraph | None":
        """None where the folder has no graph; raises SettingsProblem where it has a broken one."""
        present = [(folder / name).is_file() for name in (NODES_FILE, EDGES_FILE)]
        if not any(present):
            return None
        if not all(present):
            raise SettingsProblem(f"{folder} has only one of {NODES_FILE} and {EDGES_FILE}.")
        nodes, numbers = _read_nodes(folder / NODES_FILE)
        edges, lengths = _read_edges(folder / EDGES_FILE, numbers)
        return cls(nodes, edges, lengths)

    def metres(self, points: Sequence[Point]) -> Metres | None:
        """The shortest way between every two points, [n, n].

        None where a point is more than 400 m from any street or no way leads to it: half a table
        would mix two ways of measuring.
        """
        places = self._plane.flatten(np.asarray(points, dtype=np.float64))
        entries = self._enter(places)
        if entries.off.max() > REACH_M:
            return None
        ways = self._between_entries(entries)
        ways += entries.off[:, None] + entries.off[None, :]
        _stay_on_the_same_street(ways, entries, places)
        np.fill_diagonal(ways, 0.0)
        return ways if np.isfinite(ways).all() else None

    def _enter(self, places: Metres) -> _Entries:
        points = shapely.points(places)
        edge: Indices = self._tree.query_nearest(points, all_matches=False)[1]
        lines = self._lines[edge]
        share = shapely.line_locate_point(lines, points, normalized=True)
        share = np.nan_to_num(share)
        length = self._lengths[edge]
        along = np.column_stack([share * length, (1.0 - share) * length])
        return _Entries(edge, self._edges[edge], along, shapely.distance(lines, points))

    def _between_entries(self, entries: _Entries) -> Metres:
        """The best of the four ways from either end of one edge to either end of the other."""
        corners, place = np.unique(entries.ends, return_inverse=True)
        place = place.reshape(entries.ends.shape)
        table = self._between_corners(corners)
        count = len(entries.off)
        best = np.full((count, count), np.inf)
        for here in (0, 1):
            for there in (0, 1):
                way = table[np.ix_(place[:, here], place[:, there])]
                way = way + entries.along[:, here, None] + entries.along[None, :, there]
                np.minimum(best, way, out=best)
        return best

    def _between_corners(self, corners: Indices) -> Metres:
        wanted = corners.tolist()
        known = self._rows.get(wanted)
        missing = [corner for corner in wanted if corner not in known]
        if missing:
            rows = dijkstra(self._graph, directed=False, indices=missing).astype(np.float32)
            fresh = dict(zip(missing, rows, strict=True))
            self._rows.put(fresh)
            known |= fresh
        return np.stack([known[corner][corners] for corner in wanted]).astype(np.float64)


class _Plane:
    """Degrees as metres on a flat map: off by less than a metre across the service area."""

    def __init__(self, lat: float) -> None:
        metres_a_degree = radians(1.0) * EARTH_RADIUS_M
        self._scale = np.array([metres_a_degree * cos(radians(lat)), metres_a_degree])

    def flatten(self, points: Metres) -> Metres:
        """[lat, lon] to [x, y]."""
        flat: Metres = points[:, ::-1] * self._scale
        return flat


class _RecentRows:
    """Distances from one corner to all others: a new task among 300 needs two new rows, not 600."""

    def __init__(self, capacity: int) -> None:
        self._capacity = max(1, capacity)
        self._rows: OrderedDict[int, NDArray[np.float32]] = OrderedDict()
        self._lock = Lock()

    def get(self, corners: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        with self._lock:
            known = {corner: self._rows[corner] for corner in corners if corner in self._rows}
            for corner in known:
                self._rows.move_to_end(corner)
        return known

    def put(self, rows: dict[int, NDArray[np.float32]]) -> None:
        with self._lock:
            self._rows.update(rows)
            while len(self._rows) > self._capacity:
                self._rows.popitem(last=False)


def _stay_on_the_same_street(ways: Metres, entries: _Entries, places: Metres) -> None:
    """Between two points on one piece of street nobody goes by way of its corners."""
    first, second = np.nonzero(entries.edge[:, None] == entries.edge[None, :])
    along = np.abs(entries.along[first, 0] - entries.along[second, 0])
    straight = np.hypot(*(places[first] - places[second]).T)
    ways[first, second] = np.maximum(along, straight)


def _not_a_fragment(graph: csr_matrix, edges: Indices) -> NDArray[np.bool_]:
    _, piece = connected_components(graph, directed=False)
    sizes = np.bincount(piece)
    large_enough = sizes >= FRAGMENT * len(piece)
    kept: NDArray[np.bool_] = large_enough[piece[edges[:, 0]]]
    return kept


def _read_nodes(path: Path) -> tuple[Metres, dict[str, int]]:
    numbers: dict[str, int] = {}
    places: list[tuple[float, float]] = []
    for where, row in _rows(path, ("osmid", "lat", "lng")):
        lat, lon = _number(where, row["lat"]), _number(where, row["lng"])
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise SettingsProblem(f"{where}: {lat}, {lon} is not a place on earth.")
        if row["osmid"] not in numbers:
            numbers[row["osmid"]] = len(places)
            places.append((lat, lon))
    if not places:
        raise SettingsProblem(f"{path} has no nodes.")
    return np.array(places), numbers


def _read_edges(path: Path, numbers: dict[str, int]) -> tuple[Indices, Metres]:
    """Of several streets between the same two corners the shortest is kept."""
    shortest: dict[tuple[int, int], float] = {}
    for where, row in _rows(path, ("u", "v", "length_m")):
        if row["u"] not in numbers or row["v"] not in numbers:
            raise SettingsProblem(f"{where}: names a node that {NODES_FILE} does not have.")
        length = _number(where, row["length_m"])
        if length < 0:
            raise SettingsProblem(f"{where}: a street cannot be {length} m long.")
        u, v = sorted((numbers[row["u"]], numbers[row["v"]]))
        if u != v:
            length = max(length, SHORTEST_EDGE_M)
            shortest[u, v] = min(length, shortest.get((u, v), length))
    if not shortest:
        raise SettingsProblem(f"{path} has no edges.")
    return np.array(list(shortest), dtype=np.intp), np.array(list(shortest.values()))


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row with its file and line, for a message that can be acted on."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = set(columns) - set(reader.fieldnames or ())
            if missing:
                raise SettingsProblem(f"{path} lacks the column {', '.join(sorted(missing))}.")
            for row in reader:
                yield f"{path} line {reader.line_num}", row
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise SettingsProblem(f"{path} cannot be read: {problem}.") from problem


def _number(where: str, text: str | None) -> float:
    try:
        number = float(text or "")
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise SettingsProblem(f"{where}: {text!r} is not a number.")
    return number
