"""One resident on the wire: patience, one form key, and what counts as which end."""

from collections.abc import Iterator

import pytest

from dispatch.replay.loopback import Browser, SenderAddresses
from dispatch.replay.residents import Fate, Resident, Sent, answers_of
from dispatch.rules.catalogue import PlaceKind
from tests.replay.little_system import DIES, Answer, LittleSystem, little_system
from tests.replay.rows import row

SEED = 311
NO_PAUSES = (0.0,) * 6
RECEIPT = Answer(200, "<h1>Tak</h1><p>2026-000412</p>")
TO_RECEIPT = Answer(303, headers={"Location": "/r/abc"})


def form(key: str, token: str = "token-1") -> Answer:
    return Answer(
        200,
        f'<input type="hidden" name="csrf_token" value="{token}">'
        f'<input type="hidden" name="form_key" value="{key}">',
        {"Set-Cookie": f"session={token}"},
    )


@pytest.fixture
def system() -> Iterator[LittleSystem]:
    with little_system() as system:
        system.say("GET", "/report", form("key-1"))
        system.say("POST", "/report", TO_RECEIPT)
        system.say("GET", "/r/abc", RECEIPT)
        yield system


def report_to(system: LittleSystem, source: str | None = None, words: str = "") -> Sent:
    resident = Resident(Browser(system.url, source), row(words=words), SEED, pauses=NO_PAUSES)
    return resident.report()


def test_the_reference_is_read_on_the_receipt(system: LittleSystem) -> None:
    assert report_to(system) == Sent(2, Fate.ACCEPTED, "2026-000412")


def test_token_and_key_of_the_form_go_back_with_the_answers(system: LittleSystem) -> None:
    report_to(system, words="Bag skuret")
    (post,) = system.posts("/report")
    assert (post.fields["csrf_token"], post.fields["form_key"]) == ("token-1", "key-1")
    assert (post.fields["service_code"], post.fields["website"]) == ("syringe", "")
    assert (post.fields["lat"], post.fields["lon"]) == ("55.669900", "12.560500")
    assert post.fields["description"] == "Bag skuret"
    assert post.headers["Cookie"] == "session=token-1"


@pytest.mark.parametrize("trouble", [DIES, Answer(503), Answer(429), Answer(500)])
def test_a_repeat_keeps_the_key_and_takes_a_fresh_token(
    system: LittleSystem, trouble: Answer
) -> None:
    system.say("GET", "/report", form("key-1"), form("key-2", "token-2"))
    system.say("POST", "/report", trouble, TO_RECEIPT)
    assert report_to(system).fate is Fate.ACCEPTED
    first, second = system.posts("/report")
    assert first.fields["form_key"] == second.fields["form_key"] == "key-1"
    assert second.fields["csrf_token"] == "token-2"


def test_a_receipt_that_does_not_come_is_asked_for_again_without_a_second_report(
    system: LittleSystem,
) -> None:
    system.say("GET", "/r/abc", DIES, Answer(503), RECEIPT)
    assert report_to(system).fate is Fate.ACCEPTED
    assert len(system.posts("/report")) == 1


def test_who_gets_no_answer_seven_times_gives_up(system: LittleSystem) -> None:
    system.say("POST", "/report", Answer(503))
    assert report_to(system) == Sent(2, Fate.GAVE_UP, "503")
    assert len(system.posts("/report")) == 7


def test_pauses_grow(system: LittleSystem) -> None:
    slept: list[float] = []
    system.say("POST", "/report", Answer(503))
    Resident(Browser(system.url), row(), SEED, sleep=slept.append).report()
    assert len(slept) == 6
    assert slept == sorted(slept)
    assert slept[-1] > 10 * slept[0]


def test_outside_is_told_by_its_code_and_not_tried_again(system: LittleSystem) -> None:
    system.say("POST", "/report", Answer(422, '<div class="x" data-code="outside_area">'))
    assert report_to(system) == Sent(2, Fate.OUTSIDE, "outside_area")
    assert len(system.posts("/report")) == 1


def test_another_refusal_is_named_by_its_status(system: LittleSystem) -> None:
    system.say("POST", "/report", Answer(422, "<form>"))
    assert report_to(system) == Sent(2, Fate.REFUSED, "422")


def test_a_redirect_to_another_place_is_no_receipt(system: LittleSystem) -> None:
    system.say("POST", "/report", Answer(303, headers={"Location": "/staff/sign-in"}))
    assert report_to(system).fate is Fate.REFUSED


def test_a_receipt_on_another_host_is_read_here(system: LittleSystem) -> None:
    system.say("POST", "/report", Answer(303, headers={"Location": "https://renhold.dk/r/abc"}))
    assert report_to(system).fate is Fate.ACCEPTED


def test_residents_come_from_addresses_of_their_own(system: LittleSystem) -> None:
    senders = SenderAddresses(system.url)
    if not senders.varied:
        pytest.skip("this machine has only one loopback address")
    report_to(system, senders.of(1))
    report_to(system, senders.of(300))
    assert {each.sender for each in system.asked} == {senders.of(1), senders.of(300)}


def test_no_two_rows_share_an_address() -> None:
    senders = SenderAddresses("http://127.0.0.1:9")
    senders.varied = True
    assert len({senders.of(number) for number in range(20_000)}) == 20_000


def test_the_same_row_gives_the_same_answers_and_another_row_others() -> None:
    drawn = [answers_of(row(number), SEED) for number in range(100)]
    assert drawn == [answers_of(row(number), SEED) for number in range(100)]
    assert len({(each["place_kind"], each["needle_count"]) for each in drawn}) > 5


def test_nobody_reports_private_ground() -> None:
    kinds = {answers_of(row(number), SEED)["place_kind"] for number in range(500)}
    assert PlaceKind.STREET in kinds
    assert PlaceKind.YARD_STAIRWELL not in kinds
