"""Travel times: real ways where there are streets, one provider per table, and never a failure."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dispatch.gateways.street_graph import EDGES_FILE, NODES_FILE, StreetGraph
from dispatch.gateways.travel_times import (
    GreatCircle,
    OnStreets,
    OsrmServer,
    TravelTimes,
    open_travel_times,
)
from dispatch.rules.catalogue import Vehicle
from dispatch.rules.distance import Point, metres, street_metres
from dispatch.settings import SettingsProblem

WALKING, BIKE = Vehicle.WALKING, Vehicle.CARGO_BIKE
HALMTORVET = Point(55.6705, 12.5590)
ISTEDGADE = Point(55.6700, 12.5530)
NORTH = 1 / 111_195.0
EAST = NORTH / 0.5639
GEO_DATA = Path(__file__).resolve().parents[2].parent / "shared" / "geo"


def beside(point, north=0.0, east=0.0):
    return Point(point.lat + north * NORTH, point.lon + east * EAST)


def write_graph(folder, nodes, edges):
    """Nodes as name → metres north and east of Halmtorvet; edges as (name, name, metres)."""
    lines = ["osmid,lat,lng"]
    for name, (north, east) in nodes.items():
        place = beside(HALMTORVET, north, east)
        lines.append(f"{name},{place.lat:.8f},{place.lon:.8f}")
    (folder / NODES_FILE).write_text("\n".join(lines))
    lines = ["u,v,length_m,category", *(f"{u},{v},{m},multi" for u, v, m in edges)]
    (folder / EDGES_FILE).write_text("\n".join(lines))
    return folder


def graph_of(folder, nodes, edges):
    return StreetGraph.from_folder(write_graph(folder, nodes, edges))


@pytest.fixture
def block(tmp_path):
    """Three sides of a square of 200 m: from `a` to `d` one goes round by `b` and `c`."""
    nodes = {"a": (0, 0), "b": (0, 200), "c": (200, 200), "d": (200, 0)}
    return graph_of(tmp_path, nodes, [("a", "b", 200), ("b", "c", 200), ("c", "d", 200)])


def way(graph, first, second):
    return float(graph.metres([first, second])[0, 1])


class Router:
    """A small OSRM server on loopback whose answers a test decides."""

    def __init__(self):
        self.asked = []
        self.answer = self.well
        self.location = ""
        router = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                router.asked.append(self.path)
                status, body = router.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if router.location:
                    self.send_header("Location", router.location)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def well(self, path, far=3.0, change=None):
        """From row i to column j it takes 100 i + j seconds."""
        places = path.split("?")[0].rsplit("/", 1)[1].split(";")
        rows = range(len(places))
        if "sources=" in path:
            rows = [int(row) for row in path.split("sources=")[1].split(";")]
        durations = [[100.0 * i + j for j in range(len(places))] for i in rows]
        if change:
            change(durations)
        sources = [{"distance": far, "location": [12.5, 55.6]} for _ in rows]
        return 200, json.dumps({"code": "Ok", "durations": durations, "sources": sources}).encode()


@pytest.fixture
def router():
    router = Router()
    yield router
    router.server.shutdown()
    router.server.server_close()


class Stopwatch:
    """Monotonic seconds that pass when a test says so."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


def dead_port():
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    return server.server_port


# The great circle


def test_the_great_circle_agrees_with_the_rules_at_every_distance():
    points = [beside(HALMTORVET, 0, east) for east in (0, 40, 500, 650, 900, 1100, 4000)]
    seconds = GreatCircle().seconds(WALKING, points)
    for i, here in enumerate(points):
        for j, there in enumerate(points):
            assert seconds[i, j] == pytest.approx(street_metres(metres(here, there)) / 1.25)


def test_a_cargo_bike_goes_four_metres_a_second_and_a_walker_one_and_a_quarter():
    points = [HALMTORVET, beside(HALMTORVET, 100)]
    on_foot = GreatCircle().seconds(WALKING, points)[0, 1]
    assert on_foot == pytest.approx(150 / 1.25, rel=1e-3)
    assert GreatCircle().seconds(BIKE, points)[0, 1] == pytest.approx(150 / 4.0, rel=1e-3)


def test_the_seconds_lost_at_a_stop_are_left_to_the_planner():
    assert GreatCircle().seconds(BIKE, [HALMTORVET, HALMTORVET]).tolist() == [[0, 0], [0, 0]]


def test_without_points_there_is_an_empty_table():
    assert TravelTimes().table(WALKING, []).seconds.shape == (0, 0)


def test_one_point_is_nowhere_to_go():
    assert TravelTimes().table(WALKING, [HALMTORVET]).seconds.tolist() == [[0.0]]


# The street graph


def test_the_way_goes_round_the_block_and_not_through_it(block):
    assert way(block, HALMTORVET, beside(HALMTORVET, 200)) == pytest.approx(600, abs=1)


def test_the_shortest_of_two_ways_is_taken(tmp_path):
    nodes = {"a": (0, 0), "b": (0, 100), "c": (100, 0), "d": (100, 100)}
    edges = [("a", "b", 100), ("b", "d", 100), ("a", "c", 400), ("c", "d", 400)]
    graph = graph_of(tmp_path, nodes, edges)
    assert way(graph, HALMTORVET, beside(HALMTORVET, 100, 100)) == pytest.approx(200, abs=1)


@pytest.mark.parametrize("lengths", [(300, 120), (120, 300)])
def test_of_two_streets_between_the_same_corners_the_shorter_counts(tmp_path, lengths):
    nodes = {"a": (0, 0), "b": (0, 100)}
    graph = graph_of(tmp_path, nodes, [("a", "b", lengths[0]), ("b", "a", lengths[1])])
    assert way(graph, HALMTORVET, beside(HALMTORVET, 0, 100)) == pytest.approx(120, abs=1)


def test_a_point_enters_in_the_middle_of_a_street_and_not_at_its_corner(block):
    """Corner to corner this would be 200 m."""
    first, second = beside(HALMTORVET, 0, 90), beside(HALMTORVET, 0, 110)
    assert way(block, first, second) == pytest.approx(20, abs=0.5)


def test_from_the_middle_of_one_street_to_the_middle_of_the_next(block):
    first, second = beside(HALMTORVET, 0, 150), beside(HALMTORVET, 60, 200)
    assert way(block, first, second) == pytest.approx(50 + 60, abs=1)
    assert way(block, second, first) == pytest.approx(50 + 60, abs=1)


def test_the_few_steps_from_the_street_are_counted(block):
    first, second = beside(HALMTORVET, -30, 0), beside(HALMTORVET, 230, 0)
    assert way(block, first, second) == pytest.approx(600 + 30 + 30, abs=1)


def test_two_points_deep_in_the_same_park_do_not_go_by_way_of_the_street(block):
    first, second = beside(HALMTORVET, -80, 100), beside(HALMTORVET, -80, 110)
    assert way(block, first, second) == pytest.approx(10, abs=0.5)


def test_the_way_there_is_as_long_as_the_way_back_and_standing_still_is_free(block):
    points = [beside(HALMTORVET, 7 * i, 11 * i) for i in range(12)]
    ways = block.metres(points)
    assert np.allclose(ways, ways.T)
    assert not ways.diagonal().any()
    assert (ways[~np.eye(12, dtype=bool)] > 0).all()


def test_a_table_does_not_depend_on_what_was_asked_before(tmp_path):
    nodes = {str(i): (0, 60 * i) for i in range(8)} | {"x": (60, 0)}
    edges = [(str(i), str(i + 1), 60) for i in range(7)] + [("0", "x", 60)]
    folder = write_graph(tmp_path, nodes, edges)
    points = [beside(HALMTORVET, 3, 37 * i) for i in range(10)]
    warm = StreetGraph.from_folder(folder)
    for count in range(1, 11):
        warm.metres(points[:count])
    assert np.array_equal(warm.metres(points), StreetGraph.from_folder(folder).metres(points))


def test_speed_makes_metres_into_seconds(block):
    points = [HALMTORVET, beside(HALMTORVET, 200)]
    times = TravelTimes(OnStreets(block))
    assert times.table(WALKING, points).seconds[0, 1] == pytest.approx(600 / 1.25, abs=1)
    assert times.table(BIKE, points).seconds[0, 1] == pytest.approx(600 / 4, abs=1)
    assert times.table(BIKE, points).provider == "street_graph"


def test_one_point_far_from_every_street_makes_the_whole_table_great_circle(block):
    points = [HALMTORVET, beside(HALMTORVET, 0, 100), beside(HALMTORVET, -450, 0)]
    table = TravelTimes(OnStreets(block)).table(WALKING, points)
    assert table.provider == "great_circle"
    assert np.array_equal(table.seconds, GreatCircle().seconds(WALKING, points))


def test_a_point_390_m_from_a_street_is_still_reached(block):
    points = [HALMTORVET, beside(HALMTORVET, -390, 0)]
    assert TravelTimes(OnStreets(block)).table(WALKING, points).provider == "street_graph"


def test_two_islands_without_a_bridge_make_the_whole_table_great_circle(tmp_path):
    nodes = {"a": (0, 0), "b": (0, 100), "c": (500, 0), "d": (500, 100)}
    graph = graph_of(tmp_path, nodes, [("a", "b", 100), ("c", "d", 100)])
    points = [HALMTORVET, beside(HALMTORVET, 0, 50), beside(HALMTORVET, 500, 50)]
    times = TravelTimes(OnStreets(graph))
    assert times.table(WALKING, points).provider == "great_circle"
    assert times.table(WALKING, points[:2]).provider == "street_graph"


def test_a_crumb_cut_off_at_the_edge_of_the_data_is_ignored(tmp_path):
    """A point beside the crumb goes to the real street a little farther off."""
    nodes = {str(i): (0, 10 * i) for i in range(300)} | {"x": (40, 0), "y": (40, 10)}
    edges = [(str(a), str(b), 10) for a, b in pairwise(range(300))] + [("x", "y", 10)]
    graph = graph_of(tmp_path, nodes, edges)
    assert way(graph, beside(HALMTORVET, 40, 0), beside(HALMTORVET, 0, 100)) == pytest.approx(
        140, abs=1
    )


def test_a_folder_without_a_graph_is_no_fault(tmp_path):
    assert StreetGraph.from_folder(tmp_path) is None


@pytest.mark.parametrize(
    ("nodes", "edges", "said"),
    [
        (None, "u,v,length_m\na,b,5", "only one of"),
        ("osmid,lat,lng\na,55.6,12.5", None, "only one of"),
        ("osmid,lat\na,55.6", "u,v,length_m\na,b,5", "lacks the column lng"),
        ("osmid,lat,lng\na,55.6,12.5", "u,v,length_m\na,b,5", "line 2"),
        ("osmid,lat,lng\na,55.6,twelve", "u,v,length_m\na,a,5", "'twelve' is not a number"),
        ("osmid,lat,lng\na,nan,12.5", "u,v,length_m\na,a,5", "'nan' is not a number"),
        ("osmid,lat,lng\na,155.6,12.5", "u,v,length_m\na,a,5", "not a place on earth"),
        ("osmid,lat,lng\na,55.6,12.5\nb,55.7,12.5", "u,v,length_m\na,b,-5", "-5.0 m long"),
        ("osmid,lat,lng\na,55.6,12.5\nb,55.7,12.5", "u,v,length_m\na,b", "is not a number"),
        ("osmid,lat,lng\n", "u,v,length_m\na,b,5", "has no nodes"),
        ("osmid,lat,lng\na,55.6,12.5", "u,v,length_m\n", "has no edges"),
        ("osmid,lat,lng\n\udcff", "u,v,length_m\n", "cannot be read"),
    ],
)
def test_a_broken_graph_stops_the_start_with_the_file_and_the_reason(tmp_path, nodes, edges, said):
    for name, text in ((NODES_FILE, nodes), (EDGES_FILE, edges)):
        if text is not None:
            (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsProblem) as problem:
        open_travel_times(SimpleNamespace(router_url=None, geo_data_dir=tmp_path))
    assert said in str(problem.value)
    assert str(tmp_path) in str(problem.value)
    assert "\n" not in str(problem.value)


# The OSRM server


def test_a_routers_table_is_taken_as_it_is(router):
    table = TravelTimes(OsrmServer(router.url)).table(WALKING, [HALMTORVET, ISTEDGADE])
    assert table.provider == "osrm"
    assert table.seconds.tolist() == [[0, 1], [100, 101]]


def test_a_router_is_asked_longitude_first_and_for_the_right_profile(router):
    times = TravelTimes(OsrmServer(router.url + "/"))
    times.table(WALKING, [HALMTORVET, ISTEDGADE])
    times.table(BIKE, [HALMTORVET, ISTEDGADE])
    assert router.asked == [
        "/table/v1/foot/12.559000,55.670500;12.553000,55.670000",
        "/table/v1/bike/12.559000,55.670500;12.553000,55.670000",
    ]


def test_two_routers_can_stand_behind_one_address(router):
    TravelTimes(OsrmServer(router.url + "/{profile}-2026")).table(BIKE, [HALMTORVET, ISTEDGADE])
    assert router.asked[0].startswith("/bike-2026/table/v1/bike/")


def test_a_large_table_is_asked_for_in_blocks_and_put_together_in_order(router):
    points = [beside(HALMTORVET, i, i) for i in range(301)]
    table = TravelTimes(OsrmServer(router.url)).table(WALKING, points)
    assert table.provider == "osrm"
    rows, columns = np.indices((301, 301))
    assert np.array_equal(table.seconds, 100 * rows + columns)
    assert len(router.asked) == 10


def broken_answers():
    return {
        "a page instead of a table": (200, b"<html>busy</html>"),
        "an error": (500, b"{}"),
        "too big": (400, b'{"code":"TooBig"}'),
        "not Ok": (200, b'{"code":"InvalidQuery","durations":[[0,1],[1,0]]}'),
        "no durations": (200, b'{"code":"Ok"}'),
        "too few rows": (200, b'{"code":"Ok","durations":[[0,1]]}'),
        "ragged": (200, b'{"code":"Ok","durations":[[0,1],[1]]}'),
        "negative": (200, b'{"code":"Ok","durations":[[0,-1],[1,0]]}'),
        "not finite": (200, b'{"code":"Ok","durations":[[0,NaN],[1,0]]}'),
        "words": (200, b'{"code":"Ok","durations":[["a","b"],["c","d"]]}'),
        "a list": (200, b"[]"),
        "durations none": (200, b'{"code":"Ok","durations":null}'),
        "not text": (200, b"\xff\xfe"),
        "moved": (302, b""),
    }


@pytest.mark.parametrize("kind", broken_answers())
def test_a_router_that_answers_nonsense_is_passed_over_for_the_whole_table(router, block, kind):
    router.answer = lambda path: broken_answers()[kind]
    points = [HALMTORVET, beside(HALMTORVET, 0, 100)]
    table = TravelTimes(OsrmServer(router.url), OnStreets(block)).table(WALKING, points)
    assert table.provider == "street_graph"
    assert table.seconds[0, 1] == pytest.approx(100 / 1.25, abs=1)


def test_a_router_that_fails_in_the_last_block_gives_no_row_at_all(router):
    router.answer = lambda path: router.well(path) if len(router.asked) < 10 else (503, b"")
    points = [beside(HALMTORVET, i, i) for i in range(301)]
    table = TravelTimes(OsrmServer(router.url)).table(WALKING, points)
    assert table.provider == "great_circle"
    assert np.array_equal(table.seconds, GreatCircle().seconds(WALKING, points))


def no_way(durations):
    durations[1][0] = None


@pytest.mark.parametrize("answer", [{"change": no_way}, {"far": 350_000.0}])
def test_a_router_without_a_way_or_with_another_towns_map_gives_no_row_at_all(router, answer):
    router.answer = lambda path: router.well(path, **answer)
    table = TravelTimes(OsrmServer(router.url)).table(WALKING, [HALMTORVET, ISTEDGADE])
    assert table.provider == "great_circle"


@pytest.mark.parametrize("answer", [{"change": no_way}, {"far": 350_000.0}])
def test_a_router_that_is_well_but_knows_no_way_is_asked_again_at_once(router, answer):
    router.answer = lambda path: router.well(path, **answer)
    times = TravelTimes(OsrmServer(router.url))
    times.table(WALKING, [HALMTORVET, ISTEDGADE])
    router.answer = router.well
    assert times.table(WALKING, [HALMTORVET, ISTEDGADE]).provider == "osrm"


def test_a_router_that_moved_is_not_followed(router):
    def moved(path):
        return router.well(path) if path.startswith("/new") else (302, b"")

    router.answer = moved
    router.location = "/new/table/v1/foot/1,2;3,4"
    table = TravelTimes(OsrmServer(router.url)).table(WALKING, [HALMTORVET, ISTEDGADE])
    assert table.provider == "great_circle"
    assert len(router.asked) == 1


def test_the_blocks_of_a_large_table_share_a_second_and_a_half(router):
    def slowish(path):
        time.sleep(0.3)
        return router.well(path)

    router.answer = slowish
    points = [beside(HALMTORVET, i, i) for i in range(301)]
    begun = time.perf_counter()
    table = TravelTimes(OsrmServer(router.url)).table(WALKING, points)
    assert table.provider == "great_circle"
    assert time.perf_counter() - begun < 2.3


def test_a_dead_router_costs_little_and_is_then_left_alone_for_a_minute(router):
    now = Stopwatch()
    server = OsrmServer(f"http://127.0.0.1:{dead_port()}", now)
    times = TravelTimes(server)
    begun = time.perf_counter()
    assert times.table(WALKING, [HALMTORVET, ISTEDGADE]).provider == "great_circle"
    assert time.perf_counter() - begun < 1.0
    server._url = router.url
    now.seconds += 59
    assert times.table(WALKING, [HALMTORVET, ISTEDGADE]).provider == "great_circle"
    assert router.asked == []
    now.seconds += 2
    assert times.table(WALKING, [HALMTORVET, ISTEDGADE]).provider == "osrm"


def test_a_slow_router_is_given_up_after_a_second_and_a_half(router):
    finish = threading.Event()

    def slow(path):
        finish.wait(10)
        return router.well(path)

    router.answer = slow
    times = TravelTimes(OsrmServer(router.url))
    begun = time.perf_counter()
    assert times.table(WALKING, [HALMTORVET, ISTEDGADE]).provider == "great_circle"
    assert 1.3 < time.perf_counter() - begun < 2.5
    begun = time.perf_counter()
    times.table(WALKING, [HALMTORVET, ISTEDGADE])
    assert time.perf_counter() - begun < 0.1
    finish.set()


def test_places_of_reports_are_not_written_to_the_log(router, caplog):
    router.answer = lambda path: (500, b"55.670500")
    TravelTimes(OsrmServer(router.url)).table(WALKING, [HALMTORVET, ISTEDGADE])
    assert "router failed" in caplog.text
    assert "55.67" not in caplog.text


# What the settings name


def test_without_a_router_or_a_graph_the_great_circle_is_used():
    times = open_travel_times(SimpleNamespace(router_url=None, geo_data_dir=None))
    assert times.providers == ("great_circle",)


def test_a_router_is_trusted_before_the_graph_and_the_graph_before_the_line(tmp_path):
    write_graph(tmp_path, {"a": (0, 0), "b": (0, 100)}, [("a", "b", 100)])
    settings = SimpleNamespace(router_url="http://127.0.0.1:9", geo_data_dir=tmp_path)
    assert open_travel_times(settings).providers == ("osrm", "street_graph", "great_circle")


# The real streets of Vesterbro


@pytest.fixture(scope="module")
def vesterbro():
    graph = StreetGraph.from_folder(GEO_DATA) if GEO_DATA.is_dir() else None
    if graph is None:
        pytest.skip("the street graph of Vesterbro is not here (GEO_DATA_DIR)")
    return graph


def scattered(count, seed):
    chance = np.random.default_rng(seed)
    lat, lon = chance.uniform(55.664, 55.676, count), chance.uniform(12.540, 12.567, count)
    return [Point(*place) for place in zip(lat.tolist(), lon.tolist(), strict=True)]


def test_no_way_on_vesterbros_streets_is_shorter_than_the_straight_line(vesterbro):
    points = scattered(60, seed=1)
    straight = np.array([[metres(a, b) for b in points] for a in points])
    assert (vesterbro.metres(points) >= straight * 0.95 - 1).all()


def test_ways_on_vesterbros_streets_are_about_as_long_as_the_great_circles_factor_says(vesterbro):
    points = scattered(60, seed=2)
    times = TravelTimes(OnStreets(vesterbro)).table(WALKING, points)
    assert times.provider == "street_graph"
    apart = ~np.eye(60, dtype=bool)
    ratio = times.seconds[apart] / GreatCircle().seconds(WALKING, points)[apart]
    assert 0.85 < np.median(ratio) < 1.15


def test_a_new_task_among_300_costs_far_less_than_50_ms(vesterbro):
    points, times = scattered(320, seed=3), TravelTimes(OnStreets(vesterbro))
    times.table(WALKING, points[:300])
    took = []
    for count in range(301, 321):
        begun = time.perf_counter()
        assert times.table(WALKING, points[:count]).provider == "street_graph"
        took.append(time.perf_counter() - begun)
    assert np.median(took) < 0.05
