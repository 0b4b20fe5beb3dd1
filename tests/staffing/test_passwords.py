"""Passwords are kept as Argon2id hashes, and only their length is demanded."""

import pytest

from dispatch.rules.problems import Refused
from dispatch.staffing.passwords import hash_password, password_fits


def test_nine_characters_are_refused_and_ten_are_taken():
    with pytest.raises(Refused) as refused:
        hash_password("a" * 9)
    assert refused.value.code == "password_too_short"
    assert password_fits("a" * 10, hash_password("a" * 10))


def test_more_than_200_characters_are_refused():
    with pytest.raises(Refused) as refused:
        hash_password("a" * 201)
    assert refused.value.code == "password_too_long"


def test_what_is_kept_is_argon2id_and_another_text_each_time():
    first, second = hash_password("samme adgangskode"), hash_password("samme adgangskode")
    assert first.startswith("$argon2id$")
    assert first != second


def test_a_wrong_password_does_not_fit():
    assert not password_fits("en anden adgangskode", hash_password("en lang adgangskode"))


def test_no_password_fits_nobody_not_even_the_one_that_is_compared_for_show():
    assert not password_fits("the password of nobody", None)


def test_a_damaged_hash_fits_nothing():
    assert not password_fits("en lang adgangskode", "$argon2id$damaged")


def test_the_same_danish_letters_fit_from_every_keyboard():
    composed, decomposed = "rødgrød på ål", "rødgrød pa\u030a a\u030al"
    assert password_fits(decomposed, hash_password(composed))
