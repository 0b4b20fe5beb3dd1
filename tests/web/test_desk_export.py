"""Every request leaves the desk as JSON and CSV: exact, streamed, and harmless to a spreadsheet."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from dispatch.extensions import db
from dispatch.gateways import gateways
from dispatch.lifecycle import decide
from dispatch.lifecycle.attach_photo import attach_photo
from dispatch.lifecycle.work_list import writing
from dispatch.models import PhotoKind
from dispatch.queries.export_rows import export_batches
from tests.people import People
from tests.pictures import jpeg
from tests.statements import statements

WorkOff = Callable[[], int]
CONTRACT = [
    "reference", "status", "outcome", "reason", "service_code", "lat", "lon", "address",
    "description", "source", "created_at", "due_at", "closed_at", "priority", "crew", "tasks",
    "photos", "duplicate_of", "history",
]  # fmt: skip


@pytest.fixture
def desk(people: People) -> FlaskClient:
    return people.signed_in(people.coordinator("Karen"))


def exported(desk: FlaskClient) -> list[dict[str, Any]]:
    return json.loads(desk.get("/desk/export.json").text)


def lines(desk: FlaskClient) -> list[dict[str, str]]:
    text = desk.get("/desk/export.csv").text
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_the_export_is_for_coordinators_alone(
    people: People, desk: FlaskClient, client: FlaskClient, ending: str
):
    crew = people.signed_in(people.crew().name)
    address = f"/desk/export.{ending}"
    answer = desk.get(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert crew.get(address).status_code == 403
    assert client.get(address).status_code in (303, 401)


def test_an_empty_export_is_an_empty_list_and_a_line_of_names(desk: FlaskClient):
    assert exported(desk) == []
    assert desk.get("/desk/export.csv").text.strip("\ufeff\r\n").split(",") == CONTRACT


def test_a_request_has_exactly_the_contracts_fields(people: People, desk: FlaskClient):
    people.report()
    (row,) = exported(desk)
    assert list(row) == CONTRACT


def test_the_export_tells_the_whole_life(people: People, desk: FlaskClient, work_off: WorkOff):
    member = people.crew("Istedholdet")
    receipt = people.report(description="Ved bænken", contact="anna@example.dk")
    work_off()
    task_id = people.live_task(receipt)
    people.act(member, "start", task_id=task_id)
    people.act(member, "done", task_id=task_id, needles=2, note="Tak")
    (row,) = exported(desk)
    assert (row["reference"], row["status"], row["outcome"]) == (
        receipt.reference,
        "resolved",
        "removed",
    )
    assert (row["crew"], row["priority"], row["source"]) == ("Istedholdet", "haster", "form")
    assert row["tasks"] == [{"id": task_id, "crew": "Istedholdet", "status": "done", "position": 1}]
    steps = [(line["old"], line["new"], line["by"], line["note"]) for line in row["history"]]
    assert steps == [
        (None, "received", "resident", ""),
        ("received", "assigned", "system", ""),
        ("assigned", "attending", member.name, ""),
        ("attending", "resolved", member.name, "Tak"),
    ]


def test_times_are_utc_and_end_in_z(people: People, desk: FlaskClient):
    people.report()
    (row,) = exported(desk)
    assert row["created_at"] == "2026-11-25T09:00:00Z"
    assert datetime.fromisoformat(row["history"][0]["at"]).utcoffset() is not None
    assert row["closed_at"] is None


def test_a_duplicate_names_the_reference_that_is_kept(people: People, desk: FlaskClient):
    kept, copy = people.report(), people.report()
    decide.mark_duplicate(copy.service_request_id, of_reference=kept.reference, by="Karen")
    assert [row["duplicate_of"] for row in exported(desk)] == [None, kept.reference]


def test_a_photo_is_named_by_address_size_and_digest_of_what_is_served(
    people: People, desk: FlaskClient, work_off: WorkOff
):
    receipt = people.report()
    name = gateways().photo_store.put_incoming(BytesIO(jpeg()), 10**6)
    with writing() as session:
        attach_photo(session, receipt.service_request_id, name, PhotoKind.REPORT)
    assert exported(desk)[0]["photos"] == []
    work_off()
    ((photo,),) = [row["photos"] for row in exported(desk)]
    assert photo["url"].startswith("http://localhost/staff/photos/")
    served = desk.get(urlsplit(photo["url"]).path).data
    assert (len(served), hashlib.sha256(served).hexdigest()) == (photo["bytes"], photo["sha256"])


def test_neither_contact_nor_the_reporters_link_is_exported(people: People, desk: FlaskClient):
    receipt = people.report(contact="anna@example.dk")
    for ending in ("json", "csv"):
        text = desk.get(f"/desk/export.{ending}").text
        assert "anna" not in text
        assert receipt.token not in text


@pytest.mark.parametrize("text", ["=1+1", "+45 12", "-2", "@SUM(A1)"])
def test_a_spreadsheet_takes_no_text_for_a_formula(people: People, desk: FlaskClient, text: str):
    people.report(description=text, address=text)
    (line,) = lines(desk)
    assert (line["description"], line["address"]) == (f"'{text}", f"'{text}")
    assert exported(desk)[0]["description"] == text


def test_hostile_text_comes_back_from_both_as_it_was_written(people: People, desk: FlaskClient):
    text = 'Linje "et",\n<script>${7*7}</script> C:\\path\\u1 æøå 🧹'
    people.report(description=text)
    assert exported(desk)[0]["description"] == text
    assert lines(desk)[0]["description"] == text


def test_lists_stand_in_the_csv_as_json(people: People, desk: FlaskClient, work_off: WorkOff):
    people.crew("Istedholdet")
    people.report()
    work_off()
    (line,) = lines(desk)
    (row,) = exported(desk)
    assert list(line) == CONTRACT
    assert json.loads(line["tasks"]) == row["tasks"]
    assert json.loads(line["history"]) == row["history"]
    assert (line["closed_at"], line["lat"]) == ("", str(row["lat"]))


def test_batches_hold_every_request_once_and_four_queries_each(people: People):
    references = [people.report().reference for _ in range(7)]
    db.session.rollback()
    with statements() as sent:
        batches = list(export_batches(batch=3))
    assert [len(batch) for batch in batches] == [3, 3, 1]
    assert [row.reference for batch in batches for row in batch] == references
    assert len(sent) == 3 * 4 + 1


def test_the_first_lines_leave_before_the_last_are_read(people: People, desk: FlaskClient):
    for _ in range(3):
        people.report()
    batches = export_batches(batch=1)
    with statements() as sent:
        next(batches)
    assert len(sent) == 4
    answer = desk.get("/desk/export.json", buffered=False)
    assert answer.is_streamed
    answer.close()
