"""folium's shell stays a shell: our own files, our own points, no word of any report."""

import re

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from dispatch.web.dashboard_map import SCRIPTS, shell_script
from tests.people import People

HOSTILE = "C:\\path\\u1 ${7*7} `x` <script>alert(1)</script>"


@pytest.fixture
def desk(people: People) -> FlaskClient:
    return people.signed_in(people.coordinator())


def test_the_script_names_no_other_host():
    text = shell_script(55.67, 12.55, 15)
    assert "http" not in text and "//" not in text
    assert "map_desk" in text and "renholdDesk.marker" in text


def test_the_script_is_the_same_each_time_and_costs_no_body_twice(desk: FlaskClient):
    first = desk.get("/desk/map.js")
    assert first.mimetype == "text/javascript"
    tag = {"If-None-Match": first.headers["ETag"]}
    assert desk.get("/desk/map.js", headers=tag).status_code == 304


def test_the_script_and_the_points_hold_no_word_of_a_report(people: People, desk: FlaskClient):
    people.report(description=HOSTILE, address=HOSTILE)
    for address in ("/desk/map.js", "/desk/points.geojson"):
        text = desk.get(address).text
        for word in ("u1", "7*7", "alert"):
            assert word not in text, (address, word)


def test_a_point_is_an_id_a_reference_and_codes(people: People, desk: FlaskClient):
    receipt = people.report(lat=55.6699, lon=12.5605)
    answer = desk.get("/desk/points.geojson")
    assert answer.mimetype == "application/geo+json"
    (feature,) = answer.json["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [12.5605, 55.6699]}
    assert feature["properties"] == {
        "id": receipt.service_request_id,
        "reference": receipt.reference,
        "service_code": "syringe",
        "status": "received",
        "priority": "haster",
        "late": False,
    }


def test_unchanged_points_cost_no_body(people: People, desk: FlaskClient):
    people.report()
    tag = {"If-None-Match": desk.get("/desk/points.geojson").headers["ETag"]}
    assert desk.get("/desk/points.geojson", headers=tag).status_code == 304
    people.report()
    assert desk.get("/desk/points.geojson", headers=tag).status_code == 200


def test_the_map_shows_what_its_filter_asks_for(people: People, desk: FlaskClient):
    people.report()
    people.report(service_code="glass")
    found = desk.get("/desk/points.geojson?service_code=glass").json["features"]
    assert [each["properties"]["service_code"] for each in found] == ["glass"]
    page = BeautifulSoup(desk.get("/desk/map?service_code=glass").text, "html.parser")
    assert page.select_one("#map_desk")["data-points"].endswith("service_code=glass")
    assert len(page.select(".map-item")) == 1


def test_the_page_loads_files_of_ours_only_and_may_be_enlarged(people: People, desk: FlaskClient):
    people.report(description=HOSTILE)
    answer = desk.get("/desk/map")
    page = BeautifulSoup(answer.text, "html.parser")
    addresses = [each.get("src") or each.get("href") for each in page.select("script, link")]
    assert all(address.startswith("/") for address in addresses)
    assert len([a for a in addresses if any(script in a for script in SCRIPTS)]) == len(SCRIPTS)
    assert not re.search(r"user-scalable|maximum-scale", answer.text)
    assert [meta["content"] for meta in page.select("meta[name=viewport]")] == [
        "width=device-width, initial-scale=1"
    ]


def test_beside_the_map_stands_the_same_as_a_list(people: People, desk: FlaskClient):
    receipt = people.report(address="Istedgade 20")
    page = BeautifulSoup(desk.get("/desk/map").text, "html.parser")
    assert receipt.reference in page.select_one(".map-list").get_text()


def test_an_empty_map_says_so(desk: FlaskClient):
    assert "Der er ingen henvendelser at vise" in desk.get("/desk/map").text
