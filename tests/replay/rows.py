"""Small streams and exports for the tests of the replay."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from dispatch.replay.closing_table import Exported
from dispatch.replay.stream import StreamRow

EVERY_HOUR = (1,) * 24
ACCEPTED_AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def write_stream(folder: Path, *lines: str, head: str = "lat,lng,opened_date") -> Path:
    path = folder / "stream.csv"
    path.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    return path


def row(number: int = 2, lat: float = 55.6699, lon: float = 12.5605, words: str = "") -> StreamRow:
    return StreamRow(number, lat, lon, ACCEPTED_AT, words)


def found(
    reference: str,
    status: str = "resolved",
    *,
    routed_after_s: float | None = 1.0,
    source: str = "form",
    by: str = "system",
) -> Exported:
    """A request as the export tells it, on a route after so many seconds."""
    routed = routed_after_s is not None
    return Exported(
        reference=reference,
        status=status,
        source=source,
        created_at=ACCEPTED_AT,
        routed_at=ACCEPTED_AT + timedelta(seconds=routed_after_s or 0) if routed else None,
        routed_by=by if routed else None,
    )
