"""The command itself: what the operator may say, and the order of a replay from start to table."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

import click

from dispatch.replay.closing_table import Closing, close_up, lines_of
from dispatch.replay.day_hours import day_hours_beside
from dispatch.replay.demo_staff import (
    NoStaff,
    SignIn,
    coordinator_among,
    crews_among,
    read_sign_ins,
)
from dispatch.replay.desk_view import DeskView
from dispatch.replay.loopback import NotLoopback, SenderAddresses, Unanswered, loopback_url
from dispatch.replay.pace import Pace
from dispatch.replay.residents import Fate, Sent
from dispatch.replay.sending import residents_of, send_all
from dispatch.replay.simulated_crews import CrewTally, WorkingCrews
from dispatch.replay.stream import Stream, StreamProblem, StreamRow, moved, read_stream
from dispatch.rules.distance import Point
from dispatch.settings import DEMO_SIGN_INS, Settings, read_environment

# 99 days in six minutes.
DEFAULT_SPEED = 24_000.0
NOTHING_CHANGES_S = 60.0
MOST_BAD_NAMED = 20


class CannotReplay(click.ClickException):
    """Stops before anything is sent; exit code 2, because 1 says lost or doubled."""

    exit_code = 2


class LatLon(click.ParamType[Point]):
    """LAT,LON in degrees."""

    name = "LAT,LON"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Point:
        if isinstance(value, Point):
            return value
        try:
            lat, lon = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not LAT,LON such as 55.6692,12.5597.", param, ctx)
        if not (abs(lat) < 90 and abs(lon) <= 180):
            self.fail(f"{value!r} is no place between the poles.", param, ctx)
        return Point(lat, lon)


@click.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), default=DEFAULT_SPEED,
              show_default=True, help="How many times faster than it happened.")  # fmt: skip
@click.option("--center-from", type=LatLon(), help="The stream's centre, moved …")
@click.option("--center-to", type=LatLon(), help="… to here; longitudes are scaled.")
@click.option("--crews", type=click.IntRange(min=0), default=0, show_default=True,
              help="How many simulated crews work the tasks.")  # fmt: skip
@click.option("--base-url", help="The running system, on loopback.  [default: HOST and PORT]")
@click.option("--limit", type=click.IntRange(min=1), help="Send only the first so many rows.")
@click.option("--seed", type=int, default=311, show_default=True, help="For what has to be drawn.")
@click.option("--sign-ins", type=click.Path(dir_okay=False, path_type=Path),
              help=f"Demonstration sign-ins.  [default: {DEMO_SIGN_INS} in the data folder]")  # fmt: skip
def replay(
    file: Path | None,
    speed: float,
    center_from: Point | None,
    center_to: Point | None,
    crews: int,
    base_url: str | None,
    limit: int | None,
    seed: int,
    sign_ins: Path | None,
) -> None:
    """Send a real report stream (lat,lng,opened_date[,opened_time][,description]) through the form.

    FILE is NEEDLE_STREAM when it is left out. Exit code 1 when a report was lost or doubled.
    """
    settings = Settings.from_environment(read_environment())
    stream = file or settings.needle_stream
    if stream is None:
        raise click.UsageError("Name a FILE, or set NEEDLE_STREAM to one.")
    if (center_from is None) != (center_to is None):
        raise click.UsageError("--center-from and --center-to go together.")
    try:
        url = loopback_url(settings, base_url)
        rows = _rows(stream, seed, center_from, center_to)[:limit]
        staff = read_sign_ins(sign_ins or settings.data_dir / DEMO_SIGN_INS)
        closing = _run(url, rows, speed, seed, coordinator_among(staff), crews_among(staff, crews))
    except (NotLoopback, NoStaff, StreamProblem) as problem:
        raise CannotReplay(str(problem)) from None
    except Unanswered as failure:
        raise CannotReplay(f"the system does not answer ({failure}): is it running?") from None
    sys.exit(0 if closing.faultless else 1)


def _rows(
    file: Path, seed: int, center_from: Point | None, center_to: Point | None
) -> tuple[StreamRow, ...]:
    hours = day_hours_beside(file)
    stream = read_stream(file, hours.weights, seed)
    _tell_bad_rows(stream)
    if not stream.rows:
        raise StreamProblem(f"{file.name} has no row that can be sent.")
    first, last = stream.rows[0].opened_at, stream.rows[-1].opened_at
    click.echo(
        f"{len(stream.rows)} reports from {first:%Y-%m-%d} to {last:%Y-%m-%d}; "
        f"hours where a row has none: {hours.source}."
    )
    if center_from is None or center_to is None:
        return stream.rows
    return moved(stream.rows, center_from, center_to)


def _tell_bad_rows(stream: Stream) -> None:
    for bad in stream.bad[:MOST_BAD_NAMED]:
        click.echo(f"line {bad.number} left out: {bad.why}", err=True)
    if stream.bad:
        click.echo(f"{len(stream.bad)} lines left out.", err=True)


def _run(
    url: str,
    rows: Sequence[StreamRow],
    speed: float,
    seed: int,
    coordinator: SignIn,
    crews: Sequence[SignIn],
) -> Closing:
    """1. remember what there is, 2. crews out, 3. send, 4. wait, 5. crews home, 6. compare."""
    desk = DeskView(url, coordinator)
    desk.sign_in()
    before, routings_before = desk.export().keys(), desk.routings()
    senders = SenderAddresses(url)
    if not senders.varied:
        click.echo("All reports come from one address here: the limit per sender will refuse many.")
    began = time.monotonic()
    pace = Pace(rows[0].opened_at, speed)
    working = WorkingCrews(url, crews, pace, seed)
    working.start()
    try:
        sent = send_all(rows, residents_of(url, senders, seed), pace, Event())
        sending_s = time.monotonic() - began
        after = _wait(desk, sent, with_crews=bool(crews))
    finally:
        tallies = working.go_home()
    closing = close_up(sent, before, after)
    _tell_table(closing, _since(routings_before, desk.routings()), tallies)
    click.echo(f"sending took {sending_s:.0f} s, all of it {time.monotonic() - began:.0f} s")
    return closing


def _wait(desk: DeskView, sent: Sequence[Sent], *, with_crews: bool) -> dict[str, Any]:
    """Until every accepted report is where this replay can bring it, or nothing moves any more."""
    receipts = {each.said for each in sent if each.fate is Fate.ACCEPTED}
    goal = "closed" if with_crews else "on a route"
    return desk.wait_until(
        receipts,
        lambda each: each.is_settled or (not with_crews and each.routed_at is not None),
        patience_s=NOTHING_CHANGES_S,
        tell=lambda left: click.echo(f"{left} of {len(receipts)} not yet {goal}", err=True),
    )


def _since(before: dict[str, int], now: dict[str, int]) -> dict[str, int]:
    return {via: done - before.get(via, 0) for via, done in sorted(now.items())}


def _tell_table(closing: Closing, routings: dict[str, int], tallies: Sequence[CrewTally]) -> None:
    click.echo("")
    for line in lines_of(closing):
        click.echo(line)
    for reference in closing.lost:
        click.echo(f"  lost: {reference}")
    for via, done in routings.items():
        click.echo(f"{f'routings by the {via}':<28}{done:>10}")
    for tally in tallies:
        click.echo(f"{f'tasks done by {tally.name}':<28}{tally.done:>10}{_beside(tally)}")


def _beside(tally: CrewTally) -> str:
    """What did not go as usual, in brackets; empty when everything did."""
    parts = [f"{tally.kept} closes came late"] if tally.kept else []
    parts += [f"{tally.sent_again} sent again"] if tally.sent_again else []
    parts += [f"{times} refused: {code}" for code, times in sorted(tally.refused.items())]
    return f"  ({', '.join(parts)})" if parts else ""
