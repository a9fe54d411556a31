"""Areas from GeoJSON files: what is sent of them, and what is no area."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.cli.area_file import area_from
from comity.cli.exit_codes import ExitCode
from comity.model.fault import Malformed
from comity.web.api.shapes import Footprint
from comity.wire.canonical import Json
from tests.cli.stand_in import Comity, StandIn, receipt
from tests.cli.stand_in import given as said

RING: list[Json] = [[36, 35], [36.5, 35], [36.5, 35.5], [36, 35]]
HOLE: list[Json] = [[36.3, 35.1], [36.4, 35.1], [36.4, 35.2], [36.3, 35.1]]
LINE: list[Json] = [[36, 35], [37, 36], [36, 35]]
TIMES = ("--start", "2030-01-01T10:00:00Z", "--end", "+30m", "--heights", "0m..900m")


def geometry(kind: str, coordinates: Json) -> dict[str, Json]:
    return {"type": kind, "coordinates": coordinates}


def feature(shape: Json) -> dict[str, Json]:
    return {"type": "Feature", "properties": {"name": "x"}, "geometry": shape}


FRAME = geometry("Polygon", [RING, HOLE])


@pytest.mark.parametrize(
    "given", [FRAME, feature(FRAME), {"type": "FeatureCollection", "features": [feature(FRAME)]}]
)
def test_a_polygon_keeps_its_holes(given: Json, tmp_path: Path) -> None:
    path = tmp_path / "area.geojson"
    path.write_text(json.dumps(given), "utf-8")
    assert area_from(path) == Footprint(
        polygon=[(35.0, 36.0), (35.0, 36.5), (35.5, 36.5)],
        holes=[[(35.1, 36.3), (35.1, 36.4), (35.2, 36.4)]],
    )


def test_a_line_stays_as_it_is_and_needs_a_half_width(
    node: StandIn, ask: Comity, tmp_path: Path
) -> None:
    node.says("POST", "notices", receipt(), 201)
    path = tmp_path / "route.geojson"
    path.write_text(json.dumps(geometry("LineString", LINE)), "utf-8")
    assert ask("notice", "give", "--area", path, "--half-width", "2km", *TIMES).code == 0
    body: Any = node.last.body
    assert said(body["volumes"][0]["footprint"]) == {
        "line": [[35.0, 36.0], [36.0, 37.0], [35.0, 36.0]],
        "half_width_m": 2000.0,
    }
    alone = ask("notice", "give", "--area", path, *TIMES)
    assert alone.code == ExitCode.USAGE
    assert "--half-width" in alone.err


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([], "an object with a type"),
        ({}, "no Polygon and no LineString"),
        (geometry("Point", [36, 35]), "Point is no Polygon"),
        (geometry("MultiPolygon", [[RING]]), "MultiPolygon is no Polygon"),
        (geometry("Polygon", []), "a Polygon has a ring"),
        (geometry("Polygon", None), "lists of numbers"),
        (geometry("Polygon", [[36, 35]]), "lists of numbers"),
        (geometry("Polygon", [[[36, 35, 100]] * 4]), "heights go into --heights"),
        (geometry("Polygon", [[["36", "35"]] * 4]), "longitude and latitude"),
        (geometry("Polygon", [[[True, False]] * 4]), "longitude and latitude"),
        ({"type": "FeatureCollection", "features": [feature(FRAME)] * 2}, "2 features"),
        ({**FRAME, "crs": {"type": "name"}}, "in WGS84"),
        (feature(None), "an object with a type"),
    ],
)
def test_what_is_no_single_area_is_refused(given: Json, why: str, tmp_path: Path) -> None:
    path = tmp_path / "area.geojson"
    path.write_text(json.dumps(given), "utf-8")
    with pytest.raises(Malformed, match=why):
        area_from(path)


NAMES = st.sampled_from(("type", "coordinates", "geometry", "features"))
LEAVES = (
    st.booleans() | st.floats(-400, 400) | st.sampled_from(("Polygon", "LineString", "Feature"))
)
ANY = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner),
    max_leaves=12,
)


@settings(deadline=None)
@given(ANY, st.sampled_from(("Polygon", "LineString", None)))
def test_any_json_is_an_area_or_malformed(
    tmp_path_factory: pytest.TempPathFactory, given: Json, kind: str | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.geojson"
    path.write_text(json.dumps(given if kind is None else geometry(kind, given)), "utf-8")
    try:
        found = area_from(path)
    except Malformed:
        return
    assert (found.polygon is None) != (found.line is None)
