"""Danish first, English by link or by the browser's wish, and a choice that is remembered."""

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient


def language_of(page: str) -> str:
    html = BeautifulSoup(page, "html.parser").html
    assert html is not None
    return str(html["lang"])


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("", "da"),
        ("da-DK,da;q=0.9", "da"),
        ("en-GB,en;q=0.9", "en"),
        ("de-DE,de;q=0.9", "da"),
        ("de-DE,en;q=0.5,da;q=0.3", "en"),
        ("*", "da"),
        ("not a language;;;q=x", "da"),
    ],
)
def test_the_browser_s_wish_is_met_where_we_can(
    client: FlaskClient, wish: str, language: str
) -> None:
    headers = {"Accept-Language": wish} if wish else {}
    answer = client.get("/safety", headers=headers)
    assert language_of(answer.text) == language
    assert answer.headers["Content-Language"] == language


def test_a_choice_by_link_is_remembered(client: FlaskClient) -> None:
    client.get("/safety?lang=en")
    assert language_of(client.get("/privacy").text) == "en"
    client.get("/safety?lang=da")
    assert language_of(client.get("/privacy", headers={"Accept-Language": "en"}).text) == "da"


def test_an_unknown_language_changes_nothing(client: FlaskClient) -> None:
    answer = client.get("/safety?lang=tlh")
    assert language_of(answer.text) == "da"
    assert "language=" not in answer.headers.get("Set-Cookie", "")


def test_the_link_names_the_other_language_in_that_language(client: FlaskClient) -> None:
    link = BeautifulSoup(client.get("/safety").text, "html.parser").select_one('a[hreflang="en"]')
    assert link is not None
    assert (link.get_text(), link["lang"], link["href"]) == ("English", "en", "/safety?lang=en")


def test_caches_are_told_that_pages_differ_by_language(client: FlaskClient) -> None:
    varies = client.get("/safety").headers["Vary"]
    assert "Accept-Language" in varies and "Cookie" in varies


def test_a_page_keeps_its_filters_in_the_other_language(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/safety?late=1&lang=da").text, "html.parser")
    link = page.select_one('a[hreflang="en"]')
    assert link is not None
    assert link["href"] == "/safety?late=1&lang=en"
