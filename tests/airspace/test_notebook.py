"""What a notebook does: GeoJSON and shapely in, conflicts out as words and pictures."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely

from comity.airspace import Clearance, Volume4D, conflicts, given_heights, volume
from comity.airspace.footprint import check
from comity.airspace.heights import with_heights
from comity.model.fault import Malformed
from comity.model.given import GivenHeights, HeightDatum, HeightLimit, Qnh, Terrain
from comity.model.quantity import instant_us
from comity.model.volume import Circle, Corridor, Polygon, Uncertainty
from tests.airspace.samples import at
from tests.model.saying_no import says_no

CORNERS = [(36.0, 35.0), (36.1, 35.0), (36.1, 35.1), (36.0, 35.1)]
SQUARE = {"type": "Polygon", "coordinates": [CORNERS]}
NOON, ONE = "2026-05-01T12:00:00Z", datetime(2026, 5, 1, 13, tzinfo=UTC)


def _volume(area: Any = SQUARE, **change: Any) -> Volume4D:  # noqa: ANN401 - of any kind
    given = {"heights_m": (0, 1_000), "window": (NOON, ONE)} | change
    return volume(area, **given)


def test_geojson_and_shapely_are_one() -> None:
    here = _volume()
    ring = [*CORNERS, CORNERS[0]]
    closed = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {}, "geometry": closed}
    for area in (closed, feature, shapely.Polygon(ring), here.footprint):
        assert _volume(area) == here
    assert here.footprint == Polygon(
        vertices=(at(35, 36), at(35, 36.1), at(35.1, 36.1), at(35.1, 36))
    )
    disc = _volume(shapely.Point(36, 35), radius_m=10.0001).footprint
    assert disc == Circle(centre=at(35, 36), radius_mm=10_001)  # outward
    assert _volume(heights_m=(0.0006, 0.9994)).heights.upper_mm == 1_000
    assert _volume(heights_m=(0.0006, 0.9994)).heights.lower_mm == 0


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: _volume({"type": "Point", "coordinates": [36, 35]}), "bad_footprint"),
        (lambda: _volume(SQUARE, radius_m=5), "bad_footprint"),
        (lambda: _volume({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}), "bad_footprint"),
        (lambda: _volume({"type": "Polygon", "coordinates": "abc"}), "bad_footprint"),
        (lambda: _volume({"type": "Polygon", "coordinates": [[[0, 0, 5]] * 4]}), "bad_footprint"),
        (lambda: _volume({"type": "Polygon", "coordinates": []}), "bad_footprint"),
        (lambda: _volume({"type": "Polygon", "coordinates": [CORNERS, CORNERS]}), "bad_hole"),
        (lambda: _volume({"type": "Polygon", "coordinates": [CORNERS, CORNERS[:2]]}),
         "bad_polygon"),
        (lambda: _volume({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0]]]}),
         "self_crossing"),
        (lambda: _volume({"type": "Polygon", "coordinates": [[[0, 0], [1, 95], [0, 1]]]}),
         "off_the_globe"),
        (lambda: _volume(heights_m=(float("nan"), 1)), "bad_footprint"),
        (lambda: _volume(heights_m=(2, 1)), "inverted_band"),
        (lambda: _volume(window=(ONE, NOON)), "inverted_window"),
        (lambda: _volume(window=(datetime(2026, 5, 1), ONE)), "bad_time"),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_name(make: Callable[[], Volume4D], code: str) -> None:
    with pytest.raises(Malformed) as caught:
        make()
    assert caught.value.code == code


@pytest.mark.parametrize("corner", [[1, 91], [181, 1], [1], [1, "a"], "ab", [1, float("inf")]])
def test_the_vertex_to_blame_is_named(corner: object) -> None:
    ring = [[0, 0], [1, 0], corner, [0, 1]]
    with pytest.raises(Malformed, match="vertex 2: "):
        _volume({"type": "Polygon", "coordinates": [ring]})


def _found() -> list[Any]:
    others = {
        "inside": _volume(shapely.Point(36.05, 35.05), radius_m=500),
        "<beside>": _volume(shapely.Point(36.12, 35.05), radius_m=800, heights_m=(1_100, 2_000)),
        "far": _volume(shapely.Point(38, 35), radius_m=500),
        "earlier": _volume(window=("2026-05-01T10:00:00Z", "2026-05-01T11:58:00Z")),
    }
    clearance = Clearance(lateral_mm=5_000_000, vertical_mm=500_000, time_us=180_000_000)
    return list(conflicts(_volume(uncertainty=Uncertainty(time_us=1)), others, clearance))


def test_a_conflict_says_how_close_where_and_when() -> None:
    inside, beside, earlier = _found()
    assert [each.key for each in (inside, beside, earlier)] == ["inside", "<beside>", "earlier"]
    assert inside.sentence() == (
        "The candidate and inside meet at 35.0500° N 36.0500° E, 17 km south-east (bearing 148° "
        "true) of Bāniyās; both at 0 m to 1,000 m above the WGS84 ellipsoid; both from 12:00 to "
        "13:00 UTC on 1 May 2026; they are to keep 5 km sideways, 500 m in height or 3 min in "
        "time apart."
    )
    assert "1.02 km apart sideways (3.98 km less than the 5 km asked)" in beside.sentence()
    assert "; 100 m apart in height (400 m less than the 500 m asked)" in beside.sentence()
    assert "328 ft apart in height (1,313 ft less" in beside.sentence(units="aeronautical")
    assert "1 min 59 s apart in time" in earlier.sentence()
    assert "from 11:58 to 12:00 UTC on 1 May 2026" in earlier.sentence()
    with pytest.raises(Malformed) as caught:
        earlier.sentence(units="furlongs")
    assert caught.value.code == "unknown_units"


def _spots(path: str) -> list[tuple[float, float]]:
    """The corners of an SVG path of straight lines."""
    rings = [ring.strip(" M") for ring in path.split("Z")]
    pairs = [pair.split(",") for ring in rings for pair in ring.split()]
    return [(float(x), float(y)) for x, y in pairs]


def test_a_line_with_a_radius_is_a_corridor() -> None:
    line = [(36.0, 35.0), (36.2, 35.0), (36.2, 35.2), (36.0, 35.2), (36.0, 35.0)]
    hold = _volume({"type": "LineString", "coordinates": line}, radius_m=500.0001)
    assert hold.footprint == Corridor(
        vertices=tuple(at(lat, lon) for lon, lat in line), half_width_mm=500_001
    )
    assert _volume(shapely.LineString(line), radius_m=500.0001) == hold
    (found,) = conflicts(hold, {1: _volume()})
    shapes: Any = found.geojson()["features"]
    area: Any = shapely.geometry.shape(shapes[0]["geometry"])
    assert area.is_valid
    assert len(area.interiors) == 1  # what a holding pattern goes around is free
    assert not area.contains(shapely.Point(36.1, 35.1))
    assert area.contains(shapely.Point(36.1, 35.004))
    assert not area.contains(shapely.Point(36.1, 35.005))
    assert found.svg().count("Z M") == 1
    across = [x for x, _ in _spots(found.svg().split(' d="')[1].split('"')[0])]
    assert 80 < max(across) - min(across) < 100  # the wider of two squares, half a picture


def test_holes_come_in_and_go_out() -> None:
    ring = shapely.Point(36, 35).buffer(1).difference(shapely.Point(36, 35).buffer(0.5))
    here = _volume(ring)
    assert isinstance(here.footprint, Polygon)
    assert len(here.footprint.holes) == 1
    assert conflicts(here, {1: _volume(shapely.Point(36, 35), radius_m=5_000)}) == ()
    (found,) = conflicts(here, {1: _volume(shapely.Point(36, 35), radius_m=60_000)})
    shapes: Any = found.geojson()["features"]
    area: Any = shapely.geometry.shape(shapes[0]["geometry"])
    assert area.symmetric_difference(ring).area < 1e-4  # edges are great circles on the map
    assert found.svg().count("Z M") == 1


def test_a_conflict_is_geojson_and_a_picture() -> None:
    for each in _found():
        collection = each.geojson()
        roles = [feature["properties"]["role"] for feature in collection["features"]]
        assert roles[:3] == ["candidate", "other", "closest"]
        assert roles[3:] == ["gap" if each.approach.closest_mm else "overlap"]
        for feature in collection["features"]:
            assert shapely.geometry.shape(feature["geometry"]).is_valid
        figure = ET.fromstring(each._repr_html_())  # noqa: S314 - our own
        space = "{http://www.w3.org/2000/svg}"
        assert len(list(figure.iter(f"{space}path"))) == 2
        for area in figure.iter(f"{space}path"):
            corners = _spots(area.attrib["d"])
            assert all(0 <= x <= 360 and 0 <= y <= 240 for x, y in corners)
            assert len(corners) >= 4
        assert figure.find("figcaption").text == each.sentence()  # type: ignore[union-attr]


def test_a_picture_over_the_antimeridian_is_in_one_piece() -> None:
    one = _volume(shapely.Point(179.99, 10), radius_m=20_000)
    check(one.footprint)
    (found,) = conflicts(one, {1: _volume(shapely.Point(-179.99, 10), radius_m=20_000)})
    across = [x for x, _ in _spots(found.svg().split(' d="')[1].split('"')[0])]
    assert 50 < max(across) - min(across) < 340


def test_it_loads_without_a_node() -> None:
    """Nothing of doors, stores and keys comes along: a notebook needs none of it."""
    script = "import sys, comity.airspace; print(*sorted(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(run.stdout.split())
    assert "comity.airspace.index" in loaded
    rooms = {name.split(".")[1] for name in loaded if name.startswith("comity.")}
    assert rooms == {"airspace", "model"}
    assert not loaded & {"apsw", "starlette", "httpx", "cryptography", "uvicorn", "typer"}


def test_the_example_of_the_page_runs_as_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    page = Path(__file__).parents[2] / "docs/explanation/geometry.md"
    code = page.read_text("utf-8").split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(compile(code, str(page), "exec"), names)  # noqa: S102 - our own page
    said = capsys.readouterr().out.strip()
    assert f"# ... {said.split(': ')[1].split(';')[0]}; ..." in code
    assert names["index"].near(names["convoy"]) == ("convoy",)


def test_heights_above_other_datums_are_converted() -> None:
    said = given_heights(
        (0.0004, "agl"),
        "FL195",
        qnh=(1_008, datetime(2026, 5, 1, 11, 40, tzinfo=UTC)),
        isa_deviation_c=12,
        terrain_m=(0, 340.0001),
    )
    assert said == GivenHeights(
        lower=HeightLimit(datum=HeightDatum.AGL, height_mm=0),
        upper=HeightLimit(datum=HeightDatum.FLIGHT_LEVEL, height_mm=5_943_600),
        qnh=Qnh(pressure_pa=100_800, at_us=instant_us("2026-05-01T11:40:00Z")),
        isa_deviation_c=12,
        terrain=Terrain(datum=HeightDatum.MSL, lower_mm=0, upper_mm=340_001),
    )
    made = volume(shapely.box(36, 35, 36.1, 35.1), heights=said, window=(NOON, ONE))
    assert made == with_heights(made.footprint, said, made.window, Uncertainty())


@pytest.mark.parametrize(
    ("code", "lower", "more"),
    [
        ("datum_not_convertible", (0.0, "qfe"), {}),
        ("datum_not_convertible", (0.0, "agl"), {"terrain_m": (0, 1), "terrain_datum": "egm2008"}),
        ("bad_height", "195", {}),
        ("bad_height", (float("nan"), "msl"), {}),
        ("bad_qnh", (0.0, "msl"), {"qnh": (float("inf"), "2026-05-01T11:40:00Z")}),
        ("bad_time", (0.0, "msl"), {"qnh": (1013, datetime(2026, 5, 1))}),  # noqa: DTZ001
        ("terrain_missing", (0.0, "agl"), {}),
    ],
)
def test_heights_that_say_nothing_are_refused(
    code: str, lower: tuple[float, str] | str, more: dict[str, Any]
) -> None:
    with says_no(code):
        given_heights(lower, "FL195", **more)


def test_heights_are_given_in_one_way() -> None:
    area, said = shapely.box(36, 35, 36.1, 35.1), given_heights((0.0, "msl"), (9.0, "msl"))
    with says_no("bad_height"):
        volume(area, window=(NOON, ONE))
    with says_no("bad_height"):
        volume(area, heights_m=(0, 1), heights=said, window=(NOON, ONE))
