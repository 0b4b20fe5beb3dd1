"""The only door to the broker in the app: a nudge that says "there is work", and nothing more.

Nothing here is relied on. A nudge may be lost, late or doubled; the work rows are the truth and
`lifecycle/sweep.py` finishes what no nudge started. Jobs are named by string and take ids only.
"""

from functools import lru_cache

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from dispatch.extensions import bound

QUEUE_OF = {
    "locate_request": "routing",
    "assign_request": "routing",
    "prepare_photo": "photos",
    "send_message": "messages",
}
QUEUES = ("routing", "photos", "messages")
PATIENCE_S = 0.4
JOB_TIMEOUT_S = {"routing": 30, "photos": 60, "messages": 60}
NUDGE_LIVES_S = 600


class NoBroker(ConnectionError):
    """No broker is set: everything goes by the sweep."""


def nudge(kind: str, subject_id: int) -> bool:
    """Tell a worker of the kind's queue to look. Never raises, waits ≤ 0.5 s; False if unheard."""
    return _enqueue(QUEUE_OF[kind], f"dispatch.jobs.{kind}", subject_id)


def nudge_heartbeat(queue: str) -> bool:
    """Ask for a sign of life that only a working worker of this queue can give."""
    return _enqueue(queue, "dispatch.jobs.beat", QUEUES.index(queue))


def broker_answers() -> bool:
    """Whether the broker takes a question within the patience of a nudge."""
    try:
        return bool(_redis(bound("settings").redis_url).ping())
    except (RedisError, OSError):
        return False


def waiting() -> dict[str, int]:
    """How many jobs lie in each queue; empty when the broker does not answer."""
    try:
        return {name: _queue(name).count for name in QUEUES}
    except (RedisError, OSError):
        return {}


def connect(url: str, *, patience_s: float | None = PATIENCE_S) -> Redis:
    """A connection that gives up quickly and does not try again: a resident is waiting."""
    return Redis.from_url(
        url,
        socket_timeout=patience_s,
        socket_connect_timeout=patience_s or 5,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


def _enqueue(queue: str, job: str, subject_id: int) -> bool:
    try:
        _queue(queue).enqueue_call(
            func=job,
            args=(subject_id,),
            timeout=JOB_TIMEOUT_S[queue],
            result_ttl=0,
            failure_ttl=NUDGE_LIVES_S,
            ttl=NUDGE_LIVES_S,
        )
    except (RedisError, OSError):
        return False
    return True


def _queue(name: str) -> Queue:
    return Queue(name, connection=_redis(bound("settings").redis_url), serializer=JSONSerializer)


@lru_cache(maxsize=8)
def _redis(url: str | None) -> Redis:
    if not url:
        raise NoBroker
    return connect(url)
