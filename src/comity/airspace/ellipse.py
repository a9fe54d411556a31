"""An ellipse as a polygon around it: for error ellipses and the like, from scripts and notebooks.

The ellipse is drawn by geodesics from its centre: at each azimuth the length that the plane's
ellipse has there. No footprint is an ellipse, so that no node needs to agree on what one is; the
polygon is what is declared. Called by users; no desk needs it.
"""

from math import atan2, cos, degrees, hypot, isfinite, pi, sin
from typing import Final

from comity.airspace.geodesic import toward
from comity.model.fault import Malformed
from comity.model.quantity import Position, e7_from_degrees
from comity.model.volume import Polygon

__all__ = ["ellipse"]

_CORNERS: Final = 64
_AROUND: Final = 1 / cos(pi / _CORNERS)  # a regular ring about a circle, and its affine image
_AXIS_M_MIN, _AXIS_M_MAX = 1.0, 1_000_000.0
_GRID_M: Final = 0.02  # above the step of positions, 1.1 cm, in both directions
# Geodesics between corners pass outside the plane's straight edges, since the earth is convex; an
# edge is a great circle, which leaves its geodesic by at most this.
_EDGE_M_PER_M2: Final = 1e-10


def ellipse(
    centre: tuple[float, float], semi_major_m: float, semi_minor_m: float, rotation_deg: float
) -> Polygon:
    """A polygon of 64 corners that holds an ellipse, and is held by one 0.3 % and 4 cm larger.

    The 4 cm, and 1e-10 m for each square metre of the longest edge, grow the minor axis, and the
    major one in proportion.

    Args:
        centre: latitude and longitude, degrees of WGS84.
        semi_major_m: half the long axis, metres, at most 1,000 km.
        semi_minor_m: half the short one, metres, at least 1 m.
        rotation_deg: of the long axis, clockwise from true north.

    Raises:
        Malformed: `bad_ellipse`, for axes that are none or in the wrong order, or no rotation;
            `off_the_globe`, for a centre that is nowhere.
    """
    given = (*centre, semi_major_m, semi_minor_m, rotation_deg)
    if not all(map(isfinite, given)):
        raise Malformed("an ellipse is made of finite numbers", code="bad_ellipse")
    if not _AXIS_M_MIN <= semi_minor_m <= semi_major_m <= _AXIS_M_MAX:
        text = "the axes of an ellipse are 1 m to 1,000 km, the short one not above the long one"
        raise Malformed(text, code="bad_ellipse")
    middle = Position(lat_e7=e7_from_degrees(centre[0]), lon_e7=e7_from_degrees(centre[1]))
    edge_m = 2 * pi * semi_major_m / _CORNERS
    pad_m = _GRID_M + _EDGE_M_PER_M2 * edge_m**2
    scale = _AROUND * (1 + pad_m / semi_minor_m)
    vertices = []
    for corner in range(_CORNERS):
        turn = 2 * pi * corner / _CORNERS
        along_m, across_m = semi_major_m * cos(turn), semi_minor_m * sin(turn)
        azimuth = rotation_deg + degrees(atan2(across_m, along_m))
        vertices.append(_beside(middle, azimuth, scale * hypot(along_m, across_m)))
    return Polygon(vertices=tuple(vertices))


def _beside(middle: Position, azimuth: float, length_m: float) -> Position:
    lat, lon = toward((middle.lat_e7 / 1e7, middle.lon_e7 / 1e7), azimuth, length_m)
    return Position(lat_e7=e7_from_degrees(lat), lon_e7=e7_from_degrees(lon))
