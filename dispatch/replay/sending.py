"""Send all rows at their simulated moments, a few at a time, and count how it ends for each."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from typing import Any

from tqdm import tqdm

from dispatch.replay.loopback import Browser, SenderAddresses
from dispatch.replay.pace import Pace
from dispatch.replay.residents import Fate, Resident, Sent
from dispatch.replay.stream import StreamRow

AT_ONCE = 6
BAR_EVERY_S = 0.2
LOG_EVERY_S = 30.0


class Counted:
    """How it ended so far, with a progress bar; filled from several threads."""

    def __init__(self, total: int) -> None:
        self.sent: list[Sent] = []
        self._fates: Counter[Fate] = Counter()
        self._lock = Lock()
        # Where no person watches, a line now and then is enough.
        every = BAR_EVERY_S if sys.stderr.isatty() else LOG_EVERY_S
        self._bar: tqdm[Any] = tqdm(total=total, unit="report", mininterval=every)

    def note(self, one: Sent) -> None:
        with self._lock:
            self.sent.append(one)
            self._fates[one.fate] += 1
            counts = {fate.value: self._fates[fate] for fate in Fate if self._fates[fate]}
            self._bar.set_postfix(counts, refresh=False)
            self._bar.update()

    def close(self) -> None:
        self._bar.close()


def send_all(
    rows: Sequence[StreamRow], resident: Callable[[StreamRow], Resident], pace: Pace, stop: Event
) -> list[Sent]:
    """Send in order of time; ends early, with what was sent, when told to stop or interrupted."""
    counted = Counted(len(rows))
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="resident")
    try:
        for row in rows:
            if not pace.wait_for(row.opened_at, stop):
                break
            pool.submit(resident(row).report).add_done_callback(_noting(counted, row))
    except KeyboardInterrupt:
        pool.shutdown(cancel_futures=True)
    finally:
        pool.shutdown()
        counted.close()
    return counted.sent


def residents_of(
    base_url: str, senders: SenderAddresses, seed: int
) -> Callable[[StreamRow], Resident]:
    """Makes the resident of a row: own browser, own address."""

    def resident(row: StreamRow) -> Resident:
        return Resident(Browser(base_url, senders.of(row.number)), row, seed)

    return resident


def _noting(counted: Counted, row: StreamRow) -> Callable[[Future[Sent]], None]:
    """Count the end; a fault of our own counts as giving up, so that no row drops out of the sum."""

    def note(future: Future[Sent]) -> None:
        if future.cancelled():
            return
        fault = future.exception()
        if fault is None:
            counted.note(future.result())
        else:
            counted.note(Sent(row.number, Fate.GAVE_UP, type(fault).__name__))

    return note
