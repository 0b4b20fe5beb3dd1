"""What a phone fetches is packed, recognised when it is fetched again, and small enough."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from dispatch.settings import PROJECT_ROOT

FIRST_PAGE_BYTES = 100 * 1024
SHEET = "/static/css/parts.css"


def sheet_on_disk() -> bytes:
    return (PROJECT_ROOT / "static/css/parts.css").read_bytes()


def fetched_with(page: str) -> set[str]:
    """Style sheets and scripts that a page names, and those that these import."""
    soup = BeautifulSoup(page, "html.parser")
    named = [tag.get("href") or tag.get("src") for tag in soup.select("link, script")]
    found = {str(each).split("?")[0] for each in named if re.search(r"\.(css|js)(\?|$)", str(each))}
    sheets = [each for each in found if each.endswith(".css") and "/vendor/" not in each]
    for sheet in sheets:
        text = (PROJECT_ROOT / sheet.lstrip("/")).read_text(encoding="utf-8")
        found |= {
            str(Path("/static") / imported.removeprefix("../"))
            for imported in re.findall(r'@import url\("([^"]+)"\)', text)
        }
    return found


def test_the_first_page_stays_within_its_budget(client: FlaskClient) -> None:
    files = fetched_with(client.get("/").text)
    assert {"/static/vendor/dkfds/css/dkfds.min.css", "/static/js/map_labels.js"} <= files
    sizes = {
        name: len(client.get(name, headers={"Accept-Encoding": "gzip"}).data) for name in files
    }
    assert sum(sizes.values()) <= FIRST_PAGE_BYTES, sorted(sizes.items(), key=lambda item: -item[1])


@pytest.mark.parametrize(("wish", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_a_style_sheet_comes_packed_and_unpacks_to_itself(
    client: FlaskClient, wish: str, unpack: object
) -> None:
    answer = client.get(SHEET, headers={"Accept-Encoding": wish})
    assert answer.headers["Content-Encoding"] == wish
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert callable(unpack)
    assert unpack(answer.data) == sheet_on_disk()


def test_a_browser_that_cannot_unpack_gets_it_plain(client: FlaskClient) -> None:
    answer = client.get(SHEET, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert answer.data == sheet_on_disk()


def test_what_the_browser_kept_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(SHEET, headers={"Accept-Encoding": "gzip"})
    again = client.get(
        SHEET, headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_a_part_of_a_file_is_sent_as_it_is(client: FlaskClient) -> None:
    answer = client.get(SHEET, headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert (answer.status_code, answer.data) == (206, sheet_on_disk()[:10])


def test_a_font_is_not_packed_twice(client: FlaskClient) -> None:
    font = "/static/vendor/dkfds/fonts/IBMPlexSans/split/woff2/IBMPlexSans-Regular-Latin1.woff2"
    answer = client.get(font, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


def test_the_map_s_backdrop_comes_packed(client: FlaskClient) -> None:
    answer = client.get("/map/base.geojson", headers={"Accept-Encoding": "gzip"})
    assert b"Istedgade" in gzip.decompress(answer.data)
