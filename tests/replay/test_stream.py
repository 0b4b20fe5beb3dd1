"""Reading a report stream, drawing hours, moving it to another town."""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatch.gateways.place_data import open_place_data
from dispatch.replay.day_hours import OWN_GUESS, day_hours_beside
from dispatch.replay.stream import StreamProblem, moved, read_stream
from dispatch.rules.distance import Point, metres
from dispatch.settings import SISTER_DATA
from tests.gateways.real_map import real_map_folder
from tests.replay.rows import EVERY_HOUR, row, write_stream

SOUTH_END = Point(42.3387, -71.0745)
HALMTORVET = Point(55.6692, 12.5597)
WITH_ALL = "lat,lng,opened_date,opened_time,description"


def needle_stream() -> Path:
    path = Path(
        os.environ.get("NEEDLE_STREAM") or SISTER_DATA / "needles" / "boston_needle_requests.csv"
    )
    if not path.is_file():
        pytest.skip(f"no real stream: NEEDLE_STREAM ({path}) is not there")
    return path


class TestRows:
    def test_a_row_keeps_its_place_time_and_words(self, tmp_path: Path) -> None:
        path = write_stream(tmp_path, "55.67,12.56,2026-01-05,13:45,Bag skuret", head=WITH_ALL)
        (only,) = read_stream(path, EVERY_HOUR, seed=1).rows
        assert (only.number, only.lat, only.lon) == (2, 55.67, 12.56)
        assert only.opened_at == datetime(2026, 1, 5, 13, 45, tzinfo=UTC)
        assert only.description == "Bag skuret"

    def test_other_columns_are_left_aside(self, tmp_path: Path) -> None:
        path = write_stream(
            tmp_path, "55.67,12.56,2026-01-05,South End,02118",
            head="lat,lng,opened_date,neighborhood,zip",
        )  # fmt: skip
        assert len(read_stream(path, EVERY_HOUR, seed=1).rows) == 1

    def test_rows_come_oldest_first_whatever_the_file_says(self, tmp_path: Path) -> None:
        path = write_stream(
            tmp_path, "1,1,2026-01-05,12:00,b", "1,1,2026-01-05,08:00,a", head=WITH_ALL
        )
        assert [each.description for each in read_stream(path, EVERY_HOUR, seed=1).rows] == [
            "a",
            "b",
        ]

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("north,12.56,2026-01-05,,", "lat is 'north'"),
            ("55.67,,2026-01-05,,", "lng is ''"),
            ("55.67,nan,2026-01-05,,", "lng is 'nan'"),
            ("95.1,12.56,2026-01-05,,", "lat is '95.1'"),
            ("55.67,12.56,5/1/2026,,", "opened_date is '5/1/2026'"),
            ("55.67,12.56,2026-01-05,noon,", "opened_time is 'noon'"),
            ("55.67,12.56", "opened_date is ''"),
        ],
    )
    def test_a_bad_row_is_named_and_the_others_are_kept(
        self, tmp_path: Path, line: str, why: str
    ) -> None:
        good = "55.67,12.56,2026-01-05,10:00,"
        stream = read_stream(write_stream(tmp_path, good, line, good, head=WITH_ALL), EVERY_HOUR, 1)
        assert [(bad.number, bad.why) for bad in stream.bad] == [(3, why)]
        assert [each.number for each in stream.rows] == [2, 4]

    def test_a_file_without_the_columns_is_no_stream(self, tmp_path: Path) -> None:
        with pytest.raises(StreamProblem, match="no column lng, opened_date"):
            read_stream(write_stream(tmp_path, "1,2", head="lat,lon"), EVERY_HOUR, seed=1)

    def test_an_empty_file_is_no_stream(self, tmp_path: Path) -> None:
        path = tmp_path / "empty.csv"
        path.touch()
        with pytest.raises(StreamProblem, match="no column lat"):
            read_stream(path, EVERY_HOUR, seed=1)

    def test_a_picture_is_no_stream(self, tmp_path: Path) -> None:
        path = tmp_path / "picture.csv"
        path.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
        with pytest.raises(StreamProblem, match="cannot be read"):
            read_stream(path, EVERY_HOUR, seed=1)


class TestHours:
    LINES = tuple("55.67,12.56,2026-01-05" for _ in range(200))

    def test_the_same_seed_draws_the_same_times(self, tmp_path: Path) -> None:
        path = write_stream(tmp_path, *self.LINES)
        assert read_stream(path, OWN_GUESS, seed=7) == read_stream(path, OWN_GUESS, seed=7)

    def test_another_seed_draws_other_times(self, tmp_path: Path) -> None:
        path = write_stream(tmp_path, *self.LINES)
        assert read_stream(path, OWN_GUESS, seed=7) != read_stream(path, OWN_GUESS, seed=8)

    def test_hours_follow_the_profile(self, tmp_path: Path) -> None:
        only_morning = [0] * 8 + [3, 1] + [0] * 14
        rows = read_stream(write_stream(tmp_path, *self.LINES), only_morning, seed=7).rows
        hours = Counter(each.opened_at.hour for each in rows)
        assert set(hours) == {8, 9}
        assert 120 < hours[8] < 180

    def test_the_profile_lies_beside_the_stream(self, tmp_path: Path) -> None:
        path = write_stream(tmp_path)
        (tmp_path / "town_summary.json").write_text(f'{{"HOURLY": {list(range(24))}}}')
        assert day_hours_beside(path).weights == tuple(range(24))
        assert day_hours_beside(path).source == "town_summary.json"

    @pytest.mark.parametrize(
        "summary",
        [
            "",
            "[]",
            '{"HOURLY": [1, 2]}',
            f'{{"HOURLY": {[0] * 24}}}',
            f'{{"HOURLY": {["x"] * 24}}}',
        ],
    )
    def test_an_unusable_profile_gives_our_own_guess(self, tmp_path: Path, summary: str) -> None:
        (tmp_path / "town_summary.json").write_text(summary)
        assert day_hours_beside(write_stream(tmp_path)).weights == OWN_GUESS


class TestMoving:
    def test_distances_from_the_centre_stay_the_same(self) -> None:
        there = row(lat=42.3437, lon=-71.0645)
        (here,) = moved([there], SOUTH_END, HALMTORVET)
        before = metres(SOUTH_END, Point(there.lat, there.lon))
        after = metres(HALMTORVET, Point(here.lat, here.lon))
        assert after == pytest.approx(before, rel=0.001)

    def test_the_centre_becomes_the_centre(self) -> None:
        (here,) = moved([row(lat=SOUTH_END.lat, lon=SOUTH_END.lon)], SOUTH_END, HALMTORVET)
        assert (here.lat, here.lon) == pytest.approx(HALMTORVET)

    def test_874_of_the_real_requests_fall_inside_the_district(self) -> None:
        places = open_place_data(real_map_folder())
        stream = read_stream(needle_stream(), OWN_GUESS, seed=311)
        rows = moved(stream.rows, SOUTH_END, HALMTORVET)
        assert (len(rows), stream.bad) == (1839, ())
        assert sum(places.covers(each.lat, each.lon) for each in rows) == pytest.approx(874, abs=5)
