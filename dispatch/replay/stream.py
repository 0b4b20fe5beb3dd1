"""Read a report stream, move it to our district, and give rows without a time of day one.

Rows are `lat,lng,opened_date[,opened_time][,description]`; other columns are ignored. The stream's
times are its own local times: only the time between reports counts, so they are kept as if UTC.
A row that cannot be read is named and counted, and never stops the others.
"""

import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from math import cos, isfinite, radians
from pathlib import Path

from dispatch.rules.distance import Point

NEEDED = ("lat", "lng", "opened_date")


class StreamProblem(Exception):
    """The file as a whole is no report stream; the message says what is missing."""


class _Unreadable(Exception):
    """One row cannot be read; the message says why."""


@dataclass(frozen=True)
class StreamRow:
    """One report of the stream. `number` is its line in the file; `lat`, `lon` in WGS 84."""

    number: int
    lat: float
    lon: float
    opened_at: datetime
    description: str = ""


@dataclass(frozen=True)
class BadRow:
    number: int
    why: str


@dataclass(frozen=True)
class Stream:
    """What a file holds: the readable rows, oldest first, and the others."""

    rows: tuple[StreamRow, ...]
    bad: tuple[BadRow, ...]


def read_stream(path: Path, hourly: Sequence[float], seed: int) -> Stream:
    """All rows of the file; raises StreamProblem when it is not a stream at all.

    `hourly` weighs the 24 hours of the day for rows that have no `opened_time`. The same seed and
    the same row always draw the same time.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            _refuse_missing_columns(path, reader.fieldnames or ())
            return _sorted(_read_rows(((reader.line_num, row) for row in reader), hourly, seed))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise StreamProblem(f"{path.name} cannot be read: {problem}") from None


def moved(rows: Iterable[StreamRow], centre_from: Point, centre_to: Point) -> tuple[StreamRow, ...]:
    """The rows as far from the new centre, in metres, as they were from the old one."""
    widening = cos(radians(centre_from.lat)) / cos(radians(centre_to.lat))
    return tuple(
        replace(
            row,
            lat=centre_to.lat + row.lat - centre_from.lat,
            lon=centre_to.lon + (row.lon - centre_from.lon) * widening,
        )
        for row in rows
    )


def _refuse_missing_columns(path: Path, names: Sequence[str]) -> None:
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise StreamProblem(f"{path.name} has no column {', '.join(missing)} in its first line.")


def _read_rows(
    numbered: Iterable[tuple[int, Mapping[str, str | None]]], hourly: Sequence[float], seed: int
) -> Stream:
    rows: list[StreamRow] = []
    bad: list[BadRow] = []
    for number, cells in numbered:
        try:
            rows.append(_row(number, cells, hourly, seed))
        except _Unreadable as problem:
            bad.append(BadRow(number, str(problem)))
    return Stream(tuple(rows), tuple(bad))


def _sorted(stream: Stream) -> Stream:
    # Stable: rows of the same moment keep the file's order.
    return replace(stream, rows=tuple(sorted(stream.rows, key=lambda row: row.opened_at)))


def _row(
    number: int, cells: Mapping[str, str | None], hourly: Sequence[float], seed: int
) -> StreamRow:
    day = _day(cells)
    moment = _time(cells) or _drawn_time(hourly, random.Random(f"{seed}:time:{number}"))
    return StreamRow(
        number=number,
        lat=_degrees(cells, "lat", 90),
        lon=_degrees(cells, "lng", 180),
        opened_at=datetime.combine(day, moment, UTC),
        description=_cell(cells, "description"),
    )


def _cell(cells: Mapping[str, str | None], name: str) -> str:
    return (cells.get(name) or "").strip()


def _degrees(cells: Mapping[str, str | None], name: str, most: float) -> float:
    text = _cell(cells, name)
    try:
        degrees = float(text)
    except ValueError:
        raise _Unreadable(f"{name} is {text!r}") from None
    if not isfinite(degrees) or abs(degrees) > most:
        raise _Unreadable(f"{name} is {text!r}")
    return degrees


def _day(cells: Mapping[str, str | None]) -> date:
    text = _cell(cells, "opened_date")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Unreadable(f"opened_date is {text!r}") from None


def _time(cells: Mapping[str, str | None]) -> time | None:
    text = _cell(cells, "opened_time")
    if not text:
        return None
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise _Unreadable(f"opened_time is {text!r}") from None


def _drawn_time(hourly: Sequence[float], dice: random.Random) -> time:
    hour = dice.choices(range(24), hourly)[0]
    return time(hour, dice.randrange(60), dice.randrange(60))
