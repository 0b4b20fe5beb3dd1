"""Where a crew's own find is: the stop they stand at, the phone's position, or an address.

The first that is given counts, in that order. Whether the place is ours is asked in `own_find`.
"""

import re

from dispatch.gateways import gateways
from dispatch.queries.crew_day import CrewDay
from dispatch.rules.personal_data import clean_text
from dispatch.rules.problems import Refused

NUMBER = re.compile(r"[0-9]{1,9}")
MOST_TYPED = 120


def fill_in_place(values: dict[str, str], day: CrewDay | None) -> None:
    """Write `lat` and `lon`; raises Refused: `address_unknown`, `place_missing`."""
    at_stop = values.get("at_stop", "")
    stop = day.stop(int(at_stop)) if day and NUMBER.fullmatch(at_stop) else None
    if stop is not None:
        values["lat"], values["lon"] = str(stop.lat), str(stop.lon)
        return
    if values.get("lat") and values.get("lon"):
        return
    typed = clean_text(values.get("address", "")).strip()[:MOST_TYPED]
    if not typed:
        raise Refused.at("place", "place_missing")
    found = gateways().place_data.find_address(typed, limit=1)
    if not found or not found[0].sure:
        raise Refused.at("address", "address_unknown")
    values["lat"], values["lon"] = str(found[0].lat), str(found[0].lon)
