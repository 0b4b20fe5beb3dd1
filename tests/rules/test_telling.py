"""What a reporter gets a message about."""

import pytest

from dispatch.rules.catalogue import PlaceKind, ServiceCode
from dispatch.rules.outcome import Outcome
from dispatch.rules.status import Status
from dispatch.rules.telling import is_news, promises_visit


@pytest.mark.parametrize(
    ("old", "new", "outcome", "reason", "news"),
    [
        (None, Status.RECEIVED, None, None, True),
        (Status.RESOLVED, Status.RECEIVED, None, "not_solved", True),
        (Status.ASSIGNED, Status.RECEIVED, None, "shift_ended", False),
        (Status.ATTENDING, Status.RECEIVED, None, "handed_back", False),
        (Status.HELD, Status.RECEIVED, None, None, False),
        (Status.RECEIVED, Status.ASSIGNED, None, None, False),
        (Status.ASSIGNED, Status.ATTENDING, None, None, False),
        (Status.RECEIVED, Status.HELD, None, "private_ground", True),
        (Status.RECEIVED, Status.HELD, None, "needs_attention", False),
        (Status.ATTENDING, Status.HELD, Outcome.NO_ACCESS, "no_access", True),
        (Status.ATTENDING, Status.RESOLVED, Outcome.REMOVED, None, True),
        (Status.RECEIVED, Status.DECLINED, None, "abuse", True),
        (Status.RECEIVED, Status.FORWARDED, None, None, True),
        (Status.RECEIVED, Status.WITHDRAWN, None, None, False),
    ],
)
def test_a_message_is_sent_for_what_the_reporter_should_know(
    old: Status | None, new: Status, outcome: Outcome | None, reason: str | None, news: bool
) -> None:
    assert is_news(old=old, new=new, outcome=outcome, reason=reason) is news


def test_no_visit_is_promised_to_a_toilet_or_private_ground() -> None:
    assert promises_visit(ServiceCode.SYRINGE, PlaceKind.STREET)
    assert promises_visit(ServiceCode.LITTER, None)
    assert not promises_visit(ServiceCode.TOILET, PlaceKind.STREET)
    assert not promises_visit(ServiceCode.SYRINGE, PlaceKind.YARD_STAIRWELL)
