"""Simulated time: real time, so many times faster, from the first report's moment on."""

import time
from collections.abc import Callable
from datetime import datetime
from threading import Event


class Pace:
    """How long simulated seconds really take. `clock` is a monotonic clock in seconds."""

    def __init__(
        self, starts_at: datetime, speed: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._starts_at, self._speed, self._clock = starts_at, speed, clock
        self._began = clock()

    def real_seconds(self, simulated: float) -> float:
        return simulated / self._speed

    def seconds_until(self, moment: datetime) -> float:
        """Real seconds until this simulated moment; nothing when it is past."""
        due = self._began + self.real_seconds((moment - self._starts_at).total_seconds())
        return max(0.0, due - self._clock())

    def wait_for(self, moment: datetime, stop: Event) -> bool:
        """Wait for the simulated moment; False when told to stop before."""
        return not stop.wait(self.seconds_until(moment))
