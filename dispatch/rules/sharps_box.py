"""How full a crew's sharps box is, and when it is time to empty it.

The box is counted in needles, because that is what the crew writes down. Where boxes are emptied
is not known here.
"""

from dataclasses import dataclass

HOLDS = 100
WARN_FROM = 80


@dataclass(frozen=True)
class BoxFill:
    """Needles in the box; `percent` never shows more than a full box."""

    needles: int
    holds: int = HOLDS

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.needles / self.holds))

    @property
    def is_full(self) -> bool:
        return self.needles >= self.holds

    @property
    def should_be_emptied(self) -> bool:
        return self.needles >= WARN_FROM
