"""The tables; small properties only. What may be written, and when, is decided above."""

from dispatch.models.account import Account, PolicyValue, Role, StaffLogEntry, StaffSession
from dispatch.models.crew import Crew, Shift
from dispatch.models.crew_route import CrewActionReceipt, CrewRoute, Incident, Observation, Task
from dispatch.models.message import Message, MessageState
from dispatch.models.photo import Photo, PhotoKind, PhotoState
from dispatch.models.service_request import Contact, ReferenceCounter, ServiceRequest, StatusChange
from dispatch.models.work import (
    GeocodeAnswer,
    Heartbeat,
    Lease,
    Via,
    Work,
    WorkKind,
    WorkTally,
)

__all__ = [
    "Account",
    "Contact",
    "Crew",
    "CrewActionReceipt",
    "CrewRoute",
    "GeocodeAnswer",
    "Heartbeat",
    "Incident",
    "Lease",
    "Message",
    "MessageState",
    "Observation",
    "Photo",
    "PhotoKind",
    "PhotoState",
    "PolicyValue",
    "ReferenceCounter",
    "Role",
    "ServiceRequest",
    "Shift",
    "StaffLogEntry",
    "StaffSession",
    "StatusChange",
    "Task",
    "Via",
    "Work",
    "WorkKind",
    "WorkTally",
]
