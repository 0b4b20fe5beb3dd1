"""The windows to the outside world, opened once for each running app.

Each window has its own file and, where a test needs one, its double beside it. Nothing is decided
here. `photo_decoder` is a tool of the worker and not a window that is opened.
"""

from dataclasses import dataclass

import shapely

from dispatch.extensions import bound
from dispatch.gateways.clock import Clock, SystemClock
from dispatch.gateways.geocoder import Geocoder, open_geocoder
from dispatch.gateways.map_tiles import MapTiles, open_map_tiles
from dispatch.gateways.messenger import Messenger, open_messenger
from dispatch.gateways.photo_store import PhotoStore, open_photo_store
from dispatch.gateways.place_data import PlaceData, open_place_data
from dispatch.gateways.travel_times import TravelTimes, open_travel_times
from dispatch.settings import Settings


@dataclass(frozen=True)
class Gateways:
    """All windows of one app. A test replaces one with its double: `dataclasses.replace`."""

    clock: Clock
    geocoder: Geocoder
    travel_times: TravelTimes
    place_data: PlaceData
    map_tiles: MapTiles
    messenger: Messenger
    photo_store: PhotoStore


def open_gateways(settings: Settings) -> Gateways:
    """Open what the settings name. Asks nobody outside; a broken folder raises SettingsProblem."""
    clock = SystemClock()
    place_data = open_place_data(settings.geo_data_dir)
    west, south, east, north = shapely.bounds(place_data.outline).tolist()
    return Gateways(
        clock=clock,
        geocoder=open_geocoder(settings.geocoder_url),
        travel_times=open_travel_times(settings),
        place_data=place_data,
        map_tiles=open_map_tiles(settings, (west, south, east, north), clock),
        messenger=open_messenger(settings, clock),
        photo_store=open_photo_store(settings),
    )


def gateways() -> Gateways:
    """The windows of the app that is running now."""
    opened: Gateways = bound("gateways")
    return opened
