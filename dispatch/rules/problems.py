"""The one tree of errors that people can meet.

A problem carries a stable code and plain values, never a sentence: `web/wording.py` says it in
the reader's language and `web/error_pages.py` turns it into a page or a machine's answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as filled


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field of a form; `field` is the contract's field name."""

    field: str
    code: str
    values: dict[str, str | int | float] = filled(default_factory=dict)


class Problem(Exception):
    """Something a person can be told about, with what to do next."""

    def __init__(self, code: str, **values: str | int | float) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class Refused(Problem):
    """What was sent cannot be taken as it is; nothing was stored."""

    def __init__(self, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems[0].code)

    @classmethod
    def at(cls, name: str, code: str, **values: str | int | float) -> "Refused":
        return cls((FieldProblem(name, code, values),))


class NotFound(Problem):
    """There is no such thing, or not for this reader."""


class Gone(Problem):
    """It was here and has been taken away on schedule."""


class NotAllowed(Problem):
    """The reader may not do this."""


class AlreadyDone(Problem):
    """Someone was first; the wish may already be fulfilled."""


class TryLater(Problem):
    """Nothing wrong with what was sent, but it cannot be stored now."""
