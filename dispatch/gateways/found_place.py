"""What a search for a place answers, whichever window it was asked at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FoundPlace:
    """A place with its name as people write it.

    `exact`: the house number itself is known, not only its street or its neighbours.
    `sure`: the words name this place and no other, to about a hundred metres.
    """

    label: str
    lat: float
    lon: float
    exact: bool
    sure: bool = True
