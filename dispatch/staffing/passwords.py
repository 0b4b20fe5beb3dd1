"""Passwords: how they are kept, checked and refused. Whose they are is in `accounts.py`.

Argon2id with OWASP's least cost (19 MiB, two passes): twelve web threads that check at once must
not eat the memory of a small machine. Length is the only demand, after NIST SP 800-63B.
"""

import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dispatch.rules.problems import Refused

LEAST_CHARACTERS = 10
MOST_CHARACTERS = 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """What is stored. Raises Refused: `password_too_short`, `password_too_long`."""
    text = _as_typed_anywhere(password)
    if len(text) < LEAST_CHARACTERS:
        raise Refused.at("password", "password_too_short", least=LEAST_CHARACTERS)
    if len(text) > MOST_CHARACTERS:
        raise Refused.at("password", "password_too_long", most=MOST_CHARACTERS)
    return _hasher.hash(text)


def password_fits(password: str, kept: str | None) -> bool:
    """Whether it is the one behind `kept`; None costs the same time as a real one."""
    try:
        right = _hasher.verify(kept or _nobodys(), _as_typed_anywhere(password)[:MOST_CHARACTERS])
    except (VerificationError, InvalidHashError):
        return False
    return right and kept is not None


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")


def _as_typed_anywhere(password: str) -> str:
    """One form for the same keys: some keyboards send å as two signs."""
    return unicodedata.normalize("NFC", password)
