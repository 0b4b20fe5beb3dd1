"""Opening the windows: from the settings alone, asking nobody, and stopping where one is broken."""

import socket

import pytest

from dispatch.gateways import open_gateways
from dispatch.gateways.messenger import KeptMessenger
from dispatch.settings import Settings, SettingsProblem


@pytest.fixture
def settings(tmp_path):
    def build(**changes):
        values = {
            "data_dir": tmp_path / "data",
            "database_url": "sqlite://",
            "redis_url": None,
            "secret_key": "x",
            "base_url": "https://renhold.example.org",
        }
        return Settings(**(values | changes))

    return build


def test_with_nothing_set_every_window_opens_and_no_mail_leaves(settings):
    opened = open_gateways(settings())
    assert isinstance(opened.messenger, KeptMessenger)
    assert opened.travel_times.providers == ("great_circle",)
    assert opened.clock.now().tzinfo is not None


def test_tiles_are_for_the_service_area_of_the_place_data(settings):
    opened = open_gateways(settings())
    assert opened.map_tiles.covers(16, 35054, 20514)
    assert not opened.map_tiles.covers(16, 35054, 20300)


def test_opening_asks_nobody(settings):
    """Each address leads to a door of ours, and nobody knocks."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.2)
        at = f"127.0.0.1:{door.getsockname()[1]}"
        open_gateways(
            settings(
                router_url=f"http://{at}",
                geocoder_url=f"http://{at}",
                tile_url=f"http://{at}/{{z}}/{{x}}/{{y}}.png",
                smtp_url=f"smtp://{at}",
                mail_from="renhold@example.org",
            )
        )
        with pytest.raises(TimeoutError):
            door.accept()


def test_photos_lie_in_the_data_folder_unless_another_is_named(settings, tmp_path):
    open_gateways(settings()).photo_store.put_ready(b"photo")
    open_gateways(settings(photo_store=str(tmp_path / "disk"))).photo_store.put_ready(b"photo")
    assert len(list((tmp_path / "data" / "photos" / "ready").rglob("*.webp"))) == 1
    assert len(list((tmp_path / "disk" / "ready").rglob("*.webp"))) == 1


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("SMTP_URL", {"smtp_url": "mail.example.org", "mail_from": "a@example.org"}),
        ("MAIL_FROM", {"smtp_url": "smtp://127.0.0.1", "mail_from": "nobody"}),
        ("TILE_URL", {"tile_url": "https://tile.example.org/"}),
        ("PHOTO_STORE", {"photo_store": "s3://bucket/photos"}),
        ("PHOTO_STORE", {"photo_store": "/dev/null/photos"}),
    ],
)
def test_a_window_that_cannot_open_stops_the_start_and_names_the_setting(settings, name, changes):
    with pytest.raises(SettingsProblem) as problem:
        open_gateways(settings(**changes))
    assert name in str(problem.value)


def test_a_broken_street_graph_stops_the_start_and_names_the_file(settings, tmp_path):
    (tmp_path / "geo").mkdir()
    (tmp_path / "geo" / "street_graph_nodes.csv").write_text("osmid,lat,lng\na,55.6,12.5\n")
    with pytest.raises(SettingsProblem) as problem:
        open_gateways(settings(geo_data_dir=tmp_path / "geo"))
    assert "street_graph_edges.csv" in str(problem.value)
