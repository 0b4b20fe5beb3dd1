"""What became of the reports: receipts held against the coordinator's export.

Computation only. *Lost*: a receipt that the export does not know, that another resident got too,
or whose report is neither on a route nor before a person. *Doubled*: a report made during the
replay that no receipt speaks of, beyond what residents who gave up may have left behind.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from dispatch.replay.residents import Fate, Sent
from dispatch.rules.status import CLOSED, Status

BY_PROGRAM = "system"


@dataclass(frozen=True)
class Exported:
    """One request of the export, as far as the table needs it."""

    reference: str
    status: str
    source: str
    created_at: datetime
    routed_at: datetime | None
    routed_by: str | None

    @property
    def waits_for_a_person(self) -> bool:
        return self.status == Status.HELD

    @property
    def is_closed(self) -> bool:
        return self.status in CLOSED

    @property
    def is_settled(self) -> bool:
        """Nothing more is to be expected of crews."""
        return self.is_closed or self.waits_for_a_person


@dataclass(frozen=True)
class Closing:
    """The counts of one replay; times in seconds from accepted to on a route."""

    sent: int
    accepted: int
    outside: int
    refused: dict[str, int]
    gave_up: dict[str, int]
    routed: int
    routed_by_hand: int
    held: int
    median_s: float | None
    p95_s: float | None
    closed: int
    lost: tuple[str, ...]
    doubled: int

    @property
    def faultless(self) -> bool:
        return not self.lost and not self.doubled


def exported(row: Mapping[str, Any]) -> Exported:
    """One object of `/desk/export.json`."""
    first = next((line for line in row["history"] if line["new"] == Status.ASSIGNED), None)
    return Exported(
        reference=row["reference"],
        status=row["status"],
        source=row["source"],
        created_at=datetime.fromisoformat(row["created_at"]),
        routed_at=datetime.fromisoformat(first["at"]) if first else None,
        routed_by=first["by"] if first else None,
    )


def close_up(
    sent: Sequence[Sent], before: Collection[str], after: Mapping[str, Exported]
) -> Closing:
    """Compare what residents hold with what the desk has; both sides by reference.

    `before` are the references there were when the replay began, `after` all there are now.
    """
    receipts = [each.said for each in sent if each.fate is Fate.ACCEPTED]
    gave_up = Counter(each.said for each in sent if each.fate is Fate.GAVE_UP)
    ours = [after[reference] for reference in dict.fromkeys(receipts) if reference in after]
    routed = [each for each in ours if each.routed_at is not None]
    waits = sorted(_seconds_to_route(each) for each in routed)
    return Closing(
        sent=len(sent),
        accepted=len(receipts),
        outside=sum(each.fate is Fate.OUTSIDE for each in sent),
        refused=dict(Counter(each.said for each in sent if each.fate is Fate.REFUSED)),
        gave_up=dict(gave_up),
        routed=len(routed),
        routed_by_hand=sum(each.routed_by != BY_PROGRAM for each in routed),
        held=sum(each.waits_for_a_person for each in ours),
        median_s=_at_share(waits, 0.5),
        p95_s=_at_share(waits, 0.95),
        closed=sum(each.is_closed for each in ours),
        lost=_lost(receipts, after),
        doubled=max(0, _without_receipt(receipts, before, after) - gave_up.total()),
    )


def _lost(receipts: Sequence[str], after: Mapping[str, Exported]) -> tuple[str, ...]:
    """References, one for each resident whose report cannot be shown."""
    shared = [reference for reference, times in Counter(receipts).items() for _ in range(times - 1)]
    missing = [reference for reference in set(receipts) if not _is_cared_for(after.get(reference))]
    return tuple(sorted(shared + missing))


def _is_cared_for(found: Exported | None) -> bool:
    return found is not None and (found.routed_at is not None or found.is_settled)


def _without_receipt(
    receipts: Sequence[str], before: Collection[str], after: Mapping[str, Exported]
) -> int:
    """Reports made by the form meanwhile that nobody holds a receipt of."""
    made = {reference for reference, each in after.items() if each.source == "form"}
    return len(made - set(before) - set(receipts))


def _seconds_to_route(each: Exported) -> float:
    routed_at = each.routed_at or each.created_at
    return (routed_at - each.created_at).total_seconds()


def _at_share(ordered: Sequence[float], share: float) -> float | None:
    """The value that this share of all values does not exceed (nearest rank)."""
    if not ordered:
        return None
    return ordered[ceil(share * len(ordered)) - 1]


def lines_of(closing: Closing) -> list[str]:
    """The table as a person reads it, one fact a line."""
    rows: list[tuple[str, object]] = [
        ("sent", closing.sent),
        ("accepted", closing.accepted),
        ("refused as outside", closing.outside),
        *_reasons("refused", closing.refused),
        *_reasons("gave up", closing.gave_up),
        ("on a route", closing.routed),
        ("  by hand", closing.routed_by_hand),
        ("held for a person", closing.held),
        ("seconds to a route, median", _seconds(closing.median_s)),
        ("seconds to a route, 95 %", _seconds(closing.p95_s)),
        ("closed", closing.closed),
        ("lost", len(closing.lost)),
        ("doubled", closing.doubled),
    ]
    return [f"{name:<28}{value!s:>10}" for name, value in rows]


def _reasons(word: str, counts: Mapping[str, int]) -> list[tuple[str, object]]:
    return [(word, sum(counts.values())), *[(f"  {why}", n) for why, n in sorted(counts.items())]]


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
