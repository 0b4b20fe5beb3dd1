"""Danish street names as people type them."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.rules.street_names import (
    AskedAddress,
    Fit,
    NameIndex,
    fold,
    one_slip,
    one_spelling,
    read_address,
    read_corner,
)

STREETS = (
    "Abel Cathrines Gade",
    "Enghave Plads",
    "Enghavevej",
    "Gamle Carlsberg Vej",
    "Gammel Kongevej",
    "H.C. Andersens Boulevard",
    "Istedgade",
    "Lille Istedgade",
    "Matthæusgade",
    "Ny Carlsberg Vej",
    "Oehlenschlægersgade",
    "Skelbækgade",
    "Sønder Boulevard",
    "Vesterbrogade",
    "Vestre Kirkegårds Allé",
)
INDEX = NameIndex(STREETS)


def found(text):
    return [name for name, _ in INDEX.find(read_address(text).street)]


@pytest.mark.parametrize(
    "written",
    ["Skelbækgade", "SKELBÆKGADE", "skelbaekgade", "skelbakgade", " Skelbæk gade ", "skelbæk-gade"],
)
def test_one_street_is_the_same_however_its_letters_are_written(written):
    assert fold(written) == fold("Skelbækgade")


@pytest.mark.parametrize(
    ("typed", "street"),
    [
        ("Sdr. Boulevard", "Sønder Boulevard"),
        ("sdr blvd", "Sønder Boulevard"),
        ("Soender Boulevard", "Sønder Boulevard"),
        ("Sonder Boulevard", "Sønder Boulevard"),
        ("Søndre Boulevard", "Sønder Boulevard"),
        ("Istedg.", "Istedgade"),
        ("Vesterbrog. 12", "Vesterbrogade"),
        ("Enghavev. 8", "Enghavevej"),
        ("Enghave Pl. 4", "Enghave Plads"),
        ("Gl. Kongevej", "Gammel Kongevej"),
        ("Gl. Carlsberg Vej", "Gamle Carlsberg Vej"),
        ("Ll. Istedgade", "Lille Istedgade"),
        ("HC Andersens Boulevard", "H.C. Andersens Boulevard"),
        ("h c andersens blvd", "H.C. Andersens Boulevard"),
        ("Øhlenschlægersgade", "Oehlenschlægersgade"),
        ("Vestre Kirkegaards Alle", "Vestre Kirkegårds Allé"),
        ("Matteusgade", "Matthæusgade"),
        ("Abel Cathr. Gade", "Abel Cathrines Gade"),
    ],
)
def test_abbreviations_and_foreign_keyboards_find_the_street(typed, street):
    assert found(typed)[0] == street


@pytest.mark.parametrize("typed", ["Istegade", "Istedgadee", "Iztedgade", "Isetdgade", "stedgade"])
def test_one_slip_of_the_finger_is_forgiven(typed):
    assert found(typed)[0] == "Istedgade"


@pytest.mark.parametrize("typed", ["Østerbrogade", "Nørrebrogade", "Roskildevej", "Xyzgade"])
def test_a_street_in_another_part_of_town_is_not_bent_into_one_of_ours(typed):
    assert found(typed) == []


@pytest.mark.parametrize("size", range(2, 9))
def test_a_street_is_found_while_it_is_typed_from_two_letters_on(size):
    assert "Istedgade" in found("Istedgade"[:size])


@pytest.mark.parametrize("typed", ["", "i", "  ", "1", ".", "é"])
def test_less_than_two_letters_find_nothing(typed):
    assert found(typed) == []


def test_the_whole_name_comes_before_names_that_only_contain_it():
    assert INDEX.find("Istedgade") == [
        ("Istedgade", Fit.WHOLE),
        ("Lille Istedgade", Fit.START_OF_WORD),
    ]


def test_a_slip_is_looked_for_only_when_nothing_fits_as_typed():
    index = NameIndex(["Alsgade", "Alsgades Skole", "Algade"])
    assert index.find("Alsgade")[0] == ("Alsgade", Fit.WHOLE)
    assert "Algade" not in dict(index.find("Alsgade"))


def test_half_a_name_with_a_slip_still_finds_the_street():
    assert INDEX.find("Oehlenshl") == [("Oehlenschlægersgade", Fit.START_WITH_SLIP)]


def test_another_name_of_a_place_leads_to_it():
    index = NameIndex(
        ["Københavns Hovedbanegård"], {"Københavns Hovedbanegård": ["Hovedbanegården"]}
    )
    assert index.find("hovedbanegården") == [("Københavns Hovedbanegård", Fit.WHOLE)]


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Istedgade 20", AskedAddress("Istedgade", 20)),
        ("Istedgade 20, 1650 København V", AskedAddress("Istedgade", 20)),
        ("Istedgade 20 1650", AskedAddress("Istedgade", 20)),
        ("Istedgade, København", AskedAddress("Istedgade")),
        ("Istedgade 1650 København V", AskedAddress("Istedgade")),
        ("Istedgade 20b", AskedAddress("Istedgade", 20, "B")),
        ("Istedgade 20 B, 2. th", AskedAddress("Istedgade", 20, "B")),
        ("Istedgade 20 st. tv", AskedAddress("Istedgade", 20)),
        ("Istedgade 20, 2. tv", AskedAddress("Istedgade", 20)),
        ("Istedgade 57-59", AskedAddress("Istedgade", 57)),
        ("Istedgade nr. 20", AskedAddress("Istedgade", 20)),
        ("Istedgade, 20", AskedAddress("Istedgade", 20)),
        ("ud for Istedgade 20", AskedAddress("Istedgade", 20)),
        ("Sønder Boulevard ud for nr. 103", AskedAddress("Sønder Boulevard", 103)),
        ("outside Istedgade 20", AskedAddress("Istedgade", 20)),
        ("  Istedgade\t 20 ", AskedAddress("Istedgade", 20)),
        ("Istedg. 20", AskedAddress("Istedgade", 20)),
    ],
)
def test_an_address_is_read_without_floor_postcode_and_city(typed, asked):
    assert read_address(typed) == asked


@pytest.mark.parametrize(
    "typed",
    [
        "Istedgade/Viktoriagade",
        "Istedgade og Viktoriagade",
        "hjørnet af Istedgade og Viktoriagade",
        "på hjørnet af Istedgade & Viktoriagade",
        "the corner of Istedgade and Viktoriagade",
    ],
)
def test_a_corner_is_read_as_its_two_streets(typed):
    assert read_corner(typed) == ("Istedgade", "Viktoriagade")


@pytest.mark.parametrize("typed", ["Istedgade 20", "", "og", " / ", "a/b/c"])
def test_what_names_no_two_streets_is_no_corner(typed):
    assert read_corner(typed) is None


def test_spellings_in_the_data_become_the_most_common_one():
    counts = {
        "Oehlenschlægersgade": 40,
        "Oehlenschlagergade": 2,
        "flæsketorvet": 1,
        "Flæsketorvet": 9,
    }
    spelling = one_spelling(counts)
    assert spelling["Oehlenschlagergade"] == "Oehlenschlægersgade"
    assert spelling["flæsketorvet"] == "Flæsketorvet"


def test_two_streets_one_slip_apart_stay_two_when_both_are_common():
    spelling = one_spelling({"Bohrsgade": 10, "Borsgade": 9})
    assert spelling == {"Bohrsgade": "Bohrsgade", "Borsgade": "Borsgade"}


@given(st.text(string.ascii_lowercase, min_size=1, max_size=12), st.integers(0, 11))
def test_a_missing_letter_is_one_slip(word, place):
    assert one_slip(word, word[:place] + word[place + 1 :])


@given(st.text(max_size=400))
def test_no_text_breaks_the_reading(text):
    asked = read_address(text)
    INDEX.find(asked.street)
    read_corner(text)
    assert asked.number is None or 0 <= asked.number <= 999


@given(st.sampled_from(STREETS))
def test_every_street_finds_itself_first(street):
    assert INDEX.find(street)[0] == (street, Fit.WHOLE)
