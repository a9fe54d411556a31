"""The picture: well formed, on one scale, what is told over what is true, no foreign markup."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.cli.picture import Panel, picture
from comity.web.api.shapes import Footprint, Volume

SVG = "{http://www.w3.org/2000/svg}"


def volume(footprint: Footprint) -> Volume:
    return Volume(
        footprint=footprint,
        lower_m=0.0,
        upper_m=9_000.0,
        start="2030-01-01T10:00:00Z",
        end="2030-01-01T11:00:00Z",
    )


def circle(lat: float, lon: float, radius_m: float) -> Volume:
    return volume(Footprint(centre=(lat, lon), radius_m=radius_m))


def ring(*points: tuple[float, float]) -> Volume:
    return volume(Footprint(polygon=list(points)))


CELL = ring((44.0, -31.0), (44.0, -29.0), (46.0, -29.0), (46.0, -31.0))
TRUE = circle(45.2, -30.4, 40_000.0)


def shapes(root: ET.Element, kind: str) -> list[list[tuple[float, float]]]:
    """The corners of the polygons of a class, in pixels."""
    found = [each for each in root.iter(f"{SVG}polygon") if each.get("class") == kind]
    return [
        [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", p.get("points", ""))]
        for p in found
    ]


def drawn(true: list[Volume], *panels: Panel) -> ET.Element:
    return ET.fromstring(picture(true, panels))  # noqa: S314 - our own


def box(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def test_each_recipient_has_its_panel_with_the_true_area_in_it() -> None:
    root = drawn([TRUE], Panel(title="bravo: area", told=[TRUE]), Panel(title="c", told=[CELL]))
    titles = [each.text for each in root.iter(f"{SVG}text") if each.get("class") == "name"]
    assert titles == ["bravo: area", "c"]
    told, true = shapes(root, "told"), shapes(root, "true")
    assert told[0] == true[0] == true[1]  # one scale for all
    outer, inner = box(told[1]), box(true[1])
    assert outer[0] < inner[0] < inner[2] < outer[2]
    assert outer[1] < inner[1] < inner[3] < outer[3]


def corridor(half_width_m: float, *points: tuple[float, float]) -> Volume:
    return volume(Footprint(line=list(points), half_width_m=half_width_m))


def test_a_corridor_is_drawn_by_its_rims() -> None:
    straight = corridor(10_000.0, (45.0, 179.5), (45.0, -179.5))
    [told] = shapes(drawn([straight], Panel(title="x", told=[straight])), "told")
    west, north, east, south = box(told)
    # 79 km of line and 10 km beyond each end, 20 km across.
    assert (east - west) / (south - north) == pytest.approx(98.8 / 20, rel=0.02)
    hold = corridor(5_000.0, (45.0, 30.0), (45.0, 31.0), (46.0, 31.0), (45.0, 30.0))
    root = drawn([hold], Panel(title="x", told=[hold]))
    assert shapes(root, "told") == []
    paths = [each for each in root.iter(f"{SVG}path") if each.get("class") == "told"]
    [path] = [each.get("d", "") for each in paths]
    assert path.count("M") == path.count("Z") == 2  # a rim around it, and one inside
    assert paths[0].get("fill-rule") == "evenodd"


def test_a_hole_is_left_free() -> None:
    outer, hole = CELL.footprint.polygon, [(44.5, -30.5), (44.5, -29.5), (45.5, -30.0)]
    frame = volume(Footprint(polygon=outer, holes=[hole]))
    root = drawn([frame], Panel(title="x", told=[CELL]))
    assert shapes(root, "true") == []
    [path] = [each for each in root.iter(f"{SVG}path") if each.get("class") == "true"
              and each.get("fill-rule") == "evenodd"]  # fmt: skip
    assert path.get("d", "").count("Z") == 2
    assert len(shapes(root, "told")) == 1


def test_a_circle_is_round_where_it_lies() -> None:
    """80 km across, drawn as wide as high though a degree of longitude is shorter there."""
    west, north, east, south = box(shapes(drawn([TRUE], Panel(title="", told=[CELL])), "true")[0])
    assert east - west == pytest.approx(south - north, rel=0.02)
    # 2 degrees of latitude are 222 km: the cell is 2.8 times as high as the circle.
    root = drawn([TRUE], Panel(title="", told=[CELL]))
    _, top, _, bottom = box(shapes(root, "told")[0])
    assert (bottom - top) / (south - north) == pytest.approx(222.3 / 80, rel=0.02)


def test_across_the_antimeridian_an_area_stays_in_one_piece() -> None:
    true = ring((0.1, 179.9), (0.1, -179.9), (-0.1, -179.9), (-0.1, 179.9))
    root = drawn([true], Panel(title="", told=[true]))
    west, _, east, _ = box(shapes(root, "true")[0])
    assert 0 < west < east < 320
    labels = {each.text for each in root.iter(f"{SVG}text")}
    assert {"180", "-180"} & labels


def test_what_others_wrote_is_no_markup() -> None:
    root = drawn([TRUE], Panel(title="<script>&\"'", told=[TRUE]))
    assert "<script>&\"'" in {each.text for each in root.iter(f"{SVG}text")}
    assert not list(root.iter(f"{SVG}script"))


def test_many_recipients_stand_in_rows() -> None:
    root = drawn([TRUE], *(Panel(title=str(n), told=[CELL]) for n in range(7)))
    assert float(root.get("width", 0)) == 3 * 408
    assert float(root.get("height", 0)) == 3 * 420
    places = {each.get("transform") for each in root.iter(f"{SVG}g")}
    assert len(places) == 7


def test_the_first_volume_is_said_and_how_many_more_there_are() -> None:
    root = drawn([TRUE], Panel(title="", told=[TRUE, CELL, CELL]))
    said = [each.text or "" for each in root.iter(f"{SVG}text")]
    assert "0 m to 9000 m, 2030-01-01T10:00:00Z to 2030-01-01T11:00:00Z, and 2 more" in said
    assert any(re.fullmatch(r"[125]0* km; dashed: the true area", each) for each in said)


@given(
    st.floats(-89.9, 89.9),
    st.floats(-180, 179.9),
    st.floats(1, 2_000_000),
    st.floats(0.1, 5),
)
def test_every_area_is_drawn_inside_its_map(
    lat: float, lon: float, radius_m: float, wider: float
) -> None:
    told = circle(lat, lon, min(2_400_000.0, radius_m * wider))
    root = drawn([circle(lat, lon, radius_m)], Panel(title="x", told=[told]))
    for kind in ("told", "true"):
        for points in shapes(root, kind):
            west, north, east, south = box(points)
            assert -0.1 <= west <= east <= 320.1
            assert -0.1 <= north <= south <= 320.1
    assert len(list(root.iter(f"{SVG}path"))) < 50
