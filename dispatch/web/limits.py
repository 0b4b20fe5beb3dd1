"""How often one sender may do a thing: reports, and wrong passwords.

Counted in the broker, so that all processes count together. While the broker is away each process
counts for itself: a limit must neither stop a resident nor fall open for a guesser. Who is counted
is said in `sender.py`.
"""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from dispatch.extensions import bound
from dispatch.job_queue import connect
from dispatch.settings import Settings, SettingsProblem
from dispatch.web.sender import hidden, sender_key

log = logging.getLogger("renhold.limits")

T = TypeVar("T")
Limits = tuple[RateLimitItem, ...]
Names = tuple[str, ...]
BROKER_PAUSE_S = 5.0
WINDOW = "15 minutes"
WRONG_HERE = tuple(parse_many(f"10 per {WINDOW}"))
WRONG_ANYWHERE = tuple(parse_many(f"30 per {WINDOW}"))
NO_BROKER = "memory://"


@dataclass
class Counters:
    """The shared counts, and this process's own for as long as the broker does not answer."""

    per_sender: Limits
    everybody: Limits
    shared: FixedWindowRateLimiter
    own: FixedWindowRateLimiter = field(
        default_factory=lambda: FixedWindowRateLimiter(MemoryStorage())
    )
    away_until: float = 0.0

    def count(self, limits: Limits, names: Names) -> int | None:
        """Count one; the seconds to wait when it is one too many, else None."""
        refused = [limit for limit in limits if not self._ask(_hit, limit, names)]
        return max((self._wait_s(limit, names) for limit in refused), default=None)

    def wait(self, limits: Limits, names: Names) -> int | None:
        """The seconds until another one is allowed, None when it is now; counts nothing."""
        full = [limit for limit in limits if not self._ask(_test, limit, names)]
        return max((self._wait_s(limit, names) for limit in full), default=None)

    def forgive(self, limits: Limits, names: Names) -> None:
        """Begin at nought."""
        for limit in limits:
            self._ask(_clear, limit, names)

    def _wait_s(self, limit: RateLimitItem, names: Names) -> int:
        return max(1, math.ceil(self._ask(_ends_at, limit, names) - time.time()))

    def _ask(
        self,
        question: Callable[[FixedWindowRateLimiter, RateLimitItem, Names], T],
        limit: RateLimitItem,
        names: Names,
    ) -> T:
        if time.monotonic() < self.away_until:
            return question(self.own, limit, names)
        try:
            return question(self.shared, limit, names)
        except (StorageError, OSError) as error:
            self.away_until = time.monotonic() + BROKER_PAUSE_S
            log.warning("counting without the broker: %s", type(error).__name__)
            return question(self.own, limit, names)


def _hit(counts: FixedWindowRateLimiter, limit: RateLimitItem, names: Names) -> bool:
    return bool(counts.hit(limit, *names))


def _test(counts: FixedWindowRateLimiter, limit: RateLimitItem, names: Names) -> bool:
    return bool(counts.test(limit, *names))


def _clear(counts: FixedWindowRateLimiter, limit: RateLimitItem, names: Names) -> None:
    counts.clear(limit, *names)


def _ends_at(counts: FixedWindowRateLimiter, limit: RateLimitItem, names: Names) -> float:
    return float(counts.get_window_stats(limit, *names).reset_time)


def configure_limits(app: Flask, settings: Settings) -> None:
    """Bind the counts to the app and tell Flask-Limiter where they are; connects to nothing.

    Raises SettingsProblem when a limit cannot be read.
    """
    uri, options = _storage(settings)
    storage = storage_from_string(uri, wrap_exceptions=True, **options)
    app.extensions["renhold.counters"] = Counters(
        per_sender=_read("REPORT_LIMIT_PER_SENDER", settings.report_limit_per_sender),
        everybody=_read("REPORT_LIMIT_GLOBAL", settings.report_limit_global),
        shared=FixedWindowRateLimiter(storage),
    )
    app.extensions["renhold.sender_key"] = sender_key
    app.config.update(
        RATELIMIT_STORAGE_URI=uri,
        RATELIMIT_STORAGE_OPTIONS=options,
        RATELIMIT_KEY_PREFIX="renhold",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_SWALLOW_ERRORS=True,
    )


def over_report_limit() -> int | None:
    """Count one report; the seconds to wait when it is one too many, else None.

    The sender is counted first: whoever floods must not use up what everybody shares.
    """
    counters = _counters()
    return counters.count(counters.per_sender, ("report", sender_key())) or counters.count(
        counters.everybody, ("report", "everybody")
    )


def sign_in_wait(name: str) -> int | None:
    """The seconds until a password may be tried again for this name from here; None for now.

    Counted are wrong passwords only, by name and sender, by sender, and by name: a stranger who
    guesses at a colleague's name does not lock the colleague out before thirty guesses. Guesses
    sent at the very same moment may pass together, as many as there are threads.
    """
    waits = (_counters().wait(limits, names) for limits, names in _sign_in_counts(name))
    return max((wait for wait in waits if wait), default=None)


def count_wrong_password(name: str) -> None:
    """Remember one wrong password for this name and this sender."""
    for limits, names in _sign_in_counts(name):
        _counters().count(limits, names)


def forgive_wrong_passwords(name: str) -> None:
    """The right one was typed: what went before was a slip of the finger."""
    here, _sender, anywhere = _sign_in_counts(name)
    _counters().forgive(*here)
    _counters().forgive(*anywhere)


def _sign_in_counts(name: str) -> tuple[tuple[Limits, Names], ...]:
    # What is typed as a name may be a password by mistake: it goes nowhere as it is.
    who, sender = hidden(f"name {name.strip().casefold()}"), sender_key()
    return (
        (WRONG_HERE, ("sign-in", who, sender)),
        (WRONG_ANYWHERE, ("sign-in", "sender", sender)),
        (WRONG_ANYWHERE, ("sign-in", "name", who)),
    )


def _counters() -> Counters:
    counters: Counters = bound("counters")
    return counters


def _storage(settings: Settings) -> tuple[str, dict[str, Any]]:
    """Where counts are kept; a connection that gives up as quickly as a nudge does."""
    if not settings.redis_url:
        return NO_BROKER, {}
    return "redis://", {
        "connection_pool": connect(settings.redis_url).connection_pool,
        "key_prefix": "renhold-limits",
    }


def _read(name: str, text: str) -> Limits:
    try:
        return tuple(parse_many(text))
    except ValueError:
        raise SettingsProblem(
            f"{name} is {text!r}: write a limit such as 10 per 10 minutes."
        ) from None
