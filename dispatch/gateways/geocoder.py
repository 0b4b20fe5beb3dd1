"""Asks an address service on the network, where one is set: the only room that knows geopy's.

One question, one answer, no patience. Kept answers, and not asking more than once a second, are
`lifecycle/locate`'s business; what we know ourselves is in `place_data.py`.
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from geopy.adapters import URLLibAdapter
from geopy.exc import GeopyError
from geopy.geocoders import Nominatim
from geopy.location import Location

from dispatch.gateways.found_place import FoundPlace
from dispatch.settings import SettingsProblem

TIMEOUT_S = 2
USER_AGENT = "Renhold/1 (street cleaning, Vesterbro, Copenhagen)"
# Copenhagen: an Istedgade elsewhere in Denmark is no answer. North-west and south-east corner.
COPENHAGEN = ((55.74, 12.45), (55.60, 12.68))
Answer = TypeVar("Answer")
ROADS = ("road", "pedestrian", "square", "footway", "cycleway", "path", "place")


class GeocoderDown(Exception):
    """The address service did not answer, or with nonsense; to be asked again later."""


class Geocoder(Protocol):
    """What the app asks; both raise `GeocoderDown`."""

    def search(self, text: str) -> FoundPlace | None:
        """The place the text names, or None when the service knows none."""
        ...

    def reverse(self, lat: float, lon: float) -> str | None:
        """The address at a place, as people write it."""
        ...


def open_geocoder(geocoder_url: str | None) -> Geocoder:
    return NominatimGeocoder(geocoder_url) if geocoder_url else NoGeocoder()


class NominatimGeocoder:
    """A Nominatim server, public or our own."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in ("http", "https") or not address.netloc:
            raise SettingsProblem(f"GEOCODER_URL: {url!r} is no http address")
        self._nominatim = Nominatim(
            domain=(address.netloc + address.path).rstrip("/"),
            scheme=address.scheme,
            user_agent=USER_AGENT,
            timeout=TIMEOUT_S,
            adapter_factory=URLLibAdapter,
        )

    def search(self, text: str) -> FoundPlace | None:
        return _asked(lambda: _place(self._found(text)))

    def reverse(self, lat: float, lon: float) -> str | None:
        return _asked(lambda: _label(self._found_at(lat, lon)))

    def _found(self, text: str) -> Location | None:
        return self._nominatim.geocode(
            text,
            addressdetails=True,
            language="da",
            country_codes="dk",
            viewbox=COPENHAGEN,
            bounded=True,
        )

    def _found_at(self, lat: float, lon: float) -> Location | None:
        return self._nominatim.reverse((lat, lon), language="da", zoom=18)


class NoGeocoder:
    """No address service is set: nothing is known, and nobody is asked."""

    def search(self, text: str) -> FoundPlace | None:
        return None

    def reverse(self, lat: float, lon: float) -> str | None:
        return None


class ScriptedGeocoder:
    """The double: answers as told, remembers what it was asked, is down when told to be."""

    def __init__(
        self,
        places: Mapping[str, FoundPlace] | None = None,
        labels: Mapping[tuple[float, float], str] | None = None,
    ) -> None:
        self.places, self.labels = dict(places or {}), dict(labels or {})
        self.asked: list[str | tuple[float, float]] = []
        self.down = False

    def search(self, text: str) -> FoundPlace | None:
        self._ask(text)
        return self.places.get(text)

    def reverse(self, lat: float, lon: float) -> str | None:
        self._ask((lat, lon))
        return self.labels.get((lat, lon))

    def _ask(self, question: str | tuple[float, float]) -> None:
        self.asked.append(question)
        if self.down:
            raise GeocoderDown("the double was told to be down")


def _asked(ask: Callable[[], Answer]) -> Answer:
    """geopy raises its own errors for the network, and ordinary ones for JSON it did not expect."""
    try:
        return ask()
    except GeopyError as problem:
        raise GeocoderDown(type(problem).__name__) from problem
    except (AttributeError, LookupError, TypeError, ValueError) as problem:
        raise GeocoderDown("the answer makes no sense") from problem


def _place(found: Location | None) -> FoundPlace | None:
    if found is None:
        return None
    # geopy puts a place without coordinates at 0, 0.
    lat, lon = float(found.raw["lat"]), float(found.raw["lon"])
    if not (isfinite(lat) and isfinite(lon)):
        raise ValueError("no place on earth")
    known = bool(_details(found).get("house_number"))
    return FoundPlace(_label(found) or str(found.address), lat, lon, exact=known, sure=known)


def _label(found: Location | None) -> str | None:
    if found is None:
        return None
    details = _details(found)
    road = next((str(details[kind]) for kind in ROADS if details.get(kind)), None)
    return f"{road} {details.get('house_number', '')}".strip() if road else None


def _details(found: Location) -> Mapping[str, Any]:
    details = found.raw.get("address", {})
    if not isinstance(details, Mapping):
        raise TypeError("address details were expected")
    return details
