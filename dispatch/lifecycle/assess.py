"""What the place and the facts of a request say: small area, urgency, deadline and reason.

Called when a report is received, so that the receipt can say by when, and again when its place
becomes known. Decides nothing itself: the rules do.
"""

from datetime import datetime

from dispatch.gateways import gateways
from dispatch.models import ServiceRequest
from dispatch.models.policy_in_force import policy_in_force
from dispatch.rules.policy import Policy
from dispatch.rules.urgency import NearPlace, Urgency, judge


def assess(request: ServiceRequest, *, reported_at: datetime) -> None:
    """Write area, priority, deadline and its reason onto a request whose place is known."""
    policy = policy_in_force()
    _place_in_area(request)
    urgency = judge(
        service_code=request.service_code,
        place_kind=request.place_kind,
        needle_count=request.needle_count,
        risk_now=request.risk_now,
        near=_near(request, policy),
        reported_at=reported_at,
        policy=policy,
    )
    _write(request, urgency)


def _place_in_area(request: ServiceRequest) -> None:
    if request.lat is None or request.lon is None:
        return
    area = gateways().place_data.small_area(request.lat, request.lon)
    request.rode = area.rode if area else None
    request.kvarter = area.kvarter if area else None


def _near(request: ServiceRequest, policy: Policy) -> list[NearPlace]:
    if request.lat is None or request.lon is None:
        return []
    within = max(policy.near_children_metres, policy.near_busy_metres)
    return gateways().place_data.near(request.lat, request.lon, within)


def _write(request: ServiceRequest, urgency: Urgency) -> None:
    request.priority = urgency.priority
    request.due_at = urgency.due_at
    request.due_reason = {"code": urgency.reason.code, "values": urgency.reason.values}
