"""Test traffic stays on this machine, and simulated time passes at its speed."""

from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from dispatch.replay.demo_staff import (
    NoStaff,
    SignIn,
    coordinator_among,
    crews_among,
    read_sign_ins,
)
from dispatch.replay.loopback import (
    Browser,
    NotLoopback,
    SenderAddresses,
    Unanswered,
    loopback_url,
    path_of,
    patiently,
)
from dispatch.replay.pace import Pace
from dispatch.replay.page_reader import read_page, reference_in
from dispatch.settings import Settings
from tests.replay.rows import ACCEPTED_AT


def settings_of(host: str) -> Settings:
    return Settings(
        data_dir=Path(), database_url="", redis_url=None, secret_key="", base_url="", host=host
    )


class TestAddress:
    @pytest.mark.parametrize(
        ("host", "url"),
        [
            ("127.0.0.1", "http://127.0.0.1:8000"),
            ("0.0.0.0", "http://127.0.0.1:8000"),
            ("::", "http://[::1]:8000"),
            ("localhost", "http://localhost:8000"),
        ],
    )
    def test_host_and_port_say_where_the_system_is(self, host: str, url: str) -> None:
        assert loopback_url(settings_of(host), None) == url

    @pytest.mark.parametrize(
        "url",
        [
            "https://renhold.dk",
            "http://10.0.0.4:8000",
            "http://127.0.0.1.example.dk",
            "http://[::2]",
        ],
    )
    def test_another_machine_is_refused(self, url: str) -> None:
        with pytest.raises(NotLoopback):
            loopback_url(settings_of("127.0.0.1"), url)

    def test_a_host_setting_of_another_machine_is_refused(self) -> None:
        with pytest.raises(NotLoopback):
            loopback_url(settings_of("192.168.1.20"), None)

    def test_a_redirect_is_only_its_path(self) -> None:
        assert path_of("https://example.dk/r/abc?x=1") == "/r/abc?x=1"

    def test_a_system_that_is_not_there_has_no_senders_and_no_answer(self) -> None:
        nowhere = "http://127.0.0.1:9"
        assert SenderAddresses(nowhere).of(1) is None
        with pytest.raises(Unanswered):
            Browser(nowhere).get("/report")


class TestPatience:
    def test_the_last_failure_is_told(self) -> None:
        tries: list[int] = []

        def fail() -> None:
            tries.append(1)
            raise Unanswered(str(len(tries)))

        with pytest.raises(Unanswered, match="3"):
            patiently(fail, (0.0, 0.0))


class TestPace:
    def test_a_day_passes_in_the_days_share_of_real_time(self) -> None:
        now = [100.0]
        pace = Pace(ACCEPTED_AT, 24_000, clock=lambda: now[0])
        tomorrow = ACCEPTED_AT + timedelta(days=1)
        assert pace.seconds_until(tomorrow) == pytest.approx(3.6)
        now[0] += 3.0
        assert pace.seconds_until(tomorrow) == pytest.approx(0.6)
        now[0] += 3.0
        assert pace.seconds_until(tomorrow) == 0

    def test_who_is_told_to_stop_does_not_wait(self) -> None:
        stop = Event()
        stop.set()
        assert not Pace(ACCEPTED_AT, 1).wait_for(ACCEPTED_AT + timedelta(days=1), stop)


class TestPages:
    def test_hidden_fields_and_codes_are_read(self) -> None:
        page = read_page(
            '<input type="hidden" name="a" value="1"><input name="b" value="2">'
            '<p data-code="outside_area too_far">'
        )
        assert page.hidden == {"a": "1"}
        assert page.codes == {"outside_area", "too_far"}

    def test_a_reference_stands_by_itself(self) -> None:
        assert reference_in("<b>2026-000412</b>") == "2026-000412"
        assert reference_in("12026-0004125") is None


class TestStaff:
    STAFF = (
        SignIn("koordinator", "coordinator", "a"),
        SignIn("partner", "partner", "b"),
        SignIn("hold 1", "crew", "c"),
        SignIn("hold 2", "crew", "d"),
    )

    def test_own_crews_come_before_partners(self) -> None:
        assert [each.name for each in crews_among(self.STAFF, 3)] == ["hold 1", "hold 2", "partner"]
        assert [each.name for each in crews_among(self.STAFF, 1)] == ["hold 1"]

    def test_too_few_crews_are_told(self) -> None:
        with pytest.raises(NoStaff, match="4 crews are wanted, the demonstration has 3"):
            crews_among(self.STAFF, 4)

    def test_the_coordinator_reads_the_export(self) -> None:
        assert coordinator_among(self.STAFF).name == "koordinator"
        with pytest.raises(NoStaff):
            coordinator_among(self.STAFF[1:])

    def test_without_a_demonstration_it_says_how_to_get_one(self, tmp_path: Path) -> None:
        with pytest.raises(NoStaff, match="renhold up --demo"):
            read_sign_ins(tmp_path / "demo-sign-ins.json")

    def test_a_broken_file_of_sign_ins_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "demo-sign-ins.json"
        path.write_text('[{"name": "x"}]')
        with pytest.raises(NoStaff, match="does not hold"):
            read_sign_ins(path)
