"""The closing table: residents' receipts held against the coordinator's export."""

from datetime import UTC, datetime

import pytest

from dispatch.replay.closing_table import Closing, Exported, close_up, exported, lines_of
from dispatch.replay.residents import Fate, Sent
from tests.replay.rows import found

BEFORE = {"2026-000001"}


def accepted(*numbers: int) -> list[Sent]:
    return [Sent(n, Fate.ACCEPTED, f"2026-{n:06d}") for n in numbers]


def export(*rows: Exported) -> dict[str, Exported]:
    return {each.reference: each for each in rows}


def closing_of(sent: list[Sent], *rows: Exported) -> Closing:
    return close_up(sent, BEFORE, export(found("2026-000001"), *rows))


class TestCounts:
    def test_every_end_is_counted_once(self) -> None:
        sent = [
            *accepted(2, 3),
            Sent(4, Fate.OUTSIDE, "outside_area"),
            Sent(5, Fate.REFUSED, "422"),
            Sent(6, Fate.GAVE_UP, "503"),
        ]
        closing = closing_of(sent, found("2026-000002"), found("2026-000003", "assigned"))
        assert (closing.sent, closing.accepted, closing.outside) == (5, 2, 1)
        assert (closing.refused, closing.gave_up) == ({"422": 1}, {"503": 1})
        assert (closing.routed, closing.closed) == (2, 1)
        assert closing.faultless

    def test_who_put_it_on_a_route_is_told(self) -> None:
        closing = closing_of(
            accepted(2, 3), found("2026-000002"), found("2026-000003", by="koordinator")
        )
        assert (closing.routed, closing.routed_by_hand) == (2, 1)

    def test_waits_are_those_from_accepted_to_on_a_route(self) -> None:
        rows = [found(f"2026-{n:06d}", routed_after_s=n) for n in range(2, 22)]
        closing = closing_of(accepted(*range(2, 22)), *rows)
        assert (closing.median_s, closing.p95_s) == (11, 20)

    def test_without_a_route_there_are_no_waits(self) -> None:
        closing = closing_of([])
        assert (closing.median_s, closing.p95_s) == (None, None)

    def test_a_report_before_a_person_is_held_and_not_lost(self) -> None:
        closing = closing_of(accepted(2), found("2026-000002", "held", routed_after_s=None))
        assert (closing.held, closing.routed, closing.lost) == (1, 0, ())

    def test_the_table_names_every_count(self) -> None:
        lines = lines_of(
            closing_of([*accepted(2), Sent(3, Fate.REFUSED, "422")], found("2026-000002"))
        )
        table = {line[:28].rstrip(): line[28:].strip() for line in lines}
        assert table["sent"] == "2"
        assert table["accepted"] == table["closed"] == table["refused"] == table["  422"] == "1"
        assert table["lost"] == table["doubled"] == "0"
        assert table["seconds to a route, median"] == "1.00"


class TestLost:
    def test_a_receipt_the_export_does_not_know_is_lost(self) -> None:
        assert closing_of(accepted(2, 3), found("2026-000002")).lost == ("2026-000003",)

    def test_a_report_that_is_still_only_received_is_lost(self) -> None:
        row = found("2026-000002", "received", routed_after_s=None)
        assert closing_of(accepted(2), row).lost == ("2026-000002",)

    def test_two_residents_with_one_reference_have_lost_a_report(self) -> None:
        sent = [*accepted(2), Sent(9, Fate.ACCEPTED, "2026-000002")]
        closing = closing_of(sent, found("2026-000002"))
        assert closing.lost == ("2026-000002",)
        assert not closing.faultless


class TestDoubled:
    def test_a_report_nobody_holds_a_receipt_of_is_doubled(self) -> None:
        closing = closing_of(accepted(2), found("2026-000002"), found("2026-000003"))
        assert closing.doubled == 1
        assert not closing.faultless

    def test_what_was_there_before_is_not_doubled(self) -> None:
        assert closing_of(accepted(2), found("2026-000002")).doubled == 0

    def test_a_crews_own_find_is_not_doubled(self) -> None:
        closing = closing_of(accepted(2), found("2026-000002"), found("2026-000003", source="crew"))
        assert closing.doubled == 0

    def test_one_who_gave_up_may_have_left_one_report(self) -> None:
        sent = [*accepted(2), Sent(3, Fate.GAVE_UP, "ReadTimeout")]
        one, two = found("2026-000003"), found("2026-000004")
        assert closing_of(sent, found("2026-000002"), one).doubled == 0
        assert closing_of(sent, found("2026-000002"), one, two).doubled == 1


class TestExport:
    ROW = {  # noqa: RUF012
        "reference": "2026-000412",
        "status": "resolved",
        "source": "form",
        "created_at": "2026-11-25T09:00:00.250000Z",
        "history": [
            {"old": None, "new": "received", "by": "resident", "at": "2026-11-25T09:00:00.250000Z"},
            {
                "old": "received",
                "new": "assigned",
                "by": "system",
                "at": "2026-11-25T09:00:01.500000Z",
            },
            {"old": "assigned", "new": "received", "by": "Hold 1", "at": "2026-11-25T09:05:00Z"},
            {
                "old": "received",
                "new": "assigned",
                "by": "koordinator",
                "at": "2026-11-25T09:06:00Z",
            },
        ],
    }

    def test_the_first_route_counts(self) -> None:
        row = exported(self.ROW)
        assert row.routed_at == datetime(2026, 11, 25, 9, 0, 1, 500_000, tzinfo=UTC)
        assert row.routed_by == "system"
        assert row.is_closed

    @pytest.mark.parametrize("status", ["received", "assigned", "attending"])
    def test_an_open_report_is_not_settled(self, status: str) -> None:
        assert not exported(self.ROW | {"status": status}).is_settled
