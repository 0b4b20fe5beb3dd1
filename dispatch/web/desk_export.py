"""Every request as JSON or CSV, streamed: memory stays the same however many there are.

Fields and their order are the contract's. Times are UTC and end in Z. In the CSV lists stand as
JSON text, and a text that a spreadsheet would take for a formula gets an apostrophe.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, stream_with_context

from dispatch.extensions import bound
from dispatch.gateways import gateways
from dispatch.queries.export_rows import ExportRow, export_batches

bp = Blueprint("desk_export", __name__, url_prefix="/desk")

FIELDS = (
    "reference", "status", "outcome", "reason", "service_code", "lat", "lon", "address",
    "description", "source", "created_at", "due_at", "closed_at", "priority", "crew", "tasks",
    "photos", "duplicate_of", "history",
)  # fmt: skip
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@bp.get("/export.json")
def export_json() -> Response:
    """A JSON array with one object a request."""
    return _download(_json_pieces(), "application/json", "json")


@bp.get("/export.csv")
def export_csv() -> Response:
    """One line a request, comma separated, with a byte order mark so that Excel reads æ, ø and å."""
    return _download(_csv_pieces(), "text/csv; charset=utf-8", "csv")


def _download(pieces: Iterator[str], content_type: str, ending: str) -> Response:
    day = gateways().clock.now().date().isoformat()
    answer = Response(stream_with_context(pieces), content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="renhold-{day}.{ending}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _json_pieces() -> Iterator[str]:
    between = "[\n"
    for batch in export_batches():
        lines = ",\n".join(_json(_document(row)) for row in batch)
        yield f"{between}{lines}"
        between = ",\n"
    yield "\n]\n" if between == ",\n" else "[]\n"


def _csv_pieces() -> Iterator[str]:
    yield "\ufeff" + _csv_lines([FIELDS])
    for batch in export_batches():
        yield _csv_lines([_cell(value) for value in _document(row).values()] for row in batch)


def _csv_lines(rows: Any) -> str:
    paper = io.StringIO()
    csv.writer(paper).writerows(rows)
    return paper.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return _json(value)
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return value


def _document(row: ExportRow) -> dict[str, Any]:
    """The row as the contract spells it, fields in order."""
    special = {
        "photos": [_photo(photo) for photo in row.photos],
        "tasks": list(row.tasks),
        "history": [{name: _plain(value) for name, value in line.items()} for line in row.history],
    }
    return {name: special.get(name, _plain(getattr(row, name))) for name in FIELDS}


def _photo(photo: dict[str, Any]) -> dict[str, Any]:
    address = f"{bound('settings').base_url}/staff/photos/{photo['served_name']}.webp"
    return {"url": address, "bytes": photo["bytes"], "sha256": photo["sha256"]}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
