"""The report page takes a report in, and never throws away what a resident typed."""

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse
from wtforms.fields.core import UnboundField

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.gateways.photo_store import StoreFull
from dispatch.models import Contact, Photo, ServiceRequest
from dispatch.rules.catalogue import PlaceKind, ServiceCode, Source, Surface
from dispatch.settings import Settings
from dispatch.web.report_form import ReportForm
from tests.people import HALMTORVET

AT_HALMTORVET = {"lat": str(HALMTORVET[0]), "lon": str(HALMTORVET[1])}
ODENSE = {"lat": "55.4038", "lon": "10.4024"}
FOURTEEN_WORDS = "Bag den grønne container, ved kælderskakten. Æ, ø og å: 3 stk."


FIELDS = (
    *(name for name in vars(ReportForm) if isinstance(getattr(ReportForm, name), UnboundField)),
    "csrf_token",
    "drop_photo",
)


def a_photo(colour: str = "grey", side: int = 40) -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(stream, "JPEG")
    stream.seek(0)
    return stream


def hidden(page: str, name: str) -> str:
    field = BeautifulSoup(page, "html.parser").find("input", {"name": name})
    assert field is not None, f"no hidden field {name}"
    return str(field["value"])


def send(client: FlaskClient, *, page: str = "", **fields: Any) -> TestResponse:
    """Fill in the form as it stands on `page`, or on a fresh one, and send it."""
    page = page or client.get("/report").text
    values: dict[str, Any] = {
        "csrf_token": hidden(page, "csrf_token"),
        "form_key": hidden(page, "form_key"),
        "language": hidden(page, "language"),
        "website": "",
        "service_code": "syringe",
    }
    return client.post("/report", data=values | fields, content_type="multipart/form-data")


def problems(page: str) -> dict[str, str]:
    """Where each link of the list of problems leads, and what it says."""
    links = BeautifulSoup(page, "html.parser").select(".error-summary a")
    return {str(link["href"]).removeprefix("#"): link.get_text(strip=True) for link in links}


def stored() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(ServiceRequest)) or 0


def the_row() -> ServiceRequest:
    db.session.rollback()
    return db.session.scalars(select(ServiceRequest)).one()


def checked(page: str, name: str) -> list[str]:
    soup = BeautifulSoup(page, "html.parser")
    return [str(each["value"]) for each in soup.select(f"input[name={name}][checked]")]


def value_of(page: str, name: str) -> str:
    field = BeautifulSoup(page, "html.parser").find(id=name)
    assert field is not None
    return field.get_text() if field.name == "textarea" else str(field.get("value", ""))


def test_a_report_is_stored_and_answered_with_its_own_page(client: FlaskClient) -> None:
    answer = send(client, **AT_HALMTORVET)
    assert answer.status_code == 303
    assert re.fullmatch(r"/r/[\w-]{22,}", answer.location)
    assert stored() == 1


def test_every_field_of_the_contract_is_kept(client: FlaskClient) -> None:
    answer = send(
        client,
        **AT_HALMTORVET,
        address="Halmtorvet 9",
        place_kind="playground",
        needle_count="4",
        surface="sand",
        capped="no",
        risk_now="1",
        description=FOURTEEN_WORDS,
        contact="beboer@example.dk",
    )
    assert answer.status_code == 303
    row = the_row()
    assert (row.service_code, row.place_kind) == (ServiceCode.SYRINGE, PlaceKind.PLAYGROUND)
    assert (row.needle_count, row.surface, row.capped) == (4, Surface.SAND, False)
    assert (row.risk_now, row.description, row.address) == (True, FOURTEEN_WORDS, "Halmtorvet 9")
    assert (row.lat, row.lon) == HALMTORVET
    assert (row.language, row.source) == ("da", Source.FORM)
    assert db.session.scalars(select(Contact.value)).one() == "beboer@example.dk"


def test_only_kind_and_place_are_needed(client: FlaskClient) -> None:
    assert send(client, service_code="glass", **AT_HALMTORVET).status_code == 303
    row = the_row()
    assert (row.needle_count, row.capped, row.surface, row.risk_now) == (None, None, None, False)


def test_the_front_page_takes_reports_too(client: FlaskClient) -> None:
    page = client.get("/").text
    fields = {
        name: hidden(page, name) for name in ("csrf_token", "form_key", "language")
    } | AT_HALMTORVET
    assert client.post("/", data=fields | {"service_code": "litter"}).status_code == 303


def test_each_page_has_a_key_of_its_own(client: FlaskClient) -> None:
    keys = {hidden(client.get("/report").text, "form_key") for _ in range(3)}
    assert len(keys) == 3
    assert all(re.fullmatch(r"[0-9a-f]{32}", key) for key in keys)


def test_sending_the_same_page_twice_stores_one_report(client: FlaskClient) -> None:
    page = client.get("/report").text
    first = send(client, page=page, **AT_HALMTORVET)
    second = send(client, page=page, **AT_HALMTORVET)
    assert first.location == second.location
    assert stored() == 1


def test_the_answer_that_names_the_reporters_page_is_kept_nowhere(client: FlaskClient) -> None:
    page = client.get("/report").text
    for _ in ("first", "repeat"):
        answer = send(client, page=page, **AT_HALMTORVET)
        assert answer.status_code == 303
        assert answer.headers["Cache-Control"] == "no-store"


def test_another_report_from_a_page_already_sent_is_asked_about_and_then_taken(
    client: FlaskClient,
) -> None:
    page = client.get("/report").text
    first = send(client, page=page, description="Én sprøjte", **AT_HALMTORVET)
    typed = {"service_code": "glass", "description": FOURTEEN_WORDS} | AT_HALMTORVET
    asked = send(client, page=page, **typed)
    assert asked.status_code == 422
    assert problems(asked.text) == {
        "send": "Du har allerede sendt en henvendelse fra denne side. Vil du sende denne også, "
        "så tryk Send igen"
    }
    assert value_of(asked.text, "description") == FOURTEEN_WORDS
    assert checked(asked.text, "service_code") == ["glass"]
    assert hidden(asked.text, "form_key") != hidden(page, "form_key")
    second = send(client, page=asked.text, **typed)
    assert second.status_code == 303
    assert second.location != first.location
    assert stored() == 2


def test_a_photo_of_the_second_report_from_a_page_need_not_be_chosen_again(
    client: FlaskClient,
) -> None:
    page = client.get("/report").text
    send(client, page=page, **AT_HALMTORVET)
    photo = [(a_photo(), "gade.jpg")]
    asked = send(client, page=page, service_code="glass", photo=photo, **AT_HALMTORVET).text
    kept = hidden(asked, "kept_photos")
    send(client, page=asked, service_code="glass", kept_photos=kept, **AT_HALMTORVET)
    assert stored() == 2
    assert len(db.session.scalars(select(Photo.id)).all()) == 1


def test_a_repeat_whose_photo_the_browser_dropped_is_still_a_repeat(client: FlaskClient) -> None:
    page = client.get("/report").text
    first = send(client, page=page, photo=[(a_photo(), "gade.jpg")], **AT_HALMTORVET)
    assert send(client, page=page, **AT_HALMTORVET).location == first.location
    again = send(client, page=page, photo=[(a_photo("red"), "gade.jpg")], **AT_HALMTORVET)
    assert again.location == first.location
    assert stored() == 1


@pytest.mark.parametrize("field", FIELDS)
def test_a_file_in_the_place_of_a_text_is_no_text_and_no_fault(
    client: FlaskClient, field: str
) -> None:
    page = client.get("/report").text
    values: dict[str, Any] = {
        name: hidden(page, name) for name in ("csrf_token", "form_key", "language")
    }
    values |= {"service_code": "syringe", "description": FOURTEEN_WORDS} | AT_HALMTORVET
    values[field] = (io.BytesIO(b"hej"), "hej.txt")
    answer = client.post("/report", data=values, content_type="multipart/form-data")
    assert answer.status_code in {303, 400, 422}
    if answer.status_code != 303 and field != "description":
        assert value_of(answer.text, "description") == FOURTEEN_WORDS


@pytest.mark.parametrize(
    "key", ["", "a", "../../etc/passwd\0", "x" * 5000, "💉" * 20, "<script>", "%00" * 10, "\n" * 20]
)
def test_a_key_of_an_odd_shape_gives_way_to_one_of_ours(client: FlaskClient, key: str) -> None:
    page = send(client, form_key=key, service_code="", **AT_HALMTORVET).text
    assert re.fullmatch(r"[0-9a-f]{32}", hidden(page, "form_key"))
    assert send(client, form_key=key, **AT_HALMTORVET).status_code == 303
    assert stored() == 1


@pytest.mark.parametrize(
    "choice", ["nan,nan,x", "1e999,12,x", "-inf,inf,x", "a,b", "9,9", "99,1,x"]
)
def test_a_chosen_address_that_is_no_place_is_asked_for_again(
    client: FlaskClient, choice: str
) -> None:
    answer = send(client, address_choice=choice, description=FOURTEEN_WORDS)
    assert answer.status_code == 422
    assert problems(answer.text) == {"address": "Vælg et sted på kortet, eller skriv en adresse"}
    assert value_of(answer.text, "description") == FOURTEEN_WORDS


def test_an_empty_form_says_what_to_do_in_one_list(client: FlaskClient) -> None:
    answer = send(client, service_code="")
    assert answer.status_code == 422
    assert problems(answer.text) == {
        "service_code": "Vælg, hvad du har fundet",
        "address": "Vælg et sted på kortet, eller skriv en adresse",
    }
    assert stored() == 0


def test_each_problem_stands_beside_its_field_as_in_the_list(client: FlaskClient) -> None:
    page = send(client, service_code="", **AT_HALMTORVET).text
    beside = BeautifulSoup(page, "html.parser").find(id="service_code-problem")
    assert beside is not None
    assert problems(page)["service_code"] in beside.get_text()


def test_a_refusal_keeps_everything_that_was_typed(client: FlaskClient) -> None:
    page = send(
        client,
        service_code="syringe",
        address="Halmtorvet 9",
        **AT_HALMTORVET,
        place_kind="park",
        needle_count="12",
        surface="grass",
        capped="yes",
        risk_now="1",
        description=FOURTEEN_WORDS,
        contact="ikke en adresse",
    ).text
    assert "contact" in problems(page)
    assert value_of(page, "description") == FOURTEEN_WORDS
    assert value_of(page, "contact") == "ikke en adresse"
    assert value_of(page, "needle_count") == "12"
    assert checked(page, "service_code") == ["syringe"]
    assert checked(page, "place_kind") == ["park"]
    assert checked(page, "surface") == ["grass"]
    assert checked(page, "capped") == ["yes"]
    assert checked(page, "risk_now") == ["1"]
    assert hidden(page, "lat") == AT_HALMTORVET["lat"]


def test_a_second_try_keeps_the_same_key(client: FlaskClient) -> None:
    page = client.get("/report").text
    again = send(client, page=page, service_code="").text
    assert hidden(again, "form_key") == hidden(page, "form_key")


def test_an_expired_token_shows_the_form_with_all_text_and_a_fresh_token(
    client: FlaskClient,
) -> None:
    answer = send(client, csrf_token="gammel", description=FOURTEEN_WORDS, **AT_HALMTORVET)
    assert answer.status_code == 400
    assert "Siden har været åben længe" in answer.text
    assert value_of(answer.text, "description") == FOURTEEN_WORDS
    again = send(client, page=answer.text, description=FOURTEEN_WORDS, **AT_HALMTORVET)
    assert again.status_code == 303


def test_a_browser_without_our_cookie_gets_the_form_again(app: Flask) -> None:
    page = app.test_client().get("/report").text
    answer = send(app.test_client(), page=page, description=FOURTEEN_WORDS, **AT_HALMTORVET)
    assert answer.status_code == 400
    assert value_of(answer.text, "description") == FOURTEEN_WORDS
    assert stored() == 0


def test_the_hidden_field_for_robots_stops_a_robot_but_not_a_person(client: FlaskClient) -> None:
    answer = send(client, website="https://spam.example", description="Hej", **AT_HALMTORVET)
    assert answer.status_code == 400
    assert stored() == 0
    assert value_of(answer.text, "website") == ""
    assert send(client, page=answer.text, **AT_HALMTORVET).status_code == 303


@pytest.mark.parametrize("lat", ["nan", "inf", "-inf", "95", "nord", "1e400", "9" * 5000])
def test_a_place_that_is_no_place_is_asked_for_again(client: FlaskClient, lat: str) -> None:
    answer = send(client, lat=lat, lon="12.5")
    assert answer.status_code == 422
    assert problems(answer.text) == {"address": "Sæt stedet på kortet igen, eller skriv en adresse"}


@pytest.mark.parametrize(
    "count", ["mange", "-1", "1000", "2.5", "٣", "nan", "inf", "1e3", "9" * 5000]
)
def test_a_count_that_is_no_count_is_asked_for_again(client: FlaskClient, count: str) -> None:
    answer = send(client, needle_count=count, **AT_HALMTORVET)
    assert problems(answer.text) == {"needle_count": "Skriv antallet som et tal mellem 0 og 999"}


def test_outside_the_area_the_page_points_to_giv_et_praj_and_stores_nothing(
    client: FlaskClient,
) -> None:
    answer = send(client, description=FOURTEEN_WORDS, **ODENSE)
    assert answer.status_code == 422
    assert "Giv et praj" in answer.text
    assert "Vi har ikke gemt noget" in answer.text
    assert value_of(answer.text, "description") == FOURTEEN_WORDS
    assert stored() == 0


def test_outside_the_area_not_even_a_photo_is_stored(client: FlaskClient) -> None:
    page = send(client, photo=[(a_photo(), "gade.jpg")], **ODENSE).text
    assert list(gateways().photo_store.incoming_names()) == []
    assert problems(page)["photo"] == "Vælg billederne igen"


def test_after_an_expired_token_the_photos_are_asked_for_again(client: FlaskClient) -> None:
    page = send(client, csrf_token="x", photo=[(a_photo(), "gade.jpg")], **AT_HALMTORVET).text
    assert problems(page)["photo"] == "Vælg billederne igen"


def test_every_link_of_the_list_leads_to_something_on_the_page(client: FlaskClient) -> None:
    for fields in ({"csrf_token": "x"}, {"website": "x"}, {"needle_count": "x", "contact": "x"}):
        page = send(client, **{**AT_HALMTORVET, **fields}).text
        soup = BeautifulSoup(page, "html.parser")
        assert problems(page)
        assert all(soup.find(id=target) for target in problems(page))


def test_an_address_alone_is_enough(client: FlaskClient) -> None:
    assert send(client, address="Istedgade 30").status_code == 303
    row = the_row()
    assert row.address.startswith("Istedgade")
    assert row.lat is not None


def test_half_an_address_offers_what_it_may_mean(client: FlaskClient) -> None:
    page = send(client, address="Ist").text
    soup = BeautifulSoup(page, "html.parser")
    offered = [str(each["value"]) for each in soup.select("input[name=address_choice]")]
    assert any("Istedgade" in each for each in offered)
    answer = send(client, page=page, address="Ist", address_choice=offered[0])
    assert answer.status_code == 303
    assert the_row().lat is not None


def test_an_unknown_address_can_be_sent_all_the_same(client: FlaskClient) -> None:
    page = send(client, address="Bag ved Svend").text
    assert problems(page) == {
        "address": "Vælg en af adresserne, skriv en anden, eller send alligevel"
    }
    answer = send(client, page=page, address="Bag ved Svend", place_unverified="1")
    assert answer.status_code == 303
    assert (the_row().address, the_row().lat) == ("Bag ved Svend", None)


def test_a_cpr_number_is_refused_and_the_text_kept_for_correction(client: FlaskClient) -> None:
    text = "Han hedder noget og 010203-1234"
    page = send(client, description=text, **AT_HALMTORVET).text
    assert "CPR" in problems(page)["description"]
    assert value_of(page, "description") == text
    assert stored() == 0


def test_a_novel_is_asked_to_be_shorter(client: FlaskClient) -> None:
    for length in (2001, 10_000):
        page = send(client, description="æ" * length, **AT_HALMTORVET).text
        asked = f"Gør teksten kortere: højst 2000 tegn. Nu er der {length}."
        assert problems(page) == {"description": asked}
        assert value_of(page, "description") == "æ" * length


def test_a_book_is_asked_to_be_shorter_before_it_is_read(client: FlaskClient) -> None:
    page = send(client, description="æ" * 20_001, contact="x", **AT_HALMTORVET).text
    assert list(problems(page)) == ["description"]
    assert len(value_of(page, "description")) == 20_001


def test_text_without_end_is_too_large_and_so_are_parts_without_number(
    client: FlaskClient,
) -> None:
    parts = {f"part{number}": "x" for number in range(201)}
    for fields in ({"description": "x" * 2_100_000}, parts):
        answer = send(client, **fields, **AT_HALMTORVET)
        assert answer.status_code == 413
        assert "Vælg færre eller mindre billeder, eller skriv kortere." in answer.text
    assert stored() == 0


def test_script_in_a_text_is_shown_as_text(client: FlaskClient) -> None:
    text = "<script>alert(1)</script>\"'&"
    page = send(client, service_code="", description=text, address=text, **AT_HALMTORVET).text
    assert "<script>alert" not in page
    assert value_of(page, "description") == text


def test_up_to_three_photos_come_along(client: FlaskClient) -> None:
    photos = [(a_photo(colour), f"{colour}.jpg") for colour in ("red", "green", "blue")]
    assert send(client, photo=photos, **AT_HALMTORVET).status_code == 303
    assert len(db.session.scalars(select(Photo.incoming)).all()) == 3


def test_a_fourth_photo_is_one_too_many_and_the_three_are_kept(client: FlaskClient) -> None:
    photos = [(a_photo(colour), f"{colour}.jpg") for colour in ("red", "green", "blue", "black")]
    page = send(client, photo=photos, **AT_HALMTORVET).text
    assert problems(page) == {"photo": "Vælg højst 3 billeder"}
    again = send(client, page=page, kept_photos=hidden(page, "kept_photos"), **AT_HALMTORVET)
    assert again.status_code == 303
    assert len(db.session.scalars(select(Photo.incoming)).all()) == 3


def test_a_photo_need_not_be_chosen_again_after_another_problem(client: FlaskClient) -> None:
    page = send(client, service_code="", photo=[(a_photo(), "gade.jpg")], **AT_HALMTORVET).text
    assert "gade.jpg" in page
    again = send(client, page=page, kept_photos=hidden(page, "kept_photos"), **AT_HALMTORVET)
    assert again.status_code == 303
    assert len(db.session.scalars(select(Photo.incoming)).all()) == 1


def test_a_kept_photo_can_be_taken_away_again(client: FlaskClient) -> None:
    page = send(client, service_code="", photo=[(a_photo(), "gade.jpg")], **AT_HALMTORVET).text
    box = BeautifulSoup(page, "html.parser").select_one("input[name=drop_photo]")
    assert box is not None
    kept = hidden(page, "kept_photos")
    send(client, page=page, kept_photos=kept, drop_photo=box["value"], **AT_HALMTORVET)
    assert stored() == 1
    assert db.session.scalars(select(Photo.id)).all() == []


def test_a_photo_kept_for_one_form_is_worth_nothing_in_another(client: FlaskClient) -> None:
    page = send(client, service_code="", photo=[(a_photo(), "gade.jpg")], **AT_HALMTORVET).text
    send(client, kept_photos=hidden(page, "kept_photos"), **AT_HALMTORVET)
    assert stored() == 1
    assert db.session.scalars(select(Photo.id)).all() == []


def test_a_forged_list_of_photos_is_not_believed(client: FlaskClient) -> None:
    answer = send(client, kept_photos='[["' + "a" * 64 + '","x.jpg"]].forged', **AT_HALMTORVET)
    assert answer.status_code == 303
    assert db.session.scalars(select(Photo.id)).all() == []


def test_a_photo_of_sixteen_megabytes_is_refused_in_the_page(client: FlaskClient) -> None:
    large = io.BytesIO(a_photo().getvalue() + b"\0" * 16 * 1024 * 1024)
    page = send(
        client, photo=[(large, "stor.jpg")], description=FOURTEEN_WORDS, **AT_HALMTORVET
    ).text
    assert problems(page) == {"photo": "Vælg et mindre billede end stor.jpg: højst 15 MB"}
    assert value_of(page, "description") == FOURTEEN_WORDS


@pytest.mark.parametrize(
    "content",
    [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"GIF89a", b"hej", b"\xff\xd8"],
)
def test_what_is_no_photo_is_refused_in_the_page(client: FlaskClient, content: bytes) -> None:
    page = send(client, photo=[(io.BytesIO(content), "fil.jpg")], **AT_HALMTORVET).text
    assert problems(page)["photo"].startswith("Vælg et billede fra et kamera")
    assert stored() == 0


def test_a_full_disk_loses_the_photo_but_not_the_words(app: Flask, client: FlaskClient) -> None:
    class FullStore:
        def put_incoming(self, *_: Any) -> str:
            raise StoreFull("store_full")

    opened = replace(gateways(), photo_store=FullStore())  # type: ignore[arg-type]
    app.extensions["renhold.gateways"] = opened
    page = send(
        client, photo=[(a_photo(), "gade.jpg")], description=FOURTEEN_WORDS, **AT_HALMTORVET
    ).text
    assert "Send henvendelsen uden billede" in problems(page)["photo"]
    assert send(client, page=page, description=FOURTEEN_WORDS, **AT_HALMTORVET).status_code == 303


class TestASenderWhoSendsAndSends:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, report_limit_per_sender="2 per 10 minutes")

    def test_is_asked_to_wait_and_keeps_the_words(self, client: FlaskClient) -> None:
        for _ in range(2):
            assert send(client, **AT_HALMTORVET).status_code == 303
        answer = send(client, description=FOURTEEN_WORDS, **AT_HALMTORVET)
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
        assert value_of(answer.text, "description") == FOURTEEN_WORDS
        assert stored() == 2

    def test_may_repeat_a_form_as_often_as_the_line_breaks(self, client: FlaskClient) -> None:
        page = client.get("/report").text
        assert {send(client, page=page, **AT_HALMTORVET).status_code for _ in range(6)} == {303}
        assert send(client, service_code="glass", **AT_HALMTORVET).status_code == 303
        assert stored() == 2

    def test_is_not_held_up_by_what_was_filled_in_wrongly(self, client: FlaskClient) -> None:
        for _ in range(6):
            assert send(client, service_code="", **AT_HALMTORVET).status_code == 422
        assert send(client, **AT_HALMTORVET).status_code == 303

    def test_cannot_fill_the_disk_with_photos_of_forms_that_are_no_report(
        self, client: FlaskClient
    ) -> None:
        colours = ("red", "green", "blue", "black")
        for colour in colours:
            send(client, service_code="", photo=[(a_photo(colour), "a.jpg")], **AT_HALMTORVET)
        assert len(list(gateways().photo_store.incoming_names())) == 2


def test_an_english_page_sends_an_english_report(client: FlaskClient) -> None:
    page = client.get("/report?lang=en").text
    assert send(client, page=page, **AT_HALMTORVET).status_code == 303
    assert the_row().language == "en"


def test_a_link_on_a_wall_can_choose_kind_and_address(client: FlaskClient) -> None:
    page = client.get("/report?service_code=toilet&address=Halmtorvet&place_kind=station").text
    assert checked(page, "service_code") == ["toilet"]
    assert checked(page, "place_kind") == ["station"]
    assert value_of(page, "address") == "Halmtorvet"


def test_no_place_is_set_before_somebody_sets_it(client: FlaskClient) -> None:
    page = client.get("/report").text
    assert (hidden(page, "lat"), hidden(page, "lon")) == ("", "")


def test_the_page_asks_for_things_and_not_for_people(client: FlaskClient) -> None:
    page = client.get("/report").text
    assert "Beskriv tingene og stedet, ikke personer" in page
    assert "Tag ikke billeder af mennesker" in page


def make_read_only(app: Flask) -> None:
    """From now on the database refuses to write, as one on a full or broken disk does."""
    engine = db.engine
    words = {
        "sqlite": "PRAGMA query_only = ON",
        "postgresql": "SET default_transaction_read_only = on",
    }[engine.dialect.name]

    def on_connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(words)
        cursor.close()
        if engine.dialect.name == "postgresql":
            connection.commit()

    db.session.remove()
    engine.dispose()
    event.listen(engine, "connect", on_connect)


def test_a_database_that_cannot_write_keeps_the_words_in_the_page(
    app: Flask, client: FlaskClient
) -> None:
    page = client.get("/report").text
    make_read_only(app)
    answer = send(client, page=page, description=FOURTEEN_WORDS, **AT_HALMTORVET)
    assert answer.status_code == 503
    assert "Vi kan ikke gemme noget lige nu" in answer.text
    assert value_of(answer.text, "description") == FOURTEEN_WORDS
    assert int(answer.headers["Retry-After"]) > 0
