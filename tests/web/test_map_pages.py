"""The map's door gives place data and tiles to anybody, and reports to nobody."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.gateways import gateways
from dispatch.gateways.clock import SettableClock
from dispatch.gateways.map_tiles import Tile
from tests.people import HALMTORVET, People


def addresses(client: FlaskClient, **asked: Any) -> Any:
    answer = client.get("/map/addresses", query_string=asked)
    assert answer.status_code == 200
    return answer.json


def test_the_backdrop_is_streets_with_names_and_no_network(client: FlaskClient) -> None:
    answer = client.get("/map/base.geojson")
    assert answer.mimetype == "application/geo+json"
    names = {each["properties"].get("navn") for each in answer.json["features"]}
    assert {"Istedgade", "Halmtorvet", "Vesterbrogade"} <= names
    layers = {each["properties"]["lag"] for each in answer.json["features"]}
    assert layers <= {"vej", "bygning", "bane", "groent", "vand"}


def test_the_backdrop_is_asked_for_once_a_day(client: FlaskClient) -> None:
    first = client.get("/map/base.geojson")
    assert first.headers["Cache-Control"] == "public, max-age=86400"
    again = client.get("/map/base.geojson", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_area_holds_halmtorvet(client: FlaskClient) -> None:
    area = client.get("/map/area.geojson").json
    assert area["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    assert addresses(client, lat=HALMTORVET[0], lon=HALMTORVET[1])["inside"] is True


def test_half_a_name_is_enough_for_a_suggestion(client: FlaskClient) -> None:
    places = addresses(client, q="isted")["places"]
    assert places[0]["label"].startswith("Istedgade")
    assert set(places[0]) == {"label", "lat", "lon", "exact"}


@pytest.mark.parametrize("typed", ["", " ", "xyzzy", "%", "'; --", "\x00", "æ" * 5000])
def test_strange_typing_finds_nothing_and_breaks_nothing(client: FlaskClient, typed: str) -> None:
    assert addresses(client, q=typed)["places"] == []


def test_a_place_has_its_address_in_words(client: FlaskClient) -> None:
    assert addresses(client, lat=HALMTORVET[0], lon=HALMTORVET[1])["address"]


def test_outside_the_area_no_address_is_told(client: FlaskClient) -> None:
    assert addresses(client, lat=55.4, lon=10.4) == {"address": None, "inside": False}


@pytest.mark.parametrize(
    "asked", [{}, {"lat": "1"}, {"lat": "nan", "lon": "12"}, {"lat": "x", "lon": "y"}]
)
def test_a_question_that_is_none_is_refused(client: FlaskClient, asked: dict[str, str]) -> None:
    assert client.get("/map/addresses", query_string=asked).status_code == 400


def test_a_suggestion_takes_less_than_a_tenth_of_a_second(client: FlaskClient) -> None:
    addresses(client, q="ha")
    begun = time.perf_counter()
    for typed in (
        "h",
        "ha",
        "hal",
        "halm",
        "halmt",
        "halmtorvet 1",
        "isted 20",
        "sdr boul",
        "enghav",
        "vesterb",
    ):
        addresses(client, q=typed)
    assert (time.perf_counter() - begun) / 10 < 0.1


def test_where_tiles_are_off_there_is_nothing_and_no_error(client: FlaskClient) -> None:
    answer = client.get("/map/tiles/16/35055/20502.png")
    assert (answer.status_code, answer.data) == (204, b"")


def test_a_tile_is_sent_with_its_type_and_a_week_to_keep(
    app: Flask, client: FlaskClient, clock: SettableClock
) -> None:
    class OneTile:
        attribution = ""

        def tile(self, *_: int) -> Tile:
            return Tile(b"\x89PNG", "image/png", clock.now() - timedelta(days=1))

    app.extensions["renhold.gateways"] = replace(gateways(), map_tiles=OneTile())  # type: ignore[arg-type]
    answer = client.get("/map/tiles/16/35055/20502.png")
    assert (answer.data, answer.mimetype) == (b"\x89PNG", "image/png")
    assert answer.headers["Cache-Control"] == "public, max-age=604800"


def test_no_report_is_ever_on_the_map_s_door(client: FlaskClient, people: People) -> None:
    receipt = people.report(address="Et hemmeligt sted", description="Bag porten")
    for address in ("/map/base.geojson", "/map/area.geojson", "/map/addresses?q=hemmeligt"):
        page = client.get(address).text
        assert "hemmeligt" not in page
        assert receipt.reference not in page
