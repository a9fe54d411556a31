"""Where do two volumes overlap, as GeoJSON? Or the line between them, if they only come too close.

The footprint that both have in common, uncertainties included, with the heights and times that
they share in its properties. Drawn from inside: each vertex lies in both to 1 cm, each point on the
map in both to 1 m, and whatever lies 1 m inside both is drawn. A picture: what meets is decided by
`clearance`. Called by the notebook and the doors.
"""

from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from comity.airspace.arcs import arcs_of
from comity.airspace.clearance import Approach
from comity.airspace.earth import normals_of
from comity.airspace.geodesic import LatLon, along
from comity.airspace.lonlat import Json, geometry_of_area, geometry_of_line
from comity.airspace.nearest import nearest
from comity.airspace.outline import Outline, outline_of, volume_outline
from comity.airspace.region import plane_of, region
from comity.airspace.shared import heights_between, window_between
from comity.model.quantity import Position, degrees, e7_from_degrees, instant_text, seconds
from comity.model.volume import Footprint, Volume4D

__all__ = ["footprint_geometry", "overlap_feature"]

_MM_PER_M: Final = 1_000
_GRID_M: Final = 1e-6
_BEYOND_M: Final = 1.0
_PIECE_M: Final = 20_000.0  # of a geodesic, drawn as great circles that part from it by 2.5 cm


def overlap_feature(a: Volume4D, b: Volume4D, approach: Approach) -> dict[str, Json]:
    """A Feature: the common footprint, or the shortest line between the two.

    Its properties say of sideways, heights and times whether they are `shared` or `apart`, the
    heights in metres above the ellipsoid and the times that are shared or lie between, and the
    three gaps.

    Raises:
        Malformed: `too_wide`, where the two with their margins span more than half the globe;
            `too_intricate`, for a rim that would take seconds to draw.
    """
    heights, window = heights_between(a, b), window_between(a, b)
    return {
        "type": "Feature",
        "properties": {
            "role": "overlap" if approach.closest_mm == 0 else "gap",
            "sideways": _word(approach.closest_mm),
            "heights": _word(approach.vertical_gap_mm),
            "times": _word(approach.time_gap_us),
            "lower_m": heights.lower_mm / _MM_PER_M,
            "upper_m": heights.upper_mm / _MM_PER_M,
            "datum": "wgs84",
            "start": instant_text(window.start_us),
            "end": instant_text(window.end_us),
            "closest_m": approach.closest_mm / _MM_PER_M,
            "vertical_gap_m": approach.vertical_gap_mm / _MM_PER_M,
            "time_gap_s": seconds(approach.time_gap_us),
        },
        "geometry": _geometry(volume_outline(a), volume_outline(b), approach),
    }


def footprint_geometry(footprint: Footprint) -> dict[str, Json]:
    """A footprint alone, drawn in the same way; its uncertainty is not drawn."""
    outline = outline_of(footprint)
    plane = plane_of(outline)
    found = geometry_of_area(region(outline, plane), plane)
    return _point(_place(footprint)) if found is None else found


def _geometry(a: Outline, b: Outline, approach: Approach) -> dict[str, Json]:
    if approach.closest_mm == 0:
        plane = plane_of(a, b)
        found = geometry_of_area(_common(region(a, plane), region(b, plane)), plane)
        return _point(approach.point) if found is None else found
    here, there = (arcs_of(outline.normals, outline.after) for outline in (a, b))
    reach_m = (approach.closest_mm + a.margin_mm + b.margin_mm) / 1_000 + _BEYOND_M
    found_near = nearest(here, there, reach_m)
    if found_near is None:
        return _point(approach.point)
    start_m = min(found_near.distance_m, a.margin_mm / 1_000)
    end_m = max(start_m, found_near.distance_m - b.margin_mm / 1_000)
    pieces = 1 + int((end_m - start_m) / _PIECE_M)
    steps = [start_m + (end_m - start_m) * step / pieces for step in range(pieces + 1)]
    line = [_position(along(found_near.here, found_near.there, step)) for step in steps]
    if line[0] == line[-1]:
        return _point(approach.point)
    return geometry_of_line(normals_of(line))


def _common(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """What two areas have in common; on a grid of a micrometre if GEOS finds no other way."""
    try:
        return one.intersection(other)
    except shapely.GEOSException:
        return shapely.intersection(one, other, grid_size=_GRID_M)


def _word(gap: int) -> str:
    return "apart" if gap else "shared"


def _place(footprint: Footprint) -> Position:
    return outline_of(footprint).core[0]


def _position(place: LatLon) -> Position:
    return Position(lat_e7=e7_from_degrees(place[0]), lon_e7=e7_from_degrees(place[1]))


def _point(place: Position) -> dict[str, Json]:
    return {"type": "Point", "coordinates": [degrees(place.lon_e7), degrees(place.lat_e7)]}
