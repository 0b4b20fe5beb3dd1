"""Values that no column can hold are answered plainly, on every database."""

import pytest

from tests.browser import Browser
from tests.people import People, csrf_of


@pytest.mark.parametrize(
    "address", ["/r/%00", "/staff/photos/%00.webp", "/desk/requests/2026-%00", "/desk?kvarter=%00"]
)
def test_a_nul_in_an_address_is_no_fault_of_ours(people: People, address: str) -> None:
    browser = people.signed_in(people.coordinator())
    assert browser.get(address).status_code in {200, 303, 400, 404}


def test_a_nul_in_a_form_is_no_fault_of_ours(people: People, client: Browser) -> None:
    people.crew("Et hold")
    receipt = people.report()
    browser = people.signed_in(people.coordinator())
    token = csrf_of(browser.get(f"/desk/requests/{receipt.reference}").text)
    for address, field in (
        ("/desk/search", "q"),
        (f"/desk/requests/{receipt.reference}/duplicate", "of_reference"),
        (f"/desk/requests/{receipt.reference}/decline", "note"),
    ):
        answer = browser.post(address, data={"csrf_token": token, field: "a\x00b"})
        assert answer.status_code < 500, address
    name = {
        "csrf_token": csrf_of(client.get("/staff/sign-in").text),
        "name": "a\x00",
        "password": "x",
    }
    assert client.post("/staff/sign-in", data=name).status_code < 500
