"""After a sign-in one stays in this program, whatever stands in `next`."""

import pytest

from dispatch.web.safe_address import safe_next


@pytest.mark.parametrize(
    "address", ["/desk", "/desk?status=held&page=2", "/crew", "/desk#map", "/å"]
)
def test_a_path_of_ours_is_kept(address):
    assert safe_next(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "////evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/\n/evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/desk\\..\\evil",
        "https://evil.example/desk",
        "http:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "desk",
        "",
        None,
        "/desk\x00",
        "/desk\x7f",
        "/desk with space",
        "//[::1",
    ],
)
def test_everything_else_is_dropped(address):
    assert safe_next(address) is None


@pytest.mark.parametrize("address", ["/staff/sign-out", "/staff/sign-in", "/staff/sign-in?next=/x"])
def test_nobody_is_brought_back_to_signing_in_or_out(address):
    assert safe_next(address) is None
