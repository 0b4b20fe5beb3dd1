"""What we know ourselves of the place, from the sketch, an invented town and real open data."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from dispatch.gateways.place_data import (
    FoundPlace,
    PlaceDataProblem,
    SmallArea,
    open_place_data,
)
from dispatch.rules.distance import Point, metres
from dispatch.settings import SettingsProblem
from tests.gateways.little_town import write_town
from tests.gateways.real_map import real_map_folder

SKETCH = open_place_data(None)


@pytest.fixture
def town(tmp_path):
    return open_place_data(write_town(tmp_path / "town"))


@pytest.fixture(scope="module")
def vesterbro():
    return open_place_data(real_map_folder())


class TestWithoutAnyData:
    def test_the_sketch_says_that_it_is_ours(self):
        assert SKETCH.source == "sketch"
        assert SKETCH.attribution == ("Skitse: Renhold",)

    def test_a_folder_without_any_known_file_gives_the_sketch(self, tmp_path):
        (tmp_path / "notes.txt").write_text("nothing here")
        assert open_place_data(tmp_path).source == "sketch"

    @pytest.mark.parametrize(
        "typed", ["Istedgade 20", "Istedg. 20", "istedgade 20, 1650 København V", "Istegade 20"]
    )
    def test_an_address_on_a_main_street_is_reckoned_along_the_line(self, typed):
        place = SKETCH.find_address(typed)[0]
        assert place.label == "Istedgade 20"
        assert (place.exact, place.sure) == (False, True)
        assert metres(Point(place.lat, place.lon), Point(55.6715, 12.5604)) < 60

    def test_higher_numbers_lie_further_from_the_central_station(self):
        station = Point(55.6727, 12.5646)
        places = [SKETCH.find_address(f"Istedgade {n}", limit=1)[0] for n in (10, 60, 110)]
        far = [metres(station, Point(place.lat, place.lon)) for place in places]
        assert far == sorted(far)

    def test_a_long_street_alone_is_found_but_not_sure(self):
        place = SKETCH.find_address("Vesterbrogade", limit=1)[0]
        assert place.label == "Vesterbrogade"
        assert not place.sure

    @pytest.mark.parametrize("name", ["Skydebanehaven", "Hovedbanegården", "Maria Kirkeplads"])
    def test_squares_parks_and_the_station_are_found_by_name(self, name):
        assert SKETCH.find_address(name, limit=1)[0].sure

    def test_a_corner_of_two_streets_is_found(self):
        place = SKETCH.find_address("hjørnet af Istedgade og Viktoriagade")[0]
        assert place.label == "Istedgade / Viktoriagade"
        assert place.sure

    def test_two_streets_that_never_meet_are_no_corner(self):
        assert SKETCH.find_address("Mozartsvej og Istedgade") == []

    def test_the_central_station_is_in_the_service_area_and_the_little_mermaid_is_not(self):
        assert SKETCH.covers(55.6727, 12.5646)
        assert not SKETCH.covers(55.6929, 12.5993)

    def test_the_south_of_the_district_is_kongens_enghave(self):
        assert SKETCH.small_area(55.6500, 12.5350) == SmallArea("", "Kongens Enghave")

    def test_inner_vesterbro_has_its_quarter(self):
        assert SKETCH.small_area(55.6712, 12.5600) == SmallArea("", "Vesterbro øst")

    def test_a_playground_is_near_at_its_edge(self):
        near = SKETCH.near(55.6700, 12.5538, 50)
        assert ("playground", "Legepladsen i Skydebanehaven", 0.0) in [
            (place.kind, place.name, place.metres) for place in near
        ]

    def test_the_backdrop_shows_streets_green_water_and_rail(self):
        layers = {feature["properties"]["lag"] for feature in SKETCH.base_map()["features"]}
        assert layers == {"vej", "groent", "vand", "bane"}


class TestAnInventedTown:
    def test_sources_are_credited(self, town):
        assert town.source == "town"
        assert town.attribution == (
            "© OpenStreetMap-bidragydere",
            "Indeholder data fra Københavns Kommune",
        )

    def test_without_the_citys_files_the_sketch_is_credited_for_the_outline(self, tmp_path):
        folder = write_town(tmp_path / "town")
        for path in folder.glob("kk_*"):
            path.unlink()
        places = open_place_data(folder)
        assert places.attribution == ("© OpenStreetMap-bidragydere", "Skitse: Renhold")
        assert places.outline.equals(SKETCH.outline)

    def test_a_known_house_is_exact(self, town):
        assert town.find_address("Storegade 10")[0] == FoundPlace(
            "Storegade 10", 55.8602, 12.5542, exact=True, sure=True
        )

    def test_the_first_source_decides_where_a_house_is(self, town):
        assert town.find_address("Storegade 2")[0].lat == 55.8602

    def test_a_missing_number_lies_between_its_neighbours_on_the_same_side(self, town):
        place = town.find_address("Storegade 6")[0]
        assert place.label == "Storegade 6"
        assert (place.exact, place.sure) == (False, True)
        assert place.lat == pytest.approx(55.8602)
        assert place.lon == pytest.approx(12.5522)

    def test_an_odd_number_lies_on_the_odd_side(self, town):
        place = town.find_address("Storegade 5")[0]
        assert place.lat == pytest.approx(55.8598)
        assert place.lon == pytest.approx(12.5522)

    def test_a_number_without_its_letter_is_the_house_with_a_letter(self, town):
        assert town.find_address("Storegade 9")[0].exact

    def test_a_letter_nobody_knows_is_kept_on_the_label(self, town):
        place = town.find_address("Storegade 10c")[0]
        assert place.label == "Storegade 10C"
        assert not place.exact

    def test_a_number_far_beyond_the_last_gives_the_street_only(self, town):
        place = town.find_address("Storegade 400")[0]
        assert place.label == "Storegade"
        assert not place.sure

    def test_known_numbers_that_begin_as_typed_are_suggested(self, town):
        labels = [place.label for place in town.find_address("Storegade 1")]
        assert labels == ["Storegade 1", "Storegade 10", "Storegade 12"]

    def test_no_more_is_answered_than_asked_for(self, town):
        assert len(town.find_address("Storegade 1", limit=2)) == 2

    def test_a_misspelling_in_the_data_is_not_a_street_of_its_own(self, town):
        assert [place.label for place in town.find_address("Storegad")] == [
            "Storegade",
            "Storegades Skole",
        ]

    def test_a_street_alone_gives_a_point_on_its_line(self, town):
        place = town.find_address("Storegade", limit=1)[0]
        assert (place.lat, place.lon) == pytest.approx((55.86, 12.555))

    def test_a_street_known_by_a_rough_point_only_is_never_sure(self, town):
        assert [(place.label, place.sure) for place in town.find_address("Torvet")] == [
            ("Torvet", False)
        ]

    def test_at_a_door_the_address_is_the_house(self, town):
        assert town.address_at(55.86025, 12.5541) == "Storegade 10"

    def test_away_from_doors_the_address_is_the_street(self, town):
        assert town.address_at(55.8616, 12.5500) == "ved Lillevej"

    def test_a_lone_house_is_the_address_of_its_surroundings(self, town):
        assert town.address_at(55.8654, 12.5450) == "Æblegade 7"

    def test_in_the_open_there_is_no_address(self, town):
        assert town.address_at(55.8690, 12.5410) is None

    def test_a_playground_counts_to_its_edge_and_has_the_citys_name(self, town):
        playgrounds = [p for p in town.near(55.8605, 12.5523, 50) if p.kind == "playground"]
        assert [place.name for place in playgrounds] == ["Legepladsen på hjørnet"]
        assert playgrounds[0].metres == pytest.approx(18.8, abs=0.3)

    def test_near_goes_as_far_as_asked_and_no_further(self, town):
        assert town.near(55.8605, 12.5523, 18) == []

    def test_the_nearest_comes_first_and_a_library_decides_nothing(self, town):
        kinds = [place.kind for place in town.near(55.8601, 12.5585, 600)]
        assert kinds == ["school", "playground"]

    def test_a_place_is_in_its_small_area(self, town):
        assert town.small_area(55.86, 12.555) == SmallArea("Storegades", "Town øst")

    def test_the_rest_of_the_district_is_kongens_enghave(self, town):
        assert town.small_area(55.86, 12.545) == SmallArea("", "Kongens Enghave")

    def test_outside_the_outline_there_is_no_small_area(self, town):
        assert town.small_area(55.90, 12.555) is None
        assert not town.covers(55.90, 12.555)

    def test_the_outline_is_given_as_geojson(self, town):
        drawn = town.outline_geojson()
        assert shape(drawn["geometry"]).equals(town.outline)

    def test_what_is_loaded_once_is_not_loaded_again(self, tmp_path):
        folder = write_town(tmp_path / "town")
        assert open_place_data(folder) is open_place_data(folder)


class TestABrokenFolder:
    BROKEN = (
        ("osm_poi_town.geojson", '{"type": "FeatureCollection", "feat'),
        ("osm_poi_town.geojson", "[]"),
        ("osm_poi_town.geojson", '{"type": "FeatureCollection"}'),
        ("osm_poi_town.geojson", '{"features": [{"properties": {"type": "x"}}]}'),
        ("osm_basemap_town.geojson", ""),
        ("kk_roder_town.geojson", '{"features": [{"properties": {}, "geometry": null}]}'),
        (
            "kk_bydel_town.geojson",
            '{"features": [{"properties": {}, "geometry": {"type": "Point", "coordinates": [12.5, 55.6]}}]}',
        ),
        (
            "kk_bydel_town.geojson",
            '{"features": [{"properties": {}, "geometry": {"type": "Polygon", "coordinates": [[[55.6, 12.5], [55.7, 12.5], [55.7, 12.6], [55.6, 12.5]]]}}]}',
        ),
        ("osm_adresser_town.csv", "street;number\nStoregade;2\n"),
        ("osm_adresser_town.csv", "vejnavn,husnr,lat,lon\nStoregade,2,55.66,west\n"),
        ("osm_adresser_town.csv", "vejnavn,husnr,lat,lon\nStoregade,2\n"),
        ("haandplacerede_gader.json", '{"gader": [{"navn": "Torvet"}]}'),
        ("haandplacerede_gader.json", '{"gader": 7}'),
    )

    @pytest.mark.parametrize(("name", "content"), BROKEN)
    def test_the_broken_file_is_named_in_one_line(self, tmp_path, name, content):
        folder = write_town(tmp_path / "town")
        (folder / name).write_text(content)
        with pytest.raises(PlaceDataProblem) as problem:
            open_place_data(folder)
        assert name in str(problem.value)
        assert "\n" not in str(problem.value)

    def test_letters_that_are_no_utf_8_are_said_so(self, tmp_path):
        folder = write_town(tmp_path / "town")
        (folder / "kk_adresser_town.csv").write_bytes(
            "vejnavn,husnr,lat,lon\nÆblegade,7,55.66,12.55\n".encode("latin-1")
        )
        with pytest.raises(
            PlaceDataProblem, match=r"kk_adresser_town\.csv: is not written in UTF-8"
        ):
            open_place_data(folder)

    def test_a_folder_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(PlaceDataProblem, match="nowhere: GEO_DATA_DIR names no folder"):
            open_place_data(tmp_path / "nowhere")

    def test_it_stops_the_start_like_any_setting(self):
        assert issubclass(PlaceDataProblem, ValueError)
        assert issubclass(PlaceDataProblem, SettingsProblem)

    def test_a_mended_folder_opens(self, tmp_path):
        folder = write_town(tmp_path / "town")
        good = (folder / "osm_poi_town.geojson").read_text()
        (folder / "osm_poi_town.geojson").write_text("{")
        with pytest.raises(PlaceDataProblem):
            open_place_data(folder)
        (folder / "osm_poi_town.geojson").write_text(good)
        assert open_place_data(folder).source == "town"


class TestAgainstOpenData:
    def test_both_sources_are_credited(self, vesterbro):
        assert vesterbro.attribution == (
            "© OpenStreetMap-bidragydere",
            "Indeholder data fra Københavns Kommune",
        )

    @pytest.mark.parametrize("typed", ["Istedgade 20", "Halmtorvet 17"])
    def test_house_numbers_missing_in_the_data_are_placed_between_neighbours(
        self, vesterbro, typed
    ):
        place = vesterbro.find_address(typed)[0]
        assert place.label == typed
        assert (place.exact, place.sure) == (False, True)
        assert vesterbro.covers(place.lat, place.lon)

    def test_every_known_house_finds_itself_or_a_neighbour(self, vesterbro):
        known = vesterbro.find_address("Sdr. Boulevard 103", limit=1)[0]
        assert known.exact
        assert vesterbro.address_at(known.lat, known.lon) == "Sønder Boulevard 103"

    def test_skydebanehaven_is_near_its_middle(self, vesterbro):
        near = vesterbro.near(55.6701, 12.5538, 50)
        assert "Legepladsen i Skydebanehaven" in [place.name for place in near]

    def test_small_areas_carry_the_citys_names(self, vesterbro):
        area = vesterbro.small_area(55.6712, 12.5600)
        assert area is not None
        assert area.kvarter == "Vesterbro øst"
        assert area.rode

    def test_loading_takes_less_than_seven_tenths_of_a_second(self, tmp_path):
        copied = tmp_path / "copied"
        copied.mkdir()
        for path in real_map_folder().iterdir():
            (copied / path.name).write_bytes(path.read_bytes())
        started = time.process_time()
        open_place_data(copied)
        assert time.process_time() - started < 0.7

    @pytest.mark.parametrize("typed", ["is", "Istegade 20", "Enghavev. 8", "xyzxyzxyz", "hjørnet"])
    def test_a_look_up_takes_less_than_five_milliseconds(self, vesterbro, typed):
        vesterbro.find_address(typed)
        times = []
        for _ in range(20):
            started = time.process_time()
            vesterbro.find_address(typed)
            times.append(time.process_time() - started)
        assert sorted(times)[10] < 0.005


@given(st.text(max_size=300))
def test_no_text_breaks_the_search(text):
    assert len(SKETCH.find_address(text, limit=3)) <= 3


@given(st.floats(allow_nan=True), st.floats(allow_nan=True))
def test_no_numbers_break_the_questions_about_a_place(lat, lon):
    SKETCH.address_at(lat, lon)
    SKETCH.near(lat, lon, 50)
    if not SKETCH.covers(lat, lon):
        assert SKETCH.small_area(lat, lon) is None
