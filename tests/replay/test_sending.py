"""Sending a stream: in order of time, and every row ends somewhere."""

import time
from dataclasses import replace
from datetime import timedelta
from threading import Event

from dispatch.replay.pace import Pace
from dispatch.replay.residents import Fate, Sent
from dispatch.replay.sending import send_all
from dispatch.replay.stream import StreamRow
from tests.replay.rows import ACCEPTED_AT, row

HOURLY = [replace(row(n), opened_at=ACCEPTED_AT + timedelta(hours=n)) for n in range(8)]


class Accepted:
    """A resident without a wire; the order they came in is kept."""

    came: list[int]

    def __init__(self, row: StreamRow, came: list[int]) -> None:
        self._row, self.came = row, came

    def report(self) -> Sent:
        self.came.append(self._row.number)
        if self._row.number == 3:
            raise ZeroDivisionError
        return Sent(self._row.number, Fate.ACCEPTED, f"2026-{self._row.number:06d}")


def send(speed: float, stop: Event | None = None) -> tuple[list[Sent], list[int]]:
    came: list[int] = []
    pace = Pace(ACCEPTED_AT, speed)
    sent = send_all(HOURLY, lambda row: Accepted(row, came), pace, stop or Event())  # type: ignore[arg-type, return-value]
    return sent, came


def test_rows_are_sent_in_order_of_time() -> None:
    assert send(3600 / 0.02)[1] == list(range(8))


def test_simulated_hours_take_their_share_of_real_time() -> None:
    began = time.monotonic()
    send(3600 / 0.05)
    assert 0.3 < time.monotonic() - began < 2


def test_a_fault_of_our_own_is_counted_as_giving_up() -> None:
    ends = {each.row_number: each for each in send(1e9)[0]}
    assert len(ends) == 8
    assert ends[3] == Sent(3, Fate.GAVE_UP, "ZeroDivisionError")


def test_nothing_more_is_sent_when_told_to_stop() -> None:
    stop = Event()
    stop.set()
    assert send(1, stop) == ([], [])
