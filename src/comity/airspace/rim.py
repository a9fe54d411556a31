"""The rims of a footprint, to be drawn: for eyes and maps, never for tests of what meets.

A circle is 64 places on its rim, a polygon its own corners. A corridor's rim is drawn on the
azimuthal equidistant plane about it: right to 0.5 % of the half-width within 1,000 km of its
middle, to 4 % at 2,500 km. Called by the doors and the notebook.
"""

from typing import Final

import shapely

from comity.airspace.azimuthal import dense, flat, lifted
from comity.airspace.earth import RADIUS_MAX_M, latlon
from comity.airspace.geodesic import LatLon, around
from comity.airspace.outline import outline_of
from comity.airspace.tangle import edges_of, is_tangled
from comity.model.quantity import Position, degrees
from comity.model.volume import Circle, Corridor, Footprint, Polygon

__all__ = ["rims_of"]

_RIM_POINTS: Final = 64
_TURN_SEGMENTS: Final = 8  # of a quarter circle
_MM: Final = 1_000


def rims_of(footprint: Footprint) -> list[list[LatLon]]:
    """Rings of places in degrees, none closed: the outer rim, then those of holes.

    A corridor that turns back to itself has holes too; one that crosses itself thousands of times
    is drawn as the circle around it.
    """
    if isinstance(footprint, Polygon):
        rings = (footprint.vertices, *footprint.holes)
        return [[_latlon(each) for each in ring] for ring in rings]
    if isinstance(footprint, Circle):
        return [around(_latlon(footprint.centre), footprint.radius_mm / _MM, _RIM_POINTS)]
    return _corridor(footprint)


def _corridor(corridor: Corridor) -> list[list[LatLon]]:
    outline = outline_of(corridor)
    centre, half_width_m = latlon(outline.cap.centre), corridor.half_width_mm / _MM
    if is_tangled(outline):
        return [around(centre, outline.cap.radius_rad * RADIUS_MAX_M + half_width_m, _RIM_POINTS)]
    lines = [flat(dense(edge, is_open=True), centre) for edge in edges_of(outline)]
    area = shapely.MultiLineString(lines).buffer(half_width_m, quad_segs=_TURN_SEGMENTS)
    return [
        [lifted(x_m, y_m, centre) for x_m, y_m in shapely.get_coordinates(ring)[:-1].tolist()]
        for part in shapely.get_parts(area)
        for ring in (part.exterior, *part.interiors)
    ]


def _latlon(position: Position) -> LatLon:
    return degrees(position.lat_e7), degrees(position.lon_e7)
