"""What the worker runs: one function a kind of work, ids in, one lifecycle call.

No decisions here. Each may run twice or never; the lifecycle looks at the present state first.
"""

from dispatch.job_queue import QUEUES
from dispatch.lifecycle import sweep
from dispatch.lifecycle.perform import perform
from dispatch.models import Via, WorkKind


def locate_request(service_request_id: int) -> None:
    perform(WorkKind.LOCATE_REQUEST, service_request_id, Via.QUEUE)


def assign_request(service_request_id: int) -> None:
    perform(WorkKind.ASSIGN_REQUEST, service_request_id, Via.QUEUE)


def prepare_photo(photo_id: int) -> None:
    perform(WorkKind.PREPARE_PHOTO, photo_id, Via.QUEUE)


def send_message(message_id: int) -> None:
    perform(WorkKind.SEND_MESSAGE, message_id, Via.QUEUE)


def beat(queue_number: int) -> None:
    sweep.record_heartbeat(QUEUES[queue_number])
