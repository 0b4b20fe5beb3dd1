"""At which hours of the day people report: from a summary beside the stream, or our own guess."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from pathlib import Path

# Few at night, most in the morning when the street is seen by daylight, then slowly fewer.
# A guess, used only where no `HOURLY` profile lies beside the stream.
OWN_GUESS = (1, 1, 0, 0, 0, 1, 3, 7, 9, 9, 8, 8, 8, 7, 7, 7, 7, 6, 5, 4, 4, 3, 2, 2)


@dataclass(frozen=True)
class DayHours:
    """A weight for each of the 24 hours; `source` names the file, or says that it is our guess."""

    weights: tuple[float, ...]
    source: str


def day_hours_beside(stream: Path) -> DayHours:
    """The profile of the first `*_summary.json` beside the stream that has a usable `HOURLY`."""
    for path in sorted(stream.parent.glob("*_summary.json")):
        weights = _hourly(path)
        if weights is not None:
            return DayHours(weights, path.name)
    return DayHours(OWN_GUESS, "our own guess")


def _hourly(path: Path) -> tuple[float, ...] | None:
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    hourly = summary.get("HOURLY") if isinstance(summary, dict) else None
    return tuple(hourly) if isinstance(hourly, list) and _usable(hourly) else None


def _usable(hourly: Sequence[object]) -> bool:
    numbers = [each for each in hourly if isinstance(each, Real) and float(each) >= 0]
    return len(hourly) == len(numbers) == 24 and sum(float(each) for each in numbers) > 0
