"""What counts as personal data in a report's text, and what does not."""

import time
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.rules.personal_data import Kind, blocks, clean_text, find_personal_data

NOTHING: frozenset[Kind] = frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "Hun hedder noget med 010190-1234",
        "cpr 0101901234.",
        "CPR:0101901234",
        "010190 1234",
        "010190 - 1234",
        "010190–1234",
        "01.01.90-1234",
        "01-01-90-1234",
        "010190/1234",
        "alder 35,010190-1234",
        "0101９0-1234",
        "010190－1234",
        "290200-4321",
        "(311299-9999)",
    ],
)
def test_a_cpr_number_is_found_and_stops_the_report(text: str) -> None:
    kinds = find_personal_data(text)
    assert Kind.CPR in kinds
    assert blocks(kinds)


@pytest.mark.parametrize(
    "text",
    [
        "320190-1234",
        "011390-1234",
        "310490-1234",
        "290201-4321",
        "000000-0000",
        "henvendelse 2026-000412",
        "EAN 5790001234567",
        "12.0101901234",
        "1010190-12345",
        "010190-12345",
        "+4520123456",
        "+46 70 123 45 67",
        "ring 20 12 34 56",
        "21 sprøjter og 12 kanyler",
        "mellem kl. 20.15 og 22.30",
        "den 22. november 2026 kl. 14.05",
    ],
)
def test_what_only_looks_like_a_cpr_number_does_not_stop_the_report(text: str) -> None:
    assert not blocks(find_personal_data(text))


@pytest.mark.parametrize(
    ("number", "is_a_birthday"),
    [("290200-4000", True), ("290200-1000", False), ("290236-9000", True), ("290237-9000", False)],
)
def test_the_seventh_digit_tells_the_century_and_so_the_leap_year(
    number: str, is_a_birthday: bool
) -> None:
    assert (Kind.CPR in find_personal_data(number)) is is_a_birthday


@pytest.mark.parametrize(
    "text",
    [
        "ring 20123456",
        "ring 20 12 34 56",
        "ring 2012 3456.",
        "ring 20 123 456",
        "20.12.34.56",
        "20-12-34-56",
        "tlf:20123456",
        "+4520123456",
        "+45 20 12 34 56",
        "(+45) 20123456",
        "004520123456",
        "+46 70 123 45 67",
    ],
)
def test_a_phone_number_is_found(text: str) -> None:
    assert find_personal_data(text) == {Kind.PHONE}


@pytest.mark.parametrize(
    "text",
    [
        "henvendelse 2026-000412",
        "kl. 20.15-22.30",
        "20-22 og 30-34",
        "55.67123456, 12.55123456",
        "55.671234",
        "12.345.678 kr.",
        "1620 1650",
        "00112233",
        "nummer 123456789",
        "ring 112 eller 1813",
        "Istedgade 20, 1650 København V",
    ],
)
def test_times_places_amounts_and_short_numbers_are_no_phone_numbers(text: str) -> None:
    assert find_personal_data(text) == NOTHING


@pytest.mark.parametrize("text", ["ole@example.dk", "skriv til ole.b+x@mail.example.dk, tak"])
def test_a_mail_address_is_found(text: str) -> None:
    assert find_personal_data(text) == {Kind.MAIL}


@pytest.mark.parametrize("text", ["@halmtorvet", "3 @ 4", "ole@", "se a@b"])
def test_an_at_sign_alone_is_no_mail_address(text: str) -> None:
    assert find_personal_data(text) == NOTHING


@pytest.mark.parametrize("text", ["en hvid bil AB 12 345", "AB12345", "AB 12345", "ab12345"])
def test_a_car_plate_is_found(text: str) -> None:
    assert find_personal_data(text) == {Kind.PLATE}


@pytest.mark.parametrize("text", ["AB 1234", "kl 12345", "på 12 345 kr", "XAB12345", "AB 123456"])
def test_what_is_no_car_plate_is_left_alone(text: str) -> None:
    assert Kind.PLATE not in find_personal_data(text)


def test_only_a_cpr_number_stops_a_report() -> None:
    kinds = find_personal_data("AB 12 345, ole@example.dk, 20 12 34 56")
    assert kinds == {Kind.PLATE, Kind.MAIL, Kind.PHONE}
    assert not blocks(kinds)


def test_an_ordinary_report_holds_no_personal_data() -> None:
    text = "Tre sprøjter ved trappen til gård 4, bag den grønne container. Halmtorvet 13, st. tv."
    assert find_personal_data(text) == NOTHING


@pytest.mark.parametrize(
    "part", ["a", "1", "1 ", "a.", "+4", "a@", "a@a.", "01-", "AB ", "0101901"]
)
def test_a_long_text_made_to_be_slow_is_not(part: str) -> None:
    begun = time.process_time()
    find_personal_data(part * (20_000 // len(part)))
    assert time.process_time() - begun < 0.5


def test_control_characters_are_dropped_but_tab_and_newline_stay() -> None:
    assert clean_text("a\x00b\x07c\x1b[31m\td\ne\x7ff\x85g") == "abc[31m\td\nefg"


def test_all_line_ends_become_newlines() -> None:
    assert clean_text("a\r\nb\rc\nd") == "a\nb\nc\nd"


def test_half_a_surrogate_pair_is_dropped() -> None:
    assert clean_text("a\ud83db") == "ab"


def test_everything_else_is_kept_as_it_was_written() -> None:
    text = " Æblerød 👩‍👧 <b>${x}</b> =1+1 \u202e C:\\path\\u1 "
    assert clean_text(text) == text


@given(st.text(st.characters(codec=None)))
def test_cleaned_text_can_be_stored_and_cleaning_twice_changes_nothing(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode()
    assert clean_text(cleaned) == cleaned
    assert all(unicodedata.category(x) != "Cc" or x in "\t\n" for x in cleaned)


@given(st.dates(date(1937, 1, 1), date(1999, 12, 31)), st.integers(0, 3999), st.sampled_from("- "))
def test_every_birthday_of_the_last_century_makes_a_cpr_number(
    born: date, serial: int, between: str
) -> None:
    assert blocks(find_personal_data(f"se {born:%d%m%y}{between}{serial:04}"))
    assert blocks(find_personal_data(f"se {born:%d%m%y}{serial:04}"))
