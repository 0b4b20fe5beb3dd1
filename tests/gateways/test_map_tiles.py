"""Map tiles: a polite guest at the tile server, and a page that never waits for a dead one."""

import os
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from dispatch.gateways.clock import SettableClock
from dispatch.gateways.map_tiles import MAX_TILE_BYTES, MapTiles, open_map_tiles
from dispatch.settings import SettingsProblem

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AREA = (12.5165, 55.6317, 12.5728, 55.6747)
CONTACT = "https://renhold.example.org"
PNG = b"\x89PNG\r\n\x1a\n" + b"streets" * 30
HALMTORVET = (16, 35054, 20514)


class TileServer:
    """A tile server on loopback that remembers how it was asked and answers as a test decides."""

    def __init__(self):
        self.asked = []
        self.answer = lambda handler: (200, {}, PNG)
        self.at_once = self.most_at_once = 0
        server, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with lock:
                    server.asked.append((self.path, dict(self.headers)))
                    server.at_once += 1
                    server.most_at_once = max(server.most_at_once, server.at_once)
                try:
                    self.reply(*server.answer(self))
                finally:
                    with lock:
                        server.at_once -= 1

            def reply(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status not in (204, 304):
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                """A caller who hangs up first is part of the tests."""

        self.http = Quiet(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/{{z}}/{{x}}/{{y}}.png"

    def says(self, status=200, body=PNG, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda handler: (status, named, body)


@pytest.fixture
def server():
    server = TileServer()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def clock():
    return SettableClock(NOW)


@pytest.fixture
def tiles(server, clock, tmp_path):
    return MapTiles(server.url, tmp_path, AREA, CONTACT, clock)


def times_asked(server):
    return len(server.asked)


# What a tile is


def test_a_tile_of_our_area_is_fetched_and_handed_on(tiles, server):
    tile = tiles.tile(*HALMTORVET)
    assert (tile.content, tile.content_type, tile.fetched_at) == (PNG, "image/png", NOW)
    assert server.asked[0][0] == "/16/35054/20514.png"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0 jpeg", "image/jpeg"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
    ],
)
def test_the_kind_is_told_by_the_content_and_not_by_the_server(tiles, server, content, kind):
    server.says(body=content, Content_Type="text/html")
    assert tiles.tile(*HALMTORVET).content_type == kind


@pytest.mark.parametrize(
    "content", [b"", b"<html>blocked</html>", b"<svg/>", b"GIF89a", b"RIFF\x10\0\0\0WAVE"]
)
def test_what_is_no_picture_is_not_handed_on_or_kept(tiles, server, tmp_path, content):
    server.says(body=content, Content_Type="image/png")
    assert tiles.tile(*HALMTORVET) is None
    assert not list(tmp_path.rglob("*.tile"))


def test_a_tile_cut_short_on_the_way_is_not_handed_on_or_kept(tiles, server, tmp_path):
    def cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(PNG)))
        handler.end_headers()
        handler.wfile.write(PNG[:100])
        handler.wfile.flush()
        handler.connection.shutdown(2)
        return 200, {}, b""

    server.answer = cut
    assert tiles.tile(*HALMTORVET) is None
    assert not list(tmp_path.rglob("*.tile"))


def test_a_tile_of_more_than_200_kb_is_not_taken(tiles, server):
    server.says(body=PNG.ljust(MAX_TILE_BYTES + 1, b"x"))
    assert tiles.tile(*HALMTORVET) is None


def test_a_tile_of_200_kb_is_taken(tiles, server):
    server.says(body=PNG.ljust(MAX_TILE_BYTES, b"x"))
    assert len(tiles.tile(*HALMTORVET).content) == MAX_TILE_BYTES


def test_whose_map_it_is_can_be_shown(tiles):
    assert tiles.attribution == "© OpenStreetMap-bidragydere"


# Only our own area


@pytest.mark.parametrize(
    "place",
    [
        (16, 35054, 20514),
        (12, 2190, 1282),
        (19, 280436, 164100),
        (14, 8763, 5127),
    ],
)
def test_tiles_of_the_service_area_are_ours(tiles, place):
    assert tiles.covers(*place)


@pytest.mark.parametrize(
    "place",
    [
        (11, 1095, 641),
        (20, 560872, 328200),
        (0, 0, 0),
        (-1, 0, 0),
        (16, 35054, 20000),
        (16, 34000, 20514),
        (16, 36000, 20514),
        (16, 35054, 21000),
        (16, -35054, -20514),
        (16, 10**30, 20514),
        (13, 0, 0),
    ],
)
def test_other_tiles_are_not_asked_for(tiles, server, place):
    assert tiles.tile(*place) is None
    assert times_asked(server) == 0


@pytest.mark.parametrize("z", range(12, 20))
def test_a_whole_map_is_few_enough_tiles_to_keep(tiles, z):
    """At the deepest zoom about 22,000: the cache cannot fill the disk."""
    middle_x, middle_y = HALMTORVET[1] * 2**z // 2**16, HALMTORVET[2] * 2**z // 2**16
    reach = 200
    ours = sum(
        tiles.covers(z, middle_x + x, middle_y + y)
        for x in range(-reach, reach)
        for y in range(-reach, reach)
    )
    assert 0 < ours < 40_000


def test_a_phone_may_look_a_kilometre_beyond_every_edge_but_not_three(tiles):
    tile_m = 43.0
    columns = [x for x in range(280_000, 281_000) if tiles.covers(19, x, 164_150)]
    rows = [y for y in range(163_800, 164_600) if tiles.covers(19, 280_410, y)]
    west, east, north, south = 280_372, 280_454, 164_103, 164_214
    beyond = (west - columns[0], columns[-1] - east, north - rows[0], rows[-1] - south)
    assert all(700 < tiles_beyond * tile_m < 2500 for tiles_beyond in beyond)


def test_without_an_address_tiles_are_off(server, clock, tmp_path):
    tiles = MapTiles(None, tmp_path, AREA, CONTACT, clock)
    assert not tiles.on
    assert tiles.tile(*HALMTORVET) is None


# A polite guest


def test_the_server_is_told_who_asks_and_where_to_complain(tiles, server):
    tiles.tile(*HALMTORVET)
    agent = server.asked[0][1]["User-Agent"]
    assert "Renhold" in agent
    assert CONTACT in agent
    assert "urllib3" not in agent


def test_a_tile_looked_at_twice_is_fetched_once(tiles, server):
    assert tiles.tile(*HALMTORVET) == tiles.tile(*HALMTORVET)
    assert times_asked(server) == 1


def test_no_tile_is_fetched_that_nobody_looked_at(tiles, server):
    tiles.tile(*HALMTORVET)
    time.sleep(0.05)
    assert [path for path, _ in server.asked] == ["/16/35054/20514.png"]


def test_a_tile_is_kept_for_a_week_when_the_server_says_nothing(tiles, server, clock):
    tiles.tile(*HALMTORVET)
    clock.advance(timedelta(days=6, hours=23))
    tiles.tile(*HALMTORVET)
    assert times_asked(server) == 1
    clock.advance(timedelta(hours=2))
    tiles.tile(*HALMTORVET)
    assert times_asked(server) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache_Control": "max-age=60"},
        {"Cache_Control": "public, max-age=0"},
        {"Expires": format_datetime(NOW - timedelta(days=1))},
        {"Expires": "0"},
        {"Cache_Control": "max-age=soon"},
        {"Cache_Control": "max-age=99999999999999999999"},
        {"Expires": "Sun, 22 Nov 2026 13:00:00"},
    ],
)
def test_a_tile_is_kept_for_a_week_whatever_shorter_or_odd_time_is_said(
    tiles, server, clock, headers
):
    server.says(**headers)
    tiles.tile(*HALMTORVET)
    clock.advance(timedelta(days=6, hours=23))
    tiles.tile(*HALMTORVET)
    assert times_asked(server) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache_Control": f"max-age={20 * 86400}, public"},
        {"Cache_Control": f"MAX-AGE={20 * 86400}"},
        {"Expires": format_datetime(NOW + timedelta(days=20), usegmt=True)},
    ],
)
def test_a_tile_is_kept_longer_when_the_server_says_so(tiles, server, clock, headers):
    server.says(**headers)
    tiles.tile(*HALMTORVET)
    clock.advance(timedelta(days=19))
    tiles.tile(*HALMTORVET)
    assert times_asked(server) == 1
    clock.advance(timedelta(days=2))
    tiles.tile(*HALMTORVET)
    assert times_asked(server) == 2


def test_no_tile_is_believed_for_longer_than_a_month(tiles, server, clock):
    server.says(Cache_Control="max-age=31536000")
    tiles.tile(*HALMTORVET)
    clock.advance(timedelta(days=31))
    tiles.tile(*HALMTORVET)
    assert times_asked(server) == 2


@pytest.mark.parametrize("rule", ["no-store", "private, max-age=600"])
def test_a_tile_the_server_forbids_to_keep_is_not_kept(tiles, server, tmp_path, rule):
    server.says(Cache_Control=rule)
    assert tiles.tile(*HALMTORVET).content == PNG
    assert not list(tmp_path.rglob("*.tile"))


def test_a_tile_the_server_wants_asked_for_each_time_is_asked_for_each_time(tiles, server):
    server.says(Cache_Control="no-cache", ETag='"a"')
    tiles.tile(*HALMTORVET)
    tiles.tile(*HALMTORVET)
    assert server.asked[1][1]["If-None-Match"] == '"a"'


def test_an_old_tile_is_asked_for_again_with_what_we_have(tiles, server, clock):
    server.says(ETag='"v1"', Last_Modified="Sat, 21 Nov 2026 10:00:00 GMT")
    tiles.tile(*HALMTORVET)
    clock.advance(timedelta(days=8))
    server.says(status=304, body=b"")
    tile = tiles.tile(*HALMTORVET)
    assert tile.content == PNG
    assert tile.fetched_at == NOW + timedelta(days=8)
    asked = server.asked[1][1]
    assert asked["If-None-Match"] == '"v1"'
    assert asked["If-Modified-Since"] == "Sat, 21 Nov 2026 10:00:00 GMT"


def test_a_tile_found_unchanged_is_good_for_another_week_and_keeps_its_tag(tiles, server, clock):
    server.says(ETag='"v1"')
    tiles.tile(*HALMTORVET)
    server.says(status=304, body=b"")
    for _ in range(2):
        clock.advance(timedelta(days=8))
        tiles.tile(*HALMTORVET)
        tiles.tile(*HALMTORVET)
    assert times_asked(server) == 3
    assert server.asked[2][1]["If-None-Match"] == '"v1"'


def test_a_tile_that_changed_replaces_the_old_one(tiles, server, clock):
    tiles.tile(*HALMTORVET)
    clock.advance(timedelta(days=8))
    server.says(body=PNG + b" and a new bench")
    assert tiles.tile(*HALMTORVET).content.endswith(b"bench")
    assert tiles.tile(*HALMTORVET).content.endswith(b"bench")
    assert times_asked(server) == 2


def test_no_more_than_two_tiles_are_fetched_at_once(tiles, server):
    def slow(handler):
        time.sleep(0.05)
        return 200, {}, PNG

    server.answer = slow
    with ThreadPoolExecutor(8) as people:
        got = list(people.map(lambda n: tiles.tile(16, 35050 + n % 4, 20510 + n // 4), range(12)))
    assert all(got)
    assert server.most_at_once == 2


# A dead server does not slow a page


@pytest.mark.parametrize("status", [500, 503, 429, 403, 401, 302])
def test_after_a_failure_the_server_is_left_alone_for_a_minute(tiles, server, clock, status):
    server.says(status=status, body=b"")
    assert tiles.tile(*HALMTORVET) is None
    server.says()
    clock.advance(timedelta(seconds=59))
    assert tiles.tile(*HALMTORVET) is None
    assert times_asked(server) == 1
    clock.advance(timedelta(seconds=2))
    assert tiles.tile(*HALMTORVET).content == PNG


def test_another_address_is_not_followed(tiles, server):
    moved = {"Location": "/elsewhere.png"}
    server.answer = lambda handler: (200 if "else" in handler.path else 302, moved, PNG)
    assert tiles.tile(*HALMTORVET) is None
    assert times_asked(server) == 1


def test_a_tile_that_does_not_exist_rests_alone_and_not_the_others(tiles, server, clock):
    server.says(status=404, body=b"")
    assert tiles.tile(*HALMTORVET) is None
    server.says()
    assert tiles.tile(*HALMTORVET) is None
    assert tiles.tile(16, 35055, 20514).content == PNG
    clock.advance(timedelta(hours=1, seconds=1))
    assert tiles.tile(*HALMTORVET).content == PNG


def test_an_old_tile_is_shown_while_the_server_is_dead(tiles, server, clock):
    tiles.tile(*HALMTORVET)
    clock.advance(timedelta(days=40))
    server.says(status=503, body=b"")
    old = tiles.tile(*HALMTORVET)
    assert (old.content, old.fetched_at) == (PNG, NOW)
    assert tiles.tile(*HALMTORVET).content == PNG
    assert times_asked(server) == 2


def test_a_dead_port_costs_nothing_but_the_first_try(server, clock, tmp_path):
    server.http.shutdown()
    server.http.server_close()
    tiles = MapTiles(server.url, tmp_path, AREA, CONTACT, clock)
    begun = time.perf_counter()
    assert [tiles.tile(16, 35050 + n, 20514) for n in range(8)] == [None] * 8
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize("drips", [False, True])
def test_a_server_that_never_finishes_costs_a_page_a_few_seconds_once(tiles, server, drips):
    finish = threading.Event()

    def stuck(handler):
        if drips:
            handler.send_response(200)
            handler.send_header("Content-Length", "5000")
            handler.end_headers()
        for _ in range(100):
            if finish.wait(0.1):
                break
            if drips:
                handler.wfile.write(b"\x89")
                handler.wfile.flush()
        return 200, {}, PNG

    server.answer = stuck
    begun = time.perf_counter()
    assert tiles.tile(*HALMTORVET) is None
    assert 1.5 < time.perf_counter() - begun < 3.5
    begun = time.perf_counter()
    assert tiles.tile(16, 35055, 20514) is None
    assert time.perf_counter() - begun < 0.1
    finish.set()


def test_a_crowd_in_front_of_a_stuck_server_does_not_wait_in_line_one_by_one(tiles, server):
    finish = threading.Event()

    def stuck(handler):
        finish.wait(10)
        return 200, {}, PNG

    server.answer = stuck
    begun = time.perf_counter()
    with ThreadPoolExecutor(8) as people:
        assert not any(people.map(lambda n: tiles.tile(16, 35050 + n, 20514), range(8)))
    assert time.perf_counter() - begun < 3.5
    finish.set()


def test_a_crowd_in_front_of_a_slow_server_gets_what_there_is_time_for(tiles, server):
    def slow(handler):
        time.sleep(1.2)
        return 200, {}, PNG

    server.answer = slow
    begun = time.perf_counter()
    with ThreadPoolExecutor(8) as people:
        got = list(people.map(lambda n: tiles.tile(16, 35050 + n, 20514), range(8)))
    assert time.perf_counter() - begun < 2.4
    assert sum(tile is not None for tile in got) == 2


def test_those_who_waited_their_turn_do_not_ask_a_server_just_found_dead(tiles, server):
    def fails(handler):
        time.sleep(0.2)
        return 503, {}, b""

    server.answer = fails
    with ThreadPoolExecutor(8) as people:
        assert not any(people.map(lambda n: tiles.tile(16, 35050 + n, 20514), range(8)))
    assert times_asked(server) <= 3


def test_the_place_looked_at_is_not_written_to_the_log(tiles, server, caplog):
    server.says(status=503, body=b"")
    tiles.tile(*HALMTORVET)
    assert "tile server failed: status 503" in caplog.text
    assert "35054" not in caplog.text


# The cache on the disk


def test_tiles_outlive_the_process(tiles, server, clock, tmp_path):
    tiles.tile(*HALMTORVET)
    again = MapTiles(server.url, tmp_path, AREA, CONTACT, clock)
    assert again.tile(*HALMTORVET).content == PNG
    assert times_asked(server) == 1


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{}",
        b"not json\n" + PNG,
        b'{"content_type":"image/png"}\n' + PNG,
        b"[]\n" + PNG,
        b'{"content_type":"image/png","fetched_at":"x","fresh_until":"x"}\n' + PNG,
        b"\xff\xfe\n" + PNG,
    ],
)
def test_a_damaged_cache_file_is_fetched_anew(tiles, server, tmp_path, damage):
    tiles.tile(*HALMTORVET)
    (kept,) = tmp_path.rglob("*.tile")
    kept.write_bytes(damage)
    assert tiles.tile(*HALMTORVET).content == PNG
    assert times_asked(server) == 2
    assert tiles.tile(*HALMTORVET).content == PNG
    assert times_asked(server) == 2


def test_a_cache_file_cut_short_in_its_picture_is_fetched_anew(tiles, server, tmp_path):
    tiles.tile(*HALMTORVET)
    (kept,) = tmp_path.rglob("*.tile")
    head = kept.read_bytes().partition(b"\n")[0]
    kept.write_bytes(head + b"\n\x89P")
    assert tiles.tile(*HALMTORVET).content == PNG


def test_a_tile_that_cannot_be_kept_is_still_shown(server, clock, tmp_path):
    blocked = tmp_path / "tiles"
    blocked.write_bytes(b"a file where the folder should be")
    tiles = MapTiles(server.url, blocked, AREA, CONTACT, clock)
    assert tiles.tile(*HALMTORVET).content == PNG


def test_readers_never_see_half_a_tile(server, clock, tmp_path):
    """Many write the same tile at once while others read it."""
    large = PNG.ljust(150_000, b"x")
    server.says(body=large, Cache_Control="no-cache")
    tiles = [MapTiles(server.url, tmp_path, AREA, CONTACT, clock) for _ in range(4)]
    with ThreadPoolExecutor(4) as people:
        got = list(people.map(lambda n: tiles[n % 4].tile(*HALMTORVET), range(40)))
    assert {len(tile.content) for tile in got} == {len(large)}
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".tile"]


def test_kept_tiles_are_readable_by_our_own_account_only(tiles, tmp_path):
    tiles.tile(*HALMTORVET)
    (kept,) = tmp_path.rglob("*.tile")
    assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600


# The setting


def settings_with(tile_url, folder):
    return SimpleNamespace(tile_url=tile_url, data_dir=Path(folder), base_url=CONTACT)


@pytest.mark.parametrize(
    "tile_url",
    [
        "tile.example.org/{z}/{x}/{y}.png",
        "file:///etc/{z}{x}{y}",
        "https://tile.example.org/",
        "https://tile.example.org/{z}/{x}.png",
        "https://tile.example.org/{z}/{x}/{y}.png?key={key}",
        "https://tile.example.org/{z}/{x}/{y",
    ],
)
def test_an_address_that_is_no_tile_address_stops_the_start(tile_url, tmp_path, clock):
    with pytest.raises(SettingsProblem) as problem:
        open_map_tiles(settings_with(tile_url, tmp_path), AREA, clock)
    assert "TILE_URL" in str(problem.value)


def test_an_address_with_several_servers_and_sizes_uses_the_first(server, clock, tmp_path):
    url = server.url.replace("/{z}", "/{s}/{z}").replace(".png", "{r}.png")
    tiles = open_map_tiles(settings_with(url, tmp_path), AREA, clock)
    tiles.tile(*HALMTORVET)
    assert server.asked[0][0] == "/a/16/35054/20514.png"
    assert list((tmp_path / "tiles").rglob("*.tile"))
