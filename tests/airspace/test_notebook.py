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

from comity.airspace import Clearance, Volume4D, conflicts, volume
from comity.airspace.footprint import check
from comity.model.fault import Malformed
from comity.model.volume import Circle, Corridor, Polygon, Uncertainty
from tests.airspace.samples import at

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
    assert inside.sentence.startswith("meets inside at 35.05")
    assert inside.sentence.endswith(", from 2026-05-01T12:00:00Z to 2026-05-01T13:00:00Z")
    assert "comes within 1,02" in beside.sentence
    assert "100.0 m in height, 0 s in time" in beside.sentence
    assert "0.0 m in height, 120 s in time" in earlier.sentence
    assert "from" not in earlier.sentence


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
    assert area.symmetric_difference(ring).area < 1e-5
    assert found.svg().count("Z M") == 1


def test_a_conflict_is_geojson_and_a_picture() -> None:
    for each in _found():
        collection = each.geojson()
        roles = [feature["properties"]["role"] for feature in collection["features"]]
        assert roles == ["candidate", "other", "closest"]
        for feature in collection["features"]:
            assert shapely.geometry.shape(feature["geometry"]).is_valid
        figure = ET.fromstring(each._repr_html_())  # noqa: S314 - our own
        space = "{http://www.w3.org/2000/svg}"
        assert len(list(figure.iter(f"{space}path"))) == 2
        for area in figure.iter(f"{space}path"):
            corners = _spots(area.attrib["d"])
            assert all(0 <= x <= 360 and 0 <= y <= 240 for x, y in corners)
            assert len(corners) >= 4
        assert figure.find("figcaption").text == each.sentence  # type: ignore[union-attr]


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
    shown = code.split("# comes")[1].split(", ...")[0]
    assert said.startswith(f"comes{shown}")
    assert names["index"].near(names["convoy"]) == ("convoy",)
