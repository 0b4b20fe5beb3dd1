"""The address service, played by a small server on this machine that speaks Nominatim's JSON."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from dispatch.gateways.found_place import FoundPlace
from dispatch.gateways.geocoder import (
    Geocoder,
    GeocoderDown,
    NoGeocoder,
    ScriptedGeocoder,
    open_geocoder,
)
from dispatch.settings import SettingsProblem

ISTEDGADE_20 = {
    "lat": "55.6715",
    "lon": "12.5603",
    "display_name": "20, Istedgade, Vesterbro, København, 1650, Danmark",
    "address": {"house_number": "20", "road": "Istedgade", "city": "København"},
}
HALMTORVET = {
    "lat": "55.6697",
    "lon": "12.5602",
    "display_name": "Halmtorvet, Vesterbro, København, Danmark",
    "address": {"square": "Halmtorvet"},
}


class AddressServer:
    """Answers every question with the same status and body, after a pause."""

    def __init__(self) -> None:
        self.status, self.body, self.pause_s = 200, b"[]", 0.0
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.user_agents: list[str | None] = []
        self.closing = Event()
        self.url = ""

    def answers(self, content: object) -> None:
        self.body = json.dumps(content).encode()


@contextmanager
def listening(server: AddressServer) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            server.asked.append((address.path, parse_qs(address.query)))
            server.user_agents.append(self.headers["User-Agent"])
            server.closing.wait(server.pause_s)
            if server.closing.is_set():
                return
            self.send_response(server.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(server.body)))
            self.end_headers()
            self.wfile.write(server.body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.closing.set()
        http.shutdown()
        http.server_close()
        thread.join()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AddressServer]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    played = AddressServer()
    with listening(played):
        yield played


@pytest.fixture
def geocoder(server: AddressServer) -> Geocoder:
    return open_geocoder(server.url)


def test_an_address_is_found_with_its_house_number(server, geocoder):
    server.answers([ISTEDGADE_20])
    assert geocoder.search("Istedgade 20") == FoundPlace(
        "Istedgade 20", 55.6715, 12.5603, exact=True, sure=True
    )


def test_a_square_is_found_but_is_no_exact_address(server, geocoder):
    server.answers([HALMTORVET])
    assert geocoder.search("Halmtorvet") == FoundPlace(
        "Halmtorvet", 55.6697, 12.5602, exact=False, sure=False
    )


def test_a_place_without_details_keeps_the_name_it_is_shown_by(server, geocoder):
    server.answers([{"lat": "55.67", "lon": "12.56", "display_name": "Øksnehallen"}])
    found = geocoder.search("øksnehallen")
    assert found is not None
    assert found.label == "Øksnehallen"


def test_what_the_service_does_not_know_is_nothing(server, geocoder):
    server.answers([])
    assert geocoder.search("Atlantis 7") is None


def test_a_pin_gets_its_address(server, geocoder):
    server.answers(ISTEDGADE_20)
    assert geocoder.reverse(55.6715, 12.5603) == "Istedgade 20"


def test_a_pin_in_the_water_has_none(server, geocoder):
    server.answers({"error": "Unable to geocode"})
    assert geocoder.reverse(55.66, 12.58) is None


def test_a_pin_where_only_the_country_is_known_has_none(server, geocoder):
    country = {"display_name": "Danmark", "address": {"country": "Danmark"}}
    server.answers({"lat": "55.6", "lon": "12.6"} | country)
    assert geocoder.reverse(55.6, 12.6) is None


def test_the_service_is_told_who_asks_and_to_look_in_copenhagen_only(server, geocoder):
    geocoder.search("Istedgade 20")
    path, asked = server.asked[0]
    assert path == "/search"
    assert asked["q"] == ["Istedgade 20"]
    assert asked["bounded"] == ["1"]
    assert asked["countrycodes"] == ["dk"]
    assert asked["viewbox"] == ["12.45,55.6,12.68,55.74"]
    assert server.user_agents[0] is not None
    assert server.user_agents[0].startswith("Renhold")


def test_a_service_under_a_path_of_its_host_is_asked_there(server):
    open_geocoder(f"{server.url}/nominatim/").search("Istedgade 20")
    assert server.asked[0][0] == "/nominatim/search"


@pytest.mark.parametrize("status", [403, 404, 429, 500, 502, 503])
def test_a_failing_service_is_down(server, geocoder, status):
    server.status = status
    with pytest.raises(GeocoderDown):
        geocoder.search("Istedgade 20")
    with pytest.raises(GeocoderDown):
        geocoder.reverse(55.67, 12.56)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>busy</html>",
        b"\xff\xfe\x00",
        b'"text"',
        b"7",
        b'["text"]',
        b"[[]]",
        b'[{"lat": "north", "lon": "12.5"}]',
        b'[{"lat": "NaN", "lon": "12.5"}]',
        b'[{"display_name": "nowhere"}]',
        b'[{"lat": "55.6", "lon": "12.5", "address": "Istedgade"}]',
        b'{"error": "the database is gone"}',
        b'[{"lat": "55.6"',
    ],
)
def test_an_answer_that_makes_no_sense_is_a_service_that_is_down(server, geocoder, body):
    server.body = body
    with pytest.raises(GeocoderDown):
        geocoder.search("Istedgade 20")


def test_a_slow_service_is_down_after_two_seconds(server, geocoder):
    server.pause_s = 20
    started = time.monotonic()
    with pytest.raises(GeocoderDown):
        geocoder.search("Istedgade 20")
    assert 1.5 < time.monotonic() - started < 4


def test_a_service_that_is_not_there_is_down(server):
    gone = AddressServer()
    with listening(gone):
        url = gone.url
    with pytest.raises(GeocoderDown):
        open_geocoder(url).search("Istedgade 20")


@pytest.mark.parametrize("url", ["nominatim.example", "ftp://nominatim.example", "http://", "x"])
def test_a_setting_that_is_no_address_stops_the_start(url):
    with pytest.raises(SettingsProblem, match="GEOCODER_URL"):
        open_geocoder(url)


def test_without_a_service_nobody_is_asked_and_nothing_is_known():
    geocoder = open_geocoder(None)
    assert isinstance(geocoder, NoGeocoder)
    assert geocoder.search("Istedgade 20") is None
    assert geocoder.reverse(55.67, 12.56) is None


def test_the_double_answers_as_told_and_remembers_what_it_was_asked():
    place = FoundPlace("Istedgade 20", 55.6715, 12.5603, exact=True)
    double = ScriptedGeocoder({"istedgade 20": place}, {(55.67, 12.56): "Halmtorvet 1"})
    assert double.search("istedgade 20") == place
    assert double.search("elsewhere") is None
    assert double.reverse(55.67, 12.56) == "Halmtorvet 1"
    assert double.asked == ["istedgade 20", "elsewhere", (55.67, 12.56)]


def test_the_double_can_be_down():
    double = ScriptedGeocoder()
    double.down = True
    with pytest.raises(GeocoderDown):
        double.search("Istedgade 20")
